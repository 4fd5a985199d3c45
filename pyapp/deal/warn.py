"""What is computed all the same, and marked: a slip is likely, or the law or the usual is left."""

from pyapp.deal.check import start_of_interest
from pyapp.deal.document import Deal
from pyapp.deal.loan import Terms
from pyapp.deal.request import FEE_FACT
from pyapp.deal.taxes import Limit, Taxes
from pyapp.errors import Problem
from pyapp.law.words import money

WARN_FIRST_DAYS = 45
"""More days than this to the first payment are one of the signs by which auditors find a packed payment."""


def _over_limits(deal: Deal, limits: dict[str, Limit]) -> list[Problem]:
    """Charges of the dealer above what the law allows."""
    out: list[Problem] = []
    for kind, item in FEE_FACT.items():
        limit = limits.get(item)
        fees = [fee for fee in deal.fees if fee.kind == kind]
        if limit is None or not fees or sum(fee.amount for fee in fees) <= limit.most:
            continue
        most = money(limit.most)
        said = f"is above {most}, which is presumed reasonable" if limit.presumed else f"is above the limit of {most}"
        code = "fee_over_presumed" if limit.presumed else "fee_over_limit"
        out.append(Problem(code=code, field=f"fees/{fees[0].id}/amount", message=said, accepted=f"up to {most}"))
    return out


def _expired(deal: Deal) -> list[Problem]:
    """Rebates that the deal counts and whose last day is before the sale."""
    day = start_of_interest(deal)
    return [
        Problem(
            code="rebate_expired",
            field=f"rebates/{rebate.id}/expires",
            message=f"ends on {rebate.expires.isoformat()}, before the sale on {day.isoformat()}",
            accepted=f"a rebate that is given on {day.isoformat()}",
        )
        for rebate in deal.rebates
        if day and rebate.counts and rebate.expires and rebate.expires < day
    ]


def _before_the_sale(deal: Deal) -> list[Problem]:
    """Days of delivery and title before the contract's, most likely of a wrong year; the law may read them."""
    sale = deal.dates.sale_date
    days = {"delivery_date": deal.dates.delivery_date, "title_date": deal.dates.title_date}
    return [
        Problem(
            code="before_sale",
            field=f"dates.{name}",
            message=f"lies before the sale on {sale.isoformat()}",
            accepted=f"a day from {sale.isoformat()} on is usual",
        )
        for name, day in days.items()
        if sale and day and day < sale
    ]


def warnings(deal: Deal, law: Taxes, plan: Terms | None) -> list[Problem]:
    """All that is marked; `plan` is None where nothing is financed."""
    out = [*_over_limits(deal, law.limits), *_expired(deal), *_before_the_sale(deal)]
    if plan and plan.days is not None and plan.days > WARN_FIRST_DAYS:
        out.append(
            Problem(
                code="first_payment_far",
                field="dates.first_payment_date",
                message=f"{plan.days} days to the first payment",
                accepted=f"{WARN_FIRST_DAYS} days or fewer is usual",
            )
        )
    if plan and plan.month_end_open:
        out.append(
            Problem(
                code="month_end_open",
                field="structure.month_end_first",
                message="the first payment ends its month: payments are taken for that day number of each month",
                accepted="say whether the last day of each month is meant",
            )
        )
    if deal.rule_pack and deal.rule_pack != law.part.rule_pack:
        out.append(
            Problem(
                code="other_rule_pack",
                field="rule_pack",
                message=f"quoted under {deal.rule_pack}, computed here under {law.part.rule_pack}",
                accepted=law.part.rule_pack,
            )
        )
    return out
