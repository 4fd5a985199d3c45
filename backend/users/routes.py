"""Routes of users and invitations."""

import uuid
from datetime import datetime
from typing import Annotated, Any, Literal

from litestar import Response, Router, delete, get, patch, post
from msgspec import UNSET, Meta, Struct, UnsetType
from sqlalchemy import Row, text

from backend.audit.record import Who, event
from backend.auth import data as auth_data
from backend.auth.principal import ADMINS, PLATFORM, Principal, Role, allow
from backend.auth.routes import wipe
from backend.auth.schemas import DeviceOut
from backend.auth.service import set_rooftops
from backend.db.clock import finish
from backend.db.rows import values as values_of
from backend.deps import AnyRequest, By, Session
from backend.http.etag import expected_rev, stale, tagged
from backend.http.paging import DEFAULT, CursorText, Limit, Page, page, unpack
from backend.http.problems import Problem, invalid, not_found
from backend.http.text import Email, Name
from backend.users import service

READERS = [allow("platform_admin", "tenant_admin", "manager", "auditor")]
ADMIN = [allow(*ADMINS)]
RooftopIds = Annotated[list[uuid.UUID], Meta(max_length=200)]
SELECT = """
    SELECT u.id, u.email, u.name, u.role, u.status, u.totp_on AS second_factor, u.rev, u.created_at, u.changed_at,
           ARRAY(SELECT rooftop_id FROM user_rooftops r WHERE r.tenant_id = u.tenant_id AND r.user_id = u.id
                 ORDER BY 1) AS rooftop_ids
    FROM users u WHERE u.tenant_id = :tenant
"""


class User(Struct, frozen=True, kw_only=True):
    """A person who can sign in."""

    id: uuid.UUID
    email: str
    name: str
    role: Role
    status: Literal["active", "disabled"]
    second_factor: bool
    rooftop_ids: list[uuid.UUID]
    rev: int
    created_at: datetime
    changed_at: datetime


