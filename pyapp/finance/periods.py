"""Monthly unit periods of Regulation Z, Appendix J: full months counted back from the first payment, and odd days."""

from datetime import date as Date

from msgspec import Struct

MONTH_END = 31
DAYS_IN_UNIT_PERIOD = 30
"""App. J (b)(5)(iii): a fraction of a monthly unit period is days over 30."""


def month_days(year: int, month: int) -> int:
    """How many days a month has."""
    following = Date(year + month // 12, month % 12 + 1, 1)
    return (following - Date(year, month, 1)).days


class FirstPeriod(Struct, frozen=True):
    """The time from the start of interest to the first payment."""

    months: int
    """Full unit periods (`t` in Appendix J)."""
    odd_days: int
    """Days left over, each a thirtieth of a month (`f`)."""


def month_later(day: Date, months: int, anchor: int) -> Date:
    """The payment day `months` later (or earlier): day `anchor` of that month, or its last where it has none."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return Date(year, month + 1, min(anchor, month_days(year, month + 1)))


def default_first_payment(start: Date) -> Date:
    """One month after the start of interest."""
    return month_later(start, 1, start.day)


def asks_month_end(first: Date) -> bool:
    """Whether a first payment on the last day of its month, a 28th to 30th, leaves open which day is meant."""
    return first.day < MONTH_END and first.day == month_days(first.year, first.month)


def first_period(start: Date, first: Date, anchor: int) -> FirstPeriod:
    """Full months counted back from the first payment, then the days that are left (App. J (b)(5), (6))."""
    if first < start:
        raise ValueError("the first payment lies before the start of interest")
    months = (first.year - start.year) * 12 + first.month - start.month
    if month_later(first, -months, anchor) < start:
        months -= 1
    begin = first if months == 0 else month_later(first, -months, anchor)
    return FirstPeriod(months, (begin - start).days)
