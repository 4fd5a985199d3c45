"""Every deal that comes in is computed again, by the same deal logic and law that the screen has."""

import functools
from typing import Any

import msgspec

from backend.http.problems import FieldError, Problem
from pyapp.deal.check import check
from pyapp.deal.document import Deal
from pyapp.deal.price import work
from pyapp.deal.worksheet import Worksheet
from pyapp.tax.service import TaxService, native_service

# A deal in work may still lack these; what depends on them waits.
MAY_LACK = frozenset({"missing_field", "missing_fact"})
TOP_FIGURES = (
    *("selling_price", "adds_total", "rebates_total", "dealer_fees_total", "fees_total", "products_total"),
    *("otd_before_trade", "trade_equity", "net_trade", "otd_after_trade", "cash_down", "balance", "due_at_signing"),
)
FINANCE_FIGURES = (
    *("cash_price", "down_payment", "prior_balance", "other_financed", "amount_financed", "payment", "last"),
    *("total_of_payments", "finance_charge", "total_sale_price"),
)
FIGURES = (
    *TOP_FIGURES,
    *("tax.total", "tax.government_fees"),
    *(f"finance.{name}" for name in FINANCE_FIGURES),
)


class Computed(msgspec.Struct, frozen=True, kw_only=True):
    """What the server makes of a deal."""

    figures: dict[str, int | None]
    waits: dict[str, list[str]]
    rule_pack: str
    warnings: list[str]


@functools.cache
def service() -> TaxService:
    """The native engine with its catalogue, once for a process."""
    return native_service()


def compute(deal: Deal) -> Computed:
    """All figures; what is wrong rather than missing refuses the deal, all of it at once."""
    problems = check(deal)
    lacking = frozenset(problem.field for problem in problems if problem.code in MAY_LACK)
    wrong = [problem for problem in problems if problem.code not in MAY_LACK]
    sheet: Worksheet | None = None
    if not wrong:
        sheet = work(deal, service(), lacking, effects=False)
        wrong = [problem for problem in sheet.problems if problem.code not in MAY_LACK]
    if wrong or sheet is None:
        errors = [
            FieldError(
                f"deal.{one.field}" if one.field else "deal", one.code, f"{one.message}; accepted: {one.accepted}"
            )
            for one in wrong
        ]
        raise Problem(422, "invalid_input", "This deal cannot be computed as it is.", errors)
    figures: dict[str, int | None] = {name: getattr(sheet, name) for name in TOP_FIGURES}
    figures["tax.total"] = sheet.tax.total
    figures["tax.government_fees"] = sheet.tax.government_fees
    if sheet.finance is not None:
        figures |= {f"finance.{name}": getattr(sheet.finance, name) for name in FINANCE_FIGURES}
    warnings = [one.sentence() for one in sheet.warnings]
    return Computed(figures=figures, waits=sheet.waits, rule_pack=sheet.rule_pack, warnings=warnings)


def differences(shown: dict[str, int | None], computed: Computed) -> dict[str, tuple[int | None, int | None]]:
    """Figures that the screen showed otherwise than they are: shown, then computed."""
    out: dict[str, tuple[int | None, int | None]] = {}
    for name, value in shown.items():
        ours = computed.figures.get(name)
        if ours != value:
            out[name] = (value, ours)
    return out


def known_figures(shown: dict[str, Any]) -> list[FieldError]:
    """Names under `shown` that are no figure of the worksheet."""
    return [
        FieldError(f"shown.{name[:80]}", "unknown_figure", "accepted: " + ", ".join(FIGURES))
        for name in shown
        if name not in FIGURES
    ]
