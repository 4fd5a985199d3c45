"""Comparing what the engine answered with what a person expects.

Lines bind by amount and due (a line of zero binds nothing), fees by name and amount, the total by the cent. A name is
informative; so is a base or a rate that an expectation names beside its amount: where they differ, the report says so.
A limit of a dealer's charge binds by its charge (or name) and amount, 0.00 for none; a range by both ends.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from pyapp.tax import wire
from pyapp.tax.catalogue import Catalogue
from pyapp.tax.refusals import engine_problem


@dataclass
class Got:
    """An answer in the words of a scenario file."""

    total_tax: str | None = None
    error: str | None = None
    says: str = ""
    """The error in words, with what is accepted."""
    lines: list[dict[str, Any]] = field(default_factory=list)
    fees: list[dict[str, Any]] = field(default_factory=list)
    limits: list[dict[str, Any]] = field(default_factory=list)
    ranges: list[dict[str, Any]] = field(default_factory=list)
    not_charged: list[dict[str, Any]] = field(default_factory=list)
    """Fees of this law, by id and name, of which the answer has no line."""

    def as_json(self) -> dict[str, Any]:
        """As the report prints it."""
        if self.error is not None:
            return {"error": self.error}
        return {
            "total_tax": self.total_tax,
            "lines": self.lines,
            "fees": self.fees,
            "limits": self.limits,
            "ranges": self.ranges,
        }


def money(cents: int) -> str:
    """Cents as a decimal string: 178125 → "1781.25"."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def cents(text: Any) -> int | None:
    """A decimal string as cents; None when it is none (an amount that waits for a fact) or has a part of a cent."""
    try:
        exact = Decimal(str(text)) * 100
    except InvalidOperation:
        return None
    return int(exact) if exact == exact.to_integral_value() else None


def error_name(catalogue: Catalogue, answer: wire.Answer) -> str:
    """A refusal as files name it: `missing_fact:weight_lbs`."""
    code = wire.STATUS[answer.status] if 0 <= answer.status < len(wire.STATUS) else f"status_{answer.status}"
    names_fact = answer.status in (wire.MISSING_FACT, wire.BAD_VALUE, wire.AMOUNT_OUT_OF_RANGE, wire.UNKNOWN_FACT)
    name = catalogue.argument_name(answer.argument) if names_fact else ""
    return f"{code}:{name}" if name else code


def _refusal(catalogue: Catalogue, state: str, day: date, answer: wire.Answer) -> Got:
    name = error_name(catalogue, answer)
    if not 0 <= answer.status < len(wire.STATUS):
        return Got(error=name)
    problem = engine_problem(catalogue, answer.status, answer.argument, state=state, day=day)
    return Got(error=name, says=problem.sentence())


def describe(catalogue: Catalogue, state: str, day: date, answer: wire.Answer) -> Got:
    """An answer in words."""
    if answer.status != wire.COMPUTED:
        return _refusal(catalogue, state, day, answer)
    law = catalogue.states.get(state)
    got = Got(total_tax=money(answer.total))
    for line in answer.lines:
        levy = law.levies[line.levy] if law else None
        known = line.status == wire.COMPUTED
        shown: dict[str, Any] = {
            "id": levy.id if levy else str(line.levy),
            "name": levy.name if levy else str(line.levy),
            "amount": money(line.amount) if known else None,
            "base": money(line.base) if known else None,
            "rate_percent": None if line.rate < 0 else f"{Decimal(line.rate) / 10_000:f}",
            "due": wire.DUE[line.due],
            "count": line.count,
        }
        if line.status == wire.MISSING_FACT:
            shown["needs"] = catalogue.argument_name(line.argument)
        elif not known:
            shown["error"] = wire.STATUS[line.status]
        if line.category == 0:
            got.lines.append(shown)
        elif line.category == 1:
            got.fees.append(shown)
        elif line.category == 2:
            got.limits.append({**shown, "item": levy.item if levy else ""})
        else:
            got.ranges.append(
                {
                    "id": shown["id"],
                    "name": shown["name"],
                    "least_percent": f"{Decimal(line.base) / 10_000:f}",
                    "most_percent": f"{Decimal(line.amount) / 10_000:f}",
                }
            )
    charged = {fee["id"] for fee in got.fees}
    levies = law.levies if law else ()
    got.not_charged = [
        {"id": levy.id, "name": levy.name} for levy in levies if levy.category == "fee" and levy.id not in charged
    ]
    return got


def differences(expected: Mapping[str, Any], got: Got) -> tuple[list[str], list[str]]:
    """What differs so that the scenario fails, and what merely should be looked at."""
    wanted = expected.get("error")
    if wanted is not None:
        return (
            []
            if _same_error(str(wanted), got.error)
            else [f"error: expected {wanted}, got {got.error or 'total ' + str(got.total_tax)}"]
        ), []
    if got.error is not None:
        return [f"refused: {got.error}" + (f" ({got.says})" if got.says else "")], []
    wrong: list[str] = []
    total = cents(expected["total_tax"])
    if total is None or money(total) != got.total_tax:
        wrong.append(f"total_tax: expected {expected['total_tax']}, got {got.total_tax}")
    wrong_lines, remarks = _lines(list(expected.get("lines", [])), got.lines)
    wrong += wrong_lines + _fees(list(expected.get("fees", [])), got)
    wrong += _limits(list(expected.get("limits", [])), got.limits)
    wrong += _ranges(list(expected.get("ranges", [])), got.ranges)
    return wrong, remarks


