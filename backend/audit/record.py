"""Making audit events: changes go into their own transaction, reads into batches behind it."""

import asyncio
import contextlib
import uuid
from typing import Any

import msgspec
import structlog

from backend.auth.principal import Principal
from backend.db.clock import Event, GroupGoneError, finish_many, now
from backend.db.direct import Direct
from backend.http import metrics

log = structlog.get_logger("audit")
EVERY_SECONDS = 0.25
MOST_WAITING = 50_000
# Small, so that no request waits long for the loop while a batch is put together.
BATCH = 100


class Who(msgspec.Struct, frozen=True, kw_only=True):
    """The acting person and where they are; before sign-in no person is known yet."""

    user: uuid.UUID | None
    session: uuid.UUID | None
    address: str
    request_id: str

    @classmethod
    def of(cls, principal: Principal) -> "Who":
        """A signed-in user."""
        return cls(
            user=principal.user_id,
            session=principal.session_id,
            address=principal.address,
            request_id=principal.request_id,
        )

    def as_user(self, user: uuid.UUID) -> "Who":
        """The same place, now with a person."""
        return msgspec.structs.replace(self, user=user)


def event(who: Who, action: str, kind: str, object_id: uuid.UUID | None, detail: dict[str, Any] | None = None) -> Event:
    """An event that happens now."""
    return Event(
        action=action,
        kind=kind,
        object_id=object_id,
        actor=who.user,
        session=who.session,
        address=who.address,
        request_id=who.request_id,
        detail=detail or {},
        at=now(),
    )


class ReadLog:
    """Reads of customer data, written in batches at most a second behind; a crash may cut the last of them."""

    def __init__(self, direct: Direct) -> None:
        self._direct = direct
        self._waiting: dict[uuid.UUID, list[Event]] = {}
        self._count = 0
        self._task: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()

    def note(self, principal: Principal, kind: str, ids: list[uuid.UUID], how: str = "read") -> None:
        """Somebody saw these."""
        who = Who.of(principal)
        if len(ids) == 1:
            seen = event(who, f"{kind}.{how}", kind, ids[0])
        else:
            seen = event(who, f"{kind}.{how}", kind, None, {"ids": ids})
        if self._count >= MOST_WAITING:
            metrics.AUDIT_READS_LOST.inc()
            return
        self._waiting.setdefault(principal.tenant_id, []).append(seen)
        self._count += 1

    @property
    def waiting(self) -> int:
        """Reads that are not written yet."""
        return self._count

    def start(self) -> None:
        """Begin to write."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Write what waits, then end; a batch that is being written is not cut off."""
        self._stopping.set()
        if self._task:
            await self._task

    async def flush(self) -> None:
        """Write all that waits now."""
        waiting, self._waiting, self._count = self._waiting, {}, 0
        for tenant, events in waiting.items():
            for start in range(0, len(events), BATCH):
                batch = events[start : start + BATCH]
                try:
                    async with self._direct.transaction(tenant, lasting=False) as work:
                        await finish_many(work, tenant, batch)
                except GroupGoneError:
                    # Its trail went with it: these reads have nowhere to stand.
                    break
                except Exception:
                    # The database is away: keep them for the next round.
                    rest = events[start:]
                    self._waiting.setdefault(tenant, [])[:0] = rest
                    self._count += len(rest)
                    log.warning("audit_reads_wait", waiting=self._count)
                    break

    async def _run(self) -> None:
        while not self._stopping.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(EVERY_SECONDS):
                    await self._stopping.wait()
            if self._count:
                await self.flush()
