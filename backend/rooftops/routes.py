"""Routes of rooftops."""

import uuid
from datetime import datetime
from typing import Annotated

from litestar import Response, Router, get, patch, post
from litestar.datastructures import State
from msgspec import UNSET, Meta, Struct, UnsetType
from sqlalchemy import text

from backend.audit.record import Who, event
from backend.auth.principal import TENANT_ROLES, allow
from backend.db.clock import finish
from backend.db.direct import Direct
from backend.db.rows import Work, sql
from backend.db.rows import values as values_of
from backend.deps import AnyRequest, By, Session
from backend.http.etag import expected_rev, stale, tagged
from backend.http.problems import Problem, not_found
from backend.http.text import Name, StateCode
from backend.ids import uuid7

COLUMNS = "id, code, name, state, active, rev, created_at, changed_at"
Code = Annotated[str, Meta(min_length=1, max_length=20, pattern="^[A-Za-z0-9-]+$", examples=["DAL1"])]


class RooftopCreate(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A new store."""

    id: uuid.UUID | UnsetType = UNSET
    code: Code
    name: Name
    state: StateCode


class RooftopChange(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What may change of a store."""

    name: Name | UnsetType = UNSET
    state: StateCode | UnsetType = UNSET
    active: bool | UnsetType = UNSET


class Rooftop(Struct, frozen=True, kw_only=True):
    """A store."""

    id: uuid.UUID
    code: str
    name: str
    state: str
    active: bool
    rev: int
    created_at: datetime
    changed_at: datetime


async def read_all(work: Work, tenant: uuid.UUID) -> list[Rooftop]:
    """The stores of a dealer group."""
    rows = await work.execute(
        sql(f"SELECT {COLUMNS} FROM rooftops WHERE tenant_id = :tenant ORDER BY code LIMIT 1000"), {"tenant": tenant}
    )
    return [Rooftop(**values_of(row)) for row in rows]


async def read_one(work: Work, tenant: uuid.UUID, rooftop: uuid.UUID) -> Rooftop:
    """A store that is there."""
    row = (
        await work.execute(
            sql(f"SELECT {COLUMNS} FROM rooftops WHERE tenant_id = :tenant AND id = :id"),
            {"tenant": tenant, "id": rooftop},
        )
    ).one_or_none()
    if row is None:
        raise not_found()
    return Rooftop(**values_of(row))


@get("/rooftops", operation_id="ListRooftops", guards=[allow(*TENANT_ROLES)])
async def list_rooftops(state: State, principal: By) -> list[Rooftop]:
    """List the stores of one's dealer group."""
    direct: Direct = state.direct
    return await read_all(direct.reader(principal.tenant_id), principal.tenant_id)


@get("/rooftops/{rooftop_id:uuid}", operation_id="GetRooftop", guards=[allow(*TENANT_ROLES)])
async def get_rooftop(state: State, principal: By, rooftop_id: uuid.UUID) -> Response[Rooftop]:
    """Get a store."""
    direct: Direct = state.direct
    found = await read_one(direct.reader(principal.tenant_id), principal.tenant_id, rooftop_id)
    return tagged(found, found.rev)


@post("/rooftops", operation_id="CreateRooftop", guards=[allow("tenant_admin")])
async def create_rooftop(session: Session, principal: By, data: RooftopCreate) -> Response[Rooftop]:
    """Open a store."""
    rooftop = uuid7() if data.id is UNSET else data.id
    row = (
        await session.execute(
            text(
                "INSERT INTO rooftops (tenant_id, id, code, name, state) VALUES (:tenant, :id, :code, :name, :state)"
                f" ON CONFLICT DO NOTHING RETURNING {COLUMNS}"
            ),
            {
                "tenant": principal.tenant_id,
                "id": rooftop,
                "code": data.code,
                "name": data.name,
                "state": data.state,
            },
        )
    ).one_or_none()
    if row is None:
        raise Problem(409, "code_taken", "There is a rooftop with this code or id already.")
    await finish(session, principal.tenant_id, event(Who.of(principal), "rooftop.create", "rooftop", rooftop))
    return tagged(Rooftop(**values_of(row)), row.rev, 201, {"location": f"/api/v1/rooftops/{rooftop}"})


@patch("/rooftops/{rooftop_id:uuid}", operation_id="ChangeRooftop", guards=[allow("tenant_admin")])
async def change_rooftop(
    request: AnyRequest, session: Session, principal: By, rooftop_id: uuid.UUID, data: RooftopChange
) -> Response[Rooftop]:
    """Rename, move or close a store."""
    await read_one(session, principal.tenant_id, rooftop_id)
    row = (
        await session.execute(
            text(
                f"""
                UPDATE rooftops SET name = coalesce(:name, name), state = coalesce(:state, state),
                    active = coalesce(:active, active), rev = rev + 1, changed_at = now()
                WHERE tenant_id = :tenant AND id = :id AND rev = :rev RETURNING {COLUMNS}
                """
            ),
            {
                "tenant": principal.tenant_id,
                "id": rooftop_id,
                "rev": expected_rev(request),
                "name": None if data.name is UNSET else data.name,
                "state": None if data.state is UNSET else data.state,
                "active": None if data.active is UNSET else data.active,
            },
        )
    ).one_or_none()
    if row is None:
        raise stale()
    await finish(session, principal.tenant_id, event(Who.of(principal), "rooftop.change", "rooftop", rooftop_id))
    return tagged(Rooftop(**values_of(row)), row.rev)


rooftops_router = Router(
    path="/api/v1", tags=["rooftops"], route_handlers=[list_rooftops, get_rooftop, create_rooftop, change_rooftop]
)
