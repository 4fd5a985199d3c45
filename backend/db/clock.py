"""The last statement of every changing transaction: the tenant's counter row.

It gives the change its place in the tenant's order (`seq`) and chains its audit entry. The row's lock is held to the
commit, so the order of `seq` is the order of commits, and a reader that sees N sees all below. Taken last, it is held
shortest: never call anything after it.
"""

import hashlib
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import TextClause, text

from backend.db.direct import Transaction
from backend.db.rows import Work


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that somebody did or read."""

    action: str
    kind: str
    object_id: uuid.UUID | None
    actor: uuid.UUID | None
    session: uuid.UUID | None
    address: str
    request_id: str
    detail: dict[str, Any]
    at: datetime

    def entry(self) -> str:
        """The text that is chained and stored: its keys always in one order."""
        return msgspec.json.encode(self, order="deterministic").decode()


def now() -> datetime:
    """The time of an entry; whole microseconds, as PostgreSQL keeps them."""
    return datetime.now(UTC)


KEEP_AND_NOTE = """
    kept AS (
        INSERT INTO revisions (tenant_id, doc_id, rev, seq, at, by_user, action, deleted, status, body)
        SELECT :tenant, :doc, rev, seq, :at, :actor, :action, deleted, status, body FROM placed
    ), noted AS (
        INSERT INTO audit (tenant_id, n, at, actor, action, kind, object_id, entry, hash)
        SELECT :tenant, audit_n, :at, :actor, :action, :kind, :doc, :entry, audit_head FROM clock
    )
