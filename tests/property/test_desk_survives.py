"""Whatever is typed, the desk answers with a view: no text breaks it, and the typed text is never lost."""

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from pyapp import worker
from pyapp.desk import fields
from pyapp.desk.view import View
from pyapp.tax.engine import NativeEngine

worker.start(NativeEngine.law(), NativeEngine())

STATES = ("TX", "CA", "FL", "GA", "NC", "MI", "OK", "TN", "SC", "OH", "NY", "DC", "ZZ", "")
typed = st.one_of(
    st.sampled_from(
        ["", "0", "1", "72", "6.99", "6.99%", "40k", "40000-1500", "40000-", "-5", "1e9", "yes", "no", "—"]
    ),
    st.sampled_from(
        ["new", "used", "gasoline", "electric", "other", "12/24", "Dec 24, 2026", "2026-02-29", "1/1/2031"]
    ),
    st.integers(-(10**6), 10**12).map(str),
    st.text(max_size=12),
)
paths = [*fields.BY_PATH, "place.facts.new_tires", "place.facts.residence_state", "place.facts.prior_tax_amount", "x.y"]


@st.composite
def calls(draw: st.DrawFn) -> dict[str, object]:
    base = {
        "selling_price": "40k",
        "vehicle.new_or_used": "new",
        "structure.months": "72",
        "structure.rate": "6.99",
        "place.state": draw(st.sampled_from(STATES)),
    }
    lists = {
        name: [
            {
                "id": f"{name}{n}",
                "fields": draw(st.dictionaries(st.sampled_from([s.path for s in specs]), typed, max_size=4)),
            }
            for n in range(draw(st.integers(0, 2)))
        ]
        for name, specs in fields.ITEMS.items()
    }
    draft = {
        "id": "d",
        "fields": base | draw(st.dictionaries(st.sampled_from(paths), typed, max_size=6)),
        "lists": lists,
        "by_hand": draw(
            st.dictionaries(st.sampled_from(["title", "registration", "sales_tax", "no"]), typed, max_size=2)
        ),
    }
    grid = {"columns": draw(st.integers(-1, 9)), "rows": draw(st.integers(-1, 9)), "target": draw(typed)}
    asks = {
        "today": "2026-11-24",
        "focus": draw(st.sampled_from(["", *paths])),
        "grid": draw(st.none() | st.just(grid)),
    }
    return {"draft": draft, "asks": asks}


@settings(max_examples=300)
@given(calls())
def test_every_draft_has_a_view(call: dict[str, object]) -> None:
    answer = worker.handle("price", msgspec.json.encode(call))
    assert b'"internal"' not in answer[:200], answer[:500]
    view = msgspec.json.decode(answer, type=View)
    draft = call["draft"]
    assert isinstance(draft, dict)
    for path, field in view.fields.items():
        if field.error is not None and path in draft["fields"] and path not in view.rewrites:
            assert field.text == draft["fields"][path] or field.error.code not in ("not_accepted", "out_of_range")
    if view.errors or view.range:
        assert not view.can_show
    if view.can_show:
        assert view.strip.otd.cents is not None
    assert view.strip.payment.text
