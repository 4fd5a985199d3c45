"""The payment grid, months by cash down or by rate. None of them changes the tax, so one quote serves every cell."""

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from datetime import date as Date

from msgspec import Struct

from pyapp.amounts import MOST_CENTS, percent_text
from pyapp.deal.check import MOST_MONTHS, MOST_RATE_PPM
from pyapp.deal.document import Deal, Finance
from pyapp.deal.loan import Terms, terms
from pyapp.deal.worksheet import Worksheet
from pyapp.desk import entry, fields
from pyapp.desk.draft import GridAsk
from pyapp.desk.texts import shown
from pyapp.desk.view import FieldView, Grid, GridCell, GridColumn, GridRow
from pyapp.errors import Problem
from pyapp.finance.level import Schedule, schedule
from pyapp.law import words

_USUAL = {
    7: (36, 48, 60, 66, 72, 75, 84),
    6: (48, 60, 66, 72, 75, 84),
    5: (48, 60, 66, 72, 84),
    4: (48, 60, 72, 84),
    3: (60, 72, 84),
    2: (60, 72),
    1: (72,),
}
MOST_CELLS = 7
_STEP = 100_000
"""1,000.00 between columns, twice as much where there are few."""
_RATE_STEP = 5_000
"""Half a percent between columns."""


class _Heads(Struct, frozen=True):
    """What the headers of one side may be: how they are read, their range, and what is accepted in words."""

    read: Callable[[str], entry.Entry]
    least: int
    most: int
    accepted: str

    def value(self, text: str) -> int | None:
        """The header's number, cash down without its sign; None where the text is no such header."""
        read = self.read(text)
        number = abs(read.number) if self.read is entry.money else read.number
        return number if read.state == "value" and self.least <= number <= self.most else None

    def values(self, texts: list[str]) -> list[int]:
        """All that can be read."""
        return [number for text in texts if (number := self.value(text)) is not None]


_MONTHS = _Heads(entry.count, 1, MOST_MONTHS, f"1 to {MOST_MONTHS} months")
_DOWNS = _Heads(entry.money, 0, MOST_CENTS, f"an amount up to {words.money(MOST_CENTS)}, such as 2,500")
_RATES = _Heads(entry.percent, 0, MOST_RATE_PPM, "a percent from 0 to 100, such as 6.99")


def _refused(ask: GridAsk) -> Problem | None:
    """The first header as typed that is none: it is said, not left out in silence."""
    sides = (("months", _MONTHS, ask.months), ("downs", _DOWNS, ask.downs), ("rates", _RATES, ask.rates))
    for name, heads, texts in sides:
        for n, text in enumerate(texts):
            if heads.value(text) is None:
                said = f"“{text[:40]}” cannot head this {'row' if name == 'months' else 'column'}"
                return Problem(code="not_accepted", field=f"{name}[{n}]", message=said, accepted=heads.accepted)
    return None


def _months(ask: GridAsk, taken: int | None) -> list[int]:
    n = min(max(ask.rows, 1), MOST_CELLS)
    typed = _MONTHS.values(ask.months)
    if typed:
        return _with_taken(typed, taken, n)
    rows = list(_USUAL[n])
    if taken and taken not in rows:
        nearest = min(range(len(rows)), key=lambda i: abs(rows[i] - taken))
        rows[nearest] = taken
    return sorted(rows)


def _with_taken(typed: list[int], taken: int | None, n: int) -> list[int]:
    """The taken header, the one typed last, and as many of the others typed as fit, nearest to the taken one first."""
    heads = list(dict.fromkeys(typed))[:MOST_CELLS]
    middle = heads[0] if taken is None else taken
    kept = {heads[0], middle}
    others = sorted((head for head in heads if head not in kept), key=lambda head: abs(head - middle))
    return sorted([*kept, *others[: max(n - len(kept), 0)]])


