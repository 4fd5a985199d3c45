"""The worksheet: every figure that a screen or print shows, computed from one deal.

Cents throughout; what the customer pays is positive. A figure that is null is unknown: `waits` says for what, or
`ranges` gives its two ends while a place is not picked. Definitions: Regulation Z (12 CFR 1026) as cited at the fields.
"""

from datetime import date as Date
from typing import Literal

from msgspec import Struct, field

from pyapp.errors import Problem


class Range(Struct, kw_only=True, frozen=True):
    """The two ends of a figure that depends on a place not yet picked."""

    low: int
    high: int


class Law(Struct, kw_only=True):
    """Where one value stands."""

    says: str
    section: str
    url: str
    source_kind: str
    """statute, regulation, agency or secondary."""
    valid_from: str
    valid_until: str
    confidence: Literal["primary", "secondary", "unverified"]
    inferred: bool
    note: str


class TraceRow(Struct, kw_only=True):
    """One number of a line's formula, in the order in which it was used."""

    label: str
    unit: Literal["cents", "ppm", "count", "yes_no", "word"]
    number: int
    text: str
    """The number written: `28,500.00`, `6.25 %`, `yes`, a choice by its word."""
    law: Law | None
    """None where a documented default of the catalogue was taken."""
    assumed: bool = False
    """True where the deal does not give the fact and its documented default was taken."""
    role: str = "value"
    """What the number is in the formula: an item or credit of a base, the base, a value, a tax credit, in force."""
    fact: str = ""
    """The fact that an item, a credit or a default is about."""


class LawFigure(Struct, kw_only=True):
    """One tax, government fee, or limit of a dealer's charge, as the engine found it."""

    key: str
    levy: str
    kind: Literal["tax", "fee", "limit", "range"]
    name: str
    due: str
    collector: str
    in_total: bool
    """Part of the taxes and fees at the sale. Limits and what falls due later are shown only."""
    amount: int | None
    """One time; null while it waits."""
    count: int
    total: int | None
    base: int | None
    rate_ppm: int | None
    formula: str
    law: list[Law]
    """The levy's own sources; each number of the trace has its own."""
    trace: list[TraceRow]
    confidence: Literal["primary", "inferred", "secondary", "unverified"]
    as_enacted: bool
    """True when the law's day is after the day on which its file was reviewed."""
    waits_for: str
    by_hand: bool = False
    """True where the amount is typed over, or typed because the law at hand does not tell it."""
    replaced: int | None
    """When typed over by hand: what the law says, null where it does not tell."""


class TaxPart(Struct, kw_only=True):
    """All that the law adds to the deal."""

    state: str
    state_name: str
    tax_name: str
    law_date: Date | None
    unchanged_from: Date | None
    unchanged_until: Date | None
    reviewed: str
    fees_not_computed: list[str]
    """Government fees that exist there and that no rule computes, by name; their amounts are in no figure."""
    as_enacted: bool
    rule_pack: str
    total: int | None
    """Taxes at the sale."""
    government_fees: int | None
    lines: list[LawFigure]
    fees: list[LawFigure]
    limits: list[LawFigure]
    assumed: list[TraceRow]
    """Facts that took their documented default."""
    local_low_ppm: int | None = None
    """Least combined local rate there, while the place is not picked …"""
    local_high_ppm: int | None = None
    """… and the most."""


class Item(Struct, kw_only=True):
    """One typed line of the deal."""

    id: str
    kind: str
    name: str
    amount: int
    counts: bool = True


class TradeFigure(Struct, kw_only=True):
    """One trade: allowance less payoff, with the interest since the payoff was quoted."""

    id: str
    name: str
    allowance: int | None
    payoff: int | None
    """With `per_diem` for the days after good-through."""
    days_past: int
    equity: int | None
    cash_back: int


class ProductFigure(Struct, kw_only=True):
    """An optional product, with what it does to the payment alone."""

    id: str
    kind: str
    name: str
    price: int
    taken: bool
    payment_effect: int | None
    total_effect: int | None


class FinancePart(Struct, kw_only=True):
    """The figures of Regulation Z."""

    months: int | None
    rate: str | None
    first_date: Date | None
    days_to_first: int | None
    full_months: int | None
    odd_days: int | None
    cash_price: int | None
    """What cash would cost: 2(a)(9)."""
    down_payment: int | None
    """2(a)(18); never below zero."""
    prior_balance: int | None
    """What the trade owes beyond its worth and the cash: comment 2(a)(18)-3."""
    other_financed: int | None
    amount_financed: int | None
    """18(b)."""
    payment: int | None
    n: int | None
    last: int | None
    last_date: Date | None
    total_of_payments: int | None
    """18(h)."""
    finance_charge: int | None
    """18(d)."""
    apr: str | None
    """Percent with two digits: 18(e), Appendix J."""
    apr_exact: str | None
    """The same with six digits, for checks."""
    total_sale_price: int | None
    """18(j)."""


class Worksheet(Struct, kw_only=True):
    """The answer of `price(deal)`."""

    deal_id: str
    kind: Literal["cash", "finance"]
    quoted_on: Date | None
    rule_pack: str
    selling_price: int | None
    discount: int | None
    """MSRP less selling price, when both are known."""
    adds: list[Item]
    adds_total: int | None
    rebates: list[Item]
    rebates_total: int | None
    """Given at the sale."""
    tax: TaxPart
    fees: list[Item]
    """The dealer's charges; those that the deal gives as a fact have its path for an id."""
    dealer_fees_total: int | None
    fees_total: int | None
    """The dealer's and the government's."""
    products: list[ProductFigure]
    products_total: int | None
    """Those taken."""
    otd_before_trade: int | None
    trades: list[TradeFigure]
    trade_equity: int | None
    net_trade: int | None
    """Equity less cash back; negative: owed."""
    otd_after_trade: int | None
    cash_down: int | None
    deferred_down: int | None
    balance: int | None
    """What cash or the loan carries; negative: a refund."""
    refund: int | None
    due_at_signing: int | None
    finance: FinancePart | None
    waits: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    """Figure to the fields or facts that it waits for."""
    ranges: dict[str, Range] = field(default_factory=dict[str, Range])
    """Figure to its two ends."""
    missing: list[Problem] = field(default_factory=list[Problem])
    """Each field that a figure waits for, with what is accepted there."""
    problems: list[Problem] = field(default_factory=list[Problem])
    warnings: list[Problem] = field(default_factory=list[Problem])
