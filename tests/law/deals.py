"""Requests of the scenario files, and deals made at random within the catalogue's types."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import tax_engine
from hypothesis import strategies as st

from pyapp.errors import Refused
from pyapp.tax import wire
from pyapp.tax.catalogue import Catalogue, Fact
from pyapp.tax.facts import scenario_request
from pyapp.tax.wire import Request, state_word
from tools.contract.scenarios import read

SCENARIOS = Path(__file__).parents[1] / "contract"
FLOOR, HORIZON = 19_358, 22_279
"""2023-01-01 and 2030-12-31 as days since 1970-01-01."""


@cache
def catalogue() -> Catalogue:
    """The law of the engine that is installed."""
    return Catalogue(bytes(tax_engine.law_json()))


@cache
def scenario_deals() -> dict[str, Request]:
    """Every scenario that reaches the engine, by its id."""
    found: dict[str, Request] = {}
    for one in read([SCENARIOS]):
        try:
            request = scenario_request(catalogue(), state=one.state, date=one.date, kind=one.kind, inputs=one.inputs)
        except Refused:
            continue
        assert one.id not in found, f"two scenarios are called {one.id}"
        found[one.id] = request
    return found


def number(fact: Fact) -> st.SearchStrategy[int]:
    """A number of the fact's type: often one near a bound of some law, now and then an absurd one."""
    if fact.is_yes_no:
        return st.integers(0, 1)
    match fact.type:
        case "money":
            near = st.sampled_from([0, 1, 99, 150_000, 150_001, 160_000, 320_000, 500_000, 500_001, 3_000_000])
            return st.one_of(near, st.integers(0, 6_000_000), st.integers(0, 10_000_000_000))
        case "rate":
            return st.one_of(st.sampled_from([0, 10_000, 62_500, 1_000_000]), st.integers(0, 110_000))
        case "count":
            return st.one_of(st.integers(0, 72), st.integers(0, 9_000), st.integers(0, 10_000_000))
        case "choice":
            return st.integers(0, len(fact.choices) - 1)
        case "state":
            return st.sampled_from([0, state_word("PA"), *map(state_word, catalogue().states)])
        case _:
            return st.integers(FLOOR - 40, HORIZON + 40)


@st.composite
def deals(draw: st.DrawFn) -> Request:
    """Any deal: some facts known, others not; lists known to be empty, unknown, or with rows that lack a field."""
    law = catalogue()
    usual = [fact for fact in law.facts if fact.default == "required" and not fact.is_yes_no]
    kind = draw(st.sampled_from([wire.RETAIL, wire.LEASE]))
    chosen = {fact.name: fact for fact in usual if draw(st.integers(0, 5)) > 0}
    chosen |= {fact.name: fact for fact in draw(st.lists(st.sampled_from(law.facts), max_size=25))}
    facts = tuple((law.facts.index(fact), draw(number(fact))) for fact in chosen.values())
    rows: list[wire.RowWord] = []
    for place, entries in enumerate(law.lists):
        many = draw(st.sampled_from([None, 0, 1, 1, 2, 3]))
        if many is None:
            continue
        rows.append((place, 0, wire.LIST_COUNT_FIELD, many))
        for row in range(many):
            for at, of in enumerate(entries.fields):
                if draw(st.integers(0, 5)) > 0 and (of.type != "money" or draw(st.booleans())):
                    rows.append((place, row, at, draw(number(of))))
    return Request(
        state=state_word(draw(st.sampled_from(sorted(law.states)))),
        kind=kind,
        day=draw(st.one_of(st.integers(FLOOR, HORIZON), st.just(20_779))),
        facts=facts,
        rows=tuple(rows),
    )


@st.composite
def scenarios_changed(draw: st.DrawFn) -> Request:
    """A scenario's deal with some facts left out, some changed and some added, perhaps on another day."""
    law = catalogue()
    deal = draw(st.sampled_from(list(scenario_deals().values())))
    facts = {fact: value for fact, value in deal.facts if draw(st.integers(0, 9)) > 0}
    for fact in draw(st.lists(st.integers(0, len(law.facts) - 1), max_size=4)):
        facts[fact] = draw(number(law.facts[fact]))
    for fact in draw(st.lists(st.sampled_from(sorted(facts) or [0]), max_size=3)):
        facts[fact] = draw(number(law.facts[fact]))
    day = draw(st.one_of(st.just(deal.day), st.integers(FLOOR, HORIZON)))
    return Request(state=deal.state, kind=deal.kind, day=day, facts=tuple(facts.items()), rows=deal.rows)
