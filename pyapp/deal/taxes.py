"""The law's part of a worksheet: one answer, or one for each end of the local rate while a place is not picked."""

from collections.abc import Set as AbstractSet
from datetime import date as Date
from typing import Any

import msgspec
from msgspec import Struct

from pyapp.deal.document import Deal
from pyapp.deal.known import Known, total, waiting
from pyapp.deal.request import UNNAMED, Asked, ask, home_of, local_at
from pyapp.deal.worksheet import LawFigure, TaxPart, TraceRow
from pyapp.errors import Problem, shown
from pyapp.law.lines import AT_SALE, law_figure, line_key
from pyapp.tax import wire
from pyapp.tax.catalogue import StateLaw
from pyapp.tax.refusals import engine_problem
from pyapp.tax.service import TaxService


class Limit(Struct, frozen=True):
    """The most that a dealer may charge for an item, or what is only presumed reasonable."""

    most: int
    presumed: bool


class Taxes(Struct):
    """Taxes and government fees of one reading of the law, as sums that know what they wait for."""

    part: TaxPart
    tax: Known
    fees: Known
    problems: list[Problem]
    limits: dict[str, Limit]
    """The dealer's charge to its limit."""


def _iso(days: int) -> Date | None:
    return Date.fromordinal(days + wire.EPOCH) if days else None


def _fees_not_computed(law: StateLaw | None) -> list[str]:
    """Names of the government fees that exist there and that no rule computes: `name: why`, other reasons name none."""
    unmodelled = law.unmodelled.items() if law else ()
    named = (reason.partition(":") for fact, reason in unmodelled if fact.startswith("fees."))
    return [name for name, colon, _ in named if colon]


def _blank(deal: Deal, service: TaxService, day: Date | None) -> TaxPart:
    law = service.catalogue.states.get(deal.place.state or "")
    return TaxPart(
        state=deal.place.state or "",
        state_name=law.name if law else "",
        tax_name=law.tax_name if law else "",
        law_date=day,
        unchanged_from=None,
        unchanged_until=None,
        reviewed=law.reviewed if law else "",
        fees_not_computed=_fees_not_computed(law),
        as_enacted=False,
        rule_pack=service.catalogue.pack.id,
        total=None,
        government_fees=None,
        lines=[],
        fees=[],
        limits=[],
        assumed=[],
    )


def _row_name(deal: Deal, row: int) -> str:
    rows = deal.place.local or []
    return rows[row].name if 0 <= row < len(rows) and rows[row].name != UNNAMED else ""


def _sum(figures: list[LawFigure], asked: Asked) -> Known:
    parts: list[Known] = []
    for figure in figures:
        if not figure.in_total:
            continue
        if figure.total is None:
            # Law that is not known waits for an amount by hand.
            by_hand = figure.waits_for in wire.STATUS or figure.waits_for.startswith("by_hand.")
            parts.append(waiting(f"by_hand.{figure.key}" if by_hand else asked.field_of(figure.waits_for)))
        else:
            parts.append(Known(figure.total))
    return total(parts)


def _by_hand(deal: Deal, figures: list[LawFigure], refused: AbstractSet[str]) -> None:
    """Amounts typed over; what the law says stays beside them."""
    typed = {value.path: value.value for value in deal.by_hand}
    for figure in figures:
        if f"by_hand.{figure.key}" in refused:
            figure.replaced, figure.amount, figure.total = figure.total, None, None
            figure.waits_for = f"by_hand.{figure.key}"
            continue
        value = typed.get(f"lines.{figure.key}")
        if value is not None:
            figure.by_hand, figure.replaced = True, figure.total
            figure.amount = value
            figure.total = value * figure.count
            figure.waits_for = ""


def _no_such_line(deal: Deal, law: StateLaw, part: TaxPart) -> list[Problem]:
    """Amounts by hand for lines that are not there: they would change nothing, and nobody would know."""
    keys = {line.key for line in (*part.lines, *part.fees)}
    if not keys:
        # Nothing is computed yet: any line that the law may have.
        keys = {levy.id for levy in law.levies if levy.category in ("tax", "fee")}
    return [
        Problem(
            code="unknown_line",
            field=f"by_hand[{n}].path",
            message=f"“{shown(value.path)}” is no line of this deal's taxes and fees in {law.name}",
            accepted=", ".join(f"lines.{key}" for key in sorted(keys)),
        )
        for n, value in enumerate(deal.by_hand)
        if value.path.removeprefix("lines.") not in keys or not value.path.startswith("lines.")
    ]


