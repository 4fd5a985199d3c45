"""Identities of the worksheet, on deals of all sorts."""

import math
from datetime import date, timedelta
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from pyapp.deal.document import Deal
from pyapp.deal.price import work
from pyapp.deal.worksheet import Worksheet
from pyapp.desk.entry import money, percent
from pyapp.finance.apr import apr_percent
from pyapp.finance.level import balances, level_payment, schedule
from pyapp.finance.periods import FirstPeriod, first_period, month_later
from pyapp.law import words
from tests.unit.fake import service

TAX = service()
amounts = st.integers(0, 100_000_00)
small = st.integers(0, 5_000_00)
days = st.dates(date(2023, 1, 1), date(2030, 12, 1))
kinds = st.sampled_from(["manufacturer", "dealer", "employee"])
rates = st.integers(0, 300_000).map(lambda ppm: f"{ppm / 10_000:.4f}")


@st.composite
def deals(draw: st.DrawFn) -> Deal:
    sale = draw(days)
    first = sale + timedelta(draw(st.integers(0, 60)))
    structure: dict[str, Any] = {"kind": "cash"}
    if draw(st.booleans()):
        structure = {"kind": "finance", "months": draw(st.integers(1, 96)), "rate": draw(rates)}
    document: dict[str, Any] = {
        "id": "d",
        "dates": {"quoted_on": sale.isoformat(), "first_payment_date": first.isoformat()},
        "place": {
            "state": draw(st.sampled_from(["AA", "BB"])),
            "local": [],
            "facts": {"delivery_to_customer": draw(small)},
        },
        "vehicle": {"new_or_used": "new", "weight_lbs": draw(st.integers(1, 9_000))},
        "selling_price": draw(amounts),
        "adds": [{"id": "a", "kind": "accessory", "amount": draw(small)}],
        "rebates": [
            {"id": f"r{n}", "kind": kind, "amount": draw(small), "at_sale": draw(st.booleans())}
            for n, kind in enumerate(draw(st.lists(kinds, max_size=3)))
        ],
        "trades": [
            {"id": f"t{n}", "allowance": draw(amounts), "payoff": draw(amounts), "cash_back": draw(small)}
            for n in range(draw(st.integers(0, 2)))
        ],
        "fees": [{"id": "f", "kind": "document", "amount": draw(small)}],
        "products": [
            {"id": kind, "kind": kind, "price": draw(small), "taken": draw(st.booleans())}
            for kind in ("service_contract", "gap")
        ],
        "money_down": {"cash_down": draw(amounts)},
        "structure": structure,
    }
    return msgspec.convert(document, Deal)


def known(cents: int | None) -> int:
    assert cents is not None
    return cents


@settings(max_examples=300)
@given(deals())
def test_the_sums_hold(deal: Deal) -> None:
    s: Worksheet = work(deal, TAX)
    government = sum(known(line.total) for line in s.tax.fees)
    assert s.tax.total == sum(known(line.total) for line in s.tax.lines)
    assert known(s.fees_total) == known(s.dealer_fees_total) + government
    assert s.dealer_fees_total == sum(fee.amount for fee in s.fees)
    assert s.dealer_fees_total == deal.fees[0].amount + int(deal.place.facts["delivery_to_customer"])
    before = known(s.selling_price) + known(s.adds_total) - known(s.rebates_total)
    before += known(s.tax.total) + known(s.fees_total) + known(s.products_total)
    assert s.otd_before_trade == before
    assert known(s.net_trade) == sum(known(t.equity) - t.cash_back for t in s.trades)
    assert s.otd_after_trade == before - known(s.net_trade)
    assert s.balance == known(s.otd_after_trade) - known(s.cash_down)
    assert s.refund == max(-known(s.balance), 0)
    if s.finance is None:
        assert s.due_at_signing == s.otd_after_trade


@settings(max_examples=300)
@given(deals().filter(lambda deal: deal.structure.__class__.__name__ == "Finance"))
def test_the_loan_agrees_with_itself(deal: Deal) -> None:
    s = work(deal, TAX)
    part = s.finance
    assert part is not None
    financed = known(part.amount_financed)
    assert financed == max(known(s.balance), 0)
    assert financed == known(part.cash_price) - known(part.down_payment) + known(part.other_financed)
    assert known(part.total_of_payments) == financed + known(part.finance_charge)
    assert known(part.prior_balance) >= 0
    sale_price = known(part.cash_price) + known(part.other_financed) + known(part.finance_charge)
    assert part.total_sale_price == sale_price == known(part.total_of_payments) + known(part.down_payment)
    if financed:
        n = known(part.n)
        assert known(part.total_of_payments) == known(part.payment) * (n - 1) + known(part.last)
        assert known(part.last) > 0
        assert math.isfinite(float(part.apr or "nan"))
    else:
        assert part.total_of_payments == 0
    if known(s.refund):
        assert part.down_payment == known(part.cash_price) + known(part.other_financed)


@settings(max_examples=200)
@given(
    st.integers(100_00, 200_000_00),
    st.integers(0, 300_000),
    st.integers(2, 96),
    st.integers(0, 2),
    st.integers(0, 29),
)
def test_the_apr_returns_the_amount_financed(balance: int, ppm: int, n: int, months: int, odd: int) -> None:
    period = FirstPeriod(months, odd)
    plan = schedule(balance, ppm, n, period)
    rows = balances(balance, ppm, plan, period)
    assert rows[-1][2] == 0
    assert sum(principal for _, principal, _ in rows) == balance
    flows = [(months + k, odd / 30, float(plan.last if k == plan.n - 1 else plan.payment)) for k in range(plan.n)]
    rate = apr_percent(balance, flows, 12) / 1200
    worth = sum(amount / ((1 + part * rate) * (1 + rate) ** whole) for whole, part, amount in flows)
    assert math.isclose(worth, balance, rel_tol=1e-9)


@settings(max_examples=200)
@given(st.integers(1, 200_000_00), st.integers(0, 300_000), st.integers(1, 96), st.integers(0, 2), st.integers(0, 29))
def test_the_payment_is_the_exact_quotient_half_up(balance: int, ppm: int, n: int, months: int, odd: int) -> None:
    from fractions import Fraction

    i = Fraction(ppm, 12_000_000)
    factor = sum((1 / ((1 + Fraction(odd, 30) * i) * (1 + i) ** (months + k)) for k in range(min(n, 12))), Fraction(0))
    exact = balance / factor
    assert level_payment(balance, ppm, min(n, 12), FirstPeriod(months, odd)) == math.floor(exact + Fraction(1, 2))


@given(days, st.integers(0, 400))
def test_periods_add_up_to_the_days(start: date, span: int) -> None:
    first = start + timedelta(span)
    period = first_period(start, first, first.day)
    begin = month_later(first, -period.months, first.day) if period.months else first
    assert begin - timedelta(period.odd_days) == start
    assert 0 <= period.odd_days <= 30


@given(st.integers(-100_000_000, 100_000_000))
def test_what_is_written_is_read_again(cents: int) -> None:
    assert money(words.money(cents)).number == cents


@given(st.integers(0, 1_000_000))
def test_percents_are_read_again(ppm: int) -> None:
    assert percent(words.percent(ppm)).number == ppm


@settings(max_examples=300)
@given(st.text("0123456789.,$k+-*/()−% ", max_size=20))
def test_no_text_breaks_the_reader(text: str) -> None:
    assert money(text).state in ("blank", "half", "value", "wrong")