class UserChange(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What an admin may change of a user."""

    name: Name | UnsetType = UNSET
    role: Role | UnsetType = UNSET
    status: Literal["active", "disabled"] | UnsetType = UNSET
    rooftop_ids: RooftopIds | UnsetType = UNSET


class InvitationCreate(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A person to invite."""

    email: Email
    name: Name
    role: Role
    rooftop_ids: RooftopIds = []


class Invitation(Struct, frozen=True, kw_only=True):
    """An invitation that waits for its person."""

    id: uuid.UUID
    email: str
    name: str
    role: Role
    rooftop_ids: list[uuid.UUID]
    created_at: datetime
    expires_at: datetime


class Handover(Struct, frozen=True, kw_only=True):
    """A secret to hand to its person: shown this once."""

    id: uuid.UUID
    token: str


def check_role(principal: Principal, role: Role) -> None:
    """The platform's people and a group's people have roles of their own."""
    if (principal.tenant_id == PLATFORM) != (role == "platform_admin"):
        raise invalid("role", "wrong_role", "this role does not exist here")


@get("/users", operation_id="ListUsers", guards=READERS)
async def list_users(session: Session, principal: By, cursor: CursorText = None, limit: Limit = DEFAULT) -> Page[User]:
    """List the people of one's dealer group."""
    after = unpack(cursor, tuple[str])
    rows = await session.execute(
        text(SELECT + " AND (CAST(:after AS text) IS NULL OR u.email > :after) ORDER BY u.email LIMIT :limit"),
        {"tenant": principal.tenant_id, "after": after[0] if after else None, "limit": limit + 1},
    )
    return page([User(**values_of(row)) for row in rows], limit, lambda user: [user.email])


async def find(session: Session, principal: Principal, user_id: uuid.UUID) -> Row[Any]:
    """A user of one's group."""
    row = (
        await session.execute(text(SELECT + " AND u.id = :id"), {"tenant": principal.tenant_id, "id": user_id})
    ).one_or_none()
    if row is None:
        raise not_found()
    return row


@get("/users/{user_id:uuid}", operation_id="GetUser", guards=READERS)
async def get_user(session: Session, principal: By, user_id: uuid.UUID) -> Response[User]:
    """Get a user."""
    row = await find(session, principal, user_id)
    return tagged(User(**values_of(row)), row.rev)


@patch("/users/{user_id:uuid}", operation_id="ChangeUser", guards=ADMIN)
async def change_user(
    request: AnyRequest, session: Session, principal: By, user_id: uuid.UUID, data: UserChange
) -> Response[User]:
    """Change a user's name, role, stores or status; a disabled user is signed out everywhere."""
    rev = expected_rev(request)
    await find(session, principal, user_id)
    if data.role is not UNSET:
        check_role(principal, data.role)
    if user_id == principal.user_id and (data.role is not UNSET or data.status is not UNSET):
        raise Problem(409, "own_rights", "Nobody changes their own role or status: ask another admin.")
    tenant = principal.tenant_id
    done = await session.execute(
        text(
            """
            UPDATE users SET name = coalesce(:name, name), role = coalesce(:role, role),
                status = coalesce(:status, status), rev = rev + 1, changed_at = now()
            WHERE tenant_id = :tenant AND id = :id AND rev = :rev RETURNING rev
            """
        ),
        {
            "tenant": tenant,
            "id": user_id,
            "rev": rev,
            "name": None if data.name is UNSET else data.name,
            "role": None if data.role is UNSET else data.role,
            "status": None if data.status is UNSET else data.status,
        },
    )
    if done.one_or_none() is None:
        raise stale()
    if data.rooftop_ids is not UNSET:
        await set_rooftops(session, tenant, user_id, data.rooftop_ids)
    if data.status == "disabled":
        await auth_data.revoke_sessions(session, tenant, user_id, "user disabled")
    await auth_data.announce(session)
    row = await find(session, principal, user_id)
    detail = {"role": row.role, "status": row.status}
    await finish(session, tenant, event(Who.of(principal), "user.change", "user", user_id, detail))
    return tagged(User(**values_of(row)), row.rev)


@post("/users/{user_id:uuid}/reset", operation_id="ResetPassword", guards=ADMIN)
async def reset_password(session: Session, principal: By, user_id: uuid.UUID) -> Response[Handover]:
    """Make a secret with which a user chooses a new password."""
    user = await find(session, principal, user_id)
    made, token = await service.reset(session, principal.tenant_id, principal.user_id, user)
    await finish(session, principal.tenant_id, event(Who.of(principal), "user.reset", "user", user_id))
    return Response(Handover(id=made, token=token), status_code=201, headers={"cache-control": "no-store"})


@post("/users/{user_id:uuid}/sign-out", operation_id="SignOutUser", status_code=204, guards=ADMIN)
async def sign_out_user(session: Session, principal: By, user_id: uuid.UUID) -> None:
    """End all sessions of a user."""
    await find(session, principal, user_id)
    await auth_data.revoke_sessions(session, principal.tenant_id, user_id, "ended by an admin")
    await finish(session, principal.tenant_id, event(Who.of(principal), "user.sign_out", "user", user_id))


@delete("/users/{user_id:uuid}/second-factor", operation_id="RemoveSecondFactor", guards=ADMIN)
async def remove_second_factor(session: Session, principal: By, user_id: uuid.UUID) -> None:
    """Remove a second factor that its user has lost; they are signed out and set a new one up at the next sign-in."""
    if user_id == principal.user_id:
        raise Problem(409, "own_rights", "Nobody removes their own second factor: ask another admin.")
    user = await find(session, principal, user_id)
    await service.remove_second_factor(session, Who.of(principal), principal.tenant_id, user)


@get("/users/{user_id:uuid}/devices", operation_id="ListUserDevices", guards=ADMIN)
async def list_user_devices(session: Session, principal: By, user_id: uuid.UUID) -> list[DeviceOut]:
    """List the browsers that a user has signed in with."""
    await find(session, principal, user_id)
    rows = await session.execute(
        text(
            "SELECT id, name, wipe, created_at, last_seen_at FROM devices"
            " WHERE tenant_id = :tenant AND user_id = :user ORDER BY last_seen_at DESC LIMIT 100"
        ),
        {"tenant": principal.tenant_id, "user": user_id},
    )
    return [DeviceOut(**values_of(row)) for row in rows]


@post("/users/{user_id:uuid}/devices/{device_id:uuid}/wipe", operation_id="WipeDevice", status_code=204, guards=ADMIN)
async def wipe_user_device(session: Session, principal: By, user_id: uuid.UUID, device_id: uuid.UUID) -> None:
    """Tell a user's browser to forget what it stores; its sessions end."""
    await find(session, principal, user_id)
    await wipe(session, principal, user_id, device_id)


@get("/invitations", operation_id="ListInvitations", guards=ADMIN)
async def list_invitations(session: Session, principal: By) -> list[Invitation]:
    """List invitations that still wait."""
    rows = await session.execute(
        text(
            "SELECT id, email, name, role, rooftop_ids, created_at, expires_at FROM invitations"
            " WHERE tenant_id = :tenant AND kind = 'invitation' AND accepted_at IS NULL AND revoked_at IS NULL"
            " AND expires_at > now() ORDER BY created_at DESC LIMIT 500"
        ),
        {"tenant": principal.tenant_id},
    )
    return [Invitation(**values_of(row)) for row in rows]


@post("/invitations", operation_id="CreateInvitation", guards=ADMIN)
async def create_invitation(session: Session, principal: By, data: InvitationCreate) -> Response[Handover]:
    """Invite a person."""
    check_role(principal, data.role)
    tenant = principal.tenant_id
    made, token = await service.invite(
        session, tenant, principal.user_id, data.email, data.name, data.role, data.rooftop_ids
    )
    await finish(session, tenant, event(Who.of(principal), "invitation.create", "invitation", made))
    return Response(Handover(id=made, token=token), status_code=201, headers={"cache-control": "no-store"})


@delete("/invitations/{invitation_id:uuid}", operation_id="WithdrawInvitation", guards=ADMIN)
async def withdraw_invitation(session: Session, principal: By, invitation_id: uuid.UUID) -> None:
    """Withdraw an invitation."""
    done = await session.execute(
        text(
            "UPDATE invitations SET revoked_at = now() WHERE tenant_id = :tenant AND id = :id"
            " AND accepted_at IS NULL AND revoked_at IS NULL RETURNING id"
        ),
        {"tenant": principal.tenant_id, "id": invitation_id},
    )
    if done.one_or_none() is None:
        raise not_found()
    await finish(
        session, principal.tenant_id, event(Who.of(principal), "invitation.withdraw", "invitation", invitation_id)
    )


users_router = Router(
    path="/api/v1",
    tags=["people"],
    route_handlers=[
        list_users,
        get_user,
        change_user,
        reset_password,
        sign_out_user,
        remove_second_factor,
        list_user_devices,
        wipe_user_device,
        list_invitations,
        create_invitation,
        withdraw_invitation,
    ],
)
