"""What people send and get when they sign in."""

import uuid
from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from backend.auth.principal import Role
from backend.http.text import Email, Name, Slug

Password = Annotated[str, Meta(min_length=1, max_length=1024)]
Code = Annotated[
    str, Meta(min_length=6, max_length=32, pattern="^[0-9A-Za-z -]+$", description="a code", examples=["123456"])
]
Ticket = Annotated[str, Meta(min_length=16, max_length=2048, pattern=r"^[A-Za-z0-9._-]+$")]


class Device(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The browser that signs in; it made its id itself and keeps it."""

    id: uuid.UUID
    name: Name


class SignIn(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Dealer group, e-mail and password; the code when a second factor is set up."""

    dealer_group: Slug
    email: Email
    password: Password
    code: Code | None = None
    device: Device


class SignedIn(Struct, frozen=True, kw_only=True):
    """An access token, to be kept in memory only; the refresh token travels in its cookie."""

    access_token: str
    expires_in: int
    tenant_id: uuid.UUID
    user_id: uuid.UUID
    session_id: uuid.UUID
    role: Role


class MustEnroll(Struct, frozen=True, kw_only=True):
    """The password was right, but this role needs a second factor first: set one up with this ticket."""

    enroll_ticket: str


class EnrollStart(Struct, frozen=True, forbid_unknown_fields=True):
    """Begin to set up a second factor."""

    enroll_ticket: Ticket


class Secret(Struct, frozen=True, kw_only=True):
    """The secret for an authenticator app, as text and as the address that its QR code holds."""

    secret: str
    otpauth: str


class EnrollConfirm(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The first code of the authenticator app proves that it works."""

    enroll_ticket: Ticket
    code: Code
    device: Device


class Enrolled(Struct, frozen=True, kw_only=True):
    """Signed in, with the recovery codes: shown this once."""

    recovery_codes: list[str]
    signed_in: SignedIn


class RecoveryCodes(Struct, frozen=True):
    """New recovery codes, shown this once; the old ones no longer work."""

    recovery_codes: list[str]


class Reauthenticate(Struct, frozen=True, forbid_unknown_fields=True):
    """The password once more, before something that matters."""

    password: Password


class ChangePassword(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The password now, and the next one."""

    password: Password
    new_password: Password


class Accept(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An invitation or reset, with the password that its person chooses."""

    token: Annotated[str, Meta(min_length=40, max_length=200, pattern=r"^[A-Za-z0-9._-]+$")]
    password: Password


class Accepted(Struct, frozen=True, kw_only=True):
    """Where to sign in now."""

    dealer_group: str
    email: str


class Me(Struct, frozen=True, kw_only=True):
    """The signed-in user."""

    id: uuid.UUID
    tenant_id: uuid.UUID
    dealer_group: str
    dealer_group_name: str
    email: str
    name: str
    role: Role
    rooftop_ids: list[uuid.UUID]
    second_factor: bool


class SessionOut(Struct, frozen=True, kw_only=True):
    """A place where the user is signed in."""

    id: uuid.UUID
    device_id: uuid.UUID
    address: str
    agent: str
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    current: bool


class DeviceOut(Struct, frozen=True, kw_only=True):
    """A browser that the user signed in with; `wipe` tells it to forget what it stores."""

    id: uuid.UUID
    name: str
    wipe: bool
    created_at: datetime
    last_seen_at: datetime
