"""Consumer credit arithmetic against published examples and the worksheet's own figures."""

import json
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from pyapp.finance.apr import Flow, apr_percent, monthly_apr
from pyapp.finance.level import Schedule, balances, level_payment, schedule
from pyapp.finance.periods import (
    FirstPeriod,
    asks_month_end,
    default_first_payment,
    first_period,
    month_days,
    month_later,
)

PUBLISHED: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "published_examples.json").read_text(encoding="utf-8")
)["examples"]
ONE_MONTH = FirstPeriod(1, 0)


def of_kind(*kinds: str) -> list[Any]:
    return [pytest.param(e, id=e["id"]) for e in PUBLISHED if e["kind"] in kinds]


def cents(amount: float) -> int:
    return round(amount * 100)


# ---- days to the first payment


@pytest.mark.parametrize(
    ("sale", "first", "months", "days", "payment"),
    [
        (date(2026, 11, 24), date(2026, 12, 24), 1, 0, 545_41),
        (date(2026, 7, 2), date(2026, 8, 16), 1, 14, 546_90),
        (date(2026, 6, 2), date(2026, 7, 17), 1, 15, 547_00),
    ],
)
def test_days_to_the_first_payment_change_the_payment(
    sale: date, first: date, months: int, days: int, payment: int
) -> None:
    period = first_period(sale, first, first.day)
    assert period == FirstPeriod(months, days)
    assert level_payment(32_000_00, 69_900, 72, period) == payment


def test_last_payment_closes_to_zero() -> None:
    plan = schedule(31_618_25, 69_900, 72, ONE_MONTH)
    assert (plan.payment, plan.n, plan.last) == (538_91, 72, 538_69)
    assert plan.total == 38_801_30
    assert balances(31_618_25, 69_900, plan, ONE_MONTH)[-1][2] == 0


def test_last_of_january_to_last_of_february_is_one_month_or_28_days() -> None:
    january, february = date(2026, 1, 31), date(2026, 2, 28)
    assert default_first_payment(january) == february
    assert asks_month_end(february)
    assert first_period(january, february, 31) == FirstPeriod(1, 0)
    assert first_period(january, february, 28) == FirstPeriod(0, 28)
    assert not asks_month_end(date(2026, 3, 31))
    assert not asks_month_end(date(2026, 2, 27))


def test_payments_fall_on_the_same_day_or_the_last() -> None:
    assert [month_later(date(2026, 1, 31), n, 31) for n in (1, 2, 3)] == [
        date(2026, 2, 28),
        date(2026, 3, 31),
        date(2026, 4, 30),
    ]
    assert month_later(date(2026, 3, 15), -14, 15) == date(2025, 1, 15)
    assert (month_days(2024, 2), month_days(2025, 2), month_days(2026, 12)) == (29, 28, 31)


def test_first_payment_before_the_sale_has_no_period() -> None:
    with pytest.raises(ValueError, match="before"):
        first_period(date(2026, 11, 24), date(2026, 11, 1), 1)


def test_payment_on_the_day_of_the_sale_bears_no_interest() -> None:
    period = first_period(date(2026, 11, 24), date(2026, 11, 24), 24)
    assert period == FirstPeriod(0, 0)
    assert schedule(10_000_00, 60_000, 1, period).total == 10_000_00


def test_no_interest_at_rate_zero() -> None:
    plan = schedule(31_618_25, 0, 72, FirstPeriod(1, 20))
    assert (plan.payment, plan.last, plan.total) == (439_14, 439_31, 31_618_25)
    assert monthly_apr(31_618_25, plan, FirstPeriod(1, 20), 0) == 0


def test_tiny_balance_is_closed_early_and_never_pays_back() -> None:
    plan = schedule(40, 69_900, 72, ONE_MONTH)
    assert plan.payment == 1
    assert plan.last > 0
    assert plan.n < 72


@pytest.mark.parametrize("balance", [0, -1, -5_000_00])
def test_nothing_is_paid_on_a_refund(balance: int) -> None:
    assert schedule(balance, 69_900, 72, ONE_MONTH).total == 0


# ---- published payments


@pytest.mark.parametrize("example", of_kind("loan_payment"))
def test_published_payment(example: dict[str, Any]) -> None:
    given = example["inputs"]
    payment = level_payment(cents(given["amount"]), given["apr_pct"] * 10_000, given["term_months"], ONE_MONTH)
    assert payment == cents(example["expected"]["payment"])


@pytest.mark.parametrize("example", of_kind("loan_deal"))
def test_published_deal(example: dict[str, Any]) -> None:
    given = example["inputs"]
    fees = given.get("untaxed_fees", 0) + given.get("taxed_fees", 0)
    tax = (given["price"] + given.get("taxed_fees", 0)) * given.get("tax_rate_pct", 0) / 100
    financed = example["expected"].get("amount_financed", given["price"] + fees + tax - given.get("down", 0))
    payment = level_payment(cents(financed), round(given["apr_pct"] * 10_000), given["term_months"], ONE_MONTH)
    assert payment == cents(example["expected"]["payment"])


@pytest.mark.parametrize("example", of_kind("loan_amortisation"))
def test_published_schedule(example: dict[str, Any]) -> None:
    given, expected = example["inputs"], example["expected"]
    rate = round(given["rate_pct"] * 10_000)
    plan = schedule(cents(given["amount"]), rate, given["term_months"], ONE_MONTH)
    rows = balances(cents(given["amount"]), rate, plan, ONE_MONTH)
    # The published tables carry unrounded amounts, so that a cent of difference may build up.
    for (interest, _, _), published in zip(rows, expected["interest"], strict=True):
        assert abs(interest - cents(published)) <= 1
    assert rows[-1][2] == 0
    if "payment" in expected:
        assert plan.payment == cents(expected["payment"])
    if "total_interest" in expected:
        assert abs(plan.total - cents(given["amount"]) - cents(expected["total_interest"])) <= 1


