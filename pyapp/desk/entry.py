"""What people type into a field: "40k", "40000-1500", "$1,234.50", "6.25%", "12/24", read exactly.

A text is blank, half-typed (it could still become something, "40000-"), a value, or wrong. Arithmetic is done on whole
fractions, so nothing is lost before the one rounding, half up to the field's unit.
"""

import re
from datetime import date as Date
from functools import lru_cache
from typing import Literal

from msgspec import Struct

from pyapp.amounts import half_up
from pyapp.law.words import MINUS

Fraction = tuple[int, int]
"""Numerator and positive denominator."""

MOST_TEXT = 80

_NUMBER = re.compile(r"\$?((?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|\.\d+)([kK]?)")
_PARTS = re.compile(r"\.\d{3,}(?![\dkK])(?!\s*[kK])")
_HALF = re.compile(r"((^|[-+*/($.])|(?<=\d),\d{0,2})$")
"""The end of a text that goes on: an operator, an open bracket, a comma with its three digits still to come."""
_THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?: \d{3})+(?!\d)")
"""Thousands parted by spaces, as `40 000`: groups of three behind a first of one to three."""
_APART = re.compile(r"(?<=[\w.])\s+(?=[\d.])")
"""A space between two numbers: which of them is meant, or whether they are one, cannot be told."""
_LOOSE_COMMA = re.compile(r"\d,\d{0,2}\s*[%)]*$")
_SIGNS = str.maketrans({MINUS: "-", "–": "-", "×": "*", "÷": "/"})
"""Signs as keyboards of phones and other programs write them."""
_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_FAR_YEARS = 50
"""A year of two digits is not further ahead than this: 99 is 1999."""


class Entry(Struct, frozen=True):
    """One text, read."""

    state: Literal["blank", "half", "value", "wrong"]
    number: int = 0
    """In the field's unit: cents, parts per million, or whole numbers."""
    expression: bool = False
    """More than one number was typed: the page shows what it comes to."""


BLANK = Entry("blank")
HALF = Entry("half")
WRONG = Entry("wrong")


class _Wrong(Exception):
    """The text is no arithmetic."""


