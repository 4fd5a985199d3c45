"""Different deals as the page sends them, for the time that a worksheet takes."""

from __future__ import annotations

import random
from typing import Any

WARM = 20
"""Calls before the measuring begins: the interpreter specialises its byte code first."""
DEALS = 400
TODAY = "2026-11-22"
STATES = ("TX", "CA", "FL", "GA", "NC", "MI", "OK", "TN", "SC", "OH", "NY")


def _draft(chance: random.Random, number: int) -> dict[str, Any]:
    fields = {
        "place.state": chance.choice(STATES),
        "selling_price": str(chance.randrange(12_000, 95_000)),
        "structure.months": str(chance.choice((36, 48, 60, 66, 72, 75, 84))),
        "structure.rate": f"{chance.randrange(199, 1399) / 100:.2f}",
        "structure.down": str(chance.randrange(0, 6_000)),
    }
    return {"id": f"00000000-0000-7000-8000-{number:012d}", "fields": fields}


def price_calls(*, grid: bool, deals: int = DEALS) -> list[dict[str, Any]]:
    """Payloads of the method `price`, alike in every run."""
    chance = random.Random(20_261_122)
    asks: dict[str, Any] = {"today": TODAY}
    if grid:
        asks["grid"] = {"columns": 7, "rows": 7}
    return [{"draft": _draft(chance, number), "asks": asks} for number in range(deals + WARM)]