"""
ONE_DOCUMENT = text(
    f"""
    WITH clock AS (
        UPDATE tenant_clock
        SET seq = seq + 1, audit_n = audit_n + 1, audit_head = sha256(audit_head || convert_to(:entry, 'UTF8'))
        WHERE tenant_id = :tenant
        RETURNING seq, audit_n, audit_head
    ), placed AS (
        UPDATE documents SET seq = clock.seq FROM clock
        WHERE documents.tenant_id = :tenant AND documents.id = :doc
        RETURNING documents.rev, documents.seq, documents.deleted, documents.status, documents.body
    ), {KEEP_AND_NOTE}
    SELECT seq FROM clock
    """
)


def one_change(fields: str, same: str, returned: str) -> str:
    """The whole change of a document that is `same` as was read, with its place, revision and audit entry.

    When it is not the same, the counter stays, nothing is written and no row comes back.
    """
    return f"""
    WITH clock AS (
        UPDATE tenant_clock
        SET seq = seq + 1, audit_n = audit_n + 1, audit_head = sha256(audit_head || convert_to(:entry, 'UTF8'))
        WHERE tenant_id = :tenant AND EXISTS (SELECT 1 FROM documents WHERE {same})
        RETURNING seq, audit_n, audit_head
    ), placed AS (
        UPDATE documents SET {fields}, seq = clock.seq FROM clock
        WHERE documents.tenant_id = :tenant AND documents.id = :doc
        RETURNING documents.*
    ), {KEEP_AND_NOTE}
    SELECT {returned} FROM placed
    """


ONE_EVENT = text(
    """
    WITH clock AS (
        UPDATE tenant_clock
        SET audit_n = audit_n + 1, audit_head = sha256(audit_head || convert_to(:entry, 'UTF8'))
        WHERE tenant_id = :tenant
        RETURNING audit_n, audit_head
    )
    INSERT INTO audit (tenant_id, n, at, actor, action, kind, object_id, entry, hash)
    SELECT :tenant, audit_n, :at, :actor, :action, :kind, :doc, :entry, audit_head FROM clock
    """
)
TAKE = text(
    """
    UPDATE tenant_clock SET seq = seq + :documents, audit_n = audit_n + :events WHERE tenant_id = :tenant
    RETURNING seq, audit_n, audit_head
    """
)
PLACE_MANY = text(
    """
    WITH placed AS (
        UPDATE documents SET seq = :seq + given.place
        FROM unnest(CAST(:docs AS uuid[])) WITH ORDINALITY AS given (id, place)
        WHERE documents.tenant_id = :tenant AND documents.id = given.id
        RETURNING documents.id, documents.rev, documents.seq, documents.deleted, documents.status, documents.body
    )
    INSERT INTO revisions (tenant_id, doc_id, rev, seq, at, by_user, action, deleted, status, body)
    SELECT :tenant, id, rev, seq, :at, :actor, :action, deleted, status, body FROM placed
    """
)
NOTE_MANY = text(
    """
    WITH noted AS (
        INSERT INTO audit (tenant_id, n, at, actor, action, kind, object_id, entry, hash)
        SELECT :tenant, n, at, actor, action, kind, object_id, entry, hash
        FROM unnest(
            CAST(:n AS bigint[]), CAST(:at AS timestamptz[]), CAST(:actor AS uuid[]), CAST(:action AS text[]),
            CAST(:kind AS text[]), CAST(:object AS uuid[]), CAST(:entry AS text[]), CAST(:hash AS bytea[])
        ) AS given (n, at, actor, action, kind, object_id, entry, hash)
    )
    UPDATE tenant_clock SET audit_head = :head WHERE tenant_id = :tenant
    """
)


def _last(work: Work) -> Callable[[Any, Any], Awaitable[Any]]:
    """How the last statement is sent; on the short road the commit goes along, so that the lock is held shortest."""
    return work.last if isinstance(work, Transaction) else work.execute


def _values(tenant: uuid.UUID, event: Event) -> dict[str, Any]:
    return {
        "tenant": tenant,
        "entry": event.entry(),
        "at": event.at,
        "actor": event.actor,
        "action": event.action,
        "kind": event.kind,
        "doc": event.object_id,
    }


async def finish(work: Work, tenant: uuid.UUID, event: Event, *, document: bool = False) -> int:
    """End a transaction that changed one thing; with `document`, the document named by the event."""
    if document:
        return int((await _last(work)(ONE_DOCUMENT, _values(tenant, event))).scalar_one())
    await _last(work)(ONE_EVENT, _values(tenant, event))
    return 0


async def finish_with(work: Work, statement: TextClause, event: Event, values: dict[str, Any]) -> Any:
    """End a transaction by a statement of `one_change`; `values` are those of its fields, the tenant among them."""
    return await _last(work)(statement, {**values, **_values(values["tenant"], event)})


class GroupGoneError(Exception):
    """A dealer group that was purged: its counter row and its trail are no more."""


async def finish_many(
    work: Work, tenant: uuid.UUID, events: list[Event], *, documents: list[uuid.UUID] | None = None
) -> None:
    """End a transaction that changed or read many things: all of them under one hold of the counter row.

    Raises `GroupGoneError` when the group was purged meanwhile.
    """
    if not events:
        return
    docs = documents or []
    taken = await work.execute(TAKE, {"tenant": tenant, "documents": len(docs), "events": len(events)})
    held = taken.one_or_none()
    if held is None:
        raise GroupGoneError(tenant)
    seq, last, head = held
    hashes: list[bytes] = []
    entries = [event.entry() for event in events]
    for entry in entries:
        head = hashlib.sha256(head + entry.encode()).digest()
        hashes.append(head)
    if docs:
        first = events[0]
        await work.execute(
            PLACE_MANY,
            {
                "tenant": tenant,
                "seq": seq - len(docs),
                "docs": docs,
                "at": first.at,
                "actor": first.actor,
                "action": first.action,
            },
        )
    await _last(work)(
        NOTE_MANY,
        {
            "tenant": tenant,
            "n": list(range(last - len(events) + 1, last + 1)),
            "at": [event.at for event in events],
            "actor": [event.actor for event in events],
            "action": [event.action for event in events],
            "kind": [event.kind for event in events],
            "object": [event.object_id for event in events],
            "entry": entries,
            "hash": hashes,
            "head": head,
        },
    )
