"""The road that carries the load: one statement in the tenant's transaction, straight through the driver.

The tenant is set by the same statement as everywhere, in the same message that opens the transaction. A connection on
which anything went wrong is thrown away rather than handed on.
"""

import functools
import re
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import asyncpg

from backend.db.engine import CONNECT_SECONDS, POOL_SECONDS, server_settings, set_uuid_codec, tenant_statement

NAMED = re.compile(r"(?<!:):([a-z_]+)\b")


@functools.lru_cache(maxsize=256)
def positional(sql: str) -> tuple[str, tuple[str, ...]]:
    """A statement with `:name` parameters as the driver takes it, and the names in order."""
    names: list[str] = []

    def number(found: re.Match[str]) -> str:
        name = found.group(1)
        if name not in names:
            names.append(name)
        return f"${names.index(name) + 1}"

    return NAMED.sub(number, sql), tuple(names)


class Direct:
    """A pool of its own beside the one of the sessions."""

    def __init__(self, url: str, *, pool: int) -> None:
        self._url = url
        self._size = pool
        self._pool: Any = None

    async def fetch_one(self, tenant: uuid.UUID, sql: str, values: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """One row that this tenant may see."""
        if self._pool is None:
            self._pool = await self._open()
        statement, names = positional(sql)
        connection: Any = await self._pool.acquire(timeout=POOL_SECONDS)
        try:
            await connection.execute("BEGIN READ ONLY; " + tenant_statement(tenant))
            row: Mapping[str, Any] | None = await connection.fetchrow(statement, *(values[name] for name in names))
            await connection.execute("COMMIT")
        except BaseException:
            connection.terminate()
            raise
        finally:
            await self._pool.release(connection)
        return row

    async def close(self) -> None:
        """Give the connections back."""
        if self._pool is not None:
            await self._pool.close()

    async def _open(self) -> Any:
        parts = urlsplit(self._url)
        return await asyncpg.create_pool(
            parts.geturl(),
            min_size=0,
            max_size=self._size,
            timeout=CONNECT_SECONDS,
            server_settings=server_settings("autolytiq-direct"),
            init=set_uuid_codec,
            # Every transaction ended before the connection comes back: there is nothing to reset.
            reset=_nothing,
        )


async def _nothing(_: Any) -> None:
    return None