def _columns(typed: list[int], taken: int, n: int, step: int) -> list[int]:
    """Columns as typed, or `n` a step apart around the taken one, none below zero; the taken one is always there."""
    if typed:
        return _with_taken(typed, taken, n)
    before = min(n // 2, taken // step)
    return [taken + (i - before) * step for i in range(n)]


def _downs(ask: GridAsk, taken: int) -> list[int]:
    n = min(max(ask.columns, 1), MOST_CELLS)
    return _columns(_DOWNS.values(ask.downs), taken, n, _STEP if n > 4 else 2 * _STEP)


def _rates(ask: GridAsk, taken: int | None) -> list[int]:
    """Rates in parts per million; none while the deal's own rate is not known, for there is nothing to stand around."""
    if taken is None:
        return []
    n = min(max(ask.columns, 1), MOST_CELLS)
    return _columns(_RATES.values(ask.rates), taken, n, _RATE_STEP)


def _head(cents: int) -> str:
    """A column's head: whole dollars where they are whole."""
    text = words.money(cents)
    return text.removesuffix(".00")


def schedule_text(plan: Schedule) -> str:
    """`71 of 538.91 and a last of 538.69`."""
    if plan.n == 0:
        return "nothing to pay"
    if plan.n == 1:
        return f"one of {words.money(plan.last)}"
    if plan.last == plan.payment:
        return f"{plan.n} of {words.money(plan.payment)}"
    return f"{plan.n - 1} of {words.money(plan.payment)} and a last of {words.money(plan.last)}"


def target_field(text: str) -> tuple[FieldView, int | None]:
    """The target payment's own field."""
    read = entry.money(text)
    view = FieldView(path="target", label="Target", kind="money", text=text)
    if read.state in ("wrong", "half") or (read.state == "value" and not 0 <= read.number <= MOST_CENTS):
        problem = f"“{text[:40]}” is not a payment"
        view.error = Problem(code="not_accepted", field="target", message=problem, accepted="an amount, such as 525")
        return view, None
    if read.state != "value":
        return view, None
    view.text, view.cents = words.money(read.number), read.number
    view.hint = f"= {view.text}" if read.expression else ""
    view.step_up = shown(fields.PRICE, read.number + 500)
    view.step_down = shown(fields.PRICE, max(read.number - 500, 0))
    return view, read.number


class _Cells:
    """Computes cells over one balance before cash."""

    def __init__(self, before_cash: int | None, deferred: int, plan: Terms, target: int | None) -> None:
        self.before_cash = before_cash
        self.deferred = deferred
        self.plan = plan
        self.target = target

    def by_down(self, months: int, down: int, *, taken: bool) -> GridCell:
        """The payment for a number of months and an amount of cash down."""
        cell = self._cell(
            months, down, self.plan.rate_ppm, f"{words.months(months)}, {words.money(down)} down", taken=taken
        )
        cell.down = words.money(down)
        return cell

    def by_rate(self, months: int, ppm: int, down: int, *, taken: bool) -> GridCell:
        """The payment for a number of months and a rate."""
        cell = self._cell(months, down, ppm, f"{words.months(months)} at {words.percent(ppm)}", taken=taken)
        cell.rate = percent_text(ppm)
        return cell

    def _cell(self, months: int, down: int, rate: int | None, where: str, *, taken: bool) -> GridCell:
        cell = GridCell(
            text=words.DASH,
            cents=None,
            taken=taken,
            meets=False,
            months=str(months),
            down="",
            rate="",
            foot="",
            label=f"{where}: not known yet",
        )
        period, first = self.plan.period, self.plan.first
        if self.before_cash is None or rate is None or period is None or not isinstance(first, Date):
            return cell
        found = schedule(self.before_cash - self.deferred - down, rate, months, period)
        cell.meets = self.target is not None and found.payment <= self.target
        cell.text, cell.cents = words.money(found.payment), found.payment
        cell.label = f"{where}: {cell.text}" + (", within target" if cell.meets else "") + (", taken" if taken else "")
        cell.foot = f"{schedule_text(found)}, total {words.money(found.total)}"
        return cell


def grid(deal: Deal, sheet: Worksheet, ask: GridAsk, refused: AbstractSet[str]) -> Grid | None:
    """The grid that the page has room for; none for a cash deal."""
    if not isinstance(deal.structure, Finance):
        return None
    taken_months, taken_down = deal.structure.months, deal.money_down.cash_down or 0
    known = sheet.balance is not None and sheet.cash_down is not None
    before = (sheet.balance or 0) + (sheet.cash_down or 0) if known else None
    target, wanted = target_field(ask.target)
    plan = terms(deal, refused)
    cells = _Cells(before, sheet.deferred_down or 0, plan, wanted)
    by_rate = ask.by == "rate"
    columns = _rates(ask, plan.rate_ppm) if by_rate else _downs(ask, taken_down)
    taken_column = plan.rate_ppm if by_rate else taken_down
    rows: list[GridRow] = []
    for months in _months(ask, taken_months):
        here = months == taken_months
        row = [
            cells.by_rate(months, column, taken_down, taken=here and column == taken_column)
            if by_rate
            else cells.by_down(months, column, taken=here and column == taken_column)
            for column in columns
        ]
        rows.append(GridRow(months=str(months), taken=here, cells=row))
    payment = sheet.finance.payment if sheet.finance else None
    note = ""
    if wanted is not None and payment is not None:
        over = payment - wanted
        note = f"{words.money(over)} over" if over > 0 else "meets"
    return Grid(
        by=ask.by,
        columns=[
            GridColumn(text=words.percent(column) if by_rate else _head(column), taken=column == taken_column)
            for column in columns
        ],
        rows=rows,
        target=target,
        target_note=note,
        refused=_refused(ask),
        key=f"at or under {words.money(wanted)}" if wanted is not None else "",
    )
