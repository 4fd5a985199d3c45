"""The engine's lines with the names, sections and dates of the law file: what a tax line shows when it opens."""

from collections.abc import Sequence
from datetime import date as Date
from typing import Literal, TypeAlias

from pyapp.deal.worksheet import Law, LawFigure, TraceRow
from pyapp.law import words
from pyapp.tax import wire
from pyapp.tax.catalogue import Catalogue, Fact, Levy, Row, StateLaw, Value

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


def _cited(state: StateLaw, sources: Sequence[str], says: str, row: Row | Levy) -> list[Law]:
    """The sources of a row or levy, in their order."""
    start, end = (row.from_, row.until) if isinstance(row, Row) else (None, None)
    return [
        Law(
            says=says,
            section=source.title,
            url=source.url or "",
            source_kind=source.kind or "",
            valid_from=start or "",
            valid_until=end or "",
            confidence=row.confidence,
            inferred=row.inferred,
            note=row.note or "",
        )
        for source in (state.sources.get(source_id) for source_id in sources)
        if source
    ]


class Citations:
    """Sources of one state's levies and values, looked up once."""

    def __init__(self, state: StateLaw) -> None:
        self.state = state
        self._rows: dict[tuple[int, int], Law | None] = {}
        self._levies: dict[int, list[Law]] = {}

    def row(self, value: int, row: int) -> Law | None:
        """The first source of a value's period."""
        key = (value, row)
        if key not in self._rows:
            named = self.state.values[value]
            cited = (
                _cited(self.state, named.rows[row].source, named.says, named.rows[row]) if row < len(named.rows) else []
            )
            self._rows[key] = cited[0] if cited else None
        return self._rows[key]

    def levy(self, levy: int) -> list[Law]:
        """A levy's own sources."""
        if levy not in self._levies:
            named = self.state.levies[levy]
            self._levies[levy] = _cited(self.state, named.source, named.formula or named.name, named)
        return self._levies[levy]


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


def _assumed(catalogue: Catalogue, step: wire.TraceEntry) -> TraceRow:
    """A documented default that was taken."""
    fact = catalogue.facts[-1 - step.value]
    return TraceRow(
        label=fact.says or words.spoken(fact.name),
        unit=wire.UNIT[step.unit],
        number=step.number,
        text=_default_text(fact, step.number),
        law=None,
        assumed=True,
        role="default",
        fact=fact.name,
    )


def _part(catalogue: Catalogue, value: Value) -> str:
    """The fact that an item or credit of a base is about; a base may also hold values of its own (a fee)."""
    name = value.id.rpartition(".")[2] if value.role in PARTS else ""
    return name if name in catalogue.fact_id else ""


def trace_rows(catalogue: Catalogue, cites: Citations, trace: Sequence[wire.TraceEntry]) -> list[TraceRow]:
    """The steps of a formula, named."""
    rows: list[TraceRow] = []
    for step in trace:
        if step.value < 0:
            rows.append(_assumed(catalogue, step))
            continue
        value = cites.state.values[step.value]
        written = value.rows[step.row].text if 0 <= step.row < len(value.rows) else str(step.number)
        rows.append(
            TraceRow(
                label=value.says or words.spoken(value.id),
                unit=wire.UNIT[step.unit],
                number=step.number,
                text=_number_text(step.unit, step.number, written),
                law=cites.row(step.value, step.row),
                role=value.role,
                fact=_part(catalogue, value),
            )
        )
    return rows


def left_out(step: TraceRow) -> bool:
    """Whether the deal has that amount and the law leaves it out of the base."""
    return step.role == "item" and step.fact != "" and step.unit == "cents" and step.number == 0


def counts(step: TraceRow) -> bool:
    """Whether a step's number is part of the line's amount, so that its doubt is the line's own."""
    return step.unit in ("cents", "ppm", "count") and not step.assumed and not left_out(step)


def _waits_for(catalogue: Catalogue, line: wire.Line) -> str:
    """The fact or list that a line lacks; empty when it has its amount."""
    if line.status != wire.MISSING_FACT:
        return "" if line.status == wire.COMPUTED else wire.STATUS[line.status]
    return catalogue.argument_name(line.argument)


def line_key(levy: Levy, line: wire.Line) -> str:
    """A line's name within the deal: the levy's id, and the row's number for a levy on each row of a list."""
    return levy.id if line.row < 0 else f"{levy.id}/{line.row}"


def law_figure(
    catalogue: Catalogue, cites: Citations, line: wire.Line, *, as_enacted: bool, row_name: str = ""
) -> LawFigure:
    """One line of the engine with its law."""
    levy = cites.state.levies[line.levy]
    trace = trace_rows(catalogue, cites, line.trace)
    levels: list[Confidence] = []
    levels.append(sureness(levy.confidence, levy.inferred))
    levels.extend(sureness(step.law.confidence, step.law.inferred) for step in trace if step.law and counts(step))
    known = line.status == wire.COMPUTED
    kind = wire.CATEGORY[line.category]
    due = wire.DUE[line.due]
    title = levy.name[:1].upper() + levy.name[1:]
    name = f"{title}, {row_name}" if row_name else title
    return LawFigure(
        key=line_key(levy, line),
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
        law=cites.levy(line.levy),
        trace=trace,
        confidence=weakest(levels),
        as_enacted=as_enacted,
        waits_for=_waits_for(catalogue, line),
        replaced=None,
    )
