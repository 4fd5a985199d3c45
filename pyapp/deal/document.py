"""The deal document: what is typed, and nothing that is computed.

One versioned JSON document. Items of lists carry ids, so that lists merge by id. Money is whole cents; a rate is a
decimal string in percent ("6.99"); a date is YYYY-MM-DD. A field that is not given is unknown, never zero; a money line
that is not there is simply absent. Where a scenario file and the deal both have a field, both call it by one name.
"""

from datetime import date as Date
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from pyapp.amounts import MOST_CENTS, PERCENT_PATTERN

SCHEMA_VERSION = 1

# What stands under extra_json_schema is told to whoever writes deals; `check` refuses it, in its own words.
Cents = Annotated[
    int,
    Meta(
        description="whole cents: 4000000 is 40,000.00",
        extra_json_schema={"minimum": 0, "maximum": MOST_CENTS},
    ),
]
Percent = Annotated[
    str,
    Meta(description="decimal string in percent: 6.99", extra_json_schema={"pattern": f"^{PERCENT_PATTERN}$"}),
]
Day = Annotated[Date, Meta(description="plain date at the dealership: 2026-11-22")]
ZIP_PATTERN = "[0-9]{5}(-[0-9]{4})?"
Zip = Annotated[
    str, Meta(description="five digits, or nine as 75201-1234", extra_json_schema={"pattern": f"^{ZIP_PATTERN}$"})
]
FactValue = str | int | bool


