"""Shapes of customers."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from backend.customers.checks import telephone, vin_fault
from backend.http.problems import FieldError
from backend.http.text import ONE_LINE, Email, Line, Name, Note, StateCode

SCHEMA_VERSION = 1
ItemId = Annotated[
    str, Meta(min_length=1, max_length=64, pattern="^[A-Za-z0-9_-]+$", description="letters, digits, _ and -")
]
Vin = Annotated[
    str,
    Meta(
        pattern="^[A-HJ-NPR-Z0-9]{17}$",
        description="17 capitals and digits, none of them I, O or Q",
        examples=["1HGCM82633A004352"],
    ),
]
Zip = Annotated[
    str, Meta(pattern="^[0-9]{5}(-[0-9]{4})?$", description="five digits, or nine as 75201-1234", examples=["75201"])
]
Moment = Annotated[datetime, Meta(tz=True, description="RFC 3339 with its offset, such as 2026-11-22T16:00:00Z")]


EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
CLOCKS_DIFFER = timedelta(days=1)


def moment_faults(at: datetime, path: str) -> list[FieldError]:
    """What is wrong with the time of something that has happened."""
    if EARLIEST <= at <= datetime.now(UTC) + CLOCKS_DIFFER:
        return []
    return [FieldError(f"{path}.at", "out_of_range", "a time since 1970 that has passed")]


class Part(Struct, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """A part of a customer; list items carry ids, so that lists merge by id."""


class Contact(Part, kw_only=True):
    """A telephone number or e-mail."""

    id: ItemId
    kind: Literal["mobile", "home", "work", "email"]
    value: Annotated[
        str, Meta(min_length=3, max_length=254, pattern=ONE_LINE, description="one line of text, no control characters")
    ]
    preferred: bool = False

    def faults(self, path: str) -> list[FieldError]:
        """An e-mail or a telephone number that is none."""
        if self.kind != "email":
            wanted = "a telephone number has ten digits, or begins with + and a country code"
            return [] if telephone(self.value) else [FieldError(f"{path}.value", "bad_phone", wanted)]
        try:
            msgspec.convert(self.value, Email)
        except msgspec.ValidationError:
            return [FieldError(f"{path}.value", "bad_email", "an e-mail looks like ana@example.com")]
        return []


class Address(Part, kw_only=True):
    """Where the customer lives or gets mail."""

    id: ItemId
    kind: Literal["home", "mailing", "business"] = "home"
    street: Line = ""
    unit: Line = ""
    city: Line = ""
    county: Line = ""
    state: StateCode | None = None
    zip: Zip | None = None


class OwnedVehicle(Part, kw_only=True):
    """A vehicle that the customer owns."""

    id: ItemId
    vin: Vin | None = None
    model_year: Annotated[int, Meta(ge=1900, le=2100)] | None = None
    make: Line = ""
    model: Line = ""
    trim: Line = ""
    odometer: Annotated[int, Meta(ge=0, le=9_999_999)] | None = None

    def faults(self, path: str) -> list[FieldError]:
        """A VIN with a mistyped character."""
        fault = vin_fault(self.vin, f"{path}.vin") if self.vin else None
        return [fault] if fault else []


class Consent(Part, kw_only=True):
    """A yes or no to one way of being reached, with when and how it was given; the latest of a channel counts."""

    id: ItemId
    channel: Literal["call", "text", "email", "mail"]
    given: bool
    at: Moment
    how: Line = ""

    def faults(self, path: str) -> list[FieldError]:
        """A time at which it cannot have been given."""
        return moment_faults(self.at, path)


class CustomerNote(Part, kw_only=True):
    """A remark, with who made it."""

    id: ItemId
    text: Note
    at: Moment
    by: Line = ""

    def faults(self, path: str) -> list[FieldError]:
        """A time at which it cannot have been made."""
        return moment_faults(self.at, path)


class CustomerBody(Part, kw_only=True):
    """Everything about a customer."""

    kind: Literal["person", "business"] = "person"
    first_name: Line = ""
    middle_name: Line = ""
    last_name: Line = ""
    company: Line = ""
    contacts: Annotated[list[Contact], Meta(max_length=20)] = []
    addresses: Annotated[list[Address], Meta(max_length=20)] = []
    vehicles: Annotated[list[OwnedVehicle], Meta(max_length=50)] = []
    consents: Annotated[list[Consent], Meta(max_length=100)] = []
    notes: Annotated[list[CustomerNote], Meta(max_length=500)] = []


class CustomerCreate(CustomerBody, kw_only=True):
    """A new customer; its id may be made by who creates it."""

    id: uuid.UUID | UnsetType = UNSET


class Customer(Struct, frozen=True, kw_only=True):
    """A customer as stored."""

    id: uuid.UUID
    rev: int
    name: str
    created_at: datetime
    changed_at: datetime
    customer: CustomerBody


class CustomerLine(Struct, frozen=True, kw_only=True):
    """A customer in a list."""

    id: uuid.UUID
    rev: int
    name: str
    kind: str
    phone: str | None
    email: str | None
    city: str | None
    state: str | None
    changed_at: datetime


class Duplicates(Struct, frozen=True, kw_only=True):
    """Customers that share something that should be one person's."""

    by: Literal["email", "phone", "vin", "name"]
    value: str
    customers: list[CustomerLine]


class Merge(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The customer that is the same as this one, and its revision as seen."""

    other_id: uuid.UUID
    other_rev: Annotated[int, Meta(ge=1)]


class RowReport(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What happens to one row of an import."""

    row: int
    outcome: Literal["new", "duplicate", "invalid"]
    name: Name | Literal[""] = ""
    customer_id: uuid.UUID | None = None
    duplicate_of: uuid.UUID | None = None
    errors: list[str] = []


class ImportReport(Struct, frozen=True, kw_only=True):
    """What an import does or, as a preview, would do."""

    preview: bool
    new: int
    duplicate: int
    invalid: int
    rows: list[RowReport]