class _Parser:
    """Sums, products, brackets and signs over fractions."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.numbers = 0

    def _peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def sum(self) -> Fraction:
        a, b = self.product()
        while self._peek() in ("+", "-") and self._peek():
            sign = 1 if self._peek() == "+" else -1
            self.at += 1
            c, d = self.product()
            a, b = a * d + sign * c * b, b * d
        return a, b

    def product(self) -> Fraction:
        a, b = self.atom()
        while self._peek() in ("*", "/") and self._peek():
            times = self._peek() == "*"
            self.at += 1
            c, d = self.atom()
            if not times:
                if c == 0:
                    raise _Wrong
                c, d = (d, c) if c > 0 else (-d, -c)
            a, b = a * c, b * d
        return a, b

    def atom(self) -> Fraction:
        here = self._peek()
        if here and here in "+-":
            self.at += 1
            a, b = self.atom()
            return (-a, b) if here == "-" else (a, b)
        if here == "(":
            self.at += 1
            inner = self.sum()
            if self._peek() != ")":
                raise _Wrong
            self.at += 1
            return inner
        found = _NUMBER.match(self.text, self.at)
        if not found:
            raise _Wrong
        self.at = found.end()
        self.numbers += 1
        whole, _, part = found[1].replace(",", "").partition(".")
        thousand = 1000 if found[2] else 1
        return int((whole + part) or "0") * thousand, 10 ** len(part)


def _unparted(found: re.Match[str]) -> str:
    return found[0].replace(" ", "")


def _plain(text: str) -> str:
    """The text without spaces, with ordinary signs; a space that parts two numbers makes it unreadable."""
    parts = text.translate(_SIGNS).split()
    if len(parts) < 2:
        return "".join(parts)
    return "".join(_APART.sub("_", _THOUSANDS.sub(_unparted, " ".join(parts))).split())


def _arithmetic(text: str) -> tuple[Fraction, bool] | None:
    """The value and whether it took more than one number; None when it is wrong."""
    parser = _Parser(text)
    try:
        value = parser.sum()
    except _Wrong:
        return None
    return None if parser.at != len(text) else (value, parser.numbers > 1)


@lru_cache(maxsize=1024)
def _read(text: str, unit: int) -> Entry:
    """A number in units of 1/`unit`; of all texts of a deal one changes with a key press, so the rest is remembered."""
    body = _plain(text)
    if not body:
        return BLANK
    if len(body) > MOST_TEXT:
        return WRONG
    found = _arithmetic(body)
    if found is None:
        open_brackets = body.count("(") - body.count(")")
        half = _HALF.search(body) is not None or open_brackets > 0
        # A half-typed text becomes a value by its next key: what stands before the loose end must itself be sound.
        start = re.sub(r",\d{0,2}$", "", body).rstrip("-+*/($.") if half else ""
        if half and (not start or _arithmetic(start + ")" * max(open_brackets, 0)) or _arithmetic(start)):
            return HALF
        return WRONG
    (a, b), expression = found
    if body[0] == "(" and body[-1] == ")" and not expression:
        # One amount in brackets is how bookkeepers write what is negative.
        a = -abs(a)
    return Entry("value", half_up(a * unit, b), expression)


def money(text: str) -> Entry:
    """Cents. `$`, commas in threes, `k` for thousands and + − × ÷ with brackets are accepted; no part of a cent."""
    read = _read(text, 100)
    # A factor may have any digits, an amount has cents.
    factors = read.expression and any(sign in _plain(text) for sign in "*/")
    return WRONG if read.state == "value" and not factors and parts_of_cents(text) else read


def parts_of_cents(text: str) -> bool:
    """Whether more than cents follow a point, as in "40.000" from where a point parts thousands: not forty dollars."""
    return _PARTS.search(text) is not None


def percent(text: str) -> Entry:
    """Parts per million, of a percent with at most four decimals; the sign may stand or not."""
    body = _plain(text)
    if body.endswith("%"):
        body = body[:-1]
        if not body:
            return WRONG
    if "k" in body.lower() or "$" in body:
        return WRONG
    entry = _read(body, 10_000)
    point = body.rpartition(".")[2] if "." in body else ""
    return WRONG if entry.state == "value" and not entry.expression and len(point) > 4 else entry


def loose_comma(text: str) -> bool:
    """Whether the text ends in a comma that parts no thousands, as where a comma stands before cents."""
    return _LOOSE_COMMA.search(text.strip()) is not None


def count(text: str) -> Entry:
    """A whole number; what does not come out whole is wrong, and so is a point that parts thousands, as in "3.000"."""
    entry = _read(text, 1_000_000)
    if entry.state != "value":
        return entry
    if not entry.expression and parts_of_cents(text):
        return WRONG
    whole, rest = divmod(entry.number, 1_000_000)
    return Entry("value", whole, entry.expression) if rest == 0 else WRONG


def yes_no(text: str) -> bool | None:
    """Yes or no, as a check box or a word gives it; None for anything else."""
    word = text.strip().lower()
    if word in ("yes", "y", "true", "1", "on"):
        return True
    if word in ("no", "n", "false", "0", "off"):
        return False
    return None


def _full_year(text: str, today: Date) -> int:
    if len(text) > 2:
        return int(text)
    year = int(text) + 2000
    return year - 100 if year - today.year > _FAR_YEARS else year


def _month(word: str) -> int:
    """A month by three letters of its name or more; 0 for any other word."""
    return next((n for n, name in enumerate(_MONTHS, 1) if name.startswith(word.lower())), 0)


def _next(month: int, day: int, today: Date) -> Date:
    """That day of this year, or of the next when it has passed long ago."""
    this = Date(today.year, month, day)
    return this if (today - this).days < 183 else Date(today.year + 1, month, day)


def day(text: str, today: Date) -> Date | None:
    """`2026-12-24`, `12/24/2026`, `12/24/26`, `12/24`, `Dec 24, 2026`, `Dec 24`; None when it is no day."""
    body = text.strip()
    try:
        if found := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", body):
            return Date(int(found[1]), int(found[2]), int(found[3]))
        if found := re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})", body):
            return Date(_full_year(found[3], today), int(found[1]), int(found[2]))
        if found := re.fullmatch(r"(\d{1,2})/(\d{1,2})", body):
            return _next(int(found[1]), int(found[2]), today)
        if found := re.fullmatch(r"([A-Za-z]{3,})\.? (\d{1,2})(?:,? (\d{4}))?", body):
            month = _month(found[1])
            return Date(int(found[3]), month, int(found[2])) if found[3] else _next(month, int(found[2]), today)
    except ValueError:
        return None
    return None
