"""Shapes of deals."""

import uuid
from datetime import datetime
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from backend.deals.statuses import Status
from pyapp.deal.document import Deal

Figure = Annotated[int, Meta(ge=-(10**13), le=10**13, description="whole cents")]
Shown = dict[str, Figure | None]
ShownFigures = Annotated[Shown, Meta(max_length=60, description="figures as the screen showed them")]


class DealPut(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A deal as typed, with the figures that the screen showed for it."""

    deal: Deal
    shown: ShownFigures = {}


class DealCreate(DealPut, frozen=True, kw_only=True):
    """A new deal; its id may be made by who creates it."""

    id: uuid.UUID | UnsetType = UNSET


class DealHead(Struct, frozen=True, kw_only=True):
    """What is known of a deal without opening it."""

    id: uuid.UUID
    rev: int
    status: Status
    title: str
    rooftop_id: uuid.UUID | None
    owner_id: uuid.UUID | None
    customer_id: uuid.UUID | None
    total: int | None
    """Out the door after trade, in cents, as the server computed it; null while it waits for a fact."""
    differs: bool
    """Whether the screen showed a figure otherwise."""
    created_at: datetime
    changed_at: datetime


class DealOut(DealHead, frozen=True, kw_only=True):
    """A deal as stored, with what the server computed."""

    deal: Deal
    shown: Shown
    computed: Shown
    waits: dict[str, list[str]]
    """Figures that are unknown yet, with the fields that they wait for."""
    warnings: list[str]
    rule_pack: str


class StatusChange(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The next status."""

    status: Status


class PencilCreate(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Keep the figures of this moment as shown to the customer."""

    id: uuid.UUID | UnsetType = UNSET


class Difference(Struct, frozen=True, kw_only=True):
    """A figure that the screen showed otherwise than the server computes it."""

    rev: int
    figure: str
    shown: int | None
    computed: int | None
    at: datetime


class DeskLog(Struct, frozen=True, kw_only=True):
    """The deals that were touched in a time, with how many stand where."""

    counts: dict[str, int]
    deals: list[DealHead]
    more: bool
