"""Different deals as the page sends them, for the time that a worksheet takes.

Each is complete: the facts that its jurisdiction asks are answered, so that the whole worksheet is computed.
"""

from __future__ import annotations

import json
import random
from typing import Any

import tax_engine

from pyapp import worker
from pyapp.tax.engine import NativeEngine

WARM = 20
"""Calls before the measuring begins: the interpreter specialises its byte code first."""
DEALS = 400
TODAY = "2026-11-22"
ANSWERS = {"money": "30000", "percent": "1", "count": "3900", "yes_no": "no", "date": "2026-11-22", "text": ""}
"""What is answered to a question, by its kind; of a choice the first."""
ROUNDS = 6
"""An answer may bring the next question; after so many rounds a jurisdiction is left out."""


def _draft(chance: random.Random, number: int, state: str) -> dict[str, Any]:
    fields = {
        "place.state": state,
        "place.local_rate": chance.choice(("0", "1", "1.25", "2.75")),
        "vehicle.new_or_used": chance.choice(("new", "used")),
        "vehicle.fuel": chance.choice(("gasoline", "gasoline", "diesel", "hybrid")),
        "selling_price": str(chance.randrange(12_000, 95_000)),
        "structure.kind": "finance",
        "structure.months": str(chance.choice((36, 48, 60, 66, 72, 75, 84))),
        "structure.rate": f"{chance.randrange(199, 1399) / 100:.2f}",
        "money_down.cash_down": str(chance.randrange(0, 6_000)),
    }
    trade = {
        "id": "trade",
        "fields": {"allowance": str(chance.randrange(0, 11_000)), "payoff": str(chance.randrange(0, 9_000))},
    }
    return {
        "id": f"00000000-0000-7000-8000-{number:012d}",
        "fields": fields,
        "lists": {"trades": [trade]} if chance.random() < 0.6 else {},
    }


def _view(draft: dict[str, Any], asks: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(worker.handle("price", json.dumps({"draft": draft, "asks": asks}).encode()))
    return answer


def _complete(draft: dict[str, Any]) -> bool:
    """Answer what is asked until the payment is known; False when it never is."""
    for _ in range(ROUNDS):
        view = _view(draft, {"today": TODAY})
        if "strip" not in view:
            return False
        if view["strip"]["payment"]["state"] == "known":
            return True
        for question in view["questions"]:
            if question["required"] and not draft["fields"].get(question["path"]):
                choices = question["choices"]
                draft["fields"][question["path"]] = choices[0]["value"] if choices else ANSWERS[question["kind"]]
    return False


def price_calls(*, grid: bool, deals: int = DEALS) -> list[dict[str, Any]]:
    """Payloads of the method `price`, alike in every run."""
    law = bytes(tax_engine.law_json())
    worker.start(law, NativeEngine())
    states = sorted(json.loads(law)["states"])
    chance = random.Random(20_261_122)
    asks: dict[str, Any] = {"today": TODAY}
    if grid:
        asks["grid"] = {"columns": 7, "rows": 7}
    calls: list[dict[str, Any]] = []
    number = 0
    while len(calls) < deals + WARM and number < 4 * (deals + WARM):
        draft = _draft(chance, number, states[number % len(states)])
        number += 1
        if _complete(draft):
            calls.append({"draft": draft, "asks": asks})
    return calls
