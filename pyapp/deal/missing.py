"""What a worksheet still waits for, as typed problems: the field, why it matters, what is accepted."""

from pyapp.deal.check import MOST_MONTHS
from pyapp.deal.document import Deal
from pyapp.deal.request import Asked
from pyapp.deal.worksheet import Worksheet
from pyapp.errors import Problem
from pyapp.tax import wire
from pyapp.tax.catalogue import Catalogue
from pyapp.tax.facts import accepted
from pyapp.tax.service import TaxService

_LOCAL = 'a list such as [{"level": "county", "name": "…", "rate_percent": "1"}], empty for a place without any'
_TERMS = {
    "structure.months": ("the number of months is missing", f"1 to {MOST_MONTHS} months"),
    "structure.rate": ("the rate is missing", "a percent from 0 to 100, such as 6.99"),
    "dates.first_payment_date": ("the day of the first payment is missing", "a day as YYYY-MM-DD"),
    "selling_price": ("the selling price is missing", "whole cents: 4000000 for 40,000.00"),
}


def _asked_there(argument: int, path: str, catalogue: Catalogue, place: str) -> Problem:
    """The law there asks for a fact or a list, and the deal leaves it out."""
    n = argument - wire.LIST_ARGUMENT
    rows = n >= 0
    says = catalogue.lists[n].says if rows else catalogue.facts[argument].says
    take = _LOCAL if rows else accepted(catalogue.facts[argument], cents=True)
    return Problem(code="missing_fact", field=path, message=f"{place} needs it: {says}", accepted=take)


def left_out(deal: Deal, service: TaxService, asked: Asked, sheet: Worksheet) -> dict[str, Problem]:
    """Field to problem, for every fact that the law there is known to ask and that the deal leaves out, all at once.

    Empty where the law cannot be asked (an unknown state, a day outside its reach). Where amounts are typed over by
    hand, only what the other lines wait for: the law does not tell for which of its lines it asks.
    """
    needs = service.needs(asked.request)
    if needs.status != wire.COMPUTED:
        return {}
    waited = {path for paths in sheet.waits.values() for path in paths}
    place = sheet.tax.state_name or sheet.tax.state
    out: dict[str, Problem] = {}
    for need in needs.facts:
        path = asked.field_of(service.catalogue.argument_name(need.fact))
        if need.required and (not deal.by_hand or path in waited):
            out[path] = _asked_there(need.fact, path, service.catalogue, place)
    return out


def _problem(path: str, catalogue: Catalogue, place: str) -> Problem:
    if path in _TERMS:
        message, take = _TERMS[path]
        return Problem(code="missing_field", field=path, message=message, accepted=take)
    if path.startswith("by_hand."):
        key = path.removeprefix("by_hand.")
        return Problem(
            code="law_not_known",
            field=path,
            message=f"{place}: the law at hand does not tell the amount of “{key}” on that day",
            accepted=f'an amount by hand: by_hand [{{"path": "lines.{key}", "value": 1500}}]',
        )
    fact_id = catalogue.fact_id.get(path.rpartition(".")[2])
    if fact_id is None:
        return Problem(code="missing_field", field=path, message="is missing")
    return _asked_there(fact_id, path, catalogue, place)


def missing(sheet: Worksheet, catalogue: Catalogue, asked_there: dict[str, Problem]) -> list[Problem]:
    """One problem for each field that any figure waits for, then what else the law asks there."""
    paths = dict.fromkeys(path for waited in sheet.waits.values() for path in waited)
    place = sheet.tax.state_name or sheet.tax.state
    waits = [asked_there.get(path) or _problem(path, catalogue, place) for path in paths]
    return [*waits, *(problem for path, problem in asked_there.items() if path not in paths)]
