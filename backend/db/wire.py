"""PostgreSQL's own protocol on a connection that the driver has opened: many statements, one message each way.

The driver (asyncpg) signs in, with whatever authentication and encryption its address asks for; then this takes the
socket over. A transaction of three statements costs one write and one read instead of five, and each statement is
parsed and planned once for a connection. Messages: PostgreSQL manual, part "Frontend/Backend Protocol", 3.0.

Values travel as parameters in their text form, never inside a statement.
"""

import asyncio
import contextlib
import functools
import struct
import uuid
from collections import namedtuple
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, cast

import asyncpg
import msgspec

from backend.db.engine import ANSWER_SECONDS

SYNC = b"S\x00\x00\x00\x04"
CLOSE = b"X\x00\x00\x00\x04"
EXECUTE = b"E\x00\x00\x00\x09\x00\x00\x00\x00\x00"
NULL = b"\xff\xff\xff\xff"
DATA_ROW, COMMAND_COMPLETE, READY, ROW_DESCRIPTION, ERROR = b"DCZTE"
STEPS_AND_NOTES = frozenset(b"123ntNSA")
"""Parsed, bound, closed, no rows, parameters described; notice, setting, notification: nothing to do."""
IDLE, FAILED = b"IE"
BUSY = 0
LENGTH = struct.Struct("!I")
SIGNED = struct.Struct("!i")
SHORT = struct.Struct("!H")
COLUMN_TAIL = struct.Struct("!IHIhih")
MOST_STATEMENTS = 200

Row = Any
"""One row: a named tuple of its columns."""


@functools.lru_cache(maxsize=8192)
def _uuid(raw: bytes) -> uuid.UUID:
    """A page of deals names the same rooftop and the same few people on every line."""
    return msgspec.convert(raw.decode(), uuid.UUID)


