"""Simple finance of one deal: from the balance to payment, schedule, finance charge and APR (12 CFR 1026)."""

from collections.abc import Set as AbstractSet
from datetime import date as Date

from msgspec import Struct

from pyapp.amounts import ppm_of
from pyapp.deal.check import first_payment, payment_day, start_of_interest
from pyapp.deal.document import Deal, Finance
from pyapp.deal.known import Known
from pyapp.deal.worksheet import FinancePart
from pyapp.finance.apr import monthly_apr
from pyapp.finance.level import Schedule, schedule
from pyapp.finance.periods import FirstPeriod, asks_month_end, first_period, month_later


class Terms(Struct, frozen=True, kw_only=True):
    """What the loan's arithmetic needs besides the balance; None is not given."""

    months: int | None
    rate: str | None
    rate_ppm: int | None
    first: Date | None
    days: int | None
    anchor: int
    """Day of the month on which payments fall, or the month's last where it has none."""
    period: FirstPeriod | None
    month_end_open: bool
    day_field: str
    """The date that the first period hangs on: the sale's where that is refused, else the first payment's."""

    def waits(self) -> frozenset[str]:
        """The fields that are missing."""
        missing = {
            "structure.months": self.months,
            "structure.rate": self.rate_ppm,
            self.day_field: self.period,
        }
        return frozenset(path for path, value in missing.items() if value is None)

    def plan(self, balance: int) -> Schedule:
        """The schedule of a balance; only for terms that wait for nothing."""
        assert self.months is not None and self.rate_ppm is not None and self.period is not None  # noqa: S101
        return schedule(balance, self.rate_ppm, self.months, self.period)


class Loan(Struct, frozen=True):
    """The figures, and what those that are unknown wait for."""

    part: FinancePart
    waits: dict[str, list[str]]
    terms: Terms


def terms(deal: Deal, refused: AbstractSet[str] = frozenset()) -> Terms:
    """The loan's terms as the deal gives them; a refused day is unknown, not the usual one."""
    plan = deal.structure
    assert isinstance(plan, Finance)  # noqa: S101  (the caller looked)
    start, first = start_of_interest(deal), first_payment(deal)
    typed = deal.dates.first_payment_date is not None
    anchor = payment_day(deal)
    sale = "dates.sale_date"
    if sale in refused:
        start, first = None, first if typed else None
    if "dates.first_payment_date" in refused:
        first = None
    usable = start is not None and first is not None and first >= start
    return Terms(
        months=plan.months,
        rate=plan.rate,
        rate_ppm=None if plan.rate is None else ppm_of(plan.rate),
        first=first,
        days=(first - start).days if start and first else None,
        anchor=anchor,
        period=first_period(start, first, anchor) if usable and start and first else None,
        month_end_open=bool(typed and first and plan.month_end_first is None and asks_month_end(first)),
        day_field=sale if sale in refused else "dates.first_payment_date",
    )


def loan(*, balance: Known, cash_price: Known, paid: Known, other: Known, terms: Terms) -> Loan:
    """The finance part.

    `paid` is cash down, net trade and the maker's rebates; below zero it is prior balance (comment 2(a)(18)-3). With
    no finance charge prepaid, the amount financed is the balance (18(b)); a negative balance is a refund.
    """
    waits: dict[str, list[str]] = {}

    def told(name: str, amount: Known, cents: int | None = None) -> int | None:
        if amount.waits:
            waits[name] = sorted(amount.waits)
            return None
        return amount.cents if cents is None else cents

    refund = balance.map(max(-balance.cents, 0))
    down = Known(max(paid.cents, 0) - refund.cents, paid.waits | refund.waits)
    prior = paid.map(max(-paid.cents, 0))
    others = Known(other.cents + prior.cents, other.waits | prior.waits)
    financed = balance.map(max(balance.cents, 0))
    lent = Known(financed.cents, financed.waits | terms.waits())
    part = FinancePart(
        months=terms.months,
        rate=terms.rate,
        first_date=terms.first,
        days_to_first=terms.days,
        full_months=terms.period.months if terms.period else None,
        odd_days=terms.period.odd_days if terms.period else None,
        cash_price=told("cash_price", cash_price),
        down_payment=told("down_payment", down),
        prior_balance=told("prior_balance", prior),
        other_financed=told("other_financed", others),
        amount_financed=told("amount_financed", financed),
        payment=None,
        n=None,
        last=None,
        last_date=None,
        total_of_payments=None,
        finance_charge=None,
        apr=None,
        apr_exact=None,
        total_sale_price=None,
    )
    months, rate, first, period = terms.months, terms.rate_ppm, terms.first, terms.period
    if lent.waits or months is None or rate is None or first is None or period is None:
        for name in ("payment", "last", "total_of_payments", "finance_charge", "apr"):
            told(name, lent)
        told("total_sale_price", Known(0, lent.waits | cash_price.waits | others.waits))
        return Loan(part, waits, terms)
    plan = schedule(lent.cents, rate, months, period)
    part.payment, part.n, part.last = plan.payment, plan.n, plan.last
    part.last_date = month_later(first, plan.n - 1, terms.anchor) if plan.n else None
    part.total_of_payments = plan.total
    part.finance_charge = plan.total - lent.cents
    part.total_sale_price = told("total_sale_price", cash_price, cash_price.cents + others.cents + part.finance_charge)
    if plan.n:
        found = monthly_apr(lent.cents, plan, period, rate)
        part.apr, part.apr_exact = f"{found:.2f}", f"{found:.6f}"
    return Loan(part, waits, terms)
