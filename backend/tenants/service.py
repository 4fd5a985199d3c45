"""Making and ending dealer groups."""

import hashlib
import uuid
from collections.abc import AsyncGenerator
from typing import Any

import msgspec
from msgspec import UNSET
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.audit.record import Who, event
from backend.auth import data as auth_data
from backend.auth.principal import PLATFORM, Principal
from backend.db.clock import finish
from backend.db.engine import Database
from backend.db.rows import values as values_of
from backend.http.etag import stale
from backend.http.problems import Problem, invalid, not_found
from backend.ids import uuid7
from backend.tenant_settings.schemas import Settings
from backend.tenants.schemas import Tenant, TenantCreate
from backend.users import service as users

COLUMNS = "id, slug, name, status, rev, created_at, changed_at"
# What a group takes along, each table with what of it stays here: secrets, and what guards against guessing.
EXPORTED = {
    "tenant_settings": "",
    "tenant_clock": "",
    "rooftops": "",
    "users": "- 'password_hash' - 'totp_sealed' - 'totp_step' - 'failures' - 'locked_until'",
    "user_rooftops": "",
    "invitations": "- 'token_hash'",
    "devices": "",
    "sessions": "",
    "documents": "",
    "revisions": "",
    "deal_differences": "",
    "audit": "",
}
# Secrets' hashes, answers that are kept a week for who asks twice, and pieces that are made anew from the documents.
KEPT_BACK = frozenset({"refresh_tokens", "recovery_codes", "idempotency", "search_terms"})


def shown(row: Row[Any]) -> Tenant:
    """A row as the platform sees it."""
    return Tenant(**values_of(row))


async def make_rows(session: AsyncSession, tenant: uuid.UUID, slug: str, name: str) -> None:
    """The group itself with its counter row and settings; the session is already the new tenant's."""
    made = await session.execute(
        text(
            "INSERT INTO tenants (id, slug, name, status) VALUES (:id, :slug, :name, 'active')"
            " ON CONFLICT DO NOTHING RETURNING id"
        ),
        {"id": tenant, "slug": slug, "name": name},
    )
    if made.one_or_none() is None:
        raise Problem(409, "slug_taken", "There is a dealer group with this slug or id already.")
    await session.execute(
        text("INSERT INTO tenant_clock (tenant_id, epoch, audit_head) VALUES (:id, :epoch, :head)"),
        {"id": tenant, "epoch": uuid.uuid4(), "head": hashlib.sha256(str(tenant).encode()).digest()},
    )
    await session.execute(
        text("INSERT INTO tenant_settings (tenant_id, body) VALUES (:id, CAST(:body AS jsonb))"),
        {"id": tenant, "body": msgspec.json.encode(Settings()).decode()},
    )


async def create(database: Database, principal: Principal, request: TenantCreate) -> tuple[Tenant, str]:
    """A new group, in a transaction of its own: nothing of it mixes with the platform's."""
    tenant = uuid7() if request.id is UNSET else request.id
    async with database.transaction(tenant) as session:
        await make_rows(session, tenant, request.slug, request.name)
        _, token = await users.invite(
            session, tenant, principal.user_id, request.admin_email, request.admin_name, "tenant_admin", []
        )
        row = (await session.execute(text(f"SELECT {COLUMNS} FROM tenants WHERE id = :id"), {"id": tenant})).one()
        await finish(session, tenant, event(Who.of(principal), "tenant.create", "tenant", tenant))
    return shown(row), token


async def find(session: AsyncSession, tenant: uuid.UUID) -> Tenant:
    """One group; the platform itself is none."""
    row = (
        await session.execute(
            text(f"SELECT {COLUMNS} FROM tenants WHERE id = :id AND id <> :platform"),
            {"id": tenant, "platform": PLATFORM},
        )
    ).one_or_none()
    if row is None:
        raise not_found()
    return shown(row)


async def listed(session: AsyncSession, after: str | None, limit: int) -> list[Tenant]:
    """Groups by slug."""
    rows = await session.execute(
        text(
            f"SELECT {COLUMNS} FROM tenants WHERE id <> :platform AND (CAST(:after AS text) IS NULL OR slug > :after)"
            " ORDER BY slug LIMIT :limit"
        ),
        {"platform": PLATFORM, "after": after, "limit": limit},
    )
    return [shown(row) for row in rows]


async def rename(session: AsyncSession, principal: Principal, tenant: uuid.UUID, rev: int, name: str) -> Tenant:
    """Another name."""
    await find(session, tenant)
    row = (
        await session.execute(
            text(
                "UPDATE tenants SET name = :name, rev = rev + 1, changed_at = now()"
                f" WHERE id = :id AND rev = :rev RETURNING {COLUMNS}"
            ),
            {"id": tenant, "rev": rev, "name": name},
        )
    ).one_or_none()
    if row is None:
        raise stale()
    await finish(session, PLATFORM, event(Who.of(principal), "tenant.change", "tenant", tenant))
    return shown(row)


async def set_status(
    session: AsyncSession, principal: Principal, tenant: uuid.UUID, status: str, before: tuple[str, ...]
) -> Tenant:
    """Suspend, resume or delete; people of the group are signed out or may sign in again at once."""
    found = await find(session, tenant)
    if found.status not in before:
        raise Problem(409, "wrong_status", f"This dealer group is {found.status}.")
    row = (
        await session.execute(
            text(
                "UPDATE tenants SET status = :status, rev = rev + 1, changed_at = now()"
                f" WHERE id = :id RETURNING {COLUMNS}"
            ),
            {"id": tenant, "status": status},
        )
    ).one()
    await auth_data.announce(session)
    await finish(session, PLATFORM, event(Who.of(principal), f"tenant.{status}", "tenant", tenant))
    return shown(row)


async def remove_second_factor(database: Database, principal: Principal, tenant: uuid.UUID, email: str) -> None:
    """Take a lost second factor off a group's admin, in a transaction of that group; other people stay unseen."""
    async with database.transaction(tenant) as session:
        user = (
            await session.execute(
                text(
                    "SELECT id, totp_on AS second_factor FROM users"
                    " WHERE tenant_id = :tenant AND email = :email AND role = 'tenant_admin'"
                ),
                {"tenant": tenant, "email": email.lower()},
            )
        ).one_or_none()
        if user is None:
            raise invalid("email", "unknown_admin", "this is not the e-mail of an admin of this dealer group")
        await users.remove_second_factor(session, Who.of(principal), tenant, user)


async def export(database: Database, tenant: uuid.UUID) -> AsyncGenerator[bytes]:
    """Everything of a group as one JSON object a line, of one moment."""
    async with database.transaction(tenant) as session:
        await session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
        group = await session.scalar(
            text("SELECT CAST(to_jsonb(t) AS text) FROM tenants t WHERE id = :tenant"), {"tenant": tenant}
        )
        yield f'{{"table": "tenants", "row": {group}}}\n'.encode()
        for table, without in EXPORTED.items():
            rows = await session.stream_scalars(
                text(f"SELECT CAST(to_jsonb(t) {without} AS text) FROM {table} t WHERE tenant_id = :tenant"),
                {"tenant": tenant},
            )
            async for row in rows:
                yield f'{{"table": "{table}", "row": {row}}}\n'.encode()
