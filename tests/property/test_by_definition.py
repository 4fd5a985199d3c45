"""The worksheet against its definitions, computed again here from what is typed, in fractions and by the calendar.

Nothing of the deal logic is used but the reading of the document; the tax is taken as the worksheet gives it.
"""

from calendar import monthrange
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import msgspec
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pyapp.deal.document import Deal
from pyapp.deal.price import work
from tests.unit.fake import service

TAX = service()
Row = dict[str, Any]
amounts = st.integers(0, 60_000_00)
small = st.integers(0, 5_000_00)
days = st.dates(date(2023, 1, 1), date(2030, 6, 1))


def listed(row: st.SearchStrategy[Row]) -> st.SearchStrategy[list[Row]]:
    """Up to three rows, each with an id of its own."""
    return st.lists(row, max_size=3).map(lambda rows: [{"id": str(n), **given} for n, given in enumerate(rows)])


def row(**parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Row]:
    return st.fixed_dictionaries(parts)


deals = st.fixed_dictionaries(
    {
        "selling_price": st.integers(20_000_00, 90_000_00),
        "adds": listed(row(kind=st.sampled_from(["accessory", "freight", "dealer_add"]), amount=small)),
        "rebates": listed(
            row(
                kind=st.sampled_from(["manufacturer", "dealer", "loyalty", "conquest", "employee"]),
                amount=small,
                at_sale=st.booleans(),
                assigned_to_dealer=st.booleans(),
            )
        ),
        "trades": listed(
            row(
                allowance=amounts,
                payoff=st.integers(1, 60_000_00),
                per_diem=st.integers(0, 20_00),
                good_through=st.integers(-30, 30),
                cash_back=small,
            )
        ),
        "fees": listed(row(kind=st.sampled_from(["document", "filing", "other"]), amount=small)),
        "products": listed(
            row(kind=st.sampled_from(["service_contract", "gap", "credit_insurance"]), price=small, taken=st.booleans())
        ),
        "cash_down": st.integers(5_000_00, 30_000_00),
        "deposit": small,
        "deferred": listed(row(amount=small, date=st.integers(0, 28))),
        "quoted": days | days.map(lambda day: day.replace(day=monthrange(day.year, day.month)[1])),
        "sale_after": st.just(0) | st.integers(0, 20),
        "delivery_after": st.integers(0, 20),
        "first_after": st.none() | st.integers(0, 90),
        "months": st.integers(1, 120),
        "ppm": st.integers(0, 1_000_000),
        "finance": st.booleans(),
    }
)


def month_from(day: date, months: int, wanted: int) -> date:
    """Day `wanted` of the month `months` away, or its last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(wanted, monthrange(year, month + 1)[1]))


def half_up(amount: Fraction) -> int:
    return (amount + Fraction(1, 2)).__floor__()


def plan_of(balance: int, ppm: int, n: int, start: date, first: date, wanted: int) -> list[int]:
    """The payments by App. J (b)(5), (6), (8): full months counted back from the first, days over 30, then level."""
    whole = 0
    while month_from(first, -(whole + 1), wanted) >= start:
        whole += 1
    begin = first if whole == 0 else month_from(first, -whole, wanted)
    i = Fraction(ppm, 12_000_000)
    grown = (1 + Fraction((begin - start).days, 30) * i) * (1 + i) ** whole
    worth = Fraction(0)
    for _ in range(n):
        worth = worth / (1 + i) + 1
    level = half_up(balance * grown / worth)
    left, paid = balance + half_up(balance * (grown - 1)), list[int]()
    for _ in range(n - 1):
        if left <= level:
            break
        paid.append(level)
        left += half_up((left - level) * i) - level
    return [*paid, left]


@settings(max_examples=150)
@given(deals)
def test_each_figure_is_what_its_definition_says(given: Row) -> None:
    sale = given["quoted"] + timedelta(given["sale_after"])
    delivery = sale + timedelta(given["delivery_after"])
    typed = None if given["first_after"] is None else sale + timedelta(given["first_after"])
    first, wanted = (typed, typed.day) if typed else (month_from(sale, 1, sale.day), sale.day)
    second = month_from(first, 1, wanted)
    trades = [{**t, "good_through": delivery + timedelta(t["good_through"])} for t in given["trades"]]
    deferred = [{**p, "date": second - timedelta(p["date"])} for p in given["deferred"]]
    ppm = given["ppm"]
    rate = f"{ppm // 10_000}.{ppm % 10_000:04d}"
    document: Row = {
        **{name: given[name] for name in ("selling_price", "adds", "rebates", "fees", "products")},
        "dates": {
            "quoted_on": given["quoted"],
            "sale_date": sale,
            "delivery_date": delivery,
            "first_payment_date": typed,
        },
        "place": {"state": "AA"},
        "vehicle": {"new_or_used": "new", "weight_lbs": 3_900},
        "trades": trades,
        "money_down": {"cash_down": given["cash_down"], "deposit": given["deposit"], "deferred": deferred},
        "structure": {"kind": "finance", "months": given["months"], "rate": rate}
        if given["finance"]
        else {"kind": "cash"},
    }
    sheet = work(msgspec.convert(document, Deal), TAX)

    law = sum(line.total or 0 for line in (*sheet.tax.lines, *sheet.tax.fees))
    adds = sum(add["amount"] for add in given["adds"])
    fees = sum(fee["amount"] for fee in given["fees"])
    taken = [p for p in given["products"] if p["taken"]]
    products = sum(p["price"] for p in taken)
    dealers = sum(r["amount"] for r in given["rebates"] if r["kind"] == "dealer" and r["at_sale"])
    makers = sum(
        r["amount"] for r in given["rebates"] if r["kind"] != "dealer" and r["at_sale"] and r["assigned_to_dealer"]
    )
    otd = given["selling_price"] + adds - dealers - makers + law + fees + products
    net = 0
    for trade in trades:
        late = max((delivery - trade["good_through"]).days, 0)
        net += trade["allowance"] - trade["payoff"] - late * trade["per_diem"] - trade["cash_back"]
    later = sum(part["amount"] for part in given["deferred"])
    balance = otd - net - given["cash_down"] - later
    assert (sheet.otd_before_trade, sheet.net_trade, sheet.otd_after_trade) == (otd, net, otd - net)
    assert (sheet.cash_down, sheet.balance) == (given["cash_down"] + later, balance)
    part = sheet.finance
    if not given["finance"]:
        assert part is None
        assert sheet.due_at_signing == otd - net - given["deposit"] - later
        return
    assert part is not None
    assert sheet.due_at_signing == given["cash_down"] - given["deposit"]
    assume(balance > 0)
    # 1026.18(b), comments 2(a)(18)-3 and 18(b)-2.
    credit = sum(p["price"] for p in taken if p["kind"] in ("gap", "credit_insurance"))
    cash_price = given["selling_price"] + adds - dealers + law + fees + products - credit
    paid_down = given["cash_down"] + later + net + makers
    prior = max(-paid_down, 0)
    assert (part.cash_price, part.down_payment, part.prior_balance) == (cash_price, max(paid_down, 0), prior)
    assert (part.other_financed, part.amount_financed) == (prior + credit, balance)
    payments = plan_of(balance, ppm, given["months"], sale, first, wanted)
    assert (part.n, part.last, part.total_of_payments) == (len(payments), payments[-1], sum(payments))
    if len(payments) > 1:
        assert part.payment == payments[0]
    assert part.finance_charge == sum(payments) - balance
    assert part.total_sale_price == cash_price + prior + credit + sum(payments) - balance
    assert (part.first_date, part.last_date) == (first, month_from(first, len(payments) - 1, wanted))