def read_answer(
    deal: Deal, service: TaxService, asked: Asked, answer: wire.Answer, refused: AbstractSet[str] = frozenset()
) -> Taxes:
    """An engine's answer as the worksheet's part."""
    part = _blank(deal, service, asked.day)
    problems: list[Problem] = []
    state = part.state
    if answer.status != wire.COMPUTED:
        problems.append(
            engine_problem(
                service.catalogue,
                answer.status,
                answer.argument,
                state=state,
                day=asked.day,
                field_of=asked.field_of,
                cents=True,
            )
        )
    law = service.catalogue.states.get(state)
    if law is None or not answer.lines:
        waits = frozenset(problem.field for problem in problems)
        return Taxes(part, Known(0, waits), Known(0, waits), problems, {})
    part.unchanged_from = _iso(answer.unchanged_from)
    part.unchanged_until = _iso(answer.unchanged_until)
    part.as_enacted = answer.as_enacted
    limits: dict[str, Limit] = {}
    cites = service.citations(state)
    for line in answer.lines:
        if wire.CATEGORY[line.category] == "range":
            part.local_low_ppm, part.local_high_ppm = line.base, line.amount
            continue
        name = _row_name(deal, line.row)
        figure = law_figure(service.catalogue, cites, line, as_enacted=answer.as_enacted, row_name=name)
        {"tax": part.lines, "fee": part.fees}.get(figure.kind, part.limits).append(figure)
        if figure.kind == "limit" and figure.amount is not None:
            levy = law.levies[line.levy]
            limits[levy.item or "doc_fee"] = Limit(figure.amount, levy.presumed)
    _by_hand(deal, [*part.lines, *part.fees], refused)
    part.assumed = _assumed(part)
    tax = _sum(part.lines, asked)
    fees = _sum(part.fees, asked)
    if not tax.waits:
        # An amount by hand stands in for what the engine could not compute.
        problems.clear()
    part.total = tax.value()
    part.government_fees = fees.value()
    return Taxes(part, tax, fees, problems, limits)


def _assumed(part: TaxPart) -> list[TraceRow]:
    seen: dict[str, TraceRow] = {}
    for figure in (*part.lines, *part.fees, *part.limits):
        for row in figure.trace:
            if row.assumed:
                seen.setdefault(row.label, row)
    return list(seen.values())


def _replace(value: Any, **changes: Any) -> Any:
    return msgspec.structs.replace(value, **changes)


def at_local(deal: Deal, ppm: int) -> Deal:
    """The same deal at a place with one local rate."""
    return _replace(deal, place=_replace(deal.place, local=local_at(ppm)))


def charges(law: Taxes) -> int | None:
    """Taxes and government fees at the sale."""
    return None if law.tax.waits or law.fees.waits else law.tax.cents + law.fees.cents


def charges_at_sale(deal: Deal, service: TaxService, answer: wire.Answer) -> int | None:
    """The same of another answer to nearly the same question, without its texts; None when any of it waits."""
    if not answer.lines:
        return None
    levies = service.catalogue.states[deal.place.state or ""].levies
    by_hand = {value.path: value.value for value in deal.by_hand}
    total = 0
    for line in answer.lines:
        if wire.CATEGORY[line.category] not in ("tax", "fee") or wire.DUE[line.due] not in AT_SALE:
            continue
        typed = by_hand.get(f"lines.{line_key(levies[line.levy], line)}") if by_hand else None
        if typed is None and line.status != wire.COMPUTED:
            return None
        total += line.total if typed is None else typed * line.count
    return total


def taxes(deal: Deal, service: TaxService, asked: Asked, refused: AbstractSet[str]) -> list[Taxes]:
    """One reading of the law, or two, at the least and the most local rate, while the place is not picked."""
    if asked.problems or asked.waits:
        waits = asked.waits | {problem.field for problem in asked.problems}
        unknown = Known(0, frozenset(waits))
        return [Taxes(_blank(deal, service, asked.day), unknown, unknown, asked.problems, {})]
    one = read_answer(deal, service, asked, service.quote(asked.request), refused)
    law = service.catalogue.states.get(one.part.state)
    astray = _no_such_line(deal, law, one.part) if law and deal.by_hand else []
    one.problems += astray
    low, high = one.part.local_low_ppm, one.part.local_high_ppm
    if home_of("local") not in one.tax.waits or low is None or high is None:
        return [one]
    ends = [at_local(deal, low)] if low == high else [at_local(deal, low), at_local(deal, high)]
    out: list[Taxes] = []
    for end in ends:
        asked = ask(service.catalogue, end, refused)
        out.append(read_answer(end, service, asked, service.quote(asked.request), refused))
    out[0].problems += astray
    return out
