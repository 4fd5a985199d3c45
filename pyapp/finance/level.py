"""The level payment and its schedule; whole-number arithmetic, exact up to each named rounding."""

from functools import lru_cache
from math import gcd

from msgspec import Struct

from pyapp.amounts import half_up
from pyapp.finance.periods import DAYS_IN_UNIT_PERIOD, FirstPeriod

PPM_MONTHS = 12_000_000
"""A yearly rate in parts per million over this is the rate of one month."""


class Schedule(Struct, frozen=True, kw_only=True):
    """Level payments and the last one, which closes to zero."""

    payment: int
    """Each but the last; cents, half up."""
    n: int
    last: int
    total: int


@lru_cache(maxsize=256)
def _month(rate_ppm: int) -> tuple[int, int]:
    """The rate of one month as a fraction in lowest terms."""
    shared = gcd(rate_ppm, PPM_MONTHS)
    return rate_ppm // shared, PPM_MONTHS // shared


@lru_cache(maxsize=512)
def _factor(rate_ppm: int, n: int, months: int, odd_days: int) -> tuple[int, int]:
    """One over the sum of 1 / ((1 + f·i)(1 + i)^(t + k)) for k from 0 to n − 1, as a fraction.

    With i = a/b and q = a + b the sum is a geometric series; written out it needs only powers of q and b.
    """
    a, b = _month(rate_ppm)
    if a == 0:
        return 1, n
    q = a + b
    top = a * (DAYS_IN_UNIT_PERIOD * b + odd_days * a) * q ** (n + months)
    bottom = DAYS_IN_UNIT_PERIOD * b ** (months + 1) * q * (q**n - b**n)
    return top, bottom


def level_payment(balance: int, rate_ppm: int, n: int, first: FirstPeriod) -> int:
    """The level payment to the cent, half up: balance over the sum of discount factors (App. J (b)(8))."""
    top, bottom = _factor(rate_ppm, n, first.months, first.odd_days)
    return half_up(balance * top, bottom)


def first_interest(balance: int, rate_ppm: int, first: FirstPeriod) -> int:
    """Interest of the whole first period as one sum, half up: balance × ((1 + f·i)(1 + i)^t − 1)."""
    a, b = _month(rate_ppm)
    if a == 0:
        return 0
    top = (DAYS_IN_UNIT_PERIOD * b + first.odd_days * a) * (a + b) ** first.months
    bottom = DAYS_IN_UNIT_PERIOD * b ** (first.months + 1)
    return half_up(balance * (top - bottom), bottom)


def schedule(balance: int, rate_ppm: int, n: int, first: FirstPeriod) -> Schedule:
    """Level payments until the balance is closed; each period's interest is rounded half up to the cent.

    The last payment closes to zero. A balance so small that the rounded payment closes it early has fewer payments.
    """
    if balance <= 0:
        return Schedule(payment=0, n=0, last=0, total=0)
    payment = level_payment(balance, rate_ppm, n, first)
    a, b = _month(rate_ppm)
    twice, half = 2 * a, 2 * b
    left = balance + first_interest(balance, rate_ppm, first)
    for k in range(1, n):
        if left <= payment:
            return Schedule(payment=payment, n=k, last=left, total=payment * (k - 1) + left)
        left -= payment
        left += (left * twice + b) // half
    return Schedule(payment=payment, n=n, last=left, total=payment * (n - 1) + left)


def balances(balance: int, rate_ppm: int, plan: Schedule, first: FirstPeriod) -> list[tuple[int, int, int]]:
    """The plan row by row: interest, principal, balance after each payment."""
    rows: list[tuple[int, int, int]] = []
    a, b = _month(rate_ppm)
    left = balance
    for k in range(1, plan.n + 1):
        interest = first_interest(left, rate_ppm, first) if k == 1 else half_up(left * a, b)
        paid = plan.last if k == plan.n else plan.payment
        left += interest - paid
        rows.append((interest, paid - interest, left))
    return rows
