"""The desk: draft texts in, one view out; figures are those of the page's mock."""

from typing import Any

import msgspec
import pytest

from pyapp import worker
from pyapp.deal.check import FAR_FIRST_DAYS
from pyapp.desk.view import LawLine, View
from pyapp.tax.catalogue import Catalogue
from tests.unit.fake import FakeEngine, law

FIELDS = {
    "selling_price": "40k",
    "vehicle.msrp": "41,850",
    "vehicle.weight_lbs": "7900",
    "vehicle.new_or_used": "new",
    "place.state": "AA",
    "structure.months": "72",
    "structure.rate": "6.99%",
    "money_down.cash_down": "-3000",
    "buyer.name": "Sample Customer",
}
LISTS: dict[str, list[dict[str, Any]]] = {
    "rebates": [{"id": "r", "fields": {"amount": "1500"}}],
    "trades": [{"id": "t", "fields": {"allowance": "-10,000", "payoff": "4000"}}],
    "fees": [{"id": "f", "fields": {"amount": "225"}}],
    "products": [
        {"id": "p", "fields": {"kind": "service_contract", "price": "2195"}},
        {"id": "g", "fields": {"kind": "gap", "price": "895"}},
    ],
}


@pytest.fixture(autouse=True)
def started() -> None:
    data = law()
    worker.start(data, FakeEngine(Catalogue(data)))


def answer(method: str, payload: object) -> Any:
    return msgspec.json.decode(worker.handle(method, msgspec.json.encode(payload)))


def view(
    changes: dict[str, str] | None = None,
    *,
    lists: dict[str, Any] | None = None,
    by_hand: dict[str, str] | None = None,
    leads: list[str] | None = None,
    focus: str = "",
    grid: dict[str, Any] | None = None,
    today: str = "2026-11-24",
) -> View:
    draft = {
        "id": "d",
        "fields": {**FIELDS, **(changes or {})},
        "lists": LISTS if lists is None else lists,
        "by_hand": by_hand or {},
        "leads": leads or [],
    }
    call = {"draft": draft, "asks": {"today": today, "focus": focus, "grid": grid}}
    return msgspec.json.decode(worker.handle("price", msgspec.json.encode(call)), type=View)


def amounts(v: View) -> dict[str, str]:
    return {line.key: line.amount.text for line in v.ledger}


def test_the_ledger_reads_as_the_mock() -> None:
    v = view()
    shown = amounts(v)
    assert shown["selling_price"] == "40,000.00"
    assert shown["discount"] == "−1,850.00"
    assert shown["rebates/r/amount"] == "−1,500.00"
    assert shown["vehicle_tax"] == "1,781.25"
    assert shown["fees"] == "337.00"
    assert shown["otd"] == "40,618.25"
    assert shown["trade"] == "−6,000.00"
    assert shown["trades/t/allowance"] == "−10,000.00"
    assert shown["after"] == "34,618.25"
    assert shown["money_down.cash_down"] == "−3,000.00"
    assert shown["amount_financed"] == "31,618.25"
    assert v.strip.payment.whole == "538"
    assert v.strip.payment.decimals == ".91"
    assert v.strip.terms == "72 months at 6.99 % APR, 3,000.00 down"
    assert v.strip.total_of_payments.text == "38,801.30"
    assert v.strip.finance_charge.text == "7,183.05"
    assert v.strip.last_payment == "71 of 538.91 and a last of 538.69"
    assert v.strip.announce == "Payment 538.91, out the door 40,618.25"
    assert "first payment Dec 24, 2026" in v.strip.fine_print
    assert v.head.title == "Sample Customer"
    assert v.head.law_date == "law of Nov 24, 2026"
    assert v.can_show
    assert not v.errors
    assert v.deal.rule_pack == v.rule_pack == "test-1+00"


def test_the_outer_column_adds_up() -> None:
    v = view()
    parts = [line for line in v.ledger if line.column == 2 and line.style == "head"]
    cents = [line.amount.cents or 0 for line in parts]
    assert sum(cents) == 31_618_25
    assert next(line for line in v.ledger if line.style == "grand").amount.cents == sum(cents)


def test_products_are_optional_and_say_what_they_do() -> None:
    v = view()
    products = {line.key: line for line in v.ledger if line.group == "products"}
    assert products["products"].hint == "optional, none taken"
    assert products["products/p/price"].hint == "+37.41 a month"
    assert products["products/g/price"].check == "products/g/taken"


