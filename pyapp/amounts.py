"""Decimal strings to whole cents and parts per million, and back; exact, and refused where they are not."""

import re

MOST_CENTS = 1_000_000_000
"""10,000,000.00: more than any vehicle deal here; an amount beyond it is a slip of the finger."""

MOST_COUNT = 10_000_000
"""The largest number of anything that the engine takes: pounds, miles, days."""

PPM_PER_PERCENT = 10_000

_MONEY = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,2})?")
PERCENT_PATTERN = r"[0-9]{1,6}(\.[0-9]{1,4})?"
_PERCENT = re.compile(PERCENT_PATTERN)


def cents_of(text: str) -> int | None:
    """`"1234.5"` → 123450; None when the text is not an amount with at most two decimals."""
    if not _MONEY.fullmatch(text):
        return None
    whole, _, part = text.lstrip("-").partition(".")
    cents = int(whole) * 100 + int((part + "00")[:2])
    return -cents if text.startswith("-") else cents


def ppm_of(text: str) -> int | None:
    """`"6.25"` (percent) → 62500; None when the text is not a rate with at most four decimals."""
    if not _PERCENT.fullmatch(text):
        return None
    whole, _, part = text.partition(".")
    return int(whole) * PPM_PER_PERCENT + int((part + "0000")[:4])


def percent_text(ppm: int) -> str:
    """62500 → `"6.25"`; no zeros at the end."""
    sign = "-" if ppm < 0 else ""
    whole, part = divmod(abs(ppm), PPM_PER_PERCENT)
    digits = f"{part:04d}".rstrip("0")
    return f"{sign}{whole}.{digits}" if digits else f"{sign}{whole}"


def plain(cents: int) -> str:
    """123450 → `"1234.50"`, as scenario files write money."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def half_up(numerator: int, denominator: int) -> int:
    """The quotient to the nearest whole, halves away from zero; the denominator is positive."""
    if numerator < 0:
        return -half_up(-numerator, denominator)
    return (2 * numerator + denominator) // (2 * denominator)
