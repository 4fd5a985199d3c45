"""A batch answers line by line like single calls: the engine's two ways through one computation give the same."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import tax_engine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pyapp.tax import wire
from pyapp.tax.wire import TAXES_ALONE, WITHOUT_STEPS, Answer, Request
from tests.law.deals import deals, scenario_deals, scenarios_changed

TAX = 0


def asked(request: Request, extra: int) -> bytes:
    """The request with more in its kind."""
    return wire.encode(msgspec.structs.replace(request, kind=request.kind + extra))


def one(request: Request, extra: int = 0) -> Answer:
    """A single call."""
    return wire.decode(bytes(tax_engine.quote(asked(request, extra))))


def many(requests: Sequence[Request], extra: int = 0) -> list[Answer]:
    """One batch."""
    batch = wire.batch(asked(request, extra) for request in requests)
    return wire.decode_many(bytes(tax_engine.quote_many(batch)))


def plain(answer: Answer, *, taxes_alone: bool = False) -> Answer:
    """An answer without steps, and without the lines that are no tax when taxes alone are asked."""
    lines = [msgspec.structs.replace(line, trace=()) for line in answer.lines]
    kept = [line for line in lines if line.category == TAX or not taxes_alone]
    return msgspec.structs.replace(answer, lines=tuple(kept))


def ways_that_differ(request: Request) -> list[str]:
    """Which ways to ask give another line than the single call with its steps."""
    full = one(request)
    taxes = plain(full, taxes_alone=True)
    answers = {
        "quote without steps": (one(request, WITHOUT_STEPS), plain(full)),
        "quote, taxes alone": (plain(one(request, TAXES_ALONE)), taxes),
        "quote, taxes alone without steps": (one(request, TAXES_ALONE + WITHOUT_STEPS), taxes),
        "quote_many": (many([request])[0], plain(full)),
        "quote_many, taxes alone": (many([request], TAXES_ALONE)[0], taxes),
        "quote_many after another deal": (many([request, request])[1], plain(full)),
    }
    return [name for name, (got, wanted) in answers.items() if got != wanted]


def test_every_scenario_in_every_way() -> None:
    differ = {name: ways_that_differ(deal) for name, deal in scenario_deals().items()}
    assert not {name: ways for name, ways in differ.items() if ways}


def test_all_scenarios_in_one_batch() -> None:
    requests = list(scenario_deals().values())
    for extra in (0, TAXES_ALONE, WITHOUT_STEPS):
        singles = [plain(one(request), taxes_alone=extra == TAXES_ALONE) for request in requests]
        assert many(requests, extra) == singles


@settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(deals(), scenarios_changed()))
def test_any_deal_in_every_way(deal: Request) -> None:
    assert not ways_that_differ(deal)