def test_the_tax_line_opens_to_numbers_and_law() -> None:
    line: LawLine = view().laws["vehicle_tax"]
    assert line.hint == "6.25 % of 28,500.00"
    assert line.numbers[-2].text == "28,500.00"
    assert line.numbers[-1].label == "× 6.25 %"
    assert line.numbers[-1].text == "1,781.25"
    terms = {row.term: row.text + row.cite + row.tail for row in line.law}
    assert terms["Law"] == "Made-up Code § 1, statute"
    assert terms["In force"] == "from Sep 1, 1991, no end known; reviewed Nov 24, 2026"
    assert terms["Paid"] == "at signing; the dealer collects"


def test_the_grid_reads_as_the_mock() -> None:
    grid = view(grid={"columns": 7, "rows": 7, "target": "525"}).grid
    assert grid is not None
    assert [c.text for c in grid.columns] == ["0", "1,000", "2,000", "3,000", "4,000", "5,000", "6,000"]
    assert [r.months for r in grid.rows] == ["36", "48", "60", "66", "72", "75", "84"]
    row = grid.rows[4]
    assert [c.text for c in row.cells] == ["590.04", "573.00", "555.95", "538.91", "521.86", "504.82", "487.78"]
    assert [c.taken for c in row.cells] == [False, False, False, True, False, False, False]
    assert [c.meets for c in row.cells] == [False, False, False, False, True, True, True]
    assert grid.target_note == "13.91 over"
    assert row.cells[3].foot == "71 of 538.91 and a last of 538.69, total 38,801.30"
    assert (row.cells[6].months, row.cells[6].down) == ("72", "6,000.00")
    assert "within target" in row.cells[6].label


def test_one_month_is_no_plural() -> None:
    v = view({"structure.months": "1"}, grid={"columns": 3, "rows": 3})
    assert v.strip.terms.startswith("1 month at ")
    assert v.grid is not None
    assert v.grid.rows[0].cells[0].label.startswith("1 month, ")


def test_a_grid_by_rate() -> None:
    ask = {"columns": 7, "rows": 7, "by": "rate", "target": "525"}
    grid = view(grid=ask).grid
    assert grid is not None
    heads = ["5.49 %", "5.99 %", "6.49 %", "6.99 %", "7.49 %", "7.99 %", "8.49 %"]
    assert [c.text for c in grid.columns] == heads
    assert [c.taken for c in grid.columns] == [text == "6.99 %" for text in heads]
    taken = [c for r in grid.rows for c in r.cells if c.taken]
    assert [c.text for c in taken] == ["538.91"]
    dearer = grid.rows[4].cells[5]
    assert (dearer.months, dearer.rate, dearer.down) == ("72", "7.99", "")
    assert dearer.text == view({"structure.rate": dearer.rate}).strip.payment.text
    assert dearer.label.startswith("72 months at 7.99 %: ")
    near_nought = view({"structure.rate": "0.5"}, grid=ask).grid
    assert near_nought is not None
    assert [c.text for c in near_nought.columns][:2] == ["0 %", "0.5 %"]
    typed = view(grid={**ask, "rates": ["3.9 %", "x", "6.99"]}).grid
    assert typed is not None
    assert [c.text for c in typed.columns] == ["3.9 %", "6.99 %"]
    unknown = view({"structure.rate": ""}, grid=ask).grid
    assert unknown is not None
    assert unknown.columns == []


def test_the_taken_cell_is_always_among_the_cells() -> None:
    for columns, rows in ((3, 3), (5, 5), (1, 1), (7, 4)):
        changes = {"structure.months": "63", "money_down.cash_down": "4321"}
        grid = view(changes, grid={"columns": columns, "rows": rows}).grid
        assert grid is not None
        taken = [c for r in grid.rows for c in r.cells if c.taken]
        assert len(taken) == 1
        assert (len(grid.rows), len(grid.columns)) == (rows, columns)
        assert taken[0].text == view(changes).strip.payment.text


def test_a_grid_by_typed_headers() -> None:
    grid = view(grid={"months": ["24", "x", "60"], "downs": ["0", "2k"], "target": "no"}).grid
    assert grid is not None
    assert grid.target.error is not None
    assert [r.months for r in grid.rows] == ["24", "60", "72"]
    assert grid.refused is not None
    assert grid.refused.field == "months[1]"


