"""Every field that can be typed in: its path in the draft, its label, what kind of text it takes."""

from typing import Literal

from msgspec import Struct

Kind = Literal["money", "percent", "count", "date", "choice", "text", "yes_no"]


class FieldSpec(Struct, frozen=True, kw_only=True):
    """One field of the page. Steps are in the field's unit: cents, parts per million, whole numbers."""

    path: str
    label: str
    kind: Kind
    deducted: bool = False
    step: int = 0
    choices: tuple[tuple[str, str], ...] = ()
    state: bool = False
    """A text that names any state, also one whose law is not at hand."""
    noun: str = ""
    """How a sentence names it: `waits for the rate`."""


def _spec(path: str, label: str, kind: Kind, noun: str = "", *, deducted: bool = False, step: int = 0) -> FieldSpec:
    return FieldSpec(path=path, label=label, kind=kind, noun=noun or label.lower(), deducted=deducted, step=step)


HUNDRED = 10_000
QUARTER = 2_500

PRICE = _spec("selling_price", "Selling price", "money", step=HUNDRED)
MSRP = _spec("vehicle.msrp", "MSRP", "money", "MSRP", step=HUNDRED)
DISCOUNT = _spec("discount", "Discount", "money", deducted=True, step=HUNDRED)
MONTHS = _spec("structure.months", "Months", "count", "number of months", step=1)
RATE = _spec("structure.rate", "Rate", "percent", step=QUARTER)
DAYS = _spec("structure.days_to_first", "Days to first", "count", "days to the first payment", step=1)
CASH_DOWN = _spec("money_down.cash_down", "Cash down", "money", deducted=True, step=HUNDRED)
LOCAL_RATE = _spec("place.local_rate", "Local rate where it will be registered", "percent", "local rate", step=QUARTER)

STRUCTURE = FieldSpec(
    path="structure.kind",
    label="Kind of deal",
    kind="choice",
    noun="kind of deal",
    choices=(("cash", "Cash"), ("finance", "Finance")),
)

DATES: tuple[FieldSpec, ...] = (
    _spec("dates.quoted_on", "Quoted on", "date", "day of the quote"),
    _spec("dates.sale_date", "Sale date", "date"),
    _spec("dates.delivery_date", "Delivery date", "date"),
    _spec("dates.title_date", "Title date", "date"),
    _spec("dates.first_payment_date", "First payment", "date", "day of the first payment"),
)
PLACE: tuple[FieldSpec, ...] = (
    _spec("place.state", "State", "choice"),
    _spec("place.county", "County", "text"),
    _spec("place.city", "City", "text"),
    _spec("place.zip", "ZIP", "text", "ZIP"),
)
VEHICLE: tuple[FieldSpec, ...] = (
    _spec("vehicle.vin", "VIN", "text", "VIN"),
    _spec("vehicle.stock_number", "Stock number", "text"),
    _spec("vehicle.model_year", "Model year", "count"),
    _spec("vehicle.make", "Make", "text"),
    _spec("vehicle.model", "Model", "text"),
    _spec("vehicle.trim", "Trim", "text"),
    _spec("vehicle.new_or_used", "New or used", "choice", "new/used answer"),
    _spec("vehicle.odometer", "Odometer", "count", "odometer reading"),
    _spec("vehicle.weight_lbs", "Weight, lb", "count", "weight"),
    _spec("vehicle.gvwr_lbs", "Gross weight rating, lb", "count", "gross weight rating"),
    _spec("vehicle.fuel", "Fuel", "choice"),
    _spec("vehicle.mpg_city", "City mpg", "count", "city mpg"),
    _spec("vehicle.mpg_highway", "Highway mpg", "count", "highway mpg"),
    _spec("vehicle.mpg_combined", "Combined mpg", "count", "combined mpg"),
    _spec("vehicle.book_value", "Book value", "money", step=HUNDRED),
    _spec("vehicle.vehicle_type", "Kind of vehicle", "choice", "kind of vehicle"),
)
PEOPLE: tuple[FieldSpec, ...] = (
    _spec("buyer.name", "Customer", "text"),
    FieldSpec(path="buyer.state", label="Customer lives in", kind="text", state=True, noun="customer's home state"),
)
OTHER: tuple[FieldSpec, ...] = (
    _spec("money_down.deposit", "Deposit already paid", "money", "deposit", deducted=True, step=HUNDRED),
    _spec("structure.program", "Lender program", "text"),
    _spec("structure.month_end_first", "Payments on each month's last day", "yes_no", "payment day"),
)

