"""The worksheet over the real law: every state at hand, deals of all sorts."""

from datetime import date
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from pyapp.deal.document import Deal
from pyapp.deal.price import work
from pyapp.deal.request import ask
from pyapp.tax import wire
from pyapp.tax.service import native_service

TAX = native_service()
STATES = sorted(TAX.catalogue.states)
amounts = st.integers(0, 100_000_00)
small = st.integers(0, 5_000_00)


@st.composite
def deals(draw: st.DrawFn) -> Deal:
    day = draw(st.dates(date(2023, 1, 1), date(2030, 12, 31)))
    document: dict[str, Any] = {
        "id": "d",
        "dates": {"quoted_on": day.isoformat()},
        "place": {
            "state": draw(st.sampled_from(STATES)),
            "local": draw(
                st.none() | st.lists(st.just({"level": "county", "name": "c", "rate_percent": "1.25"}), max_size=2)
            ),
            "facts": {"new_tires": 5, "plate_transferred": False, "buyer_age": 40},
        },
        "vehicle": {
            "new_or_used": draw(st.sampled_from(["new", "used"])),
            "weight_lbs": draw(st.integers(1_500, 8_000)),
            "fuel": draw(st.sampled_from(["gasoline", "electric", "hybrid"])),
            "mpg_city": draw(st.integers(10, 60)),
            "model_year": day.year - draw(st.integers(0, 5)),
            "odometer": 10_000,
            "book_value": draw(amounts),
            "msrp": draw(amounts),
        },
        "selling_price": draw(amounts),
        "rebates": [{"id": "r", "kind": draw(st.sampled_from(["manufacturer", "dealer"])), "amount": draw(small)}],
        "trades": [
            {"id": f"t{n}", "allowance": draw(amounts), "payoff": draw(amounts)} for n in range(draw(st.integers(0, 2)))
        ],
        "fees": [{"id": "f", "kind": "document", "amount": draw(small)}],
        "products": [
            {"id": kind, "kind": kind, "price": draw(small), "taken": draw(st.booleans())}
            for kind in ("service_contract", "gap", "maintenance")
        ],
        "structure": {"kind": "finance", "months": 60, "rate": "5.49"},
    }
    return msgspec.convert(document, Deal)


@settings(max_examples=250)
@given(deals())
def test_lines_make_the_total_and_each_has_its_law(deal: Deal) -> None:
    sheet = work(deal, TAX)
    answer = TAX.quote(ask(TAX.catalogue, deal).request)
    if answer.status == wire.COMPUTED:
        assert sheet.tax.total == answer.total
    if sheet.tax.total is not None:
        assert sheet.tax.total == sum(line.total or 0 for line in sheet.tax.lines)
        assert sheet.tax.total >= 0
    elif "tax.total" in sheet.ranges:
        span = sheet.ranges["tax.total"]
        assert 0 <= span.low <= span.high
    else:
        assert sheet.waits["tax.total"]
    for line in (*sheet.tax.lines, *sheet.tax.fees, *sheet.tax.limits):
        assert line.law, line.key
        assert line.formula, line.key
        assert line.total is not None or line.waits_for or any(line.key in name for name in sheet.ranges)


@settings(max_examples=100)
@given(deals())
def test_a_products_effect_is_the_difference_of_two_worksheets(deal: Deal) -> None:
    sheet = work(deal, TAX)
    if sheet.finance is None or sheet.finance.payment is None:
        return
    for product, figure in zip(deal.products, sheet.products, strict=True):
        other = msgspec.structs.replace(
            deal, products=[msgspec.structs.replace(p, taken=not p.taken) if p is product else p for p in deal.products]
        )
        there = work(other, TAX).finance
        assert there is not None
        if there.payment is None or figure.payment_effect is None:
            continue
        sign = -1 if product.taken else 1
        assert figure.payment_effect == sign * (there.payment - sheet.finance.payment)


@settings(max_examples=50)
@given(deals())
def test_one_deal_always_gives_the_same_bytes(deal: Deal) -> None:
    first = msgspec.json.encode(work(deal, TAX))
    assert msgspec.json.encode(work(msgspec.json.decode(msgspec.json.encode(deal), type=Deal), TAX)) == first