def test_the_header_typed_last_is_never_the_one_that_makes_room() -> None:
    # The taken column, 3,000, is typed over: it comes back, and what lies farthest from it makes room.
    downs = ["2,500", "0", "1,000", "2,000", "4,000", "5,000", "6,000"]
    grid = view(grid={"columns": 7, "downs": downs}).grid
    assert grid is not None
    assert [c.text for c in grid.columns] == ["0", "1,000", "2,000", "2,500", "3,000", "4,000", "5,000"]
    narrow = view(grid={"columns": 4, "downs": downs}).grid
    assert narrow is not None
    assert [c.text for c in narrow.columns] == ["2,000", "2,500", "3,000", "4,000"]
    few = view(grid={"columns": 4, "downs": ["500"]}).grid
    assert few is not None
    assert [c.text for c in few.columns] == ["500", "3,000"]


@pytest.mark.parametrize(
    ("side", "text", "accepted"),
    [
        ("downs", "abc", "an amount up to 10,000,000.00, such as 2,500"),
        ("downs", "99999999999999999999", "an amount up to 10,000,000.00, such as 2,500"),
        ("rates", "101", "a percent from 0 to 100, such as 6.99"),
        ("months", "0", "1 to 120 months"),
        ("months", "1.5", "1 to 120 months"),
    ],
)
def test_a_header_that_is_none_is_said(side: str, text: str, accepted: str) -> None:
    grid = view(grid={side: [text, "60" if side == "months" else "2"]}).grid
    assert grid is not None
    assert grid.refused is not None
    assert (grid.refused.field, grid.refused.accepted) == (f"{side}[0]", accepted)
    assert f"“{text}”" in grid.refused.message


@pytest.mark.parametrize("text", ["no", "-5", "525-", "99999999999999999999"])
def test_a_target_that_is_no_payment_is_said(text: str) -> None:
    grid = view(grid={"target": text}).grid
    assert grid is not None
    assert grid.target.error is not None
    assert grid.key == ""


def test_cash_has_no_grid_and_no_payment() -> None:
    v = view({"structure.kind": "cash"}, grid={})
    assert v.grid is None
    assert v.strip.kind == "cash"
    assert v.strip.otd_note == "price, tax and fees; no products"
    # What was to be put down on a loan is no part of a cash deal: all is due at delivery.
    assert amounts(v)["balance"] == v.strip.due_at_signing.text == "34,618.25"


def test_a_deposit_is_all_that_a_cash_buyer_has_paid_before() -> None:
    v = view({"structure.kind": "cash", "money_down.cash_down": "abc", "money_down.deposit": "500"})
    assert not v.errors
    assert v.fields["money_down.deposit"].text == "−500.00"
    assert amounts(v)["balance"] == v.strip.due_at_signing.text == "34,118.25"
    line = next(line for line in v.ledger if line.group == "down")
    assert (line.path, line.label, line.column) == ("money_down.deposit", "Deposit already paid", 2)
    # Financed instead it stands under the cash down, where it can be mended.
    financed = view({"money_down.cash_down": "400", "money_down.deposit": "500"})
    assert [line.path for line in financed.ledger if line.group == "down"] == [
        "money_down.cash_down",
        "money_down.deposit",
    ]
    assert financed.fields["money_down.deposit"].error is not None


def test_an_expression_shows_what_it_comes_to() -> None:
    field = view({"selling_price": "40000-1500"}).fields["selling_price"]
    assert (field.text, field.hint, field.cents) == ("38,500.00", "= 38,500.00", 38_500_00)
    assert field.step_up == "38,600.00"


def test_half_typed_in_focus_is_no_error_and_computes_nothing() -> None:
    v = view({"selling_price": "40000-"}, focus="selling_price")
    assert v.half_typed == "selling_price"
    assert not v.errors
    assert v.fields["selling_price"].text == "40000-"
    left = view({"selling_price": "40000-"})
    assert left.errors[0].field == "selling_price"
    assert left.fields["selling_price"].error is not None


