"""`price(deal)`: every figure of the worksheet, from the deal and the law; pure, and exact to the cent.

Each figure has the one meaning that its field in `worksheet.py` names. What depends on a missing or refused field is
unknown and says so; nothing unknown is taken for zero.
"""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet

from pyapp.deal.check import check
from pyapp.deal.document import Deal, Finance, Product, Trade
from pyapp.deal.known import ZERO, Known, total, waiting
from pyapp.deal.loan import Loan, loan, terms
from pyapp.deal.missing import left_out, missing
from pyapp.deal.ranges import merge
from pyapp.deal.request import CHARGES, PRODUCT_FACT, Asked, ask
from pyapp.deal.taxes import Taxes, charges, charges_at_sale, taxes
from pyapp.deal.trades import days_past, interest_waits, owed, payoff_day
from pyapp.deal.warn import warnings
from pyapp.deal.worksheet import FinancePart, Item, ProductFigure, TradeFigure, Worksheet
from pyapp.errors import Refused
from pyapp.tax.service import TaxService

CREDIT_PRODUCTS = frozenset({"gap", "credit_insurance"})
"""What only a credit buyer has: an other amount financed, not part of the cash price."""
_PRODUCT_NAME = {
    "service_contract": "Service contract",
    "gap": "GAP",
    "maintenance": "Maintenance plan",
    "credit_insurance": "Credit insurance",
    "other": "Product",
}
_REBATE_NAME = {
    "manufacturer": "Manufacturer rebate",
    "loyalty": "Loyalty rebate",
    "conquest": "Conquest rebate",
    "employee": "Employee discount",
    "dealer": "Dealer discount",
}
_ADD_NAME = {"accessory": "Accessory", "freight": "Freight", "dealer_add": "Dealer add"}
_FEE_NAME = {"document": "Document fee", "filing": "Filing fee", "other": "Fee"}


class _Reader:
    """Reads money fields; a refused one is waited for, an absent one plays no part."""

    def __init__(self, refused: AbstractSet[str]) -> None:
        self.refused = refused

    def __call__(self, path: str, cents: int | None) -> Known:
        if path in self.refused:
            return waiting(path)
        return Known(cents) if cents else ZERO


def _trade(trade: Trade, deal: Deal, read: _Reader) -> tuple[TradeFigure, Known, Known]:
    where = f"trades/{trade.id}"
    day = payoff_day(deal)
    allowance = read(f"{where}/allowance", trade.allowance)
    payoff = read(f"{where}/payoff", trade.payoff)
    payoff = Known(owed(trade, day), payoff.waits | interest_waits(trade, deal, read.refused))
    back = read(f"{where}/cash_back", trade.cash_back)
    equity = allowance.less(payoff)
    car = trade.vehicle
    parts = (car.model_year, car.make, car.model, car.trim) if car else ()
    figure = TradeFigure(
        id=trade.id,
        name=" ".join(str(p) for p in parts if p) or "Trade",
        allowance=allowance.value(),
        payoff=payoff.value(),
        days_past=days_past(trade, day),
        equity=equity.value(),
        cash_back=back.cents,
    )
    return figure, equity, back


def _items(rows: Iterable[tuple[str, str, str | None, int, bool]], names: dict[str, str]) -> list[Item]:
    return [
        Item(id=i, kind=kind, name=name or names[kind], amount=cents, counts=on) for i, kind, name, cents, on in rows
    ]


def _charges(deal: Deal) -> list[Item]:
    """What the buyer pays besides the price and the deal gives as a fact (`place.facts.smog_inspection`)."""
    facts = ((fact, name, deal.place.facts.get(fact)) for fact, name in CHARGES.items())
    return [
        Item(id=f"place.facts.{fact}", kind=fact, name=name, amount=cents)
        for fact, name, cents in facts
        if isinstance(cents, int) and cents
    ]


