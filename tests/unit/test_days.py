"""Days that no deal can have: the calendar of the computer ends, and months were counted beyond it."""

from datetime import date
from typing import Any

import msgspec
import pytest

from pyapp import worker
from pyapp.deal.check import FIRST_DAY, LAST_DAY, check
from pyapp.deal.document import Deal
from pyapp.desk.view import View
from pyapp.tax.catalogue import Catalogue
from tests.unit.fake import FakeEngine, law

FINANCED = {"kind": "finance", "months": 72, "rate": "6.99"}


def faults(**dates: date) -> list[tuple[str, str]]:
    deal: dict[str, Any] = {"place": {"state": "AA"}, "structure": FINANCED, "dates": dates}
    return [(problem.code, problem.field) for problem in check(msgspec.convert(deal, Deal))]


@pytest.mark.parametrize("day", [date.min, date(1899, 12, 31), date(2200, 1, 1), date.max])
@pytest.mark.parametrize("name", ["quoted_on", "sale_date", "delivery_date", "title_date", "first_payment_date"])
def test_a_day_of_no_deal_is_refused_at_its_field(name: str, day: date) -> None:
    assert faults(**{"quoted_on": date(2026, 11, 22), name: day}) == [("out_of_range", f"dates.{name}")]


@pytest.mark.parametrize("day", [FIRST_DAY, LAST_DAY])
def test_the_ends_themselves_are_days(day: date) -> None:
    assert faults(quoted_on=day) == []


@pytest.mark.parametrize(
    ("path", "text"),
    [("dates.quoted_on", "12/31/9999"), ("dates.sale_date", "1/1/1800"), ("dates.first_payment_date", "12/31/9999")],
)
def test_the_desk_refuses_it_at_its_field_and_keeps_it_typed(path: str, text: str) -> None:
    worker.start(law(), FakeEngine(Catalogue(law())))
    fields = {"place.state": "AA", "selling_price": "40k", "structure.months": "72", "structure.rate": "6.99"}
    draft = {"id": "d", "fields": {**fields, path: text}, "lists": {}, "by_hand": {}, "leads": []}
    call = {"draft": draft, "asks": {"today": "2026-11-24"}}
    view = msgspec.json.decode(worker.handle("price", msgspec.json.encode(call)), type=View)
    assert [problem.field for problem in view.errors] == [path]
    assert view.errors[0].message == f"“{text}” is not a day from Jan 1, 1900 to Dec 31, 2199"
    assert view.fields[path].text == text
