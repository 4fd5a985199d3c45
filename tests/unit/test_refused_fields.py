"""A field that is refused or half-typed: every figure that it decides waits for it, and none is shown without it."""

from copy import deepcopy
from typing import Any, cast

import msgspec
import pytest

from pyapp.deal.price import work
from pyapp.deal.worksheet import Worksheet
from pyapp.desk.build import Builder
from pyapp.desk.draft import Asks, Draft, DraftItem
from tests.unit.fake import service

TAX = service()
FIELDS = {
    "place.state": "AA",
    "selling_price": "40000",
    "vehicle.msrp": "42000",
    "vehicle.new_or_used": "new",
    "vehicle.weight_lbs": "3900",
    "structure.months": "72",
    "structure.rate": "6.99",
    "structure.month_end_first": "yes",
    "money_down.cash_down": "3000",
    "money_down.deposit": "500",
    "dates.quoted_on": "11/26/2026",
    "dates.sale_date": "11/28/2026",
    "dates.delivery_date": "12/10/2026",
    "dates.first_payment_date": "1/31/2027",
}
LISTS: dict[str, dict[str, dict[str, str]]] = {
    "adds": {"a": {"kind": "accessory", "amount": "500"}},
    "rebates": {
        "r": {"kind": "manufacturer", "amount": "1500", "at_sale": "yes", "assigned_to_dealer": "yes"},
        "s": {"kind": "dealer", "amount": "200", "at_sale": "yes"},
    },
    "trades": {
        "t": {
            "allowance": "10000",
            "payoff": "4000",
            "per_diem": "2.5",
            "good_through": "11/30/2026",
            "cash_back": "300",
        },
        "u": {"allowance": "3000", "payoff": "5000"},
    },
    "fees": {"f": {"kind": "document", "amount": "200"}},
    "products": {
        "p": {"kind": "service_contract", "price": "2195", "taken": "yes"},
        "q": {"kind": "gap", "price": "895", "taken": "no"},
    },
}
# Another proper text for each field, by its path or its last word; a number is otherwise doubled.
OTHER = {
    "dates.quoted_on": "11/20/2026",
    "dates.sale_date": "11/20/2026",
    "dates.delivery_date": "12/20/2026",
    "dates.first_payment_date": "1/15/2027",
    "good_through": "12/5/2026",
    "kind": {"adds": "freight", "rebates": "loyalty", "fees": "filing", "products": "credit_insurance"},
    "vehicle.new_or_used": "used",
    "yes": "no",
    "no": "yes",
}
# What repeats the items as typed, and a count of days that has no place for an unknown.
REPEATS = ("adds", "rebates", "fees", "products")
ECHOES = {"amount", "kind", "price", "taken", "counts", "name", "cash_back", "days_past"}
PATHS = [
    *(path for path in FIELDS if path != "place.state"),
    *(f"{name}/{item}/{key}" for name, items in LISTS.items() for item, texts in items.items() for key in texts),
]


def figures(path: str = "", text: str = "", focus: str = "") -> dict[str, Any]:
    """The worksheet's figures by their paths, with one text of the draft replaced."""
    fields, lists = dict(FIELDS), deepcopy(LISTS)
    if path.count("/") == 2:
        name, item, key = path.split("/")
        lists[name][item][key] = text
    elif path:
        fields[path] = text
    items = {name: [DraftItem(id=i, fields=texts) for i, texts in rows.items()] for name, rows in lists.items()}
    draft = Draft(id="d", fields=fields, lists=items)
    built = Builder(draft, Asks(today="2026-11-26", focus=focus), TAX.catalogue).build()
    return dict(flat(work(built.deal, TAX, frozenset(built.refused))))


def flat(sheet: Worksheet) -> list[tuple[str, Any]]:
    out: list[tuple[str, Any]] = []

    def walk(where: str, value: object) -> None:
        if isinstance(value, dict):
            for key, inner in cast("dict[str, Any]", value).items():
                if where.split("[")[0] not in REPEATS or key not in ECHOES:
                    walk(f"{where}.{key}" if where else key, inner)
        elif isinstance(value, list):
            for n, inner in enumerate(cast("list[Any]", value)):
                walk(f"{where}[{n}]", inner)
        elif isinstance(value, int) and not isinstance(value, bool):
            out.append((where, value))

    whole = msgspec.to_builtins(sheet)
    for key in ("waits", "missing", "problems", "warnings"):
        whole.pop(key)
    for figure in whole["trades"]:
        del figure["cash_back"], figure["days_past"]
    for part in ("lines", "fees", "limits"):
        for line in whole["tax"][part]:
            line.pop("trace")
    walk("", whole)
    return out


def another(path: str, text: str) -> str:
    key = path.rpartition("/")[2]
    found = OTHER.get(path) or OTHER.get(key) or OTHER.get(text)
    if isinstance(found, dict):
        return found[path.split("/")[0]]
    return str(found or float(text) * 2).removesuffix(".0")


def text_of(path: str) -> str:
    name, _, rest = path.partition("/")
    item, _, key = rest.partition("/")
    return LISTS[name][item][key] if rest else FIELDS[path]


@pytest.mark.parametrize("path", PATHS)
def test_no_figure_is_shown_without_a_field_that_decides_it(path: str) -> None:
    before, after = figures(), figures(path, another(path, text_of(path)))
    decided = {name for name, value in before.items() if after.get(name) != value}
    for shown in (figures(path, "4x#"), figures(path, "12-", focus=path)):
        assert {name: shown[name] for name in decided if name in shown} == {}


def test_the_interest_of_a_payoff_waits_for_each_of_its_parts() -> None:
    # 10 days at 2.50 from the payoff's day to delivery.
    assert figures()["trades[0].payoff"] == 4_000_00 + 10 * 2_50
    for path in ("trades/t/per_diem", "trades/t/good_through", "dates.delivery_date"):
        shown = figures(path, "12-", focus=path)
        assert "net_trade" not in shown
        assert "finance.payment" not in shown
        # The other trade owes no interest.
        assert shown["trades[1].equity"] == 3_000_00 - 5_000_00
