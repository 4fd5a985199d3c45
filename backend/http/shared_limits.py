"""Rate limits that several servers share: counted a minute at a time in Valkey or Redis (`REDIS_URL`).

While that does not answer, each process goes by its own buckets: a limit too many is better than no service.
"""

import hashlib
import time
import uuid
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from backend.http.limits import MINUTE, Limits, decide

log = structlog.get_logger("limits")
ANSWER_SECONDS = 0.2


class SharedLimits(Limits):
    """The whole limit for all workers and servers together."""

    def __init__(self, url: str, *, user: int, tenant: int, address: int, workers: int) -> None:
        super().__init__(user=user, tenant=tenant, address=address, workers=workers)
        self._whole = {"user": user, "tenant": tenant, "address": address}
        # Protocol 2 is what Redis and Valkey of every age speak.
        self._store: Any = Redis.from_url(  # pyright: ignore[reportUnknownMemberType]
            url.replace("valkey", "redis", 1) if url.startswith("valkey") else url,
            protocol=2,
            socket_timeout=ANSWER_SECONDS,
            socket_connect_timeout=ANSWER_SECONDS,
        )

    async def take(self, state: dict[str, Any], kind: str, name: str | uuid.UUID, limit: int) -> None:
        """Count one request."""
        window, passed = divmod(time.time(), MINUTE)
        # Addresses are personal: the store gets no more than their hash.
        key = hashlib.sha256(f"{kind}:{name}".encode()).hexdigest()[:32]
        try:
            async with self._store.pipeline(transaction=True) as together:
                counter = f"autolytiq:limit:{key}:{int(window)}"
                together.incr(counter)
                together.expire(counter, int(MINUTE))
                count = int((await together.execute())[0])
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("shared_limits_away", error=type(error).__name__)
            await super().take(state, kind, name, limit)
            return
        whole = self._whole[kind]
        left = max(0, whole - count)
        wait = max(1, round(MINUTE - passed))
        decide(state, kind, whole, left, wait, wait, allowed=count <= whole)

    async def close(self) -> None:
        """Give the connections back."""
        await self._store.aclose()