def _many(one: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
    """Arrays of values that need no quotes."""

    def decode(raw: bytes) -> list[Any]:
        inner = raw[1:-1]
        return [None if item == b"NULL" else one(item) for item in inner.split(b",")] if inner else []

    return decode


DECODERS: dict[int, Callable[[bytes], Any]] = {
    16: lambda raw: raw == b"t",
    **dict.fromkeys((20, 21, 23, 26), int),
    **dict.fromkeys((18, 19, 25, 114, 1042, 1043, 2278, 3802), bytes.decode),
    701: float,
    17: lambda raw: bytes.fromhex(raw[2:].decode()),
    1184: lambda raw: datetime.fromisoformat(raw.decode()),
    2950: _uuid,
    2951: _many(_uuid),
    1016: _many(int),
}
"""Type of a column (its oid in pg_type) → how its text is read."""


class Rows(list[Row]):
    """What a statement answered, with the names that SQLAlchemy's results have."""

    def all(self) -> list[Row]:
        """Every row."""
        return self

    def one_or_none(self) -> Row | None:
        """The row, if there is one; more are a mistake."""
        if len(self) > 1:
            raise ValueError(f"{len(self)} rows where there is one at most")
        return self[0] if self else None

    def one(self) -> Row:
        """The row that must be there."""
        if len(self) != 1:
            raise ValueError(f"{len(self)} rows where there is one")
        return self[0]

    def scalar_one(self) -> Any:
        """The only column of the only row."""
        return self.one()[0]


def _quoted(raw: bytes) -> bytes:
    return b'"' + raw.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


WRITERS: dict[type, Callable[[Any], bytes]] = {
    str: str.encode,
    bool: lambda value: b"t" if value else b"f",
    int: lambda value: b"%d" % value,
    float: lambda value: repr(value).encode(),
    uuid.UUID: lambda value: b"%032x" % value.int,
    datetime: lambda value: value.isoformat().encode(),
    bytes: lambda value: b"\\x" + value.hex().encode(),
}
"""Type of a value → its text for PostgreSQL."""

IN_LISTS: dict[type, Callable[[Any], bytes]] = {
    **WRITERS,
    str: lambda value: _quoted(value.encode()),
    bytes: lambda value: b'"\\\\x' + value.hex().encode() + b'"',
    type(None): lambda value: b"NULL",
}
"""The same inside a list, where only texts and bytes need quotes."""


def parameter(value: object) -> bytes | None:
    """A value in PostgreSQL's text form; None is NULL."""
    if value is None:
        return None
    kind = type(value)
    if kind in WRITERS:
        return WRITERS[kind](value)
    if kind in (list, tuple, frozenset):
        return b"{" + b",".join([IN_LISTS[type(item)](item) for item in cast("Sequence[Any]", value)]) + b"}"
    raise TypeError(f"{kind.__name__} is not written here")


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + LENGTH.pack(len(body) + 4) + body


def _bind(name: bytes, values: Sequence[Any]) -> bytes:
    parts = [b"\x00", name, b"\x00\x00", SHORT.pack(len(values))]
    for value in values:
        raw = parameter(value)
        if raw is None:
            parts.append(NULL)
        else:
            parts += (LENGTH.pack(len(raw)), raw)
    parts.append(b"\x00\x00")
    return _message(b"B", b"".join(parts))


@functools.lru_cache(maxsize=1024)
def _once(sql: str) -> bytes:
    return _message(b"P", b"\x00" + sql.encode() + b"\x00\x00\x00") + _bind(b"\x00", ()) + EXECUTE


class Statement:
    """A statement as one connection holds it: its name there, and how its rows are read."""

    __slots__ = ("decoders", "name", "plain", "row")

    def __init__(self, name: bytes) -> None:
        self.name = name
        self.plain = _bind(name, ()) + EXECUTE
        """How it is run when it takes no values."""
        self.decoders: list[Callable[[bytes], Any]] = []
        self.row: Any = None

    def describe(self, body: bytes) -> None:
        """Take the columns of a RowDescription message."""
        names: list[str] = []
        decoders: list[Callable[[bytes], Any]] = []
        at = 2
        for _ in range(SHORT.unpack_from(body)[0]):
            end = body.index(b"\x00", at)
            names.append(body[at:end].decode())
            kind = COLUMN_TAIL.unpack_from(body, end + 1)[2]
            at = end + 1 + COLUMN_TAIL.size
            if kind not in DECODERS:
                raise TypeError(f"column {names[-1]} is of type {kind}, which is not read here")
            decoders.append(DECODERS[kind])
        self.row = namedtuple("Row", names, rename=True)._make  # pyright: ignore[reportUntypedNamedTuple]
        self.decoders = decoders

    def read(self, buffer: bytes, at: int) -> Row:
        """Take the values of a DataRow message, which begins at `at`."""
        values: list[Any] = []
        put, length = values.append, SIGNED.unpack_from
        at += 2
        for decode in self.decoders:
            size = length(buffer, at)[0]
            at += 4
            if size < 0:
                put(None)
            else:
                end = at + size
                put(decode(buffer[at:end]))
                at = end
        return self.row(values)


UNNAMED = Statement(b"\x00")


class Wire(asyncio.Protocol):
    """One connection; what is asked together is answered together."""

    def __init__(self, driver: Any) -> None:
        self._driver = driver
        # Signing in is over and the driver expects nothing more, so its socket can have another reader.
        self._transport: Any = driver._transport
        self._transport.set_protocol(self)
        self._known: dict[str, Statement] = {}
        self._named = 0
        self._batch: list[bytes] = []
        self._asked: list[Statement] = []
        self._fresh: list[str] = []
        self._buffer = b""
        self._rows = Rows()
        self._answers: list[Rows] = []
        self._error: Exception | None = None
        self._waiter: asyncio.Future[list[Rows]] | None = None
        self._limit: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()
        self._opened = self._loop.time()
        self.state = IDLE
        """What PostgreSQL said last: idle, in a transaction, in a failed one; busy while it works."""
        self.lost = False

    def ask(self, sql: str, values: Sequence[Any] = ()) -> None:
        """Put a statement with its values into the next message; it stays prepared on this connection."""
        known = self._known.get(sql)
        statement = known or Statement(b"s%d\x00" % (self._named + 1))
        # A value that cannot be written raises here, before anything is put.
        run = _bind(statement.name, values) + EXECUTE if values else statement.plain
        if known is None:
            if len(self._known) >= MOST_STATEMENTS:
                forgotten = self._known.pop(next(iter(self._known)))
                self._batch.append(_message(b"C", b"S" + forgotten.name))
            self._named += 1
            self._known[sql] = statement
            self._fresh.append(sql)
            self._batch.append(_message(b"P", statement.name + sql.encode() + b"\x00\x00\x00"))
            self._batch.append(_message(b"D", b"S" + statement.name))
        self._batch.append(run)
        self._asked.append(statement)

    def ask_once(self, sql: str) -> None:
        """Put a statement without values and rows into the next message, and do not keep it."""
        self._batch.append(_once(sql))
        self._asked.append(UNNAMED)

    @property
    def age(self) -> float:
        """Seconds since it was opened."""
        return self._loop.time() - self._opened

    @property
    def clean(self) -> bool:
        """Whether somebody else can use it: no transaction is open, and nothing was asked and not sent."""
        return not self.lost and self.state == IDLE and not self._batch

    async def exchange(self) -> list[Rows]:
        """Send what was asked, and take the answers in the same order.

        PostgreSQL skips all that follows an error, up to the end of the message. Whoever gives up waiting must end
        the connection: the answers are still on their way.
        """
        if self.lost or self._transport.is_closing():
            raise ConnectionResetError("the database closed the connection")
        if self.state == BUSY:
            raise RuntimeError("an answer is on its way; one connection is for one task")
        self._batch.append(SYNC)
        self.state = BUSY
        self._waiter = self._loop.create_future()
        self._limit = self._loop.call_later(ANSWER_SECONDS, self._too_late)
        self._transport.write(b"".join(self._batch))
        self._batch = []
        return await self._waiter

    def end(self) -> None:
        """Close at once; PostgreSQL rolls back what was open."""
        self.lost = True
        # A loop may refuse to touch a socket that the other side has closed.
        with contextlib.suppress(Exception):
            if not self._transport.is_closing():
                self._transport.write(CLOSE)
        with contextlib.suppress(Exception):
            self._driver.terminate()

    def data_received(self, data: bytes) -> None:
        """Called by the loop."""
        buffer = self._buffer + data if self._buffer else data
        at, size = 0, len(buffer)
        try:
            while size - at >= 5:
                end = at + 1 + LENGTH.unpack_from(buffer, at + 1)[0]
                if end > size:
                    break
                kind = buffer[at]
                if kind == DATA_ROW:
                    self._rows.append(self._asked[len(self._answers)].read(buffer, at + 5))
                elif kind == COMMAND_COMPLETE and self.state == BUSY:
                    self._answers.append(self._rows)
                    self._rows = Rows()
                elif kind == READY and self.state == BUSY:
                    self.state = buffer[at + 5]
                    if self._error is None and len(self._answers) != len(self._asked):
                        raise RuntimeError(f"{len(self._answers)} answers to {len(self._asked)} statements")
                    self._settle()
                elif kind == ROW_DESCRIPTION:
                    self._asked[len(self._answers)].describe(buffer[at + 5 : end])
                elif kind == ERROR:
                    self._error = self._error or _error(buffer[at + 5 : end])
                    if self.state != BUSY:
                        # Nothing was asked: PostgreSQL says why it is about to close.
                        self.end()
                elif kind not in STEPS_AND_NOTES:
                    raise RuntimeError(f"PostgreSQL sent {chr(kind)!r}, which nobody asked for")
                at = end
        except Exception as error:
            # An answer that is not understood: whatever follows it cannot be either.
            self._error = error
            self.end()
            self._settle()
        self._buffer = buffer[at:]

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the loop."""
        self.lost = True
        self._error = self._error or ConnectionResetError("the database closed the connection")
        self._settle()

    def _too_late(self) -> None:
        """The other side is frozen or cut off; the connection cannot be used before it is known what became of it."""
        self._error = TimeoutError("the database does not answer")
        self.end()
        self._settle()

    def _settle(self) -> None:
        """Give the answers, or what went wrong, to whoever waits."""
        answers, error, waiter = self._answers, self._error, self._waiter
        if error is not None:
            for sql in self._fresh:
                self._known.pop(sql, None)
        self._answers, self._rows, self._asked, self._fresh = [], Rows(), [], []
        self._error = self._waiter = None
        if self._limit is not None:
            self._limit.cancel()
            self._limit = None
        if waiter is not None and not waiter.done():
            if error is None:
                waiter.set_result(answers)
            else:
                waiter.set_exception(error)


def _error(body: bytes) -> Exception:
    """An ErrorResponse as the driver's own exception of its code."""
    fields = {part[:1].decode(): part[1:].decode() for part in body.split(b"\x00") if part}
    make: Any = asyncpg.PostgresError.new
    return make(fields)
