"""Inviting people, and helping those who lost what they sign in with."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.audit.record import Who, event
from backend.auth import data as auth_data
from backend.auth.service import new_invitation_token
from backend.db.clock import finish
from backend.http.problems import Problem, invalid
from backend.ids import uuid7

INVITATION_LIFE = timedelta(days=7)
RESET_LIFE = timedelta(hours=24)


async def invite(
    session: AsyncSession,
    tenant: uuid.UUID,
    by: uuid.UUID,
    email: str,
    name: str,
    role: str,
    rooftops: list[uuid.UUID],
) -> tuple[uuid.UUID, str]:
    """An invitation and its secret, which is shown once; an earlier one for the same e-mail is withdrawn."""
    email = email.lower()
    values: dict[str, Any] = {"tenant": tenant, "email": email}
    taken = await session.execute(text("SELECT 1 FROM users WHERE tenant_id = :tenant AND email = :email"), values)
    if taken.one_or_none() is not None:
        raise Problem(409, "email_taken", "There is a user with this e-mail already.")
    known = await session.execute(
        text("SELECT count(*) FROM rooftops WHERE tenant_id = :tenant AND id = ANY(CAST(:rooftops AS uuid[]))"),
        {"tenant": tenant, "rooftops": rooftops},
    )
    if known.scalar_one() != len(set(rooftops)):
        raise invalid("rooftop_ids", "unknown_rooftop", "each entry must be the id of one of your rooftops")
    await session.execute(
        text(
            "UPDATE invitations SET revoked_at = now() WHERE tenant_id = :tenant AND email = :email"
            " AND kind = 'invitation' AND accepted_at IS NULL AND revoked_at IS NULL"
        ),
        values,
    )
    return await _add(session, tenant, by, "invitation", email, name, role, rooftops, None, INVITATION_LIFE)


async def reset(session: AsyncSession, tenant: uuid.UUID, by: uuid.UUID, user: Any) -> tuple[uuid.UUID, str]:
    """A secret with which a user chooses a new password."""
    return await _add(session, tenant, by, "reset", user.email, user.name, user.role, [], user.id, RESET_LIFE)


async def remove_second_factor(session: AsyncSession, who: Who, tenant: uuid.UUID, user: Any) -> None:
    """Take a lost second factor off a user; the session is of the user's own tenant and ends with it."""
    if not user.second_factor:
        raise Problem(409, "no_second_factor", "This user has no second factor that could be removed.")
    await auth_data.remove_totp(session, tenant, user.id)
    await finish(session, tenant, event(who, "user.second_factor_removed", "user", user.id))


async def _add(
    session: AsyncSession,
    tenant: uuid.UUID,
    by: uuid.UUID,
    kind: str,
    email: str,
    name: str,
    role: str,
    rooftops: list[uuid.UUID],
    user: uuid.UUID | None,
    life: timedelta,
) -> tuple[uuid.UUID, str]:
    token, token_hash = new_invitation_token(tenant)
    invitation = uuid7()
    await session.execute(
        text(
            "INSERT INTO invitations (tenant_id, id, kind, email, name, role, rooftop_ids, user_id, token_hash,"
            " created_by, expires_at) VALUES (:tenant, :id, :kind, :email, :name, :role, :rooftops, :user, :hash,"
            " :by, :expires)"
        ),
        {
            "tenant": tenant,
            "id": invitation,
            "kind": kind,
            "email": email,
            "name": name,
            "role": role,
            "rooftops": rooftops,
            "user": user,
            "hash": token_hash,
            "by": by,
            "expires": datetime.now(UTC) + life,
        },
    )
    return invitation, token
