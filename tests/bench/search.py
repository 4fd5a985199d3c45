"""Searching customers in a dealer group that has fifty thousand of them, over HTTP, one request after the other."""

from __future__ import annotations

import time

from tests.api.crowd import ASKED, crowded
from tests.api.world import World

ROUNDS = 40


def measure(world: World) -> dict[str, float]:
    """Milliseconds that nineteen of twenty searches take at most: with typos, by number, in part."""
    admin = crowded(world).admin
    took: list[float] = []
    for _ in range(ROUNDS):
        for asked in ASKED:
            begun = time.perf_counter()
            answer = admin.get("/customers", params={"q": asked, "limit": 20})
            took.append((time.perf_counter() - begun) * 1000)
            answer.raise_for_status()
    took.sort()
    return {"customers_search_p95_ms": took[len(took) * 95 // 100]}
