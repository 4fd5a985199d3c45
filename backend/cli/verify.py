"""`verify-audit`: walk every group's chain from its first entry to the head in the counter row."""

import asyncio
import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Row, text

from backend.cli.database import Urls
from backend.db.engine import make_engine, tenant_statement

BATCH = 5000


class Fault(msgspec.Struct, frozen=True):
    """The first entry of a chain that is not what was written."""

    group: str
    n: int
    what: str

    def sentence(self) -> str:
        """In words."""
        return f"{self.group}: entry {self.n}: {self.what}"


def verify(urls: Urls) -> tuple[int, list[Fault]]:
    """How many entries were looked at, and what is wrong."""
    return asyncio.run(_verify(urls.needs_owner()))


async def _verify(owner_url: str) -> tuple[int, list[Fault]]:
    engine = make_engine(owner_url, pool=1, name="autolytiq-verify", patient=True)
    seen, faults = 0, list[Fault]()
    try:
        async with engine.connect() as connection:
            tenants = (await connection.execute(text("SELECT id, slug FROM tenants ORDER BY slug"))).all()
            await connection.rollback()
            for tenant in tenants:
                async with connection.begin():
                    # One moment for head and entries, though people go on working.
                    await connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
                    await connection.exec_driver_sql(tenant_statement(tenant.id))
                    head = hashlib.sha256(str(tenant.id).encode()).digest()
                    clock = (
                        await connection.execute(
                            text("SELECT audit_n, audit_head FROM tenant_clock WHERE tenant_id = :t"), {"t": tenant.id}
                        )
                    ).one_or_none()
                    if clock is None:
                        continue
                    n = 0
                    fault: Fault | None = None
                    while fault is None:
                        rows = (
                            await connection.execute(
                                text(
                                    "SELECT n, at, actor, action, kind, object_id, entry, hash FROM audit"
                                    " WHERE tenant_id = :t AND n > :n ORDER BY n LIMIT :limit"
                                ),
                                {"t": tenant.id, "n": n, "limit": BATCH},
                            )
                        ).all()
                        if not rows:
                            break
                        head, n, fault = _walk(tenant.slug, rows, head, n)
                        seen += len(rows)
                    if fault is None and n != clock.audit_n:
                        fault = Fault(tenant.slug, n, f"the chain ends here, but {clock.audit_n} entries were written")
                    if fault is None and head != clock.audit_head:
                        fault = Fault(tenant.slug, n, "the head of the chain is another")
                    if fault is not None:
                        faults.append(fault)
    finally:
        await engine.dispose()
    return seen, faults


def _walk(group: str, rows: Sequence[Row[Any]], head: bytes, n: int) -> tuple[bytes, int, Fault | None]:
    for row in rows:
        if row.n != n + 1:
            return head, n, Fault(group, n + 1, "this entry is missing")
        head = hashlib.sha256(head + row.entry.encode()).digest()
        n = row.n
        if head != row.hash:
            return head, n, Fault(group, n, "its text or its hash was changed")
        entry = msgspec.json.decode(row.entry, type=dict[str, Any])
        columns = {
            "actor": row.actor and str(row.actor),
            "action": row.action,
            "kind": row.kind,
            "object_id": row.object_id and str(row.object_id),
            "at": msgspec.to_builtins(row.at),
        }
        for name, value in columns.items():
            if entry[name] != value:
                return head, n, Fault(group, n, f"its column {name} differs from its text")
    return head, n, None
