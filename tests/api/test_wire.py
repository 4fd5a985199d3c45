"""PostgreSQL's protocol as it may come: in any pieces, with notices between, cut off anywhere, or not as agreed."""

import asyncio
import struct
from typing import Any

import asyncpg
import pytest

from backend.db import wire as module
from backend.db.wire import Wire


def message(kind: bytes, body: bytes = b"") -> bytes:
    return kind + struct.pack("!I", len(body) + 4) + body


def columns(*names: bytes) -> bytes:
    """A RowDescription of columns of type text."""
    fields = b"".join(name + b"\x00" + struct.pack("!IHIhih", 0, 0, 25, -1, -1, 0) for name in names)
    return message(b"T", struct.pack("!H", len(names)) + fields)


def row(*values: bytes | None) -> bytes:
    parts = [b"\xff\xff\xff\xff" if value is None else struct.pack("!I", len(value)) + value for value in values]
    return message(b"D", struct.pack("!H", len(values)) + b"".join(parts))


def failure(code: bytes, severity: bytes = b"ERROR") -> bytes:
    return message(b"E", b"S" + severity + b"\x00C" + code + b"\x00Mno\x00\x00")


def ready(state: bytes = b"I") -> bytes:
    return message(b"Z", state)


PARSED, BOUND, NO_DATA = message(b"1"), message(b"2"), message(b"n")
DESCRIBED = message(b"t", b"\x00\x00")
DONE = message(b"C", b"SELECT 1\x00")
NOTICE = message(b"N", b"SWARNING\x00C01000\x00Mtake care\x00\x00")
SETTING = message(b"S", b"TimeZone\x00UTC\x00")
NOTIFICATION = message(b"A", b"\x00\x00\x00\x01rights_changed\x00\x00")
FIRST = [PARSED, DESCRIBED, NO_DATA, BOUND, message(b"C", b"BEGIN\x00")]
ANSWER = [PARSED, DESCRIBED, columns(b"a", b"b"), BOUND, row(b"1", None), row(b"", "王".encode()), DONE, ready(b"T")]
ROWS = [("1", None), ("", "王")]


class Transport:
    """What the driver would have connected."""

    def __init__(self) -> None:
        self.sent = b""
        self.closed = False
        self.protocol: Any = None

    def set_protocol(self, protocol: Any) -> None:
        self.protocol = protocol

    def write(self, data: bytes) -> None:
        self.sent += data

    def is_closing(self) -> bool:
        return self.closed


class Driver:
    """A connection that is signed in."""

    def __init__(self) -> None:
        self._transport = Transport()

    def terminate(self) -> None:
        if not self._transport.closed:
            self._transport.closed = True
            asyncio.get_running_loop().call_soon(self._transport.protocol.connection_lost, None)


def asked() -> tuple[Wire, asyncio.Task[Any]]:
    """A connection on which BEGIN and a statement were sent."""
    wire = Wire(Driver())
    wire.ask("BEGIN")
    wire.ask("SELECT a, b")
    return wire, asyncio.ensure_future(wire.exchange())


async def test_an_answer_may_be_cut_into_pieces_anywhere() -> None:
    whole = b"".join(FIRST + ANSWER)
    cuts = [[whole[:at], whole[at:]] for at in range(len(whole) + 1)]
    cuts.append([whole[at : at + 1] for at in range(len(whole))])
    for pieces in cuts:
        wire, task = asked()
        await asyncio.sleep(0)
        for piece in pieces:
            wire.data_received(piece)
        begun, rows = await task
        assert (begun, [tuple(one) for one in rows]) == ([], ROWS)
        assert rows[0].b is None
        assert not wire.clean, "a transaction is open"


@pytest.mark.parametrize("more", [NOTICE, SETTING, NOTIFICATION], ids=["notice", "setting", "notification"])
async def test_what_the_server_says_by_the_way_may_stand_anywhere(more: bytes) -> None:
    parts = FIRST + ANSWER
    for at in range(len(parts) + 1):
        wire, task = asked()
        await asyncio.sleep(0)
        wire.data_received(b"".join([*parts[:at], more, *parts[at:]]))
        assert [tuple(one) for one in (await task)[1]] == ROWS
        assert not wire.lost


