"""What a worksheet still waits for, as typed problems: the field, why it matters, what is accepted."""

from pyapp.deal.check import MOST_MONTHS
from pyapp.deal.worksheet import Worksheet
from pyapp.errors import Problem
from pyapp.tax.catalogue import Catalogue
from pyapp.tax.facts import accepted

_TERMS = {
    "structure.months": ("the number of months is missing", f"1 to {MOST_MONTHS} months"),
    "structure.rate": ("the rate is missing", "a percent from 0 to 100, such as 6.99"),
    "dates.first_payment_date": ("the day of the first payment is missing", "a day as YYYY-MM-DD"),
    "selling_price": ("the selling price is missing", "whole cents: 4000000 for 40,000.00"),
    "place.local": (
        "the local levies at the place of registration are missing",
        'a list such as [{"level": "county", "name": "…", "rate_percent": "1"}], empty for a place without any',
    ),
}


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
    fact = catalogue.fact(path.rpartition(".")[2])
    if fact is None:
        return Problem(code="missing_field", field=path, message="is missing")
    message = f"{place} needs it: {fact.says}"
    return Problem(code="missing_fact", field=path, message=message, accepted=accepted(fact, cents=True))


def missing(sheet: Worksheet, catalogue: Catalogue) -> list[Problem]:
    """One problem for each field that any figure waits for."""
    paths = dict.fromkeys(path for waited in sheet.waits.values() for path in waited)
    place = sheet.tax.state_name or sheet.tax.state
    return [_problem(path, catalogue, place) for path in paths]
