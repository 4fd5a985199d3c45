"""The engine's refusals in words: which field, what was wrong, what is accepted."""

from collections.abc import Callable
from datetime import date as Date

from pyapp.amounts import MOST_CENTS, plain
from pyapp.errors import Problem, shown
from pyapp.tax import wire
from pyapp.tax.catalogue import Catalogue
from pyapp.tax.facts import accepted


def by_name(fact: str) -> str:
    """The field of a fact where a file names facts directly."""
    return fact


def date_out_of_range(catalogue: Catalogue, state: str, field: str, day: Date | None) -> Problem:
    """A day on which the law there is not known; None where only the engine knows which day that was."""
    law = catalogue.states.get(state)
    where = law.name if law else state
    when = f"on {day.isoformat()}" if day else "on that day"
    return Problem(
        code=wire.STATUS[wire.DATE_OUT_OF_RANGE],
        field=field,
        message=f"the law of {where} is not known {when}",
        accepted=f"a day from {catalogue.pack.floor} to {catalogue.pack.horizon}",
    )


def engine_problem(
    catalogue: Catalogue,
    status: int,
    argument: int,
    *,
    state: str,
    day: Date,
    field_of: Callable[[str], str] = by_name,
    cents: bool = False,
) -> Problem:
    """What a status other than COMPUTED means; `field_of` gives the path that holds a fact (or state, date, kind)."""
    code = wire.STATUS[status]
    law = catalogue.states.get(state)
    where = law.name if law else state
    match status:
        case wire.UNKNOWN_STATE:
            message = f"“{shown(state)}” is not a jurisdiction whose law is at hand"
            return Problem(code=code, field=field_of("state"), message=message, accepted=catalogue.state_codes())
        case wire.DATE_OUT_OF_RANGE:
            named = catalogue.facts[argument].name if 0 < argument < len(catalogue.facts) else "date"
            return date_out_of_range(catalogue, state, field_of(named), day if named == "date" else None)
        case wire.MALFORMED:
            return Problem(code=code, field="", message="the tax engine could not read the request")
        case wire.LAW_NOT_KNOWN:
            value = law.values[argument].says if law and 0 <= argument < len(law.values) else "a value"
            message = f"{where} on {day.isoformat()}: not known: {value}"
            return Problem(code=code, field=field_of("date"), message=message, accepted="a day on which it is known")
        case _:
            pass
    if 0 <= argument - wire.LIST_ARGUMENT < len(catalogue.lists):
        rows = catalogue.lists[argument - wire.LIST_ARGUMENT]
        refused = "is not accepted" if status == wire.BAD_VALUE else f"{where} needs it"
        take = "a list, empty where there are none"
        return Problem(code=code, field=field_of(rows.name), message=f"{refused}: {rows.says}", accepted=take)
    if not 0 <= argument < len(catalogue.facts):
        return Problem(code=code, field="", message="the tax engine refused the request")
    fact = catalogue.facts[argument]
    take = accepted(fact, cents=cents)
    match status:
        case wire.MISSING_FACT:
            message = f"{where} needs it: {fact.says}"
        case wire.AMOUNT_OUT_OF_RANGE:
            message = f"is beyond what a vehicle deal comes to, {plain(MOST_CENTS)} at most"
        case wire.BAD_VALUE:
            message = f"is not accepted: {fact.says}"
        case _:
            message = "no rule anywhere knows this fact"
    return Problem(code=code, field=field_of(fact.name), message=message, accepted=take)
