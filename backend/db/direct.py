"""The road that carries the load: transactions of known statements, in as few messages as they can be.

The tenant is set by the same statement as everywhere, as the first of each transaction. A read is one message: begin,
tenant, statement, commit. A write ends with its last statement and the commit in one message, so that what it locks,
the tenant's counter row above all, is not held while the answer travels.
"""

import asyncio
import contextlib
import functools
import re
import time
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, NamedTuple

import asyncpg

from backend.db.engine import CONNECT_SECONDS, POOL_SECONDS, server_settings, tenant_statement
from backend.db.wire import FAILED, IDLE, Rows, Wire

NAMED = re.compile(r"(?<!:):([a-z_]+)\b")
RECYCLE_SECONDS = 1800
# The schema changed under a statement that a connection had prepared.
OUTDATED = ("0A000", "26000")
NONE: Mapping[str, Any] = {}


@functools.lru_cache(maxsize=512)
def positional(sql: str) -> tuple[str, tuple[str, ...]]:
    """A statement with `:name` parameters as PostgreSQL takes it, and the names in order."""
    names: list[str] = []

    def number(found: re.Match[str]) -> str:
        name = found.group(1)
        if name not in names:
            names.append(name)
        return f"${names.index(name) + 1}"

    return NAMED.sub(number, sql), tuple(names)


class Sent(NamedTuple):
    """A statement that was run, for whoever watches."""

    query: str
    elapsed: float
    exception: BaseException | None


Watcher = Callable[[Sent], None]


class Direct:
    """A pool of its own beside the one of the sessions."""

    def __init__(self, url: str, *, pool: int, log_query: Watcher | None = None) -> None:
        self._url = url
        self._size = pool
        self._log_query = log_query
        self._count = 0
        self._idle: list[Wire] = []
        # Whoever waits, no connection is idle: a free one goes to them at once.
        self._waiting: deque[asyncio.Future[Wire | None]] = deque()

    async def fetch(self, tenant: uuid.UUID, statement: Any, values: Mapping[str, Any]) -> Rows:
        """The rows of one statement that only reads, in a transaction of its own."""
        for again in (True, False):
            wire = await self.take()
            try:
                wire.ask("BEGIN READ ONLY")
                wire.ask_once(tenant_statement(tenant))
                return (await self.run(wire, statement, values, "COMMIT"))[2]
            except BaseException as error:
                wire.end()
                if not self.outdated(error) or not again:
                    raise
            finally:
                self.give(wire)
        raise AssertionError("the second time returns or raises")

    def reader(self, tenant: uuid.UUID) -> "Reader":
        """Single statements for one tenant, asked as of a session."""
        return Reader(self, tenant)

    def transaction(self, tenant: uuid.UUID | None, *, lasting: bool = True) -> "Transaction":
        """One transaction for one tenant; without one it sees no row that belongs to anybody.

        One that is not `lasting` does not wait for the disk: a crash of the database may undo it for half a second or
        so, and whatever follows it with it or not at all. Only for what may be cut.
        """
        return Transaction(self, tenant, lasting)

    async def run(self, wire: Wire, statement: Any, values: Mapping[str, Any], *then: str) -> list[Rows]:
        """Send a statement, given as text or as SQLAlchemy's `text()`, with what was asked before and what follows."""
        sql, names = positional(statement if isinstance(statement, str) else statement.text)
        wire.ask(sql, [values[name] for name in names])
        for more in then:
            wire.ask(more)
        if self._log_query is None:
            return await wire.exchange()
        started = time.perf_counter()
        failed: BaseException | None = None
        try:
            return await wire.exchange()
        except BaseException as error:
            failed = error
            raise
        finally:
            self._log_query(Sent(sql, time.perf_counter() - started, failed))

    async def take(self) -> Wire:
        """A connection without a transaction, for whoever gives it back; who came first is served first."""
        wire = await self._place()
        if wire is not None:
            if not wire.lost and wire.age < RECYCLE_SECONDS:
                return wire
            wire.end()
        try:
            return await self._connect()
        except BaseException:
            self._pass_on(None)
            raise

    async def _place(self) -> Wire | None:
        """One of the places, counted for whoever asks: with the connection that is in it, or none yet."""
        if self._idle:
            return self._idle.pop()
        if self._count < self._size:
            self._count += 1
            return None
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[Wire | None] = loop.create_future()
        self._waiting.append(waiter)
        limit = loop.call_later(POOL_SECONDS, _too_late, waiter)
        try:
            return await waiter
        except asyncio.CancelledError:
            # Served and given up in one moment: the place goes to the next.
            if not waiter.cancelled() and waiter.exception() is None:
                self._pass_on(waiter.result())
            raise
        finally:
            limit.cancel()

    def _pass_on(self, wire: Wire | None) -> None:
        """Give a place to who has waited longest; an empty one that nobody waits for is one less."""
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(wire)
                return
        if wire is not None:
            self._idle.append(wire)
        else:
            self._count -= 1

    def outdated(self, error: object) -> bool:
        """Whether a prepared statement has outlived what it was prepared for; then all connections are made anew."""
        told = isinstance(error, asyncpg.PostgresError) and error.sqlstate in OUTDATED
        if told:
            self._forget()
        return told

    def give(self, wire: Wire) -> None:
        """Take a connection back; one that is in a transaction, whatever the reason, is ended."""
        if wire.clean and self._count <= self._size:
            self._pass_on(wire)
        else:
            wire.end()
            self._pass_on(None)

    async def close(self) -> None:
        """End the connections; who waits for one waits in vain."""
        self._size = 0
        self._forget()
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_exception(ConnectionResetError("the connections are closed"))

    def _forget(self) -> None:
        while self._idle:
            self._idle.pop().end()
            self._count -= 1

    async def _connect(self) -> Wire:
        driver: Any = await asyncpg.connect(
            self._url, timeout=CONNECT_SECONDS, server_settings=server_settings("autolytiq-direct")
        )
        return Wire(driver)


