"""Connections, and the one way a transaction gets its tenant.

`app.tenant_id` is set by the statement SET LOCAL as the first thing in each transaction, from a parsed UUID. It ends
with the transaction, so a pooled connection never carries a tenant to the next request.
"""

import functools
import uuid
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import Session, SessionTransaction

CONNECT_SECONDS = 5
POOL_SECONDS = 5
STATEMENT_MS = 15_000
LOCK_MS = 5_000
IDLE_IN_TRANSACTION_MS = 30_000
# Longer than PostgreSQL gives itself for a statement: past this nobody is there who could answer.
ANSWER_SECONDS = STATEMENT_MS / 1000 + 5
TENANT = "tenant_id"


class TenantSession(Session):
    """The synchronous session inside ours; the listener below hears its transactions."""


@event.listens_for(TenantSession, "after_begin")
def _set_tenant(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    tenant = session.info.get(TENANT)
    if tenant is not None and not transaction.nested:
        connection.exec_driver_sql(tenant_statement(tenant))


@functools.lru_cache(maxsize=4096)
def tenant_statement(tenant: uuid.UUID) -> str:
    """The statement, not set_config(): only this one reaches the workers of a distributed database."""
    return f"SET LOCAL app.tenant_id = '{uuid.UUID(int=tenant.int)}'"


def server_settings(name: str) -> dict[str, str]:
    """What every connection asks of PostgreSQL."""
    return {
        "application_name": name,
        "statement_timeout": str(STATEMENT_MS),
        "lock_timeout": str(LOCK_MS),
        "idle_in_transaction_session_timeout": str(IDLE_IN_TRANSACTION_MS),
        # How values are written as text, whatever the server, the database or the role has for a default.
        "timezone": "UTC",
        "datestyle": "ISO",
        "bytea_output": "hex",
        "extra_float_digits": "1",
        "jit": "off",
    }


async def set_uuid_codec(driver: Any) -> None:
    """The driver's own UUID class is a subclass that the JSON encoder does not take."""
    await driver.set_type_codec("uuid", schema="pg_catalog", format="binary", encoder=_uuid_bytes, decoder=_uuid)


def make_engine(url: str, *, pool: int, name: str = "autolytiq", patient: bool = False) -> AsyncEngine:
    """An engine with time-outs on everything that can wait.

    A `patient` one is for what an operator does to whole tables: its statements take as long as they need, and wait
    for locks no longer than others.
    """
    wanted = server_settings(name) | ({"statement_timeout": "0"} if patient else {})

    async def connect() -> Any:
        limit = None if patient else ANSWER_SECONDS
        # The driver reads the address itself, so that its options, such as sslmode, count.
        return await asyncpg.connect(url, timeout=CONNECT_SECONDS, command_timeout=limit, server_settings=wanted)

    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=connect,
        pool_size=pool,
        max_overflow=0,
        pool_timeout=POOL_SECONDS,
        pool_recycle=1800,
        pool_use_lifo=True,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def plain_uuids(connection: Any, record: object) -> None:  # pyright: ignore[reportUnusedFunction]
        del record
        connection.run_async(set_uuid_codec)

    return engine


def _uuid_bytes(value: uuid.UUID | str) -> bytes:
    return (value if isinstance(value, uuid.UUID) else uuid.UUID(value)).bytes


def _uuid(value: bytes) -> uuid.UUID:
    return uuid.UUID(bytes=value)


class Database:
    """What the application holds: an engine and its sessions."""

    def __init__(self, url: str, *, pool: int) -> None:
        self.engine = make_engine(url, pool=pool)
        self.sessions: async_sessionmaker[AsyncSession] = async_sessionmaker(
            self.engine, sync_session_class=TenantSession, expire_on_commit=False, autoflush=False
        )

    @asynccontextmanager
    async def transaction(self, tenant: uuid.UUID | None) -> AsyncGenerator[AsyncSession]:
        """One transaction for one tenant; without one it sees no row that belongs to anybody."""
        async with self.sessions(info={TENANT: tenant} if tenant else {}) as session, session.begin():
            yield session

    async def close(self) -> None:
        """Give the connections back."""
        await self.engine.dispose()
