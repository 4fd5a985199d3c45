"""What crosses the border to the engine, and facts by name on the way there."""

from datetime import date
from typing import Any

import pytest
import tax_engine

from pyapp.errors import Refused
from pyapp.tax import wire
from pyapp.tax.catalogue import Catalogue
from pyapp.tax.facts import flatten, scenario_request
from pyapp.tax.wire import Request
from tests.unit.fake import law, service

CATALOGUE = Catalogue(law())


def request(**inputs: Any) -> Request:
    return scenario_request(CATALOGUE, state="AA", date=date(2026, 11, 22), kind="retail", inputs=inputs)


def facts(**inputs: Any) -> dict[str, int]:
    return {CATALOGUE.facts[i].name: number for i, number in request(**inputs).facts}


def refusal(**inputs: Any) -> tuple[str, str]:
    with pytest.raises(Refused) as caught:
        request(**inputs)
    problem = caught.value.problems[0]
    assert problem.message
    assert problem.accepted
    return problem.code, problem.field


def test_facts_become_words() -> None:
    assert facts(
        price="40000.00",
        new_or_used="used",
        weight_lbs=3500,
        residence={"state": "TX", "rate_percent": "6.25"},
        dealer_state="other",
        new_resident=False,
        delivery_date=date(1970, 1, 2),
        lease={"term_months": 36},
    ) == {
        "price": 4_000_000,
        "new_or_used": 1,
        "weight_lbs": 3_500,
        "residence_state": ord("T") * 256 + ord("X"),
        "residence_rate_percent": 62_500,
        "dealer_state": 0,
        "new_resident": 0,
        "delivery_date": 1,
        "term_months": 36,
    }


def test_a_list_says_how_many_rows_it_has() -> None:
    local = CATALOGUE.list_id["local"]
    assert request(local=[]).rows == ((local, 0, wire.LIST_COUNT_FIELD, 0),)
    rows = request(local=[{"level": "county", "name": "A", "rate_percent": "1.5", "base_limit": "5000.00"}]).rows
    assert (local, 0, 0, 15_000) in rows
    assert (local, 0, wire.LIST_COUNT_FIELD, 1) in rows
    assert request().rows == ()


def test_several_trades_also_stand_as_their_sum() -> None:
    given = facts(trades=[{"allowance": "1000.00", "payoff": "10.00"}, {"allowance": "500.50"}])
    assert given == {"trade_allowance": 1_500_50, "trade_payoff": 10_00, "trade_count": 2}
    assert facts(trades=[{"allowance": "1.00"}], trade_allowance="5.00", trade_count=3) == {
        "trade_allowance": 5_00,
        "trade_count": 3,
    }
    assert refusal(trades=[{"allowance": "much"}]) == ("bad_value", "trades[0].allowance")


def test_a_word_that_only_describes_a_place_is_no_error() -> None:
    assert facts(price="1.00", residence={"state": "TX", "county": "Dallas", "zip": "75201"}).keys() == {
        "price",
        "residence_state",
    }


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ({"prise": "1.00"}, ("unknown_fact", "prise")),
        ({"lease": {"tirm": 3}}, ("unknown_fact", "lease.tirm")),
        ({"residence": {"planet": "X"}}, ("unknown_fact", "residence.planet")),
        ({"price": "-1.00"}, ("bad_value", "price")),
        ({"price": "1.005"}, ("bad_value", "price")),
        ({"price": 40000}, ("bad_value", "price")),
        ({"price": 40000.0}, ("bad_value", "price")),
        ({"price": "99999999999.00"}, ("amount_out_of_range", "price")),
        ({"price": True}, ("bad_value", "price")),
        ({"new_or_used": "old"}, ("bad_value", "new_or_used")),
        ({"weight_lbs": "heavy"}, ("bad_value", "weight_lbs")),
        ({"weight_lbs": -1}, ("bad_value", "weight_lbs")),
        ({"residence": {"state": "Texas"}}, ("bad_value", "residence.state")),
        ({"delivery_date": "soon"}, ("bad_value", "delivery_date")),
        ({"local": "none"}, ("bad_value", "local")),
        ({"local": [{"rat": "1"}]}, ("unknown_fact", "local[0].rat")),
        ({"local": [{"rate_percent": "x"}]}, ("bad_value", "local[0].rate_percent")),
        ({"new_resident": "perhaps"}, ("bad_value", "new_resident")),
    ],
)
def test_each_wrong_key_is_named(inputs: dict[str, Any], expected: tuple[str, str]) -> None:
    assert refusal(**inputs) == expected


def test_wrong_heads_are_named() -> None:
    with pytest.raises(Refused) as caught:
        scenario_request(CATALOGUE, state="Texas", date="tomorrow", kind="rent", inputs={})
    assert {p.field for p in caught.value.problems} == {"state", "date", "kind"}


def test_one_fact_given_twice() -> None:
    with pytest.raises(Refused, match="prior_tax"):
        flatten({"prior_tax_amount": "1.00", "prior_tax": {"amount": "2.00"}})


def test_a_request_as_bytes() -> None:
    asked = Request(state=0x5458, kind=wire.LEASE, day=-3, facts=((7, 8),), rows=((0, 1, 2, 3),))
    head = bytes([2, 1, 0x58, 0x54, 0xFD, 0xFF, 0xFF, 0xFF, 1, 0, 0, 0, 1, 0, 0, 0])
    fact = bytes([7, 0, 8, 0, 0, 0, 0, 0])
    entry = bytes([0, 0, 1, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0])
    assert wire.encode(asked) == head + fact + entry


@pytest.mark.parametrize("number", [2**47, 2**63, 10**30])
def test_a_number_without_room_is_refused_by_its_name(number: int) -> None:
    count = CATALOGUE.fact_id["registration_months"]
    asked = Request(state=wire.state_word("TX"), kind=wire.RETAIL, day=20_000, facts=((count, number),))
    answer = wire.decode(bytes(tax_engine.quote(wire.encode(asked))))
    assert (answer.status, answer.argument) == (wire.BAD_VALUE, count)


def test_requests_and_answers() -> None:
    tax = service()
    one = request(price="40000.00", trade_allowance="10000.00")
    answer = tax.quote(one)
    assert answer.status == wire.COMPUTED
    assert answer.total == 187_500
    assert answer.lines[0].trace[0] == wire.TraceEntry(0, 0, 1, 62_500)
    two = request(price="10000.00")
    many = tax.quote_many([one, two])
    assert [a.total for a in many] == [187_500, 62_500]
    assert tax.quote_many([]) == []
    needs = tax.needs(two)
    assert {CATALOGUE.facts[n.fact].name: n.required for n in needs.facts} == {
        "price": False,
        "new_or_used": True,
        "registration_months": False,
        "weight_lbs": True,
    }


def test_another_format_is_refused() -> None:
    with pytest.raises(ValueError, match="format"):
        wire.decode(bytes(72))
    with pytest.raises(ValueError, match="format"):
        wire.decode(b"")