class _Sums:
    """The deal's own money lines, before the law."""

    def __init__(self, deal: Deal, refused: AbstractSet[str]) -> None:
        read = _Reader(refused)
        price = "selling_price"
        missing = deal.selling_price is None or price in refused
        self.price = waiting(price) if missing else Known(deal.selling_price or 0)
        self.adds = total(read(f"adds/{a.id}/amount", a.amount) for a in deal.adds)
        given = [r for r in deal.rebates if r.counts]
        self.rebates = total(read(f"rebates/{r.id}/amount", r.amount) for r in given)
        # The maker's money is a payment; the dealer's lowers the price (c. 226.18(b)-2).
        self.maker = total(read(f"rebates/{r.id}/amount", r.amount) for r in given if r.kind != "dealer")
        self.charges = _charges(deal)
        unread = (waiting(path) for path in refused if path.removeprefix("place.facts.") in CHARGES)
        self.fees = total(
            (
                *(read(f"fees/{f.id}/amount", f.amount) for f in deal.fees),
                *(Known(charge.amount) for charge in self.charges),
                *unread,
            )
        )
        taken = [p for p in deal.products if p.taken]
        self.products = total(read(f"products/{p.id}/price", p.price) for p in taken)
        self.credit_products = total(
            read(f"products/{p.id}/price", p.price)
            for p in taken
            if p.kind in CREDIT_PRODUCTS or f"products/{p.id}/kind" in refused
        )
        trades = [_trade(trade, deal, read) for trade in deal.trades]
        self.trades = [figure for figure, _, _ in trades]
        self.equity = total(equity for _, equity, _ in trades)
        self.net_trade = self.equity.less(total(back for _, _, back in trades))
        self.deferred = total(read(f"money_down.deferred/{p.id}/amount", p.amount) for p in deal.money_down.deferred)
        now = read("money_down.cash_down", deal.money_down.cash_down)
        self.cash_down = total((now, self.deferred))
        self.due_now = now.less(read("money_down.deposit", deal.money_down.deposit))


class _Figures:
    """One reading: the deal's sums with one answer of the law."""

    def __init__(self, deal: Deal, sums: _Sums, law: Taxes, refused: AbstractSet[str]) -> None:
        self.fees = total((sums.fees, law.fees))
        self.otd = total((sums.price, sums.adds, law.tax, self.fees, sums.products)).less(sums.rebates)
        self.otd_after = self.otd.less(sums.net_trade)
        self.balance = self.otd_after.less(sums.cash_down)
        self.loan: Loan | None = None
        if isinstance(deal.structure, Finance):
            self.loan = loan(
                balance=self.balance,
                cash_price=total((self.otd, sums.maker)).less(sums.credit_products),
                paid=total((sums.cash_down, sums.net_trade, sums.maker)),
                other=sums.credit_products,
                terms=terms(deal, refused),
            )


def _sheet(deal: Deal, sums: _Sums, law: Taxes, refused: AbstractSet[str]) -> Worksheet:
    figures = _Figures(deal, sums, law, refused)
    waits: dict[str, list[str]] = {}

    def told(name: str, amount: Known) -> int | None:
        if amount.waits:
            waits[name] = sorted(amount.waits)
        return amount.value()

    balance = told("balance", figures.balance)
    finance: FinancePart | None = None
    if figures.loan:
        finance = figures.loan.part
        waits |= {f"finance.{name}": paths for name, paths in figures.loan.waits.items()}
    due = sums.due_now if finance else total((figures.balance, sums.due_now))
    told("tax.total", law.tax)
    told("tax.government_fees", law.fees)
    return Worksheet(
        deal_id=deal.id,
        kind="finance" if finance else "cash",
        quoted_on=deal.dates.quoted_on,
        rule_pack=law.part.rule_pack,
        selling_price=told("selling_price", sums.price),
        discount=None if deal.vehicle.msrp is None or sums.price.waits else deal.vehicle.msrp - sums.price.cents,
        adds=_items(((a.id, a.kind, a.name, a.amount, True) for a in deal.adds), _ADD_NAME),
        adds_total=told("adds_total", sums.adds),
        rebates=_items(((r.id, r.kind, r.name, r.amount, r.counts) for r in deal.rebates), _REBATE_NAME),
        rebates_total=told("rebates_total", sums.rebates),
        tax=law.part,
        fees=[*_items(((f.id, f.kind, f.name, f.amount, True) for f in deal.fees), _FEE_NAME), *sums.charges],
        dealer_fees_total=told("dealer_fees_total", sums.fees),
        fees_total=told("fees_total", figures.fees),
        products=[_product(p) for p in deal.products],
        products_total=told("products_total", sums.products),
        otd_before_trade=told("otd_before_trade", figures.otd),
        trades=sums.trades,
        trade_equity=told("trade_equity", sums.equity),
        net_trade=told("net_trade", sums.net_trade),
        otd_after_trade=told("otd_after_trade", figures.otd_after),
        cash_down=told("cash_down", sums.cash_down),
        deferred_down=told("deferred_down", sums.deferred),
        balance=balance,
        refund=None if balance is None else max(-balance, 0),
        due_at_signing=told("due_at_signing", due),
        finance=finance,
        waits=waits,
        problems=list(law.problems),
        warnings=warnings(deal, law, figures.loan.terms if figures.loan else None),
    )


