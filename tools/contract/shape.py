"""What a scenario may say besides its inputs, which the law's catalogue judges: keys, and amounts that can be compared.

A key written wrong would leave its figure unlooked at, and a scenario would pass that expects something else.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from pyapp.amounts import cents_of
from pyapp.errors import shown
from pyapp.tax import wire

Check = Callable[[Any], bool]


def _percent(value: Any) -> bool:
    try:
        return isinstance(value, str) and Decimal(value).is_finite()
    except InvalidOperation:
        return False


MONEY: tuple[Check, str] = (
    lambda value: isinstance(value, str) and cents_of(value) is not None,
    'an amount as a decimal string, such as "1781.25"',
)
PERCENT: tuple[Check, str] = (_percent, 'a percent as a decimal string, such as "6.25"')
TEXT: tuple[Check, str] = (lambda value: isinstance(value, str), "a text")
TABLE: tuple[Check, str] = (lambda value: isinstance(value, dict), "a table")
DAY: tuple[Check, str] = (lambda value: isinstance(value, str | date), "a day as YYYY-MM-DD")
COUNT: tuple[Check, str] = (lambda value: type(value) is int and value > 0, "a whole number from 1")
DUE: tuple[Check, str] = (lambda value: value in wire.DUE, " or ".join(wire.DUE))
ROWS: tuple[Check, str] = (
    lambda value: isinstance(value, list) and all(isinstance(row, dict) for row in value),
    "a list of tables",
)

Fields = Mapping[str, tuple[Check, str]]

SCENARIO: Fields = {
    "id": TEXT,
    "state": TEXT,
    "date": DAY,
    "kind": TEXT,
    "section": TEXT,
    "reasoning": TEXT,
    "inputs": TABLE,
    "expected": TABLE,
}
EXPECTED: Fields = {"total_tax": MONEY, "error": TEXT, "lines": ROWS, "fees": ROWS, "limits": ROWS, "ranges": ROWS}
_LINE: Fields = {
    "name": TEXT,
    "base": MONEY,
    "rate_percent": PERCENT,
    "amount": MONEY,
    "due": DUE,
    "count": COUNT,
}
ROW_FIELDS: dict[str, tuple[Fields, tuple[str, ...]]] = {
    "lines": (_LINE, ("amount",)),
    "fees": (_LINE, ("name", "amount")),
    "limits": (_LINE, ("name", "amount")),
    "ranges": ({"name": TEXT, "least_percent": PERCENT, "most_percent": PERCENT}, ("least_percent", "most_percent")),
}
"""The rows of what is expected: what each may say, and what it must."""


def _fields(part: Mapping[str, Any], fields: Fields, needed: tuple[str, ...], path: str) -> Iterator[str]:
    for key in needed:
        if key not in part:
            yield f"{path}{key} is missing"
    for key, value in part.items():
        if key not in fields:
            yield f"{path}{shown(key)}: the key is not known there. Accepted: {', '.join(fields)}"
        elif not fields[key][0](value):
            given = shown(json.dumps(value, ensure_ascii=False, default=str))
            yield f"{path}{key}: {given} is not accepted. Accepted: {fields[key][1]}"


def faults(raw: Any) -> list[str]:
    """Why a scenario cannot be judged, one sentence each; none when it can."""
    if not isinstance(raw, dict):
        return ["it is not a table"]
    found = list(_fields(raw, SCENARIO, ("id", "state", "date", "expected"), ""))
    expected = raw.get("expected")
    if not isinstance(expected, dict):
        return found
    found += _fields(expected, EXPECTED, (), "expected.")
    if ("total_tax" in expected) == ("error" in expected):
        names = "both total_tax and error" if "error" in expected else "neither total_tax nor error"
        found.append(f"expected names {names}")
    for name, (fields, needed) in ROW_FIELDS.items():
        rows = expected.get(name, [])
        for n, row in enumerate(rows if ROWS[0](rows) else []):
            found += _fields(row, fields, needed, f"expected.{name}[{n}].")
    return found
