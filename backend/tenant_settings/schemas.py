"""What a dealer group sets: defaults for deals, products, programs, looks, and who sees what."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from backend.http.problems import FieldError
from backend.http.text import PLAIN, Cents, Line, Name, StateCode

Key = Annotated[
    str, Meta(min_length=1, max_length=64, pattern="^[A-Za-z0-9_-]+$", description="letters, digits, _ and -")
]
PercentText = Annotated[
    str,
    Meta(pattern=r"^[0-9]{1,2}(\.[0-9]{1,4})?$", description="per cent below 100, up to 4 decimals", examples=["6.99"]),
]
Months = Annotated[int, Meta(ge=1, le=144)]
Zip = Annotated[str, Meta(pattern="^[0-9]{5}$", description="five digits")]


class Set(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """A part of the settings."""


class DefaultPlace(Set, frozen=True, kw_only=True):
    """Where most customers register."""

    state: StateCode | None = None
    county: Line | None = None
    city: Line | None = None
    zip: Zip | None = None


class PackageFee(Set, frozen=True, kw_only=True):
    """One fee of a package."""

    kind: Literal["document", "filing", "other"]
    name: Name
    amount: Cents


class FeePackage(Set, frozen=True, kw_only=True):
    """Fees that go into a deal together."""

    id: Key
    name: Name
    fees: Annotated[list[PackageFee], Meta(max_length=20)] = []


class ProductOffer(Set, frozen=True, kw_only=True):
    """A product that the group sells."""

    id: Key
    kind: Literal["service_contract", "gap", "maintenance", "credit_insurance", "other"]
    name: Name
    price: Cents
    cost: Cents | None = None
    term_months: Months | None = None
    miles: Annotated[int, Meta(ge=0, le=1_000_000)] | None = None


class LenderProgram(Set, frozen=True, kw_only=True):
    """A lender's standing offer."""

    id: Key
    lender: Name
    name: Name
    buy_rate: PercentText
    most_markup: PercentText = "2"
    months: Annotated[list[Months], Meta(max_length=20)] = []


class Branding(Set, frozen=True, kw_only=True):
    """How prints look."""

    display_name: Line = ""
    color: Annotated[str, Meta(pattern="^#[0-9a-f]{6}$", description="a colour such as #1d4ed8")] = "#1d4ed8"
    disclaimer: Annotated[
        str, Meta(max_length=2000, pattern=PLAIN, description="text without control characters but line ends")
    ] = ""


class Settings(Set, frozen=True, kw_only=True):
    """All settings of a dealer group."""

    default_place: DefaultPlace = DefaultPlace()
    document_fee: Cents | None = None
    fee_packages: Annotated[list[FeePackage], Meta(max_length=50)] = []
    products: Annotated[list[ProductOffer], Meta(max_length=200)] = []
    lender_programs: Annotated[list[LenderProgram], Meta(max_length=200)] = []
    branding: Branding = Branding()
    regulator: Literal["board", "bureau"] = "board"
    """Whose Regulation Z and M apply: the Board's for dealers that sell, service and routinely assign."""
    sales_see: Literal["own", "rooftop"] = "own"
    """Which deals a salesperson sees: one's own, or all of one's rooftops."""

    def faults(self, path: str) -> list[FieldError]:
        """An id that stands twice in its list: a deal could not tell which of them it took."""
        lists = {"fee_packages": self.fee_packages, "products": self.products, "lender_programs": self.lender_programs}
        return [
            FieldError(f"{path}.{name}[{at}].id".lstrip("."), "same_id", "each entry of a list has an id of its own")
            for name, entries in lists.items()
            for at, entry in enumerate(entries)
            if entry.id in {before.id for before in entries[:at]}
        ]