def _product(product: Product) -> ProductFigure:
    return ProductFigure(
        id=product.id,
        kind=product.kind,
        name=product.name or _PRODUCT_NAME[product.kind],
        price=product.price,
        taken=product.taken,
        payment_effect=None,
        total_effect=None,
    )


def _effects(
    deal: Deal, service: TaxService, asked: Asked, law: Taxes, sheet: Worksheet, refused: AbstractSet[str]
) -> None:
    """What each product does to the payment alone: its tax by one batch, with it the other way."""
    plan, balance = sheet.finance, sheet.balance
    if plan is None or plan.payment is None or balance is None or not deal.products:
        return
    changes = [-product.price if product.taken else product.price for product in deal.products]
    facts = [PRODUCT_FACT.get(product.kind, "") for product in deal.products]
    taxed = [n for n, fact in enumerate(facts) if fact in service.catalogue.fact_id]
    answers = service.quote_many([asked.with_money(service.catalogue, facts[n], changes[n]) for n in taxed])
    charged: dict[int, int | None] = {
        n: charges_at_sale(deal, service, answer) for n, answer in zip(taxed, answers, strict=True)
    }
    before = charges(law)
    lender = terms(deal)
    for n, figure in enumerate(sheet.products):
        after = charged.get(n, before)
        if before is None or after is None or f"products/{figure.id}/price" in refused:
            continue
        there = lender.plan(max(balance + changes[n] + after - before, 0))
        sign = -1 if figure.taken else 1
        figure.payment_effect = sign * (there.payment - plan.payment)
        figure.total_effect = sign * (there.total - (plan.total_of_payments or 0))


def work(
    deal: Deal, service: TaxService, refused: AbstractSet[str] = frozenset(), *, effects: bool = True
) -> Worksheet:
    """The worksheet of a deal some of whose fields may be refused: what depends on them waits, all else stands.

    Without `effects` what each product does to the payment is not worked out, for a caller that shows no products.
    """
    return work_asked(deal, service, ask(service.catalogue, deal, refused), refused, effects=effects)


def work_asked(
    deal: Deal, service: TaxService, asked: Asked, refused: AbstractSet[str], *, effects: bool = True
) -> Worksheet:
    """As `work`, for a caller that has put the deal's question already."""
    sums = _Sums(deal, refused)
    laws = taxes(deal, service, asked, refused)
    sheets = [_sheet(deal, sums, law, refused) for law in laws]
    if len(sheets) == 2:
        return merge(sheets[0], sheets[1])
    if effects:
        _effects(deal, service, asked, laws[0], sheets[0], refused)
    return sheets[0]


def price(deal: Deal, service: TaxService) -> Worksheet:
    """The worksheet of a deal; raises `Refused` when the deal or its tax cannot be computed."""
    problems = check(deal)
    if problems:
        raise Refused(problems)
    asked = ask(service.catalogue, deal)
    sheet = work_asked(deal, service, asked, frozenset())
    asked_there = left_out(deal, service, asked, sheet)
    if any(problem.code == "missing_fact" for problem in sheet.problems):
        # The engine stops at the first; who must come back should come back once.
        named = {problem.field for problem in sheet.problems}
        sheet.problems += [problem for field, problem in asked_there.items() if field not in named]
    if sheet.problems:
        raise Refused(sheet.problems)
    sheet.missing = missing(sheet, service.catalogue, asked_there)
    return sheet