FIXED: tuple[FieldSpec, ...] = (
    PRICE,
    MSRP,
    DISCOUNT,
    STRUCTURE,
    MONTHS,
    RATE,
    DAYS,
    CASH_DOWN,
    LOCAL_RATE,
    *DATES,
    *PLACE,
    *VEHICLE,
    *PEOPLE,
    *OTHER,
)
BY_PATH: dict[str, FieldSpec] = {spec.path: spec for spec in FIXED}

_KIND = "kind"
_LEVY: tuple[FieldSpec, ...] = (
    _spec("level", "Levied by", "choice"),
    _spec("name", "Name", "text"),
    _spec("rate_percent", "Rate", "percent", "local rate", step=QUARTER),
    _spec("base_limit", "On no more than", "money", "limit of a local levy"),
)
# Fields of list items, by list; paths are those inside the item.
ITEMS: dict[str, tuple[FieldSpec, ...]] = {
    "adds": (
        _spec(_KIND, "Kind", "choice"),
        _spec("name", "Name", "text"),
        _spec("amount", "Amount", "money", "amount of an add", step=HUNDRED),
    ),
    "rebates": (
        _spec(_KIND, "Kind", "choice"),
        _spec("name", "Name", "text"),
        _spec("amount", "Manufacturer rebate", "money", "rebate", deducted=True, step=HUNDRED),
        _spec("at_sale", "Given at the sale", "yes_no", "time of the rebate"),
        _spec("assigned_to_dealer", "Assigned to the dealer", "yes_no", "rebate's assignment"),
    ),
    "trades": (
        _spec("allowance", "Allowance", "money", "trade allowance", deducted=True, step=HUNDRED),
        _spec("payoff", "Payoff", "money", "payoff", step=HUNDRED),
        _spec("per_diem", "Interest a day", "money", "per diem"),
        _spec("good_through", "Payoff good to", "date", "day to which the payoff is good"),
        _spec("cash_back", "Cash back", "money", "cash back", step=HUNDRED),
        _spec("acv", "ACV", "money", "ACV", step=HUNDRED),
        FieldSpec(path="titled_in", label="Titled in", kind="text", state=True, noun="state of the trade's title"),
        _spec("model_year", "Model year", "count"),
        _spec("make", "Make", "text"),
        _spec("model", "Model", "text"),
        _spec("odometer", "Odometer", "count"),
    ),
    "fees": (
        _spec(_KIND, "Kind", "choice"),
        _spec("name", "Name", "text"),
        _spec("amount", "Document fee", "money", "document fee", step=100),
    ),
    "products": (
        _spec(_KIND, "Kind", "choice"),
        _spec("name", "Name", "text"),
        _spec("price", "Price", "money", "price of a product", step=HUNDRED),
        _spec("taken", "Taken", "yes_no"),
        _spec("term_months", "Months", "count"),
        _spec("miles", "Miles", "count"),
    ),
    "local": _LEVY,
    "local_dealer_place": _LEVY,
}
DEFAULT_KIND = {"adds": "accessory", "rebates": "manufacturer", "fees": "document", "products": "other"}
KINDS: dict[str, tuple[tuple[str, str], ...]] = {
    "adds": (("accessory", "Accessory"), ("freight", "Freight"), ("dealer_add", "Dealer add")),
    "rebates": (
        ("manufacturer", "Manufacturer rebate"),
        ("loyalty", "Loyalty rebate"),
        ("conquest", "Conquest rebate"),
        ("employee", "Employee discount"),
        ("dealer", "Dealer discount"),
    ),
    "fees": (("document", "Document fee"), ("filing", "Filing fee"), ("other", "Other fee")),
    "products": (
        ("service_contract", "Service contract"),
        ("gap", "GAP"),
        ("maintenance", "Maintenance plan"),
        ("credit_insurance", "Credit insurance"),
        ("other", "Product"),
    ),
}
