"""How numbers and days read on screens and prints."""

from datetime import date as Date

from pyapp.amounts import percent_text

MINUS = "\N{MINUS SIGN}"
DASH = "\N{EM DASH}"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def money(cents: int, *, plus: bool = False) -> str:
    """`1,234.56`; U+2212 before what is negative, `+` before a gain where asked."""
    sign = MINUS if cents < 0 else "+" if plus and cents > 0 else ""
    return f"{sign}{abs(cents) // 100:,}.{abs(cents) % 100:02d}"


def percent(ppm: int) -> str:
    """`6.25 %`."""
    return f"{percent_text(ppm).replace('-', MINUS)} %"


def day(when: Date) -> str:
    """`Nov 24, 2026`."""
    return f"{_MONTHS[when.month - 1]} {when.day}, {when.year}"


def day_text(iso: str) -> str:
    """A day of the law file as people read it; a text that is no day stays as it is."""
    try:
        return day(Date.fromisoformat(iso))
    except ValueError:
        return iso


def spoken(name: str) -> str:
    """`plug_in_hybrid` → `plug in hybrid`."""
    return name.replace("_", " ")


def months(n: int) -> str:
    """A term in words."""
    return "1 month" if n == 1 else f"{n} months"