def test_an_error_keeps_what_does_not_depend_on_it() -> None:
    v = view({"structure.rate": "699"})
    error = v.fields["structure.rate"].error
    assert error is not None
    assert "above 100 %" in error.message
    assert v.strip.payment.text == "—"
    assert v.strip.payment.waits == "waits for the rate"
    assert v.strip.otd.text == "40,618.25"
    assert not v.can_show


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("selling_price", "-5"),
        ("selling_price", "99,999,999,999"),
        ("structure.months", "0"),
        ("structure.months", "7.5"),
        ("vehicle.weight_lbs", "heavy"),
        ("vehicle.weight_lbs", "0"),
        ("vehicle.gvwr_lbs", "100000"),
        ("vehicle.model_year", "26"),
        ("place.state", "ZZ"),
        ("dates.quoted_on", "yesterday"),
        ("dates.quoted_on", "12/31/2022"),
        ("dates.quoted_on", "1/1/2031"),
        ("dates.delivery_date", "12/31/2022"),
        ("dates.title_date", "1/1/2031"),
        ("place.zip", "7520"),
        ("vehicle.new_or_used", "old"),
        ("place.facts.buyer_age", "x"),
        ("place.facts.no_such_fact", "1"),
        ("place.local_rate", "a lot"),
        ("structure.days_to_first", "-3"),
        ("no.such.field", "1"),
    ],
)
def test_bad_input_is_refused_at_its_field_and_stays_typed(path: str, text: str) -> None:
    v = view({path: text})
    assert path in {problem.field for problem in v.errors}
    assert not v.can_show
    if path in v.fields:
        assert v.fields[path].error is not None


def said(v: View) -> str:
    return f"{v.errors[0].message}. Accepted: {v.errors[0].accepted}"


@pytest.mark.parametrize(
    ("path", "text", "sentence"),
    [
        (
            "selling_price",
            "40.000,50",
            "“40.000,50” has fewer than three digits after its comma. "
            "Accepted: an amount, such as 40,000, 40k or 40000-1500",
        ),
        (
            "selling_price",
            "99999999999999999999",
            "“99999999999999999999” is above 10,000,000.00. Accepted: an amount, such as 40,000, 40k or 40000-1500",
        ),
        (
            "vehicle.weight_lbs",
            "0",
            "“0” is no vehicle's weight. Accepted: a whole number from 1 to 99999",
        ),
        (
            "dates.quoted_on",
            "1/1/2031",
            "The law of Aland is not known on Jan 1, 2031. Accepted: a day from Jan 1, 2023 to Dec 31, 2030",
        ),
        (
            "dates.title_date",
            "1/1/2031",
            "The law of Aland is not known on Jan 1, 2031. Accepted: a day from Jan 1, 2023 to Dec 31, 2030",
        ),
        ("place.zip", "abc", "“abc” is no ZIP. Accepted: five digits, such as 75201, or nine as in 75201-1234"),
        (
            "selling_price",
            "40.000",
            "“40.000” has more than two digits after its point. Accepted: an amount, such as 40,000, 40k or 40000-1500",
        ),
        (
            "dates.first_payment_date",
            "11/1/2026",
            "Nov 1, 2026 lies before the sale on Nov 24, 2026. Accepted: a day from Nov 24, 2026 on",
        ),
        (
            "money_down.deposit",
            "4000",
            "The deposit is more than the cash down that it is part of. Accepted: an amount up to 3,000.00",
        ),
        ("structure.months", "0", "0 months cannot be financed. Accepted: 1 to 120 months"),
    ],
)
def test_refusals_are_written_as_the_page_writes(path: str, text: str, sentence: str) -> None:
    v = view({path: text})
    assert said(v) == sentence
    error = v.fields[path].error
    assert error is not None
    assert error.message == v.errors[0].message


@pytest.mark.parametrize(
    ("city", "county", "code", "line"),
    [
        ("", "", "", "Aland"),
        ("", "Dallas", "", "Dallas County, AA"),
        ("", "Dallas county", "75201", "Dallas county, AA 75201"),
        ("Dallas", "", "75201-1234", "Dallas, AA 75201-1234"),
        ("Dallas", "Dallas", "75201", "Dallas, Dallas County, AA 75201"),
    ],
)
def test_the_place_is_one_line(city: str, county: str, code: str, line: str) -> None:
    v = view({"place.city": city, "place.county": county, "place.zip": code})
    assert (v.head.place, v.head.state) == (line, "Aland")
    assert not v.errors


def test_what_is_refused_is_not_said_of_the_vehicle() -> None:
    said = {"vehicle.make": "Northway", "vehicle.new_or_used": "used"}
    assert view({**said, "vehicle.model_year": "2026"}).head.vehicle == "2026 Northway, used"
    assert view({**said, "vehicle.model_year": "20266"}).head.vehicle == "Northway, used"
    assert view({**said, "vehicle.odometer": "10000000"}).head.vehicle == "Northway, used"


