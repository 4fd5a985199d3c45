"""What the page keeps and sends: texts exactly as typed, keyed by the path of the deal's field.

The page parses nothing. `fields["selling_price"]` may be "40k" or "40000-1500"; a half-typed text is kept as it is.
Paths are those of the deal document ("selling_price", "place.state", "structure.rate"); items of lists are addressed by
"trades/ITEM_ID/allowance". A path that is absent, or whose text is blank, is not given. Facts that a law asks stand at
"place.facts.NAME"; `place.local_rate` is the local rate typed as one percent (0: a place without), instead of the list
`local` with its single levies; where both are typed, the list counts.
"""

from typing import Literal

from msgspec import Struct, field


class DraftItem(Struct, kw_only=True, forbid_unknown_fields=True):
    """One item of a list (a trade, a rebate …) with its texts."""

    id: str
    fields: dict[str, str] = field(default_factory=dict[str, str])


class Draft(Struct, kw_only=True, forbid_unknown_fields=True):
    """One deal as typed. The page makes the ids (UUIDv7) and never reformats a text."""

    id: str
    schema_version: int = 1
    fields: dict[str, str] = field(default_factory=dict[str, str])
    lists: dict[str, list[DraftItem]] = field(default_factory=dict[str, list[DraftItem]])
    """Lists by name: adds, rebates, trades, fees, products, local, local_dealer_place."""
    by_hand: dict[str, str] = field(default_factory=dict[str, str])
    """A government's or store's value typed over: the line's key to the text; blank or absent means as the law says."""
    leads: list[str] = field(default_factory=list[str])
    """Fields typed after the one that they set: `discount` (sets `selling_price`), `structure.days_to_first` (sets
    `dates.first_payment_date`). Kept with the texts, so that the later of the two counts wherever the draft is read."""


class GridAsk(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which grid the page has room for.

    Texts as typed in the headers, in any order, the one typed last first; absent headers are chosen by the desk.
    """

    columns: int = 7
    rows: int = 7
    by: Literal["down", "rate"] = "down"
    """What the columns are: amounts of cash down, or yearly rates."""
    downs: list[str] = field(default_factory=list[str])
    rates: list[str] = field(default_factory=list[str])
    months: list[str] = field(default_factory=list[str])
    target: str = ""
    """Payment to meet, as typed; blank: none."""


class Asks(Struct, kw_only=True, forbid_unknown_fields=True):
    """What the page wants beside the figures."""

    today: str
    """The day at the dealership, YYYY-MM-DD; the worker knows no time zone."""
    grid: GridAsk | None = None
    focus: str = ""
    """Path of the field in focus: a half-typed text there computes nothing and is no error yet."""


class PriceCall(Struct, kw_only=True, forbid_unknown_fields=True):
    """Payload of the method `price`; its answer is a `View`."""

    draft: Draft
    asks: Asks
