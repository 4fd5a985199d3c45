"""A made-up deal, computed before any real one: what is made on first use exists then, and a snapshot holds it."""

from pyapp.desk.desk import view
from pyapp.desk.draft import Asks, Draft, DraftItem, GridAsk, PriceCall
from pyapp.tax.service import TaxService

ROUNDS = 4
"""Python specialises its byte code after a few runs; an answer may also bring the next question."""

_FIELDS = {
    "selling_price": "38k",
    "vehicle.new_or_used": "new",
    "vehicle.fuel": "gasoline",
    "structure.kind": "finance",
    "structure.months": "72",
    "structure.rate": "6.99",
    "money_down.cash_down": "2000",
}
_ITEMS = {"rebates": "amount", "trades": "allowance", "fees": "amount", "products": "price"}
_ANSWERS = {"money": "30000", "percent": "1", "count": "3900", "yes_no": "no", "date": "2026-11-22", "text": ""}


def warm_up(service: TaxService) -> PriceCall:
    """Computes the deal with its grid where the law lets it be complete; returns the call that it ended with."""
    call = _call("", "")
    for state, law in sorted(service.catalogue.states.items()):
        call = _call(state, law.reviewed)
        known = False
        for _ in range(ROUNDS):
            seen = view(call, service)
            known = seen.strip.payment.state == "known"
            for question in seen.questions:
                if question.required:
                    choices = question.choices
                    answer = choices[0].value if choices else _ANSWERS[question.kind]
                    call.draft.fields.setdefault(question.path, answer)
        if known:
            break
    return call


def _call(state: str, day: str) -> PriceCall:
    items = {name: [DraftItem(id="warm", fields={field: "500"})] for name, field in _ITEMS.items()}
    draft = Draft(id="", fields={"place.state": state, **_FIELDS}, lists=items)
    return PriceCall(draft=draft, asks=Asks(today=day, grid=GridAsk()))
