"""What the desk page and the quick quote show: ready text, and the cents behind it.

The page prints these texts and computes nothing. Money reads `1,234.56` with U+2212 for minus and no currency sign,
percent `6.99 %`, dates `Nov 24, 2026`. What is unknown reads an em dash and says what it waits for; a range `a to b`.
"""

from typing import Literal

from msgspec import Struct, field

from pyapp.deal.document import Deal
from pyapp.errors import Problem

Group = Literal["price", "rebates", "tax", "fees", "products", "otd", "trade", "after", "down", "result"]
Style = Literal["head", "item", "total", "grand"]
Column = Literal[1, 2]
"""1: the inner cent column of items; 2: the outer one of sums."""
Confidence = Literal["primary", "inferred", "secondary", "unverified"]


class Figure(Struct, kw_only=True):
    """One figure on the page."""

    text: str
    """`538.91`, `—` while it waits, `734.15 to 735.00` while a place is not picked."""
    state: Literal["known", "waits", "range"] = "known"
    cents: int | None = None
    whole: str = ""
    """For the big figure: the text before the decimal point …"""
    decimals: str = ""
    """… and from it on (`.91`)."""
    low: str = ""
    """The two ends of a range, ready as text."""
    high: str = ""
    waits: str = ""
    """`waits for the rate`."""


class Mark(Struct, kw_only=True):
    """A word beside a label: how sure the law is, or what to look at."""

    level: Literal["inferred", "secondary", "unverified", "look", "open", "stop", "note"]
    text: str


class Choice(Struct, kw_only=True):
    """One accepted answer of a field or question that is picked."""

    value: str
    label: str


class FieldView(Struct, kw_only=True):
    """One field that can be typed in. The page shows `text` on blur, never while the field has focus."""

    path: str
    label: str
    kind: Literal["money", "percent", "count", "date", "choice", "text", "yes_no"]
    text: str
    """The value written properly; equal to what was typed while that cannot be read."""
    cents: int | None = None
    deducted: bool = False
    """The line shows its value with a minus and takes either sign."""
    hint: str = ""
    """`= 38,500.00` while an expression is typed."""
    note: str = ""
    """A quiet word beneath (`Dec 24, 2026`)."""
    error: Problem | None = None
    by_hand: bool = False
    stored: str = ""
    """When by hand: the law's or store's value that an undo brings back."""
    step_up: str = ""
    """The text that Alt+Up brings …"""
    step_down: str = ""
    """… and Alt+Down."""
    choices: list[Choice] = field(default_factory=list[Choice])
    among: Literal["", "states"] = ""
    """A text that is one of a long list, which the page has once: `Info.all_states`."""


class NumberRow(Struct, kw_only=True):
    """One line of an opened tax line: a number of the formula with its section."""

    label: str
    text: str
    column: Column = 1
    total: bool = False
    section: str = ""
    url: str = ""
    marks: list[Mark] = field(default_factory=list[Mark])


class LawRow(Struct, kw_only=True):
    """One term of the law's description (`In force`: `from Sep 1, 1991, no end known`)."""

    term: str
    text: str
    cite: str = ""
    """The section, after the text; a link where there is an address …"""
    url: str = ""
    tail: str = ""
    """… and what follows it."""
    marks: list[Mark] = field(default_factory=list[Mark])


class LawLine(Struct, kw_only=True):
    """A tax or government fee that opens to its formula, its numbers and its law."""

    key: str
    """Stable within the deal: the levy's id, and the row's number for a local levy."""
    kind: Literal["tax", "fee", "limit"]
    label: str
    hint: str
    """`6.25 % of 28,500.00`."""
    amount: Figure
    due: str
    collector: str
    in_total: bool
    """False: shown, but not part of the figures at the sale (renewals, limits)."""
    formula: str
    numbers: list[NumberRow]
    law: list[LawRow]
    marks: list[Mark]
    confidence: Confidence
    as_enacted: bool
    by_hand: bool = False
    replaced: str = ""
    """When by hand: what the law says."""
    edit: str = ""
    """Key of `Draft.by_hand` that types over this line; empty: it cannot be."""


class LedgerLine(Struct, kw_only=True):
    """One line of the worksheet, top to bottom. Items stand in the inner cent column, sums in the outer."""

    key: str
    group: Group
    style: Style
    label: str
    amount: Figure
    column: Column
    path: str = ""
    """Path of the field that is typed on this line; empty: a bare figure."""
    law: str = ""
    """Key of the `LawLine` that opens here."""
    hint: str = ""
    marks: list[Mark] = field(default_factory=list[Mark])
    check: str = ""
    """Path of the yes/no field in front of an optional product."""


