"""What is owed on a trade on the day of delivery."""

from collections.abc import Set as AbstractSet
from datetime import date as Date

from pyapp.deal.document import Deal, Trade


def payoff_day(deal: Deal) -> Date | None:
    """The day to which payoffs are counted: delivery, or the sale's while none is known."""
    return deal.dates.delivery_date or deal.dates.sale_date or deal.dates.quoted_on


def days_past(trade: Trade, day: Date | None) -> int:
    """Days of interest after the payoff's good-through day; none where no interest a day is given."""
    if not trade.payoff or not trade.per_diem or not trade.good_through or day is None:
        return 0
    return max((day - trade.good_through).days, 0)


def owed(trade: Trade, day: Date | None) -> int:
    """The payoff with its interest to that day."""
    return (trade.payoff or 0) + days_past(trade, day) * (trade.per_diem or 0)


def interest_waits(trade: Trade, deal: Deal, refused: AbstractSet[str]) -> frozenset[str]:
    """The refused fields on which the interest after good-through hangs; none where no interest can be due."""
    if not refused:
        return frozenset()
    where = f"trades/{trade.id}"
    parts = {
        f"{where}/payoff": trade.payoff,
        f"{where}/per_diem": trade.per_diem,
        f"{where}/good_through": trade.good_through,
    }
    if not all(value or path in refused for path, value in parts.items()):
        return frozenset()
    dates = {
        "dates.delivery_date": deal.dates.delivery_date,
        "dates.sale_date": deal.dates.sale_date,
        "dates.quoted_on": deal.dates.quoted_on,
    }
    day = next((path for path, value in dates.items() if value or path in refused), "")
    return frozenset(refused & {*parts, day})
