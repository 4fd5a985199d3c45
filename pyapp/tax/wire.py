"""What crosses the engine's border: rows of 8 bytes, little-endian, one bytes object each way.

Money is cents, rates are parts per million, dates are days since 1970-01-01, a state is its two letters as
c0 * 256 + c1, a choice is its position, yes is 1. `docs/engine_wire.md` is the contract.
"""

import struct
from collections.abc import Iterable

from msgspec import Struct

FORM = 2
RETAIL, LEASE = 0, 1
TAXES_ALONE, WITHOUT_STEPS = 2, 4
"""Added to the kind of deal: without fees, limits and ranges; without the steps of the formulas."""
EPOCH = 719_163
"""`date.toordinal()` of 1970-01-01."""

COMPUTED, MISSING_FACT, UNKNOWN_STATE, DATE_OUT_OF_RANGE, LAW_NOT_KNOWN, BAD_VALUE = 0, 1, 2, 3, 4, 5
AMOUNT_OUT_OF_RANGE, UNKNOWN_FACT, MALFORMED = 6, 7, 8
STATUS = (
    "ok",
    "missing_fact",
    "unknown_state",
    "date_out_of_range",
    "law_not_known",
    "bad_value",
    "amount_out_of_range",
    "unknown_fact",
    "malformed",
)
CATEGORY = ("tax", "fee", "limit", "range")
DUE = ("signing", "titling", "each_payment", "registration", "renewal")
COLLECTOR = ("dealer", "county", "lessor", "agency")
UNIT = ("cents", "ppm", "count", "yes_no", "word")
LIST_COUNT_FIELD = 255
"""In a row entry: the number is how many rows the list has, so that an empty list is known to be empty."""
LIST_ARGUMENT = 1000
"""An argument from here on names a list instead of a fact."""

FactWord = tuple[int, int]
"""Fact id, value."""
RowWord = tuple[int, int, int, int]
"""List id, row number, field id, value."""


class Request(Struct, frozen=True, kw_only=True):
    """One question to the engine."""

    state: int
    kind: int
    day: int
    facts: tuple[FactWord, ...]
    rows: tuple[RowWord, ...] = ()


class TraceEntry(Struct, frozen=True):
    """One number that a line used: the value's and its row's position in the catalogue, the unit, the number.

    Where a documented default was taken, `value` is −1 − fact.
    """

    value: int
    row: int
    unit: int
    number: int


class Line(Struct, frozen=True):
    """One levy's result."""

    levy: int
    category: int
    due: int
    collector: int
    status: int
    argument: int
    row: int
    count: int
    base: int
    rate: int
    amount: int
    total: int
    trace: tuple[TraceEntry, ...]


class Answer(Struct, frozen=True):
    """The engine's answer. A status other than COMPUTED says why there is no total; lines that do not need it stand."""

    status: int
    argument: int
    total: int
    unchanged_from: int
    unchanged_until: int
    as_enacted: bool
    lines: tuple[Line, ...]


class Need(Struct, frozen=True):
    """A fact that matters; `required` is false where it is given or a default stands."""

    fact: int
    required: bool


class Needs(Struct, frozen=True):
    """The facts (or lists, from `LIST_ARGUMENT` on) that matter for a request, in the order in which the law asks."""

    status: int
    argument: int
    facts: tuple[Need, ...]


def state_word(code: str) -> int:
    """Two capital letters as one number; anything else is no state, 0."""
    if len(code) == 2 and code.isascii() and code.isalpha() and code.isupper():
        return ord(code[0]) * 256 + ord(code[1])
    return 0


_REQUEST = struct.Struct("<BBHiII")
_NUMBER = struct.Struct("<q")
_ENTRY = struct.Struct("<HHHxxq")
_ANSWER = struct.Struct("<BB?xiqiiq")
_LINE = struct.Struct("<HBBBBhiIqqqq")
_STEP = struct.Struct("<iHHq")
_NEEDS = struct.Struct("<BBxxiq")
_NEED = struct.Struct("<II")
_ROW = 8
_FACT_BITS = 16
_BEYOND = 2**47 - 1
"""Stands for a number with no room in a row. No fact takes it, so that the engine refuses it by its name."""
_MOST_ROW = 2**16 - 1


def encode(request: Request) -> bytes:
    """One request as the engine reads it."""
    facts, rows = request.facts, request.rows
    parts = [_REQUEST.pack(FORM, request.kind, request.state, request.day, len(facts), len(rows))]
    parts += [_NUMBER.pack(min(number, _BEYOND) << _FACT_BITS | fact) for fact, number in facts]
    for listed, row, field, number in rows:
        parts.append(_ENTRY.pack(listed, min(row, _MOST_ROW), field, min(number, _BEYOND)))
    return b"".join(parts)


def batch(requests: Iterable[bytes]) -> bytes:
    """Many requests as one message: their number, then each with its length in rows before it."""
    parts: list[bytes] = []
    for request in requests:
        parts += [_NUMBER.pack(len(request) // _ROW), request]
    return _NUMBER.pack(len(parts) // 2) + b"".join(parts)


def _answer(data: bytes, at: int) -> Answer:
    if len(data) < at + _ANSWER.size or data[at] != FORM:
        raise ValueError("the engine answered in an unknown format")
    _, status, enacted, argument, total, first, last, many = _ANSWER.unpack_from(data, at)
    at += _ANSWER.size
    lines: list[Line] = []
    for _ in range(many):
        levy, category, due, collector, state, row, about, steps, count, base, rate, amount = _LINE.unpack_from(
            data, at
        )
        at += _LINE.size
        end = at + steps * _STEP.size
        trace = tuple(TraceEntry(*step) for step in _STEP.iter_unpack(data[at:end]))
        at = end
        lines.append(
            Line(levy, category, due, collector, state, about, row, count, base, rate, amount, amount * count, trace)
        )
    return Answer(status, argument, total, first, last, enacted, tuple(lines))


def decode(data: bytes) -> Answer:
    """One answer."""
    return _answer(data, 0)


def decode_many(data: bytes) -> list[Answer]:
    """Many answers, in the order of the requests."""
    (many,) = _NUMBER.unpack_from(data)
    out: list[Answer] = []
    at = _ROW
    for _ in range(many):
        (rows,) = _NUMBER.unpack_from(data, at)
        out.append(_answer(data, at + _ROW))
        at += _ROW + rows * _ROW
    return out


def decode_needs(data: bytes) -> Needs:
    """The answer of `needs`."""
    if len(data) < _NEEDS.size or data[0] != FORM:
        raise ValueError("the engine answered in an unknown format")
    _, status, argument, many = _NEEDS.unpack_from(data)
    asked = _NEED.iter_unpack(data[_NEEDS.size : _NEEDS.size + many * _NEED.size])
    return Needs(status, argument, tuple(Need(fact, required == 1) for fact, required in asked))