def _too_late(waiter: "asyncio.Future[Wire | None]") -> None:
    if not waiter.done():
        waiter.set_exception(TimeoutError("no connection came free"))


class Reader:
    """Statements that only read, each a transaction of its own."""

    def __init__(self, direct: Direct, tenant: uuid.UUID) -> None:
        self._direct = direct
        self._tenant = tenant

    async def execute(self, statement: Any, values: Mapping[str, Any] = NONE) -> Rows:
        """The rows of one statement."""
        return await self._direct.fetch(self._tenant, statement, values)


class Transaction:
    """Statements of one transaction; `async with` commits it, and rolls back when anything is raised."""

    def __init__(self, direct: Direct, tenant: uuid.UUID | None, lasting: bool) -> None:
        self._direct = direct
        self._tenant = tenant
        self._lasting = lasting
        self._wire: Wire | None = None
        self._ended = False

    async def execute(self, statement: Any, values: Mapping[str, Any] = NONE) -> Rows:
        """The rows of one statement."""
        wire = await self._begun()
        return (await self._direct.run(wire, statement, values))[-1]

    async def last(self, statement: Any, values: Mapping[str, Any] = NONE) -> Rows:
        """The rows of the last statement; when they are here the transaction is committed."""
        wire = await self._begun()
        rows = (await self._direct.run(wire, statement, values, "COMMIT"))[-2]
        self._ended = True
        return rows

    async def __aenter__(self) -> "Transaction":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        wire = self._wire
        if wire is None:
            return
        try:
            if wire.lost or wire.state == IDLE:
                return
            if self._direct.outdated(error):
                wire.end()
                return
            if error is None:
                if wire.state == FAILED:
                    # PostgreSQL would answer this COMMIT with a silent rollback.
                    raise RuntimeError("a failed transaction cannot be committed")
                wire.ask("COMMIT")
                await wire.exchange()
            elif isinstance(error, Exception):
                with contextlib.suppress(Exception):
                    wire.ask("ROLLBACK")
                    await wire.exchange()
        finally:
            # Of a cancelled request an answer may be on its way that nobody waits for: then it is ended here.
            self._direct.give(wire)

    async def _begun(self) -> Wire:
        if self._ended:
            raise RuntimeError("nothing follows the last statement")
        if self._wire is None:
            self._wire = await self._direct.take()
            self._wire.ask("BEGIN")
            if self._tenant is not None:
                self._wire.ask_once(tenant_statement(self._tenant))
            if not self._lasting:
                self._wire.ask("SET LOCAL synchronous_commit = off")
        return self._wire