def test_a_day_beyond_the_law_leaves_its_questions_on_the_page() -> None:
    for name, said in (("delivery_date", "delivery date"), ("sale_date", "sale date")):
        v = view({f"dates.{name}": "1/1/2031"})
        assert [question.path for question in v.questions] == [question.path for question in view().questions]
        assert v.strip.payment.waits == f"waits for the {said}"


def test_every_refusal_and_warning_begins_with_a_capital() -> None:
    far = view({"structure.days_to_first": "60"}, lists={**LISTS, "fees": [{"id": "f", "fields": {"amount": "300"}}]})
    assert [w.message for w in far.warnings] == [
        "Document fee is above the limit of 225.00",
        "60 days to the first payment",
    ]


def test_a_discount_sets_the_selling_price_and_gives_way_to_it() -> None:
    typing = view({"discount": "2850"}, leads=["discount"])
    assert typing.rewrites == {"selling_price": "39,000.00"}
    assert amounts(typing)["selling_price"] == "39,000.00"
    after = view({"discount": "2850", "selling_price": "39,000.00"})
    assert after.rewrites == {"discount": ""}
    assert amounts(after)["discount"] == "−2,850.00"
    no_msrp = view({"discount": "100", "vehicle.msrp": ""}, leads=["discount"])
    assert no_msrp.errors[0].field == "discount"
    assert no_msrp.fields["discount"].text == "100"


@pytest.mark.parametrize("text", ["367", "3660", "3661", "10000000"])
def test_days_to_first_have_one_bound(text: str) -> None:
    assert FAR_FIRST_DAYS == 366
    far = view({"structure.days_to_first": text})
    assert [(problem.field, problem.accepted) for problem in far.errors] == [
        ("structure.days_to_first", "0 to 366 days")
    ]
    assert far.fields["structure.days_to_first"].text == text
    assert not view({"structure.days_to_first": "366"}).errors


def test_days_to_first_and_the_day_itself() -> None:
    v = view({"structure.days_to_first": "45"})
    assert v.fields["structure.days_to_first"].note == "Jan 8, 2027"
    assert v.deal.dates.first_payment_date is not None
    plain = view().fields["structure.days_to_first"]
    assert (plain.text, plain.note) == ("30", "Dec 24, 2026")
    both = {"structure.days_to_first": "45", "dates.first_payment_date": "12/10/2026"}
    day = view(both)
    assert (day.fields["structure.days_to_first"].text, day.rewrites) == ("16", {"structure.days_to_first": ""})
    days = view(both, leads=["structure.days_to_first"])
    assert days.fields["structure.days_to_first"].note == "Jan 8, 2027"
    assert days.rewrites == {"dates.first_payment_date": ""}
    wrong = view({"structure.days_to_first": "30", "dates.first_payment_date": "11/1/2026"})
    assert [problem.field for problem in wrong.errors] == ["dates.first_payment_date"]
    early = view({"dates.first_payment_date": "11/1/2026"})
    assert early.strip.payment.waits == "waits for the day of the first payment"
    assert early.strip.otd.text == "40,618.25"


def test_a_place_not_picked_is_a_range_that_cannot_be_shown() -> None:
    v = view({"place.state": "BB"})
    assert v.range is not None
    assert v.strip.payment.state == "range"
    assert " to " in v.strip.payment.text
    assert not v.can_show
    assert amounts(v)["surtax/0"] == "0.00 to 100.00"
    place = next(q for q in v.questions if q.fact == "local")
    assert place.path == "place.local_rate"
    picked = view({"place.state": "BB", "place.local_rate": "1"})
    assert picked.range is None
    assert picked.can_show
    none = view({"place.state": "BB", "place.local_rate": "0"})
    assert none.can_show
    assert (v.asks_local, picked.asks_local, view().asks_local) == (True, True, False)


def test_what_is_unknown_is_no_part_of_a_range() -> None:
    assert view({"place.state": "BB"}).strip.tax_and_fees.text == "2,625.00 to 2,725.00"
    fees = [{"id": "f", "fields": {"kind": "other", "amount": "x"}}]
    v = view({"place.state": "BB"}, lists={**LISTS, "fees": fees})
    assert amounts(v)["surtax/0"] == "0.00 to 100.00"
    assert (v.strip.tax_and_fees.state, v.strip.tax_and_fees.text) == ("waits", "—")


