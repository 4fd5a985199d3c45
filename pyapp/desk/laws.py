"""Tax and fee lines as they open: formula in words, its numbers with their sections, then the law."""

from datetime import date as Date

from pyapp.deal.worksheet import Law, LawFigure, TaxPart, TraceRow, Worksheet
from pyapp.desk.figures import Figures
from pyapp.desk.view import Figure, LawLine, LawRow, Mark, NumberRow
from pyapp.law import words
from pyapp.tax import wire
from pyapp.tax.catalogue import Catalogue

_READ = {"statute": "statute read", "regulation": "regulation read", "agency": "agency text read"}
_DUE = {
    "signing": "at signing",
    "titling": "at titling",
    "each_payment": "with each payment",
    "registration": "at registration",
    "renewal": "at renewal, not with the sale",
}
_COLLECTOR = {
    "dealer": "the dealer collects",
    "county": "the county collects",
    "lessor": "the lessor collects",
    "agency": "the agency collects",
}
_MARK = {"inferred": "inferred", "secondary": "secondary source", "unverified": "not verified"}


def marks(confidence: str) -> list[Mark]:
    """The word beside a value that is not plain primary law."""
    match confidence:
        case "inferred":
            return [Mark(level="inferred", text=_MARK[confidence])]
        case "secondary":
            return [Mark(level="secondary", text=_MARK[confidence])]
        case "unverified":
            return [Mark(level="unverified", text=_MARK[confidence])]
        case _:
            return []


def _of(law: Law | None) -> str:
    if law is None:
        return "primary"
    return "inferred" if law.inferred and law.confidence == "primary" else law.confidence


def _numbers(line: LawFigure, amount: Figure) -> list[NumberRow]:
    rows: list[NumberRow] = []
    for step in line.trace:
        if step.assumed or step.unit in ("word", "yes_no"):
            continue
        law = step.law
        label = f"× {step.label}" if step.unit == "ppm" else step.label
        rows.append(
            NumberRow(
                label=label,
                text=step.text,
                section=law.section if law else "",
                url=law.url if law else "",
                marks=marks(_of(law)),
            )
        )
    if line.base:
        rows.append(
            NumberRow(label="Taxed" if line.kind == "tax" else "Laid on", text=words.money(line.base), total=True)
        )
    label = f"× {words.percent(line.rate_ppm)}" if line.rate_ppm is not None else "Comes to"
    rows.append(NumberRow(label=label, text=amount.text, column=2))
    return rows


def _span(line: LawFigure, reviewed: str, unknown_end: bool) -> str:
    """The days on which all values of a line have been in force together."""
    cited = [step.law for step in line.trace if step.law]
    starts = [law.valid_from for law in cited if law.valid_from]
    ends = [law.valid_until for law in cited if law.valid_until]
    start = f"from {words.day_text(max(starts))}" if starts else "since before 2023"
    end = f"until {words.day_text(min(ends))}" if ends else "no end known"
    enacted = ", as enacted" if unknown_end else ""
    return f"{start}, {end}{enacted}; reviewed {words.day_text(reviewed)}" if reviewed else f"{start}, {end}{enacted}"


def _texts(steps: list[TraceRow]) -> str:
    return "; ".join(f"{step.label}: {step.text}" for step in steps)


def _law_rows(line: LawFigure, tax: TaxPart, rounding: str) -> list[LawRow]:
    rows: list[LawRow] = []
    for cited in line.law:
        kind = _READ.get(cited.source_kind, cited.source_kind)
        if cited.confidence == "unverified":
            kind = "text not seen"
        rows.append(
            LawRow(
                term="Law",
                text=f"{cited.section}, {kind}" if kind else cited.section,
                url=cited.url,
                marks=marks(_of(cited)),
            )
        )
    rows.append(LawRow(term="In force", text=_span(line, tax.reviewed, line.as_enacted)))
    rows.append(LawRow(term="Rounding", text=f"{rounding}, once, on this line"))
    conditions = [step for step in line.trace if not step.assumed and step.unit in ("word", "yes_no")]
    if conditions:
        rows.append(LawRow(term="Conditions", text=_texts(conditions)))
    assumed = [step for step in line.trace if step.assumed]
    if assumed:
        rows.append(LawRow(term="Assumed", text=_texts(assumed), marks=[Mark(level="note", text="documented default")]))
    notes = dict.fromkeys(law.note for law in [*line.law, *(s.law for s in line.trace if s.law)] if law.note)
    rows += [LawRow(term="Note", text=note) for note in notes]
    if line.kind != "limit":
        paid = f"{_DUE.get(line.due, line.due)}; {_COLLECTOR.get(line.collector, line.collector)}"
        rows.append(LawRow(term="Paid", text=paid))
    return rows


def hint(line: LawFigure, figures: Figures, prefix: str) -> str:
    """`6.25 % of 28,500.00`, or what the line waits for."""
    span = figures.sheet.ranges.get(f"{prefix}{line.key}.rate_ppm")
    if span and line.base is not None:
        return f"{words.percent(span.low)} to {words.percent(span.high)} of {words.money(line.base)}"
    if line.waits_for:
        return _waits(line, figures)
    if line.rate_ppm is not None and line.base is not None:
        return f"{words.percent(line.rate_ppm)} of {words.money(line.base)}"
    return "" if line.in_total or line.kind == "limit" else _DUE.get(line.due, "")


def _waits(line: LawFigure, figures: Figures) -> str:
    if line.waits_for in wire.STATUS:
        return "not known from the law at hand; type it by hand"
    if line.waits_for.startswith("by_hand."):
        return "waits for the amount by hand"
    return figures.fact_waits(line.waits_for)


def amount_of(line: LawFigure, figures: Figures, prefix: str) -> Figure:
    """A line's total as a figure."""
    shown = figures.figure(f"{prefix}{line.key}.total", line.total)
    if shown.state == "waits":
        shown.waits = _waits(line, figures)
    return shown


def law_line(line: LawFigure, sheet: Worksheet, figures: Figures, catalogue: Catalogue, prefix: str) -> LawLine:
    """One line that opens."""
    amount = amount_of(line, figures, prefix)
    state = catalogue.states.get(sheet.tax.state)
    levy = next((levy for levy in state.levies if levy.id == line.levy), None) if state else None
    rounding = (levy.round if levy else "") or "half up to the cent"
    kind = "tax" if line.kind == "tax" else "limit" if line.kind == "limit" else "fee"
    return LawLine(
        key=line.key,
        kind=kind,
        label=line.name,
        hint=hint(line, figures, prefix),
        amount=amount,
        due=_DUE.get(line.due, line.due),
        collector=_COLLECTOR.get(line.collector, line.collector),
        in_total=line.in_total,
        formula=line.formula,
        numbers=_numbers(line, amount),
        law=_law_rows(line, sheet.tax, rounding),
        marks=marks(line.confidence),
        confidence=line.confidence,
        as_enacted=line.as_enacted,
        by_hand=line.replaced is not None or line.waits_for.startswith("by_hand."),
        replaced="" if line.replaced is None else words.money(line.replaced),
        edit="" if kind == "limit" else line.key,
    )


def law_date(when: Date | None) -> str:
    """`law of Nov 24, 2026`."""
    return f"law of {words.day(when)}" if when else ""
