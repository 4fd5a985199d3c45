"""Shapes of dealer groups."""

import uuid
from datetime import datetime
from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from backend.http.text import Email, Name, Slug


class TenantCreate(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A new dealer group with its first admin, who is invited."""

    id: uuid.UUID | UnsetType = UNSET
    slug: Slug
    name: Name
    admin_email: Email
    admin_name: Name


class TenantChange(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the platform may change; the slug stays, people sign in with it."""

    name: Name


class AdminOfTenant(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An admin of a dealer group, by the e-mail that they sign in with."""

    email: Email


class Tenant(Struct, frozen=True, kw_only=True):
    """A dealer group as the platform sees it."""

    id: uuid.UUID
    slug: str
    name: str
    status: Literal["active", "suspended", "deleted"]
    rev: int
    created_at: datetime
    changed_at: datetime


class TenantCreated(Struct, frozen=True, kw_only=True):
    """The new group, and the invitation to hand to its admin: shown this once."""

    tenant: Tenant
    invitation_token: str
