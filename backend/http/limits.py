"""Rate limits per user, dealer group and address: token buckets in this process.

With several workers each holds its share of the limit, because requests spread over them.
"""

import time
import uuid
from typing import Any

from backend.auth.principal import Principal
from backend.http.problems import Problem

MINUTE = 60.0
MOST_BUCKETS = 50_000


class Limits:
    """The buckets of one worker."""

    def __init__(self, *, user: int, tenant: int, address: int, workers: int) -> None:
        self.user = max(1, user // workers)
        self.tenant = max(1, tenant // workers)
        self.address = max(1, address // workers)
        self._buckets: dict[tuple[str, str | uuid.UUID], tuple[float, float]] = {}

    async def check_principal(self, state: dict[str, Any], principal: Principal) -> None:
        """Count a request of a signed-in user, for themselves and for their group."""
        await self.take(state, "tenant", principal.tenant_id, self.tenant)
        await self.take(state, "user", principal.user_id, self.user)

    async def check_address(self, state: dict[str, Any]) -> None:
        """Count a request of nobody known."""
        await self.take(state, "address", str(state["address"]), self.address)

    async def take(self, state: dict[str, Any], kind: str, name: str | uuid.UUID, limit: int) -> None:
        """Count one request."""
        now = time.monotonic()
        if len(self._buckets) > MOST_BUCKETS:
            self._buckets = {key: held for key, held in self._buckets.items() if now - held[1] < MINUTE}
        level, then = self._buckets.get((kind, name), (float(limit), now))
        level = min(float(limit), level + (now - then) * limit / MINUTE)
        allowed = level >= 1
        level -= 1 if allowed else 0
        self._buckets[kind, name] = level, now
        reset = max(1, round((limit - level) * MINUTE / limit))
        wait = max(1, round((1 - level) * MINUTE / limit))
        decide(state, kind, limit, int(level), reset, wait, allowed=allowed)

    async def close(self) -> None:
        """Nothing is held."""


def decide(state: dict[str, Any], kind: str, limit: int, left: int, reset: int, wait: int, *, allowed: bool) -> None:
    """Tell the client where it stands, and refuse beyond the limit."""
    state["ratelimit"] = limit, left, reset
    if not allowed:
        detail = f"Too many requests for this {kind}; wait {wait} seconds."
        raise Problem(429, "too_many_requests", detail, headers={"retry-after": str(wait)})
