"""Routes of the audit trail."""

import uuid
from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Router, get
from litestar.datastructures import State
from litestar.params import Parameter
from litestar.response import Stream
from sqlalchemy import text

from backend.audit.record import Who, event
from backend.auth.principal import allow
from backend.db.clock import finish
from backend.db.engine import Database
from backend.deps import By, Session
from backend.http.paging import DEFAULT, CursorText, Limit, Page, page, unpack

WATCHERS = [allow("platform_admin", "tenant_admin", "auditor")]
Action = Annotated[str | None, Parameter(max_length=60, pattern="^[a-z_.]+$")]


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One link of the chain: `hash` is SHA-256 over the hash before it and the text of `entry`."""

    n: int
    at: datetime
    actor: uuid.UUID | None
    action: str
    kind: str
    object_id: uuid.UUID | None
    address: str
    detail: dict[str, Any]
    hash: str


def _shown(row: Any) -> AuditEntry:
    entry = msgspec.json.decode(row.entry, type=dict[str, Any])
    return AuditEntry(
        n=row.n,
        at=row.at,
        actor=row.actor,
        action=row.action,
        kind=row.kind,
        object_id=row.object_id,
        address=entry["address"],
        detail=entry["detail"],
        hash=row.hash.hex(),
    )


@get("/audit", operation_id="ListAudit", guards=WATCHERS)
async def list_audit(
    session: Session,
    principal: By,
    object_id: uuid.UUID | None = None,
    actor: uuid.UUID | None = None,
    action: Action = None,
    cursor: CursorText = None,
    limit: Limit = DEFAULT,
) -> Page[AuditEntry]:
    """List who did and read what, latest first; reads appear within a second."""
    before = unpack(cursor, tuple[int])
    rows = await session.execute(
        text(
            """
            SELECT n, at, actor, action, kind, object_id, entry, hash FROM audit
            WHERE tenant_id = :tenant AND (CAST(:before AS bigint) IS NULL OR n < :before)
              AND (CAST(:object AS uuid) IS NULL OR object_id = :object)
              AND (CAST(:actor AS uuid) IS NULL OR actor = :actor)
              AND (CAST(:action AS text) IS NULL OR action = :action)
            ORDER BY n DESC LIMIT :limit
            """
        ),
        {
            "tenant": principal.tenant_id,
            "before": before[0] if before else None,
            "object": object_id,
            "actor": actor,
            "action": action,
            "limit": limit + 1,
        },
    )
    return page([_shown(row) for row in rows], limit, lambda one: [one.n])


@get("/audit/export", operation_id="ExportAudit", guards=WATCHERS)
async def export_audit(state: State, session: Session, principal: By) -> Stream:
    """Take the whole chain out as JSON lines, each with the text that its hash is made of."""
    await finish(session, principal.tenant_id, event(Who.of(principal), "audit.export", "audit", None))
    headers = {"content-disposition": 'attachment; filename="audit.jsonl"'}
    return Stream(_export(state.database, principal.tenant_id), media_type="application/jsonl", headers=headers)


async def _export(database: Database, tenant: uuid.UUID) -> AsyncGenerator[bytes]:
    async with database.transaction(tenant) as session:
        await session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
        rows = await session.stream(
            text("SELECT n, entry, hash FROM audit WHERE tenant_id = :tenant ORDER BY n"), {"tenant": tenant}
        )
        async for row in rows:
            yield msgspec.json.encode({"n": row.n, "entry": row.entry, "hash": row.hash.hex()}) + b"\n"


audit_router = Router(path="/api/v1", tags=["audit"], route_handlers=[list_audit, export_audit])