def levies(*rows: dict[str, str]) -> dict[str, Any]:
    """The sample's lists with local levies."""
    return {**LISTS, "local": [{"id": f"l{n}", "fields": row} for n, row in enumerate(rows)]}


HERE = {"level": "county", "name": "Here", "rate_percent": "1.5"}
TOWN = {"level": "city", "name": "Town", "rate_percent": "0.5", "base_limit": "1000"}


def test_local_levies_given_one_by_one() -> None:
    v = view({"place.state": "BB"}, lists=levies(HERE, TOWN))
    assert [line.label for line in v.laws.values() if line.key.startswith("surtax")] == [
        "County surtax, Here",
        "County surtax, Town",
    ]
    given = v.deal.place.local
    assert given is not None
    assert [(row.level, row.rate_percent, row.base_limit) for row in given] == [
        ("county", "1.5", None),
        ("city", "0.5", 1_000_00),
    ]
    assert v.range is None
    assert v.can_show


def test_a_levy_of_which_nothing_is_typed_is_none() -> None:
    v = view({"place.state": "BB"}, lists=levies({}, {"rate_percent": " "}))
    assert v.deal.place.local is None
    assert v.range is not None
    assert any(q.fact == "local" for q in v.questions)
    one = view({"place.state": "BB"}, lists=levies(HERE, {}))
    assert one.can_show
    assert not any(q.fact == "local" for q in one.questions)


def test_a_levy_without_its_rate_is_waited_for() -> None:
    v = view({"place.state": "BB"}, lists=levies(HERE, {"name": "Town"}))
    assert not v.errors
    assert v.strip.otd.waits == "waits for the local rate"
    assert not v.can_show


@pytest.mark.parametrize(
    ("key", "text"),
    [("rate_percent", "lots"), ("rate_percent", "101"), ("base_limit", "-1"), ("level", "king")],
)
def test_a_bad_levy_is_refused_at_its_field(key: str, text: str) -> None:
    v = view({"place.state": "BB"}, lists=levies(HERE, {**TOWN, key: text}))
    assert [error.field for error in v.errors] == [f"local/l1/{key}"]
    assert v.fields[f"local/l1/{key}"].text == text
    assert v.strip.otd.state == "waits"


def test_no_local_levy_is_said_by_a_rate_of_nought() -> None:
    v = view({"place.state": "BB", "place.local_rate": "0"})
    assert v.deal.place.local == []
    assert v.fields["place.local_rate"].note == "no local levy here"


def test_questions_name_what_the_law_asks() -> None:
    v = view({"vehicle.weight_lbs": ""})
    weight = next(q for q in v.questions if q.fact == "weight_lbs")
    assert (weight.path, weight.required, weight.kind) == ("vehicle.weight_lbs", True, "count")
    assert v.strip.payment.waits == "waits for the weight"
    assert not v.errors
    optional = next(q for q in v.questions if q.fact == "registration_months")
    assert (optional.required, optional.default) == (False, "12")
    assert optional.path == "place.facts.registration_months"
    assert optional.path in v.fields


def test_the_customer_may_live_anywhere() -> None:
    assert view({"buyer.state": "nv"}).deal.parties[0].residence is not None
    assert view({"buyer.state": "bland"}).fields["buyer.state"].text == "BB"
    assert view({"buyer.state": "Other"}).fields["buyer.state"].text == "other"
    assert view({"buyer.state": "New  Mexico"}).fields["buyer.state"].text == "NM"
    for typed in ("the moon", "ZZ", "N"):
        wrong = view({"buyer.state": typed})
        assert wrong.errors[0].field == "buyer.state"
        assert "two letters" in wrong.errors[0].accepted
    assert wrong.strip.otd.waits == "waits for the customer's home state"


def test_what_waits_for_much_names_the_vehicle_first() -> None:
    v = view({"vehicle.weight_lbs": "heavy", "buyer.state": "nowhere", "place.state": "AA"})
    assert v.strip.otd.waits == "waits for the weight and the customer's home state"


def test_a_refused_answer_is_not_taken_for_its_default() -> None:
    v = view({"place.facts.registration_months": "many"})
    assert v.strip.otd.state == "waits"