class Strip(Struct, kw_only=True):
    """The figures that always stay in sight; a payment never stands without its terms."""

    kind: Literal["cash", "finance"]
    payment: Figure
    payment_label: str
    terms: str
    """`72 months at 6.99 % APR, 3,000.00 down`."""
    otd: Figure
    otd_note: str
    otd_after: Figure
    due_at_signing: Figure
    amount_financed: Figure
    total_of_payments: Figure
    finance_charge: Figure
    tax_and_fees: Figure
    last_payment: str
    """`71 of 538.91 and a last of 538.69`."""
    fine_print: str
    announce: str
    """One sentence for the live region: `Payment 538.91, out the door 40,618.25`."""


class Question(Struct, kw_only=True):
    """A fact that matters there; its answer goes to `Draft.fields[path]`."""

    fact: str
    path: str
    label: str
    required: bool
    kind: Literal["money", "percent", "count", "date", "choice", "text", "yes_no"]
    choices: list[Choice]
    default: str
    """What is assumed while it is not answered; empty: nothing, the figures wait."""
    accepted: str
    """What is accepted, in words."""
    text: str
    """The answer as it stands, properly written."""
    error: Problem | None = None
    among: Literal["", "states"] = ""


class GridCell(Struct, kw_only=True):
    """One cell: taking it writes `months`, and `down` or `rate`, into the draft."""

    text: str
    cents: int | None
    taken: bool
    meets: bool
    months: str
    down: str
    """Empty in a grid by rates …"""
    rate: str
    """… and this one in a grid by cash down."""
    foot: str
    """`71 of 538.91 and a last of 538.69, total 38,801.30`."""
    label: str
    """For a screen reader: `72 months, 3,000.00 down: 538.91, taken`."""


class GridRow(Struct, kw_only=True):
    """One row: a number of months."""

    months: str
    taken: bool
    cells: list[GridCell]


class GridColumn(Struct, kw_only=True):
    """One column: an amount of cash down, or a rate."""

    text: str
    taken: bool


class Grid(Struct, kw_only=True):
    """Payments, months by cash down or by rate."""

    by: Literal["down", "rate"]
    columns: list[GridColumn]
    rows: list[GridRow]
    target: FieldView
    target_note: str
    """`13.91 over`, `meets`, or empty."""
    key: str
    """`at or under 525.00`, or empty."""
    refused: Problem | None = None
    """Why a header as typed is none; its field is the list and the place in it, `downs[0]`."""


class RangeView(Struct, kw_only=True):
    """Shown while a place is not picked: figures read low to high and cannot be penciled or printed."""

    text: str
    low_percent: str
    high_percent: str


class DealHead(Struct, kw_only=True):
    """The deal's name lines."""

    title: str
    vehicle: str
    place: str
    """Where it will be registered, as one line."""
    state: str
    """The state by its name."""
    law_date: str


class View(Struct, kw_only=True):
    """The answer of the method `price`."""

    draft_id: str
    head: DealHead
    strip: Strip
    ledger: list[LedgerLine]
    fields: dict[str, FieldView]
    laws: dict[str, LawLine]
    """Every tax and fee line by its key; the ledger points here."""
    questions: list[Question]
    grid: Grid | None
    range: RangeView | None
    asks_local: bool
    """Whether the law there asks for local levies at all."""
    errors: list[Problem]
    """Everything refused, also shown at its field."""
    warnings: list[Problem]
    can_show: bool
    """False while something is missing, refused or a range: no pencil, no print."""
    rule_pack: str
    half_typed: str
    """Path of the field in focus whose text is half-typed ("40000-"): the page keeps the figures it shows."""
    rewrites: dict[str, str]
    """Draft texts that the typing overtook (a typed discount sets the selling price); once neither field is in focus,
    the page stores them and the draft leads nowhere any more. An empty text removes the draft's."""
    deal: Deal


class StateInfo(Struct, kw_only=True):
    """One jurisdiction of the rule pack, for the place picker."""

    code: str
    name: str
    tax_name: str


class Info(Struct, kw_only=True):
    """The answer of the method `info`: what is at hand."""

    rule_pack: str
    first_day: str
    last_day: str
    states: list[StateInfo]
    all_states: list[Choice]
    """Every state that a person or vehicle can come from, and `other`."""
    fields: list[FieldView]
    """Every field of the desk page with label, kind and choices, blank."""
