"""The rules against the facts of the research: each is read by a rule or stands with its reason; numbers are the same.

`facts/XX.toml` lists the facts of a jurisdiction by their path in the research file, each with its values, one for
each period.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tools.paths import ENGINE

FACTS = Path(__file__).with_name("facts")
STATES = sorted(path.stem for path in FACTS.glob("*.toml"))
NUMBER = re.compile(r"(?<![\w.-])\d+(?:\.\d+)?(?![\w-])")
PLAIN = re.compile(r"\d+(?:\.\d+)?")
FEWEST_REASON = 20
"""A reason of fewer letters says nothing."""
PART = " (part)"
"""After a fact of which the rules compute all but what the reason names."""


@cache
def rules(state: str) -> dict[str, Any]:
    """A rule file."""
    return tomllib.loads((ENGINE / "rules" / f"{state}.toml").read_text(encoding="utf-8"))


@cache
def facts(state: str) -> dict[str, list[str]]:
    """Facts of the research: path and values."""
    listed = tomllib.loads((FACTS / f"{state}.toml").read_text(encoding="utf-8"))["facts"]
    return {fact["path"]: [str(value) for value in fact["values"]] for fact in listed}


def readers(node: Any) -> Iterator[tuple[str, str]]:
    """Every fact that a row, levy or credit names, with the text of that which names it."""
    if isinstance(node, dict):
        for fact in node.get("fact", []):
            said = {key: value for key, value in node.items() if key not in ("fact", "source", "id")}
            yield fact, " ".join(texts(said))
        for value in node.values():
            yield from readers(value)
    elif isinstance(node, list):
        for value in node:
            yield from readers(value)


def texts(node: Any) -> Iterator[str]:
    """All texts within."""
    if isinstance(node, dict):
        for value in node.values():
            yield from texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from texts(value)
    elif not isinstance(node, bool):
        yield str(node)


def said(state: str) -> dict[str, str]:
    """What the rules say of each fact they name."""
    found: dict[str, str] = {}
    for fact, text in readers(rules(state)):
        found[fact] = f"{found.get(fact, '')} {text}"
    return found


def test_all_twelve_are_listed() -> None:
    assert {path.stem for path in (ENGINE / "rules").glob("*.toml")} == set(STATES)


@pytest.mark.parametrize("state", STATES)
def test_each_fact_is_read_or_stands_with_its_reason(state: str) -> None:
    read, reasons = said(state).keys(), rules(state).get("unmodelled", {})
    whole = {fact for fact in reasons if not fact.endswith(PART)}
    parts = {fact.removesuffix(PART) for fact in reasons if fact.endswith(PART)}
    assert not sorted(set(facts(state)) - read - whole), "facts that no rule reads and no reason names"
    assert not sorted(read - set(facts(state))), "rules that name a fact which the research does not have"
    assert not sorted((whole | parts) - set(facts(state))), "reasons for a fact which the research does not have"
    assert not sorted(whole & read), "facts that are read and also given a reason not to be"
    assert not sorted(parts - read), "a part is missing of a fact that no rule reads"
    assert all(len(reason) >= FEWEST_REASON for reason in reasons.values())


def numbers(text: str) -> set[Decimal]:
    """The numbers of a text; a bound of a table is also said by the number beside it (`..3499` is below 3500)."""
    found = set(NUMBER.findall(text.replace("..", " ")))
    beside = {Decimal(number) + step for number in found if "." not in number for step in (-1, 1)}
    return {Decimal(number) for number in found} | beside


@pytest.mark.parametrize("state", STATES)
def test_numbers_are_those_of_the_research(state: str) -> None:
    """Each number of a fact stands in what the rules say of it; of an entry of a list, anywhere in the rules.

    Nothing (0.00) and a few years (a bare digit) may be said in words.
    """
    wrong: list[str] = []
    everywhere = numbers(" ".join(texts({key: rules(state)[key] for key in ("values", "bases", "levies")})))
    for fact, text in said(state).items():
        there = everywhere if "[" in fact else numbers(text)
        for value in facts(state).get(fact, []):
            in_words = len(value) == 1 or not PLAIN.fullmatch(value) or Decimal(value) == 0
            if not in_words and Decimal(value) not in there:
                wrong.append(f"{fact}: {value} of the research stands in no row that names it ({text.strip()[:400]})")
    assert not wrong, "\n".join(wrong)