def test_an_amount_of_the_law_typed_over() -> None:
    v = view(by_hand={"title": "40"})
    line = v.laws["title"]
    assert (line.by_hand, line.replaced, line.amount.text) == (True, "33.00", "40.00")
    assert v.fields["by_hand.title"].stored == "33.00"
    assert v.strip.otd.text == "40,625.25"
    # The formula's own numbers still come to what the law says.
    assert line.numbers[-1].text == "33.00"
    wrong = view(by_hand={"title": "4x"})
    assert wrong.errors[0].field == "by_hand.title"
    assert wrong.strip.otd.state == "waits"
    assert wrong.laws["title"].numbers[-1].text == "33.00"


@pytest.mark.parametrize("amount", ["75", "0"])
def test_an_amount_that_the_law_does_not_tell_says_that_it_is_by_hand(amount: str) -> None:
    v = view({"place.state": "BB"}, by_hand={"surtax": amount})
    line = v.laws["surtax"]
    assert (line.by_hand, line.replaced, line.amount.text) == (True, "", f"{amount}.00")
    assert line.numbers[-1].text == "—"
    assert amounts(v)["surtax"] == f"{amount}.00"


def test_negative_equity_is_named() -> None:
    lists = {**LISTS, "trades": [{"id": "t", "fields": {"allowance": "4000", "payoff": "10000"}}]}
    v = view(lists=lists)
    line = next(line for line in v.ledger if line.key == "trade")
    assert (line.label, line.amount.text) == ("Negative equity", "6,000.00")


def test_a_refund_is_shown_as_one() -> None:
    v = view({"money_down.cash_down": "50000"})
    line = v.ledger[-1]
    assert line.label == "Refund to the customer"
    assert v.strip.payment.text == "0.00"


def test_a_document_fee_over_its_limit_stops() -> None:
    v = view(lists={**LISTS, "fees": [{"id": "f", "fields": {"amount": "300"}}]})
    line = next(line for line in v.ledger if line.key == "fees/f/amount")
    assert [mark.level for mark in line.marks] == ["stop"]
    assert not v.can_show
    assert line.law == "doc_limit"


def test_a_charge_that_no_rule_names_says_that_no_tax_reaches_it() -> None:
    lists: dict[str, Any] = {
        "fees": [
            {"id": "named", "fields": {"kind": "document", "amount": "225"}},
            {"id": "fee", "fields": {"kind": "other", "amount": "20"}},
            {"id": "blank", "fields": {"kind": "other"}},
        ],
        "products": [{"id": "product", "fields": {"kind": "other", "price": "500"}}],
    }
    said = {line.key: [mark.text for mark in line.marks] for line in view(lists=lists).ledger}
    assert said["fees/fee/amount"] == said["products/product/price"] == ["untaxed, no rule names it"]
    assert said["fees/named/amount"] == said["fees/blank/amount"] == []


def test_an_empty_draft_waits_and_shows_no_guess() -> None:
    v = view(dict.fromkeys(FIELDS, ""), lists={})
    assert v.strip.otd.text == "—"
    assert v.strip.payment.text == "—"
    assert not v.errors
    assert not v.can_show


def test_blank_items_are_not_there() -> None:
    blank = {name: [{"id": name, "fields": {}}] for name in ("rebates", "trades", "fees", "products", "adds", "local")}
    v = view(lists=blank)
    deal = v.deal
    assert not (deal.rebates or deal.trades or deal.fees or deal.products or deal.adds)
    assert any(line.path == "trades/trades/allowance" for line in v.ledger)


def test_the_worker_answers_with_typed_errors() -> None:
    assert answer("price", {"draft": {"id": "d", "oops": 1}, "asks": {"today": "2026-11-24"}})["error"]["code"]
    assert answer("nothing", {})["error"]["code"] == "unknown_method"
    assert answer("quote", {"selling_price": 1})["error"]["field"] == "dates.quoted_on"
    assert answer("ping", {}) == {}
    info = answer("info", {})
    assert [state["code"] for state in info["states"]] == ["AA", "BB"]
    offered = {choice["value"]: choice["label"] for choice in info["all_states"]}
    assert (len(offered), offered["NM"], offered["other"]) == (51 + 2 + 1, "New Mexico", "Elsewhere")
    assert [field["path"] for field in info["fields"] if field["among"] == "states"] == ["buyer.state"]
    bad_day = {"draft": {"id": "d"}, "asks": {"today": "soon"}}
    assert answer("price", bad_day)["error"]["field"] == "asks.today"


def test_before_the_start_there_is_a_typed_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pyapp.worker._Started.service", None)
    assert answer("ping", {})["error"]["code"] == "not_started"
