"""What the law asks about a deal: also facts that only change the answer when they are given, and none in vain."""

from __future__ import annotations

import tax_engine

from pyapp.tax import wire
from tests.law.deals import catalogue

RETAIL, LEASE = wire.RETAIL, wire.LEASE
DAY = 20_779
"""2026-11-22."""


def asked(state: str, kind: int, **facts: int) -> dict[str, bool]:
    """Facts asked, each with whether it is required."""
    law = catalogue()
    place = {fact.name: position for position, fact in enumerate(law.facts)}
    request = wire.Request(
        state=wire.state_word(state),
        kind=kind,
        day=DAY,
        facts=tuple((place[name], value) for name, value in facts.items()),
    )
    needs = wire.decode_needs(bytes(tax_engine.needs(wire.encode(request))))
    assert needs.status == wire.COMPUTED
    return {law.argument_name(need.fact): need.required for need in needs.facts}


def test_a_fact_that_lowers_a_fee_is_asked_but_not_required() -> None:
    assert asked("SC", RETAIL)["buyer_age"] is False


def test_a_mover_is_asked_when_the_vehicle_was_bought_and_what_it_is_worth() -> None:
    assert asked("SC", RETAIL, new_resident=1)["owned_before_move"] is False
    assert asked("GA", RETAIL, new_resident=1, owned_before_move=1)["book_value"] is False
    assert "book_value" not in asked("GA", RETAIL)


def test_a_lease_is_asked_for_the_agreed_value_and_no_price() -> None:
    lease = asked("CA", LEASE)
    assert lease["agreed_value"] is True
    assert "price" not in lease
    sale = asked("CA", RETAIL)
    assert sale["price"] is True
    assert "agreed_value" not in sale


def test_what_is_required_is_what_a_refusal_names() -> None:
    """Giving every required fact, as long as more are asked, leads to an answer that lacks none."""
    law = catalogue()
    for state in law.states:
        for kind in (RETAIL, LEASE):
            facts: dict[str, int] = {}
            for _ in range(12):
                missing = [name for name, required in asked(state, kind, **facts).items() if required]
                known = [fact for fact in law.facts if fact.name in missing]
                if not known:
                    break
                facts |= {fact.name: 1 if fact.type != "choice" else 0 for fact in known}
            request = wire.Request(
                state=wire.state_word(state),
                kind=kind,
                day=DAY,
                facts=tuple((law.facts.index(fact), facts[fact.name]) for fact in law.facts if fact.name in facts),
                rows=tuple((place, 0, wire.LIST_COUNT_FIELD, 0) for place in range(len(law.lists))),
            )
            answer = wire.decode(bytes(tax_engine.quote(wire.encode(request))))
            assert answer.status != wire.MISSING_FACT, (state, kind, law.argument_name(answer.argument))
