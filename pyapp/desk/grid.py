"""The payment grid, months by cash down. Neither changes the tax, so one quote serves every cell."""

from collections.abc import Set as AbstractSet
from datetime import date as Date

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


def _months(ask: GridAsk, taken: int | None) -> list[int]:
    typed = [read.number for text in ask.months if (read := entry.count(text)).state == "value"]
    rows = sorted({n for n in typed if 0 < n <= 120})[:MOST_CELLS]
    if not rows:
        rows = list(_USUAL[min(max(ask.rows, 1), MOST_CELLS)])
    if taken and taken not in rows:
        nearest = min(range(len(rows)), key=lambda i: abs(rows[i] - taken))
        rows[nearest] = taken
    return sorted(rows)


def _downs(ask: GridAsk, taken: int) -> list[int]:
    typed = [abs(read.number) for text in ask.downs if (read := entry.money(text)).state == "value"]
    columns = sorted(set(typed))[:MOST_CELLS]
    if not columns:
        n = min(max(ask.columns, 1), MOST_CELLS)
        step = _STEP if n > 4 else 2 * _STEP
        before = min(n // 2, taken // step)
        return [taken + (i - before) * step for i in range(n)]
    if taken not in columns:
        columns[min(range(len(columns)), key=lambda i: abs(columns[i] - taken))] = taken
    return sorted(columns)


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
    if read.state == "wrong" or (read.state == "value" and read.number < 0):
        problem = f"“{text}” is not a payment"
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

    def cell(self, months: int, down: int, *, taken: bool) -> GridCell:
        """The payment for a number of months and an amount of cash down."""
        where = f"{months} months, {words.money(down)} down"
        rate, period, first = self.plan.rate_ppm, self.plan.period, self.plan.first
        texts = (str(months), words.money(down))
        if self.before_cash is None or rate is None or period is None or not isinstance(first, Date):
            return GridCell(
                text=words.DASH,
                cents=None,
                taken=taken,
                meets=False,
                months=texts[0],
                down=texts[1],
                foot="",
                label=f"{where}: not known yet",
            )
        found = schedule(self.before_cash - self.deferred - down, rate, months, period)
        meets = self.target is not None and found.payment <= self.target
        text = words.money(found.payment)
        label = f"{where}: {text}" + (", within target" if meets else "") + (", taken" if taken else "")
        foot = f"{schedule_text(found)}, total {words.money(found.total)}"
        return GridCell(
            text=text,
            cents=found.payment,
            taken=taken,
            meets=meets,
            months=texts[0],
            down=texts[1],
            foot=foot,
            label=label,
        )


def grid(deal: Deal, sheet: Worksheet, ask: GridAsk, refused: AbstractSet[str]) -> Grid | None:
    """The grid that the page has room for; none for a cash deal."""
    if not isinstance(deal.structure, Finance):
        return None
    taken_months, taken_down = deal.structure.months, deal.money_down.cash_down or 0
    known = sheet.balance is not None and sheet.cash_down is not None
    before = (sheet.balance or 0) + (sheet.cash_down or 0) if known else None
    target, wanted = target_field(ask.target)
    cells = _Cells(before, sheet.deferred_down or 0, terms(deal, refused), wanted)
    columns = _downs(ask, taken_down)
    rows: list[GridRow] = []
    for months in _months(ask, taken_months):
        here = months == taken_months
        row = [cells.cell(months, down, taken=here and down == taken_down) for down in columns]
        rows.append(GridRow(months=str(months), taken=here, cells=row))
    payment = sheet.finance.payment if sheet.finance else None
    note = ""
    if wanted is not None and payment is not None:
        over = payment - wanted
        note = f"{words.money(over)} over" if over > 0 else "meets"
    return Grid(
        columns=[GridColumn(text=_head(down), taken=down == taken_down) for down in columns],
        rows=rows,
        target=target,
        target_note=note,
        key=f"at or under {words.money(wanted)}" if wanted is not None else "",
    )
