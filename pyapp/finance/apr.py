"""The annual percentage rate by the actuarial method of Regulation Z, Appendix J.

The rate of one unit period is found by Newton's method in binary floating point and rounded where it is shown; no
money is computed from it.
"""

from collections.abc import Sequence
from math import expm1, log1p

from pyapp.finance.level import Schedule
from pyapp.finance.periods import FirstPeriod

Flow = tuple[int, float, float]
"""Full unit periods from the advance, the fraction left over, the amount paid."""

_ROUNDS = 100
_ENOUGH = 1e-13
_SMALL = 1e-5
"""A monthly rate under which the series is summed one by one."""


def _value(flows: Sequence[Flow], i: float) -> tuple[float, float]:
    """Present value of the payments and its slope, at rate i of one unit period (App. J (b)(8))."""
    value = slope = 0.0
    for whole, part, amount in flows:
        odd = 1 + part * i
        present = amount / (odd * (1 + i) ** whole)
        value += present
        slope -= present * (part / odd + whole / (1 + i))
    return value, slope


def unit_period_rate(advance: float, flows: Sequence[Flow]) -> float:
    """The rate of one unit period at which the payments are worth the advance."""
    i = 0.0
    for _ in range(_ROUNDS):
        value, slope = _value(flows, i)
        if slope == 0:
            return 0.0
        step = (value - advance) / slope
        i = max(i - step, -0.99)
        if abs(step) < _ENOUGH:
            return i
    raise ArithmeticError("no rate returns the amount financed")


def apr_percent(advance: float, flows: Sequence[Flow], periods_a_year: float) -> float:
    """Unit periods in a year times the rate of one, in percent."""
    return unit_period_rate(advance, flows) * periods_a_year * 100


def _level_value(plan: Schedule, first: FirstPeriod, i: float) -> tuple[float, float]:
    """As `_value`, for level monthly payments and a last one, by the sum of a geometric series."""
    n, part = plan.n, first.odd_days / 30
    if abs(i) < _SMALL:
        flows = [(first.months + k, part, float(plan.payment)) for k in range(n - 1)]
        return _value([*flows, (first.months + n - 1, part, float(plan.last))], i)
    v = 1 / (1 + i)
    end = v ** (n - 1)
    # 1 − v^(n−1) without the loss of digits that a small rate would bring.
    paid_off = -expm1(-(n - 1) * log1p(i))
    annuity = paid_off * (1 + i) / i
    # Slope of (1 − v^(n−1))(1 + i)/i.
    annuity_slope = (n - 1) * end / i - paid_off / (i * i)
    inner = plan.payment * annuity + plan.last * end
    inner_slope = plan.payment * annuity_slope - plan.last * (n - 1) * end * v
    lead = v**first.months / (1 + part * i)
    lead_slope = -lead * (first.months * v + part / (1 + part * i))
    return inner * lead, inner_slope * lead + inner * lead_slope


def monthly_apr(amount_financed: int, plan: Schedule, first: FirstPeriod, guess_ppm: int) -> float:
    """The APR in percent of a monthly plan; the contract's own rate is the first guess.

    A plan never pays back less than was lent, so no rate below zero is tried: from there a small loan of many payments
    would take hundreds of steps.
    """
    i = guess_ppm / 12_000_000
    for _ in range(_ROUNDS):
        value, slope = _level_value(plan, first, i)
        if slope == 0:
            return 0.0
        step = (value - amount_financed) / slope
        i = max(0.0, i - step)
        if abs(step) < _ENOUGH:
            return i * 1200
    raise ArithmeticError("no rate returns the amount financed")