async def test_a_server_that_goes_in_mid_answer_has_not_answered() -> None:
    whole = b"".join(FIRST + ANSWER)
    for at in range(len(whole)):
        wire, task = asked()
        await asyncio.sleep(0)
        wire.data_received(whole[:at])
        wire.connection_lost(None)
        with pytest.raises(ConnectionResetError):
            await task
        assert not wire.clean
        with pytest.raises(ConnectionResetError):
            await wire.exchange()


async def test_its_last_word_is_what_is_told() -> None:
    wire, task = asked()
    await asyncio.sleep(0)
    wire.data_received(b"".join([*FIRST, *ANSWER[:5], failure(b"57P01", b"FATAL")]))
    wire.connection_lost(None)
    with pytest.raises(asyncpg.AdminShutdownError):
        await task
    assert not wire.clean


async def test_after_an_error_the_next_answer_is_its_own() -> None:
    """Rows that came before the error belong to nobody, and a statement that may not have been kept is sent again."""
    wire, task = asked()
    await asyncio.sleep(0)
    wire.data_received(b"".join([*FIRST, *ANSWER[:5], failure(b"22012"), ready(b"E")]))
    with pytest.raises(asyncpg.DivisionByZeroError):
        await task
    assert not wire.clean
    wire.ask("ROLLBACK")
    wire.ask("SELECT a, b")
    task = asyncio.ensure_future(wire.exchange())
    await asyncio.sleep(0)
    wire.data_received(b"".join(FIRST + ANSWER[:-1] + [ready()]))
    assert [tuple(one) for one in (await task)[1]] == ROWS
    assert wire.clean


async def test_who_gives_up_waiting_leaves_a_connection_that_is_not_handed_on() -> None:
    wire, task = asked()
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not wire.clean
    # Not even somebody who does not look can ask on it.
    wire.ask("SELECT a, b")
    with pytest.raises(RuntimeError, match="one connection is for one task"):
        await wire.exchange()


async def test_an_answer_that_is_whole_belongs_to_nobody_else() -> None:
    """It came in the very turn in which its asker gave up."""
    wire, task = asked()
    await asyncio.sleep(0)
    task.cancel()
    wire.data_received(b"".join(FIRST + ANSWER[:-1] + [ready()]))
    with pytest.raises(asyncio.CancelledError):
        await task
    assert wire.clean
    wire.ask("SELECT a, b")
    task = asyncio.ensure_future(wire.exchange())
    await asyncio.sleep(0)
    wire.data_received(b"".join([BOUND, row(b"mine", b"own"), DONE, ready()]))
    assert [[tuple(one) for one in rows] for rows in await task] == [[("mine", "own")]]


UNASKED = {
    "a refusal": failure(b"57P01", b"FATAL"),
    "that it is ready": ready(),
    "a row": row(b"1", b"2"),
    "the end of a statement": DONE,
    "columns": columns(b"a"),
    "a file": message(b"H", b"\x00\x00\x00"),
}


@pytest.mark.parametrize("case", UNASKED)
async def test_what_nobody_asked_for_ends_the_connection(case: str) -> None:
    wire = Wire(Driver())
    wire.data_received(UNASKED[case])
    assert wire.lost
    assert not wire.clean
    with pytest.raises(ConnectionResetError):
        await wire.exchange()


STRANGE = {
    "one answer too many": [*FIRST, *ANSWER[:-1], DONE, ready()],
    "a file to be sent": [*FIRST, message(b"G", b"\x00\x00\x00")],
    "a statement without words": [*FIRST, message(b"I")],
    "a row that is too short": [*FIRST, *ANSWER[:4], message(b"D", b"\x00\x02\x00\x00\x00\x09")],
    "a text that is none": [*FIRST, *ANSWER[:4], row(b"\xff", b"")],
}


@pytest.mark.parametrize("case", STRANGE)
async def test_what_is_not_understood_ends_the_connection(case: str) -> None:
    wire, task = asked()
    await asyncio.sleep(0)
    wire.data_received(b"".join(STRANGE[case]))
    with pytest.raises((RuntimeError, IndexError, ValueError, struct.error)):
        await task
    assert wire.lost
    assert not wire.clean


async def test_a_server_that_says_nothing_is_not_waited_for_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ANSWER_SECONDS", 0.05)
    wire, task = asked()
    await asyncio.sleep(0)
    wire.data_received(b"".join(FIRST))
    with pytest.raises(TimeoutError):
        await task
    assert wire.lost
