"""The engine's lines with the names, sections and dates of the law file: what a tax line shows when it opens."""

from collections.abc import Sequence
from datetime import date as Date
from typing import Literal, TypeAlias

from pyapp.deal.worksheet import Law, LawFigure, TraceRow
from pyapp.law import words
from pyapp.tax import wire
from pyapp.tax.catalogue import Catalogue, Fact, Levy, StateLaw

Confidence: TypeAlias = Literal["primary", "inferred", "secondary", "unverified"]
_ORDER: tuple[Confidence, ...] = ("primary", "inferred", "secondary", "unverified")
_WORD: dict[str, Confidence] = {word: word for word in _ORDER}
PARTS = frozenset({"item", "credit"})
AT_SALE = frozenset({"signing", "titling", "registration"})
"""What falls due with the sale; the dealer pays it for the buyer as is usual."""


def weakest(levels: Sequence[Confidence]) -> Confidence:
    """The least sure of several."""
    place = max((_ORDER.index(level) for level in levels), default=0)
    return _ORDER[place]


def sureness(confidence: str, inferred: bool) -> Confidence:
    """A row's confidence as one word; `inferred` weakens a primary one."""
    return _WORD.get("inferred" if inferred and confidence == "primary" else confidence, "unverified")


def _law(state: StateLaw, *, says: str, value: str, sources: Sequence[str], row: object) -> list[Law]:
    start, end = getattr(row, "from_", None), getattr(row, "until", None)
    out: list[Law] = []
    for source_id in sources:
        source = state.sources.get(source_id)
        if source is None:
            continue
        out.append(
            Law(
                says=says,
                value=value,
                section=source.title,
                url=source.url,
                source_kind=source.kind,
                valid_from=start or "",
                valid_until=end or "",
                confidence=getattr(row, "confidence", "unverified"),
                inferred=getattr(row, "inferred", False),
                note=getattr(row, "note", None) or "",
            )
        )
    return out


def _default_text(fact: Fact, number: int) -> str:
    """A default's number as its fact writes it."""
    if fact.is_yes_no:
        return "yes" if number else "no"
    match fact.type:
        case "money":
            return words.money(number)
        case "rate":
            return words.percent(number)
        case "choice":
            return words.spoken(fact.choices[number]) if number < len(fact.choices) else str(number)
        case "state":
            return chr(number // 256) + chr(number % 256) if number else "other"
        case "date":
            return words.day(Date.fromordinal(number + wire.EPOCH))
        case _:
            return str(number)


def _number_text(unit: int, number: int, written: str) -> str:
    match wire.UNIT[unit]:
        case "cents":
            return words.money(number)
        case "ppm":
            return words.percent(number)
        case "yes_no":
            return "yes" if number else "no"
        case "count":
            return str(number)
        case _:
            return written


def trace_rows(catalogue: Catalogue, state: StateLaw, trace: Sequence[wire.TraceEntry]) -> list[TraceRow]:
    """The steps of a formula, named."""
    rows: list[TraceRow] = []
    for step in trace:
        unit = wire.UNIT[step.unit]
        if step.value < 0:
            fact = catalogue.facts[-1 - step.value]
            rows.append(
                TraceRow(
                    label=fact.says or words.spoken(fact.name),
                    unit=unit,
                    number=step.number,
                    text=_default_text(fact, step.number),
                    law=None,
                    assumed=True,
                    role="default",
                    fact=fact.name,
                )
            )
            continue
        value = state.values[step.value]
        row = value.rows[step.row] if 0 <= step.row < len(value.rows) else None
        text = _number_text(step.unit, step.number, row.text if row else str(step.number))
        cited = _law(state, says=value.says, value=text, sources=row.source, row=row) if row else []
        rows.append(
            TraceRow(
                label=value.says or words.spoken(value.id),
                unit=unit,
                number=step.number,
                text=text,
                law=cited[0] if cited else None,
                role=value.role,
                fact=value.id.rpartition(".")[2] if value.role in PARTS else "",
            )
        )
    return rows


def left_out(step: TraceRow) -> bool:
    """Whether the deal has that amount and the law leaves it out of the base."""
    return step.role == "item" and step.unit == "cents" and step.number == 0


def counts(step: TraceRow) -> bool:
    """Whether a step's number is part of the line's amount, so that its doubt is the line's own."""
    return step.unit in ("cents", "ppm", "count") and not step.assumed and not left_out(step)


def _waits_for(catalogue: Catalogue, line: wire.Line) -> str:
    """The fact or list that a line lacks; empty when it has its amount."""
    if line.status != wire.MISSING_FACT:
        return "" if line.status == wire.OK else wire.STATUS[line.status]
    return catalogue.argument_name(line.argument)


def law_figure(
    catalogue: Catalogue, state: StateLaw, line: wire.Line, *, as_enacted: bool, row_name: str = ""
) -> LawFigure:
    """One line of the engine with its law."""
    levy: Levy = state.levies[line.levy]
    trace = trace_rows(catalogue, state, line.trace)
    law = _law(state, says=levy.formula or levy.name, value="", sources=levy.source, row=levy)
    seen = {cited.section for cited in law}
    for step in trace:
        if step.law and step.law.section not in seen:
            seen.add(step.law.section)
            law.append(step.law)
    levels: list[Confidence] = []
    levels.append(sureness(levy.confidence, levy.inferred))
    levels.extend(sureness(step.law.confidence, step.law.inferred) for step in trace if step.law and counts(step))
    known = line.status == wire.OK
    kind = wire.CATEGORY[line.category]
    due = wire.DUE[line.due]
    title = levy.name[:1].upper() + levy.name[1:]
    name = f"{title}, {row_name}" if row_name else title
    return LawFigure(
        key=levy.id if line.row < 0 else f"{levy.id}/{line.row}",
        levy=levy.id,
        kind=kind,
        name=name,
        due=due,
        collector=wire.COLLECTOR[line.collector],
        in_total=kind in ("tax", "fee") and due in AT_SALE,
        amount=line.amount if known else None,
        count=line.count,
        total=line.total if known else None,
        base=line.base if known else None,
        rate_ppm=line.rate if known and line.rate >= 0 else None,
        formula=levy.formula,
        law=law,
        trace=trace,
        confidence=weakest(levels),
        as_enacted=as_enacted,
        waits_for=_waits_for(catalogue, line),
        replaced=None,
    )
