"""Tax and fee lines as they open: formula in words, its numbers with their sections, then the law."""

from collections.abc import Mapping
from datetime import date as Date
from typing import Any

from pyapp.deal.worksheet import Law, LawFigure, TaxPart, TraceRow, Worksheet
from pyapp.desk.figures import Figures
from pyapp.desk.view import Figure, LawLine, LawRow, Mark, NumberRow
from pyapp.law import words
from pyapp.law.lines import counts, left_out
from pyapp.tax import wire
from pyapp.tax.catalogue import Catalogue

_KIND = {"statute": "statute", "regulation": "regulation", "agency": "the agency's own text"}
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
# Short names of the deal's items, for the numbers of a formula.
_PART = {
    "price": "Selling price",
    "accessories": "Accessories",
    "freight": "Freight",
    "doc_fee": "Document fee",
    "service_contract": "Service contract",
    "gap": "GAP",
    "maintenance_plan": "Maintenance plan",
    "discount_dealer": "Dealer discount",
    "rebate_manufacturer": "Manufacturer rebate",
    "manufacturer_employee_discount": "Employee discount",
    "trade_allowance": "Trade allowance",
    "trade_cash_back": "Cash back on the trade",
    "negative_equity": "Negative equity",
    "electronic_filing_charge": "Filing fee",
}
_ROUND = {"cent": "half up to the cent", "dollar": "half up to the dollar"}
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


def part_name(fact: str, says: str) -> str:
    """A short name for an item of the deal."""
    return _PART.get(fact, says[:1].upper() + says[1:])


def _row(step: TraceRow) -> NumberRow:
    negative = step.role == "credit" and step.number > 0
    law = step.law
    return NumberRow(
        label=part_name(step.fact, step.label),
        text=words.money(-step.number) if negative else step.text,
        section=law.section if law else "",
        url=law.url if law else "",
        marks=marks(_of(law)),
        total=step.role == "base",
    )


def _helps(line: LawFigure, step: TraceRow) -> bool:
    """A value that the formula reads without adding it (a limit, a count of days): named below, not in the columns."""
    if not line.base or step.role != "value" or step.unit == "ppm" or not counts(step):
        return False
    return not any(other.role == "item" and other.label == step.label for other in line.trace)


def _numbers(line: LawFigure, amount: Figure) -> list[NumberRow]:
    """The formula's numbers in order; then what the rate is laid on, and the law's result beside the rate's section."""
    rows: list[NumberRow] = []
    rate: TraceRow | None = None
    for step in line.trace:
        if not counts(step) or (step.role == "base" and step.number == line.base):
            continue
        if step.unit == "ppm" and step.number == line.rate_ppm:
            rate = step
            continue
        if (step.role in ("item", "credit") and step.number == 0) or _helps(line, step):
            continue
        rows.append(_row(step))
    if line.base:
        base = "Taxed" if line.kind == "tax" else "Laid on"
        rows.append(NumberRow(label=base, text=words.money(line.base), total=True))
    result = "Limit" if line.kind == "limit" else "Comes to"
    label = f"× {words.percent(line.rate_ppm)}" if line.rate_ppm is not None else result
    law = rate.law if rate else None
    text = amount.text
    if line.by_hand or line.replaced is not None:
        # The formula does not come to what was typed over it.
        text = words.DASH if line.replaced is None else words.money(line.replaced)
    last = NumberRow(label=label, text=text, column=2, marks=marks(_of(law)))
    if law:
        last.section, last.url = law.section, law.url
    return [*rows, last]


def _span(line: LawFigure, reviewed: str) -> str:
    """The days on which all numbers of a line have been in force together."""
    cited = [step.law for step in line.trace if step.law and counts(step)]
    starts = [law.valid_from for law in cited if law.valid_from]
    ends = [law.valid_until for law in cited if law.valid_until]
    start = f"from {words.day_text(max(starts))}" if starts else "since before 2023"
    end = f"until {words.day_text(min(ends))}" if ends else "no end known"
    enacted = ", as enacted" if line.as_enacted else ""
    return f"{start}, {end}{enacted}; reviewed {words.day_text(reviewed)}" if reviewed else f"{start}, {end}{enacted}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _texts(steps: list[TraceRow]) -> str:
    return _capital("; ".join(f"{step.label}: {step.text}" for step in steps))


def _cited(term: str, text: str, step: TraceRow) -> LawRow:
    """What a step says, then its section."""
    law = step.law
    if law is None:
        return LawRow(term=term, text=text)
    return LawRow(term=term, text=f"{text}, ", cite=law.section, url=law.url, marks=marks(_of(law)))


def _law_rows(line: LawFigure, tax: TaxPart, rounding: str, given: Mapping[str, Any]) -> list[LawRow]:
    rows: list[LawRow] = []
    for cited in line.law:
        kind = "text not seen" if cited.confidence == "unverified" else _KIND.get(cited.source_kind, cited.source_kind)
        tail = f", {kind}" if kind else ""
        rows.append(LawRow(term="Law", text="", cite=cited.section, url=cited.url, tail=tail, marks=marks(_of(cited))))
    rows.append(LawRow(term="In force", text=_span(line, tax.reviewed)))
    if line.kind != "limit":
        rows.append(LawRow(term="Rounding", text=f"{rounding}, once, on this line"))
    for step in line.trace:
        if left_out(step):
            amount = given.get(step.fact)
            named = part_name(step.fact, step.label)
            rows.append(
                _cited("Left out", f"{named} {words.money(amount)}" if isinstance(amount, int) else named, step)
            )
    for step in line.trace:
        if _helps(line, step):
            rows.append(_cited("Figure", f"{_capital(step.label)}: {step.text}", step))
    for step in line.trace:
        if step.unit in ("yes_no", "word") and not step.assumed and step.role != "in_force":
            rows.append(_cited("Condition", f"{_capital(step.label)}: {step.text}", step))
    assumed = [step for step in line.trace if step.assumed]
    if assumed:
        rows.append(LawRow(term="Assumed", text=_texts(assumed), marks=[Mark(level="note", text="documented default")]))
    used = [step.law for step in line.trace if step.law and (counts(step) or left_out(step))]
    notes = dict.fromkeys(law.note for law in [*line.law, *used] if law.note)
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


def law_line(
    line: LawFigure, sheet: Worksheet, figures: Figures, catalogue: Catalogue, prefix: str, given: Mapping[str, Any]
) -> LawLine:
    """One line that opens; `given` are the deal's facts, to name what the law leaves out with its amount."""
    amount = amount_of(line, figures, prefix)
    state = catalogue.states.get(sheet.tax.state)
    levy = next((levy for levy in state.levies if levy.id == line.levy), None) if state else None
    word = (levy.round if levy else None) or "cent"
    rounding = _ROUND.get(word, word)
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
        law=_law_rows(line, sheet.tax, rounding, given),
        marks=marks(line.confidence),
        confidence=line.confidence,
        as_enacted=line.as_enacted,
        by_hand=line.by_hand or line.waits_for.startswith("by_hand."),
        replaced="" if line.replaced is None else words.money(line.replaced),
        edit="" if kind == "limit" else line.key,
    )


def law_date(when: Date | None) -> str:
    """`law of Nov 24, 2026`."""
    return f"law of {words.day(when)}" if when else ""
