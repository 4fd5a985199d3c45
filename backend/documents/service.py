"""The one place that writes documents.

Every write makes a revision, an audit entry and the next place in the tenant's order, all in the transaction's last
statement; so each change is at once something that a syncing screen can pull.
"""

import uuid
from typing import Any

import asyncpg
import msgspec
from sqlalchemy import Row, TextClause, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.audit.record import Who, event
from backend.auth.principal import Principal
from backend.db.clock import Event, finish, finish_many, finish_with, one_change
from backend.db.rows import Work
from backend.http.etag import stale
from backend.http.problems import Problem, not_found


class Draft(msgspec.Struct, kw_only=True):
    """A document as it will be stored: its body, and beside it what is searched and joined."""

    id: uuid.UUID
    kind: str
    schema_version: int
    body: bytes
    title: str
    status: str
    rooftop_id: uuid.UUID | None = None
    owner_id: uuid.UUID | None = None
    assigned_ids: list[uuid.UUID] = []
    customer_id: uuid.UUID | None = None
    total: int | None = None
    differs: bool = False
    deleted: bool = False
    terms: list[str] | None = None


class Written(msgspec.Struct, frozen=True):
    """Where a write has put its document."""

    rev: int
    seq: int


INSERT = text(
    """
    INSERT INTO documents (tenant_id, id, kind, schema_version, rev, seq, deleted, body, title, status, rooftop_id,
        owner_id, assigned_ids, customer_id, total, differs, created_by, changed_by)
    VALUES (:tenant, :id, :kind, :schema_version, 1, 0, :deleted, CAST(:body AS jsonb), :title, :status, :rooftop_id,
        :owner_id, :assigned_ids, :customer_id, :total, :differs, :by, :by)
    ON CONFLICT (tenant_id, id) DO NOTHING RETURNING rev
    """
)


REFUSED = (IntegrityError, asyncpg.IntegrityConstraintViolationError)
"""What the database says of a reference to nothing, on either road."""

FIELDS = """schema_version = :schema_version, rev = documents.rev + 1, deleted = :deleted,
        body = CAST(:body AS jsonb), title = :title, status = :status, rooftop_id = :rooftop_id, owner_id = :owner_id,
        assigned_ids = :assigned_ids, customer_id = :customer_id, total = :total, differs = :differs,
        changed_at = now(), changed_by = :by"""
SAME = "tenant_id = :tenant AND id = :id AND kind = :kind AND rev = :rev AND NOT deleted"
UPDATE = text(f"UPDATE documents SET {FIELDS} WHERE {SAME} RETURNING rev")


def changing(returned: str) -> TextClause:
    """The change of a document as a transaction's only and last statement, and what it tells of the row."""
    return text(one_change(FIELDS, SAME, returned))


def _values(principal: Principal, draft: Draft) -> dict[str, Any]:
    return {
        "tenant": principal.tenant_id,
        "by": principal.user_id,
        "id": draft.id,
        "kind": draft.kind,
        "schema_version": draft.schema_version,
        "deleted": draft.deleted,
        "body": draft.body.decode(),
        "title": draft.title[:200],
        "status": draft.status,
        "rooftop_id": draft.rooftop_id,
        "owner_id": draft.owner_id,
        "assigned_ids": draft.assigned_ids,
        "customer_id": draft.customer_id,
        "total": draft.total,
        "differs": draft.differs,
    }


async def insert(work: Work, principal: Principal, draft: Draft) -> int:
    """The row of a new document; `finish` or `finish_many` must end the transaction."""
    try:
        made = (await work.execute(INSERT, _values(principal, draft))).one_or_none()
    except REFUSED as error:
        raise _dangling(error) from error
    if made is None:
        raise Problem(409, "id_taken", "There is a document with this id already.")
    await _terms(work, principal, draft, fresh=True)
    return 1