def test_published_rate_of_a_loan() -> None:
    plan = schedule(24_000_00, 80_000, 60, ONE_MONTH)
    assert plan.payment == 486_63
    assert round(monthly_apr(24_000_00, plan, ONE_MONTH, 80_000), 2) == 8.00


# ---- published annual percentage rates

MONTHS_IN = {"month": 1, "quarter": 3}
DAYS_IN = {"week": 7, "4 weeks": 28}
SINGLE = {  # one payment, one advance: the term in unit periods and how many make a year
    "ffiec-single-1": (1, 12 / 6),
    "regz-j-c5i": (1, 365 / 255),
    "regz-j-c5iii": (1.5, 1),
    "regz-j-c5iv": (2, 1),
}


def by_months(start: date, day: date, unit: int) -> tuple[int, float]:
    """Whole unit periods counted back, then months of 30 days and days, over the unit period's."""
    period = first_period(start, day, day.day)
    whole, rest = divmod(period.months, unit)
    return whole, (rest * 30 + period.odd_days) / (30 * unit)


def published_flows(example: dict[str, Any]) -> tuple[list[Flow], float]:
    given = example["inputs"]
    unit = given.get("unit_period", "")
    if example["id"] in SINGLE:
        term, a_year = SINGLE[example["id"]]
        return [(int(term), term - int(term), given["payments"][0]["amount"])], a_year
    start = date.fromisoformat(given.get("advance_date", "2026-01-10"))
    flows: list[Flow] = []
    for group in given["payments"]:
        first = date.fromisoformat(group.get("first", "2026-02-10"))
        if "first" not in group:
            first = month_later(start, 1 + len(flows), start.day)
        for k in range(group["count"]):
            if unit in MONTHS_IN:
                size = MONTHS_IN[unit]
                whole, part = by_months(start, first, size) if not flows else (flows[-1][0] + 1, flows[-1][1])
            elif unit == "semimonth":
                whole, part = 0 + k, (first - start).days / 15
            else:
                days = (first - start).days + k * DAYS_IN[unit]
                whole, part = days // DAYS_IN[unit], days % DAYS_IN[unit] / DAYS_IN[unit]
            flows.append((whole, part, group["amount"]))
    a_year = {"month": 12, "quarter": 4, "semimonth": 24, "week": 52, "4 weeks": 13}[unit]
    if "charge" in given:
        weeks = (date.fromisoformat(given["charge"]["date"]) - start) // timedelta(7)
        flows.append((weeks, 0.0, given["charge"]["amount"]))
    return flows, a_year


@pytest.mark.parametrize("example", of_kind("apr_actuarial"))
def test_published_apr(example: dict[str, Any]) -> None:
    flows, a_year = published_flows(example)
    found = apr_percent(example["inputs"]["amount_financed"], flows, a_year)
    expected = example["expected"]
    if "apr_pct_about" in expected:
        assert found == pytest.approx(expected["apr_pct_about"], abs=0.01)
    else:
        assert f"{found:.{expected['decimals']}f}" == f"{expected['apr_pct']:.{expected['decimals']}f}"


def test_published_apr_with_odd_days_in_the_first_period() -> None:
    # HP 12C user's guide, section 3, example 2: 42 payments of 120.00, interest from Jul 19, regular months from Aug 1.
    plan = Schedule(payment=120_00, n=42, last=120_00, total=42 * 120_00)
    found = monthly_apr(3_950_00, plan, FirstPeriod(1, 13), 0)
    assert (f"{found / 12:.2f}", f"{found:.2f}") == ("1.16", "13.95")


@pytest.mark.parametrize(
    ("balance", "ppm", "n", "period"),
    [
        (4, 939_889, 97, FirstPeriod(3, 10)),
        (1, 804_373, 86, FirstPeriod(7, 11)),
        (287, 100, 57, FirstPeriod(2, 4)),
        (100, 1_000_000, 120, FirstPeriod(12, 30)),
    ],
)
def test_the_smallest_loan_has_its_rate_and_none_below_zero(
    balance: int, ppm: int, n: int, period: FirstPeriod
) -> None:
    plan = schedule(balance, ppm, n, period)
    found = monthly_apr(balance, plan, period, ppm)
    assert not f"{found:.6f}".startswith("-")
    i = Fraction(found) / 1200
    payments = [*[plan.payment] * (plan.n - 1), plan.last]
    worth = sum(paid / (1 + i) ** (period.months + k) for k, paid in enumerate(payments))
    assert float(worth / (1 + i * Fraction(period.odd_days, 30))) == pytest.approx(balance, rel=1e-9)


@pytest.mark.parametrize("period", [FirstPeriod(0, 0), FirstPeriod(0, 20), FirstPeriod(1, 0), FirstPeriod(2, 14)])
def test_closed_form_of_the_apr_agrees_with_the_payments_one_by_one(period: FirstPeriod) -> None:
    plan = schedule(31_618_25, 69_900, 72, period)
    part = period.odd_days / 30
    flows: list[Flow] = [(period.months + k, part, float(plan.payment)) for k in range(plan.n - 1)]
    flows.append((period.months + plan.n - 1, part, float(plan.last)))
    one_by_one = apr_percent(31_618_25, flows, 12)
    assert monthly_apr(31_618_25, plan, period, 69_900) == pytest.approx(one_by_one, abs=1e-9)
    assert one_by_one == pytest.approx(6.99, abs=0.01)
