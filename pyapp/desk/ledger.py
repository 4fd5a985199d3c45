"""The worksheet as one ledger: items in the inner cent column, sums in the outer; the outer column adds up."""

from collections.abc import Iterator

from pyapp.deal.request import FEE_FACT, PRODUCT_FACT
from pyapp.deal.worksheet import LawFigure, TradeFigure, Worksheet
from pyapp.desk.build import Built
from pyapp.desk.draft import Draft
from pyapp.desk.figures import Figures
from pyapp.desk.laws import amount_of, hint, marks
from pyapp.desk.view import Column, Group, LedgerLine, Mark, Style
from pyapp.law import words
from pyapp.law.lines import left_out, sureness

TAX = "tax.lines/"
FEES = "tax.fees/"


class Ledger:
    """Writes the lines of one worksheet; typed lines stand for every item of the draft, also a blank one."""

    def __init__(self, draft: Draft, built: Built, sheet: Worksheet, figures: Figures) -> None:
        self.draft = draft
        self.built = built
        self.sheet = sheet
        self.figures = figures
        self._left_out = self._doubts()

    def _doubts(self) -> dict[str, list[Mark]]:
        """Items that the tax leaves out or takes in by a doubtful text: fact to the mark on its own line."""
        out: dict[str, list[Mark]] = {}
        for line in self.sheet.tax.lines:
            for step in line.trace:
                law = step.law
                if not law or step.role != "item":
                    continue
                doubt = marks(sureness(law.confidence, law.inferred))
                if doubt and step.fact not in out:
                    said = "untaxed" if left_out(step) else "taxed"
                    out[step.fact] = [Mark(level=doubt[0].level, text=f"{said}, {doubt[0].text}")]
        return out

    def _doubt(self, kind: str, facts: dict[str, str]) -> list[Mark]:
        """The mark of a typed charge; one of a kind that is no fact of the law stands in no tax, which is said."""
        if kind and kind not in facts:
            return [Mark(level="unverified", text="untaxed, no rule names it")]
        return self._left_out.get(facts.get(kind, ""), [])

    def _label(self, path: str, fallback: str) -> str:
        view = self.built.fields.get(path)
        return view.label if view else fallback

    def _typed(
        self, group: Group, path: str, label: str, *, column: Column, style: Style, note: str = ""
    ) -> LedgerLine:
        """A line whose amount is typed on it."""
        view = self.built.fields.get(path)
        cents = view.cents if view else None
        refused = path in self.built.refused
        negative = bool(view and view.deducted)
        amount = self.figures.plain(cents, [path] if refused else [], negative=negative)
        if cents is None and not refused:
            amount.text, amount.waits, amount.state = "", "", "known"
        line = LedgerLine(
            key=path, group="price", style="item", label=label, amount=amount, column=1, path=path, hint=note
        )
        return self._placed(line, group, style, column)

    @staticmethod
    def _placed(line: LedgerLine, group: str, style: str, column: int) -> LedgerLine:
        line.group, line.style, line.column = group, style, column  # pyright: ignore[reportAttributeAccessIssue]
        return line

    def _sum(
        self, key: str, group: Group, style: Style, label: str, name: str, cents: int | None, note: str = ""
    ) -> LedgerLine:
        """A computed line of the outer column."""
        amount = self.figures.figure(name, cents)
        return LedgerLine(key=key, group=group, style=style, label=label, amount=amount, column=2, hint=note)

    def _ids(self, name: str) -> list[str]:
        return [item.id for item in self.draft.lists.get(name, [])]

    def _price(self) -> Iterator[LedgerLine]:
        yield self._typed("price", "selling_price", "Selling price", column=2, style="head")
        yield self._typed("price", "vehicle.msrp", "MSRP", column=1, style="item")
        yield self._typed("price", "discount", "Discount", column=1, style="item")
        for item in self._ids("adds"):
            path = f"adds/{item}/amount"
            yield self._typed("price", path, self._label(path, "Accessory"), column=2, style="head")

    def _rebates(self) -> Iterator[LedgerLine]:
        later = {
            rebate.id: "paid to the customer, in no sum here" if rebate.at_sale else "paid later, changes nothing here"
            for rebate in self.built.deal.rebates
            if not rebate.counts
        }
        for item in self._ids("rebates"):
            path = f"rebates/{item}/amount"
            note = later.get(item, "")
            column = 1 if item in later else 2
            yield self._typed(
                "rebates", path, self._label(path, "Manufacturer rebate"), column=column, style="head", note=note
            )

    def _law(self, line: LawFigure, group: Group, prefix: str, *, column: Column, style: Style) -> LedgerLine:
        return LedgerLine(
            key=line.key,
            group=group,
            style=style,
            label=line.name,
            amount=amount_of(line, self.figures, prefix),
            column=column,
            law=line.key,
            hint=hint(line, self.figures, prefix),
            marks=marks(line.confidence),
        )

    def _nothing(self, line: LawFigure, prefix: str) -> bool:
        """A levy that this deal does not touch."""
        ranged = f"{prefix}{line.key}.total" in self.sheet.ranges
        return line.total == 0 and not line.base and not line.by_hand and not ranged

    def _taxes(self) -> Iterator[LedgerLine]:
        tax = self.sheet.tax
        for line in tax.lines:
            if not self._nothing(line, TAX):
                yield self._law(line, "tax", TAX, column=2, style="head")
        if not tax.lines:
            line = self._sum("tax", "tax", "head", tax.tax_name or "Tax", "tax.total", tax.total)
            line.hint = line.amount.waits
            yield line

    def _fees(self) -> Iterator[LedgerLine]:
        without = ", ".join(f"without {name}" for name in self.sheet.tax.fees_not_computed)
        yield self._sum("fees", "fees", "head", "Fees", "fees_total", self.sheet.fees_total, without)
        limit = next(iter(self.sheet.tax.limits), None)
        over = {problem.field: problem for problem in self.sheet.warnings if problem.code.startswith("fee_over")}
        for item in self._ids("fees"):
            path = f"fees/{item}/amount"
            line = self._typed("fees", path, self._label(path, "Document fee"), column=1, style="item")
            kind = next((fee.kind for fee in self.sheet.fees if fee.id == item), "")
            if limit and kind == "document":
                line.law = limit.key
            line.marks += self._doubt(kind, FEE_FACT)
            if path in over:
                level = "stop" if over[path].code == "fee_over_limit" else "look"
                line.marks.append(Mark(level=level, text=over[path].message))
            yield line
        for charge in self.sheet.fees:
            if charge.id.startswith("place.facts."):
                amount = self.figures.plain(charge.amount)
                line = LedgerLine(key=charge.id, group="fees", style="item", label=charge.name, amount=amount, column=1)
                line.marks += self._left_out.get(charge.kind, [])
                yield line
        for fee in self.sheet.tax.fees:
            if not self._nothing(fee, FEES):
                yield self._law(fee, "fees", FEES, column=1, style="item")

    def _products(self) -> Iterator[LedgerLine]:
        ids = self._ids("products")
        if not ids:
            return
        taken = [product for product in self.sheet.products if product.taken]
        note = "optional" if taken else "optional, none taken"
        yield self._sum("products", "products", "head", "Products", "products_total", self.sheet.products_total, note)
        effects = {product.id: product.payment_effect for product in self.sheet.products}
        for item in ids:
            path = f"products/{item}/price"
            effect = effects.get(item)
            note = "" if effect is None else f"{words.money(effect, plus=True)} a month"
            line = self._typed("products", path, self._label(path, "Product"), column=1, style="item", note=note)
            line.check = f"products/{item}/taken"
            kind = next((product.kind for product in self.sheet.products if product.id == item), "")
            line.marks += self._doubt(kind, PRODUCT_FACT)
            yield line

    def _trade(self) -> Iterator[LedgerLine]:
        sheet = self.sheet
        ids = self._ids("trades")
        if not ids:
            return
        owed = sheet.net_trade is not None and sheet.net_trade < 0
        label = "Negative equity" if owed else "Trade"
        line = self._sum(
            "trade", "trade", "head", label, "net_trade", None if sheet.net_trade is None else -sheet.net_trade
        )
        known: dict[str, TradeFigure] = {trade.id: trade for trade in sheet.trades}
        names = [known[i].name for i in ids if i in known and known[i].name != "Trade"]
        several = len(ids) > 1
        line.hint = "" if several else ", ".join(names)
        yield line
        for n, item in enumerate(ids, 1):
            nth = f" {n}" if several else ""
            named = known[item].name if several and item in known and known[item].name != "Trade" else ""
            yield self._typed(
                "trade", f"trades/{item}/allowance", f"Allowance{nth}", column=1, style="item", note=named
            )
            good = self.built.fields.get(f"trades/{item}/good_through")
            late = known[item].days_past if item in known else 0
            note = f"good to {good.text}" if good and good.text else ""
            note = f"{note}, {late} days of interest added" if late else note
            yield self._typed("trade", f"trades/{item}/payoff", f"Payoff{nth}", column=1, style="item", note=note)
            back = self.built.fields.get(f"trades/{item}/cash_back")
            if back and back.text:
                yield self._typed("trade", f"trades/{item}/cash_back", "Cash back to customer", column=1, style="item")

    def _result(self) -> Iterator[LedgerLine]:
        sheet = self.sheet
        deposit = "money_down.deposit"
        if sheet.finance:
            yield self._typed("down", "money_down.cash_down", "Cash down", column=2, style="head")
            if self.draft.fields.get(deposit, "").strip():
                yield self._typed("down", deposit, "of it deposit already paid", column=1, style="item")
        else:
            yield self._typed("down", deposit, "Deposit already paid", column=2, style="head")
        if sheet.balance is not None and sheet.balance < 0:
            yield self._sum("refund", "result", "grand", "Refund to the customer", "refund", sheet.refund)
        elif sheet.finance:
            financed = sheet.finance.amount_financed
            yield self._sum(
                "amount_financed", "result", "grand", "Amount financed", "finance.amount_financed", financed
            )
        else:
            yield self._sum("balance", "result", "grand", "Due at delivery", "balance", sheet.balance)

    def lines(self) -> list[LedgerLine]:
        """All lines, top to bottom."""
        sheet = self.sheet
        before = sheet.otd_before_trade
        after = sheet.otd_after_trade
        return [
            *self._price(),
            *self._rebates(),
            *self._taxes(),
            *self._fees(),
            *self._products(),
            self._sum("otd", "otd", "total", "Out the door, before trade", "otd_before_trade", before),
            *self._trade(),
            self._sum("after", "after", "total", "Out the door, after trade", "otd_after_trade", after),
            *self._result(),
        ]