class Record(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A part of the document; a key that it does not know is refused."""


class Dates(Record, kw_only=True):
    """The deal's dates, plain days at the dealership."""

    quoted_on: Day | None = None
    sale_date: Day | None = None
    """Date of the contract; interest runs from it. Not given: the day of the quote."""
    delivery_date: Day | None = None
    title_date: Day | None = None
    first_payment_date: Day | None = None
    """Not given: one month after the sale."""


class Residence(Record, kw_only=True):
    """Where a party lives; not given, the buyer is at home where the vehicle is registered."""

    state: str | None = None
    county: str | None = None
    city: str | None = None
    zip: Zip | None = None


class Party(Record, kw_only=True):
    """A person or business of the deal."""

    id: str
    role: Literal["buyer", "co_buyer", "lessee", "co_lessee", "guarantor"] = "buyer"
    customer_id: str | None = None
    kind: Literal["person", "business"] = "person"
    name: str | None = None
    residence: Residence | None = None


class LocalLevy(Record, kw_only=True):
    """One local levy at the place that the law points to, picked there or given by hand."""

    id: str = ""
    level: str
    name: str
    rate_percent: Percent
    base_limit: Cents | None = None
    """How much of the price it reaches; not given, all of it."""


class Place(Record, kw_only=True):
    """Where the vehicle will be registered, and the facts that its law asks."""

    state: str | None = None
    county: str | None = None
    city: str | None = None
    zip: Zip | None = None
    local: list[LocalLevy] | None = None
    """None: the place is not picked yet. An empty list: a place without local levies."""
    local_dealer_place: list[LocalLevy] | None = None
    facts: dict[str, FactValue] = field(default_factory=dict[str, FactValue])
    """Further facts by their names in the law's catalogue; money in cents, rates as percent strings."""


class Vehicle(Record, kw_only=True):
    """The vehicle that is sold."""

    vin: str | None = None
    stock_number: str | None = None
    model_year: int | None = None
    make: str | None = None
    model: str | None = None
    trim: str | None = None
    new_or_used: str | None = None
    odometer: int | None = None
    msrp: Cents | None = None
    invoice: Cents | None = None
    cost: Cents | None = None
    weight_lbs: int | None = None
    gvwr_lbs: int | None = None
    fuel: str | None = None
    mpg_city: int | None = None
    mpg_highway: int | None = None
    mpg_combined: int | None = None
    book_value: Cents | None = None
    vehicle_type: str | None = None


class Add(Record, kw_only=True):
    """Something charged besides the price that is part of the vehicle."""

    id: str
    kind: Literal["accessory", "freight", "dealer_add"]
    name: str | None = None
    amount: Cents
    cost: Cents | None = None


class Rebate(Record, kw_only=True):
    """Money off that somebody gives; a later one changes nothing in the deal."""

    id: str
    kind: Literal["manufacturer", "loyalty", "conquest", "employee", "dealer"]
    name: str | None = None
    amount: Cents
    at_sale: bool = True
    assigned_to_dealer: bool = True
    expires: Day | None = None

    @property
    def counts(self) -> bool:
        """Whether the buyer owes the dealer less for it: the maker's money does so only when the dealer gets it.

        The contract's own terms decide, comment 1026.17(c)(1)-19.
        """
        return self.at_sale and (self.assigned_to_dealer or self.kind == "dealer")


class TradeVehicle(Record, kw_only=True):
    """The vehicle that is traded in."""

    vin: str | None = None
    model_year: int | None = None
    make: str | None = None
    model: str | None = None
    trim: str | None = None
    odometer: int | None = None


class Trade(Record, kw_only=True):
    """One trade-in: what is allowed for it and what is owed on it."""

    id: str
    vehicle: TradeVehicle | None = None
    allowance: Cents | None = None
    acv: Cents | None = None
    payoff: Cents | None = None
    good_through: Day | None = None
    per_diem: Cents | None = None
    """Interest a day on the payoff after `good_through`."""
    lienholder: str | None = None
    owner: str | None = None
    titled_in: str | None = None
    cash_back: Cents | None = None
    """Part of the equity paid out to the customer."""


class Fee(Record, kw_only=True):
    """A charge of the dealer; what the government charges comes from the law."""

    id: str
    kind: Literal["document", "filing", "other"]
    name: str | None = None
    amount: Cents


class Product(Record, kw_only=True):
    """An optional product; never taken by default."""

    id: str
    kind: Literal["service_contract", "gap", "maintenance", "credit_insurance", "other"]
    name: str | None = None
    price: Cents
    cost: Cents | None = None
    term_months: int | None = None
    miles: int | None = None
    taken: bool = False


class Deferred(Record, kw_only=True):
    """A part of the down payment that is paid later."""

    id: str
    amount: Cents
    date: Day


class MoneyDown(Record, kw_only=True):
    """The customer's cash."""

    cash_down: Cents | None = None
    """All cash paid now, the deposit in it."""
    deposit: Cents | None = None
    """What of the cash down is already paid."""
    deferred: list[Deferred] = field(default_factory=list[Deferred])


class Cash(Record, kw_only=True, tag_field="kind", tag="cash"):
    """Paid in full at delivery."""


class Finance(Record, kw_only=True, tag_field="kind", tag="finance"):
    """Simple finance: equal monthly payments."""

    months: int | None = None
    rate: Percent | None = None
    program: str | None = None
    buy_rate: Percent | None = None
    month_end_first: bool | None = None
    """A first payment that ends its month on the 28th to 30th: yes, payments fall on each month's last day."""


class ByHand(Record, kw_only=True):
    """A value from the law or the store that was typed over; the value it replaced stays visible."""

    path: str
    value: Cents
    replaced: Cents | None = None
    who: str | None = None
    when: str | None = None


class Pencil(Record, kw_only=True):
    """A set of numbers that was shown; the list only grows."""

    id: str
    number: int
    who: str
    when: str
    revision: str
    figures: dict[str, int | str | None]


class Deal(Record, kw_only=True):
    """The whole document."""

    id: str = ""
    schema_version: int = SCHEMA_VERSION
    rooftop_id: str | None = None
    status: str = "working"
    assigned_users: list[str] = field(default_factory=list[str])
    rule_pack: str | None = None
    """Version of the rule pack whose law the deal was quoted with; not given: the one at hand."""
    dates: Dates = field(default_factory=Dates)
    parties: list[Party] = field(default_factory=list[Party])
    place: Place = field(default_factory=Place)
    vehicle: Vehicle = field(default_factory=Vehicle)
    selling_price: Cents | None = None
    adds: list[Add] = field(default_factory=list[Add])
    rebates: list[Rebate] = field(default_factory=list[Rebate])
    trades: list[Trade] = field(default_factory=list[Trade])
    fees: list[Fee] = field(default_factory=list[Fee])
    products: list[Product] = field(default_factory=list[Product])
    money_down: MoneyDown = field(default_factory=MoneyDown)
    structure: Cash | Finance = field(default_factory=Cash)
    by_hand: list[ByHand] = field(default_factory=list[ByHand])
    pencils: list[Pencil] = field(default_factory=list[Pencil])