def _same_error(wanted: str, got: str | None) -> bool:
    if got is None:
        return False
    return wanted == got if ":" in wanted else wanted == got.split(":", 1)[0]


def _lines(expected: list[Mapping[str, Any]], got: list[dict[str, Any]]) -> tuple[list[str], list[str]]:
    wrong: list[str] = []
    remarks: list[str] = []
    left = [line for line in got if cents(line["amount"])]
    for line in expected:
        amount = cents(line.get("amount"))
        if amount == 0:
            continue
        fits = [
            one
            for one in left
            if cents(one["amount"]) == amount
            and line.get("due", one["due"]) == one["due"]
            and line.get("count", one["count"]) == one["count"]
        ]
        name = f"line {line.get('name', '?')!r}: {line.get('amount')} at {line.get('due', 'any time')}"
        if not fits:
            there = ", ".join(f"{one['name']} {one['amount']} at {one['due']}" for one in left) or "no line left"
            wrong.append(f"{name} is not there ({there})")
            continue
        best = min(fits, key=lambda one: len(_notes(line, one)))
        remarks += [f"{name}: {note}" for note in _notes(line, best)]
        left.remove(best)
    return wrong, remarks


def _notes(expected: Mapping[str, Any], got: Mapping[str, Any]) -> list[str]:
    notes: list[str] = []
    if "base" in expected and cents(expected["base"]) != cents(got["base"]):
        notes.append(f"base {expected['base']}, got {got['base']}")
    rate = got["rate_percent"]
    if "rate_percent" in expected and rate is not None and Decimal(str(expected["rate_percent"])) != Decimal(rate):
        notes.append(f"rate {expected['rate_percent']}, got {rate}")
    return notes


def _words(text: str) -> frozenset[str]:
    """The words of a name, without those that every fee has."""
    words = re.findall(r"[a-z0-9]+", text.lower())
    return frozenset(word.removesuffix("s") for word in words) - {"fee", "the", "of", "for", "a", "and"}


def _fees(expected: list[Mapping[str, Any]], got: Got) -> list[str]:
    wrong: list[str] = []
    for fee in expected:
        name, amount = str(fee.get("name", "")), cents(fee.get("amount"))
        named = [one for one in got.fees if _named(name, one)]
        if amount == 0:
            # "Initial registration" says the fee of that name, of which there is no line, not the registration.
            says_another = any(_says(name, one) for one in got.not_charged)
            # What falls due at a renewal is shown, but not charged with the deal.
            now = [one for one in named if one["due"] != "renewal" or fee.get("due") == "renewal"]
            charged = [one for one in now if cents(one["amount"]) and (_says(name, one) or not says_another)]
            wrong += [f"fee {name!r}: must not be charged, got {one['amount']}" for one in charged]
            continue
        amounts = [cents(one["amount"]) or 0 for one in (named or got.fees)]
        if amount in amounts or (named and sum(amounts) == amount):
            continue
        there = ", ".join(_shown(one) for one in (named or got.fees)) or "no fee"
        wrong.append(f"fee {name!r}: expected {fee.get('amount')}, got {there}")
    return wrong


def _limits(expected: list[Mapping[str, Any]], got: list[dict[str, Any]]) -> list[str]:
    wrong: list[str] = []
    for limit in expected:
        name, amount = str(limit.get("name", "")), cents(limit.get("amount"))
        named = [one for one in got if name == one["item"] or _named(name, one)]
        there = [cents(one["amount"]) or 0 for one in named]
        if amount in there or (amount == 0 and not any(there)):
            continue
        shown = ", ".join(_shown(one) for one in named) or "no such limit"
        wrong.append(f"limit {name!r}: expected {limit.get('amount')}, got {shown}")
    return wrong


def _ranges(expected: list[Mapping[str, Any]], got: list[dict[str, Any]]) -> list[str]:
    wrong: list[str] = []
    for wanted in expected:
        ends = ("least_percent", "most_percent")
        if any(all(Decimal(str(wanted[end])) == Decimal(one[end]) for end in ends) for one in got):
            continue
        there = ", ".join(f"{one['least_percent']} to {one['most_percent']}" for one in got) or "no range"
        wrong.append(f"range {wanted.get('name')!r}: expected {wanted[ends[0]]} to {wanted[ends[1]]}, got {there}")
    return wrong


def _shown(fee: Mapping[str, Any]) -> str:
    return f"{fee['id']} {'needs ' + str(fee['needs']) if 'needs' in fee else fee.get('error') or fee['amount']}"


def _says(name: str, fee: Mapping[str, Any]) -> bool:
    """Whether the fee's own name or id says all that the wanted name says."""
    wanted = _words(name)
    return name == fee["id"] or (bool(wanted) and (wanted <= _words(fee["name"]) or wanted <= _words(fee["id"])))


def _named(name: str, fee: Mapping[str, Any]) -> bool:
    ids = _words(fee["id"])
    return _says(name, fee) or (bool(ids) and ids <= _words(name))