async def update(work: Work, principal: Principal, draft: Draft, rev: int) -> int:
    """The row of a changed document; `finish` or `finish_many` must end the transaction."""
    try:
        made = (await work.execute(UPDATE, {**_values(principal, draft), "rev": rev})).one_or_none()
    except REFUSED as error:
        raise _dangling(error) from error
    if made is None:
        raise stale()
    await _terms(work, principal, draft, fresh=False)
    return int(made.rev)


async def change(
    work: Work, principal: Principal, draft: Draft, rev: int, action: str, detail: dict[str, Any], statement: TextClause
) -> Any:
    """Store a changed document without search terms and end the transaction, all in one statement of `changing`."""
    told = {"rev": rev + 1, **detail}
    done = event(Who.of(principal), f"{draft.kind}.{action}", draft.kind, draft.id, told)
    try:
        rows = await finish_with(work, statement, done, {**_values(principal, draft), "rev": rev})
    except REFUSED as error:
        raise _dangling(error) from error
    made = rows.one_or_none()
    if made is None:
        raise stale()
    return made


async def replace(
    session: AsyncSession,
    principal: Principal,
    draft: Draft,
    rev: int,
    action: str,
    detail: dict[str, Any] | None = None,
) -> Written:
    """Store a changed document and end the transaction's work."""
    made = await update(session, principal, draft, rev)
    done = event(Who.of(principal), f"{draft.kind}.{action}", draft.kind, draft.id, {"rev": made, **(detail or {})})
    return Written(made, await finish(session, principal.tenant_id, done, document=True))


async def end_many(session: AsyncSession, principal: Principal, events: list[Event]) -> None:
    """End a transaction that wrote several documents, one event for each."""
    documents = [one.object_id for one in events if one.object_id is not None]
    await finish_many(session, principal.tenant_id, events, documents=documents)


async def _terms(work: Work, principal: Principal, draft: Draft, *, fresh: bool) -> None:
    if draft.terms is None:
        return
    values = {"tenant": principal.tenant_id, "doc": draft.id, "terms": draft.terms}
    if not fresh:
        await work.execute(
            text(
                "DELETE FROM search_terms WHERE tenant_id = :tenant AND doc_id = :doc"
                " AND NOT term = ANY(CAST(:terms AS text[]))"
            ),
            values,
        )
    await work.execute(
        text(
            "INSERT INTO search_terms (tenant_id, term, doc_id)"
            " SELECT :tenant, term, :doc FROM unnest(CAST(:terms AS text[])) AS term ON CONFLICT DO NOTHING"
        ),
        values,
    )


def _dangling(error: Exception) -> Exception:
    """A reference to what is not in this tenant: the composite key knows no other."""
    told = str(getattr(error, "orig", error))
    if "rooftop_id" in told:
        return Problem(422, "invalid_input", "This rooftop is not one of yours.")
    if "customer_id" in told:
        return Problem(422, "invalid_input", "This customer is not one of yours.")
    return error


class Revision(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a document's history."""

    rev: int
    seq: int
    at: Any
    by_user: uuid.UUID
    action: str
    status: str
    deleted: bool


async def revisions(
    session: AsyncSession, principal: Principal, doc: uuid.UUID, before: int | None, limit: int
) -> list[Row[Any]]:
    """The history, latest first."""
    rows = await session.execute(
        text(
            "SELECT rev, seq, at, by_user, action, status, deleted FROM revisions WHERE tenant_id = :tenant"
            " AND doc_id = :doc AND (CAST(:before AS integer) IS NULL OR rev < :before) ORDER BY rev DESC LIMIT :limit"
        ),
        {"tenant": principal.tenant_id, "doc": doc, "before": before, "limit": limit},
    )
    return list(rows.all())


async def revision_body(session: AsyncSession, principal: Principal, doc: uuid.UUID, rev: int) -> str:
    """A document as it once was."""
    row = (
        await session.execute(
            text(
                "SELECT CAST(body AS text) AS body FROM revisions WHERE tenant_id = :tenant AND doc_id = :doc"
                " AND rev = :rev"
            ),
            {"tenant": principal.tenant_id, "doc": doc, "rev": rev},
        )
    ).one_or_none()
    if row is None:
        raise not_found()
    return str(row.body)
