"""The words that cross the engine's border: 64-bit little-endian integers, one bytes object each way.

Money is cents, rates are parts per million, dates are days since 1970-01-01, a state is its two letters as
c0 * 256 + c1, a choice is its position, yes is 1. `docs/engine_wire.md` is the contract.
"""

import sys
from array import array
from collections.abc import Iterable, Sequence

from msgspec import Struct

FORMAT = 1
HEADER = 9
"""Words of an answer before its lines."""
RETAIL, LEASE = 0, 1
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
    second: int
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


def _bytes(words: "array[int]") -> bytes:
    if sys.byteorder != "little":
        words.byteswap()
    return words.tobytes()


def _words(data: bytes) -> "array[int]":
    words = array("q")
    words.frombytes(data)
    if sys.byteorder != "little":
        words.byteswap()
    return words


def _request_words(request: Request) -> list[int]:
    out = [FORMAT, request.state, request.kind, request.day, len(request.facts)]
    for fact in request.facts:
        out += fact
    out.append(len(request.rows))
    for row in request.rows:
        out += row
    return out


def encode(request: Request) -> bytes:
    """One request as the engine reads it."""
    return _bytes(array("q", _request_words(request)))


def encode_many(requests: Iterable[Request]) -> bytes:
    """Many requests: their number, then each with its length in words before it."""
    out = array("q", [0])
    n = 0
    for request in requests:
        words = _request_words(request)
        out.append(len(words))
        out.extend(words)
        n += 1
    out[0] = n
    return _bytes(out)


def _answer(words: Sequence[int], at: int) -> Answer:
    status, argument, second, total, first, last, enacted, n = words[at + 1 : at + 9]
    at += 9
    lines: list[Line] = []
    for _ in range(n):
        levy, category, due, collector, state, arg, row, count, base, rate, amount, line_total, t = words[at : at + 13]
        at += 13
        trace = tuple(TraceEntry(*words[i : i + 4]) for i in range(at, at + 4 * t, 4))
        at += 4 * t
        lines.append(
            Line(levy, category, due, collector, state, arg, row, count, base, rate, amount, line_total, trace)
        )
    return Answer(status, argument, second, total, first, last, enacted == 1, tuple(lines))


def decode(data: bytes) -> Answer:
    """One answer."""
    words = _words(data).tolist()
    if len(words) < HEADER or words[0] != FORMAT:
        raise ValueError("the engine answered in an unknown format")
    return _answer(words, 0)


def decode_many(data: bytes) -> list[Answer]:
    """Many answers, in the order of the requests."""
    words = _words(data).tolist()
    out: list[Answer] = []
    at = 1
    for _ in range(words[0]):
        length = words[at]
        out.append(_answer(words, at + 1))
        at += 1 + length
    return out


def decode_needs(data: bytes) -> Needs:
    """The answer of `needs`."""
    words = _words(data).tolist()
    if words[0] != FORMAT:
        raise ValueError("the engine answered in an unknown format")
    n = words[4] if len(words) > 4 else 0
    facts = tuple(Need(words[5 + 2 * i], words[6 + 2 * i] == 1) for i in range(n))
    return Needs(words[1], words[2], facts)
