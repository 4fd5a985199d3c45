"""What a deal may not say: each refusal names the field, what was given and what is accepted."""

import re
from collections.abc import Iterator
from datetime import date as Date
from datetime import timedelta

from pyapp.amounts import MOST_CENTS, ppm_of
from pyapp.deal.document import SCHEMA_VERSION, ZIP_PATTERN, Deal, Finance
from pyapp.errors import Problem, shown
from pyapp.finance.periods import MONTH_END, asks_month_end, default_first_payment, month_later

MOST_MONTHS = 120
MOST_RATE_PPM = 1_000_000
"""100 %: a percent typed without its point (699) is refused."""
FAR_FIRST_DAYS = 366
FIRST_DAY, LAST_DAY = Date(1900, 1, 1), Date(2199, 12, 31)
"""What a deal may be about; the law's own reach is narrower."""
VEHICLE_RANGES = {
    "model_year": (1900, 2100, "model year"),
    "odometer": (0, 9_999_999, "odometer reading"),
    "weight_lbs": (1, 99_999, "weight"),
    "gvwr_lbs": (1, 99_999, "gross weight rating"),
    "mpg_city": (1, 999, "city mpg"),
    "mpg_highway": (1, 999, "highway mpg"),
    "mpg_combined": (1, 999, "combined mpg"),
}
"""What a vehicle can have at all: a tax by weight or by age takes any number, also a slip of the finger."""
_ZIP = re.compile(ZIP_PATTERN)


def start_of_interest(deal: Deal) -> Date | None:
    """The day from which interest runs: the sale, or the day of the quote while there is none."""
    return deal.dates.sale_date or deal.dates.quoted_on


def first_payment(deal: Deal) -> Date | None:
    """The first payment's day: as given, or one month after the start of interest."""
    start = start_of_interest(deal)
    return deal.dates.first_payment_date or (default_first_payment(start) if start else None)


def payment_day(deal: Deal) -> int:
    """Day of the month on which payments fall (the month's last where it has none); 1 while nothing tells it.

    The first payment's own day, or the sale's where the first payment is not typed: Jan 31 is followed by Feb 28. Only
    where the first payment ends its month does the answer `month_end_first` count.
    """
    start, first = start_of_interest(deal), first_payment(deal)
    plan = deal.structure
    if not isinstance(plan, Finance) or start is None or first is None:
        return 1
    answer = plan.month_end_first if asks_month_end(first) else None
    if answer:
        return MONTH_END
    typed = deal.dates.first_payment_date is not None
    return first.day if typed or answer is False else start.day


def _money(deal: Deal) -> Iterator[tuple[str, int | None]]:
    yield "selling_price", deal.selling_price
    vehicle = deal.vehicle
    yield "vehicle.msrp", vehicle.msrp
    yield "vehicle.invoice", vehicle.invoice
    yield "vehicle.cost", vehicle.cost
    yield "vehicle.book_value", vehicle.book_value
    for name, rows in (("local", deal.place.local), ("local_dealer_place", deal.place.local_dealer_place)):
        for n, row in enumerate(rows or ()):
            yield f"place.{name}[{n}].base_limit", row.base_limit
    for add in deal.adds:
        yield f"adds/{add.id}/amount", add.amount
        yield f"adds/{add.id}/cost", add.cost
    for rebate in deal.rebates:
        yield f"rebates/{rebate.id}/amount", rebate.amount
    for trade in deal.trades:
        yield f"trades/{trade.id}/allowance", trade.allowance
        yield f"trades/{trade.id}/acv", trade.acv
        yield f"trades/{trade.id}/payoff", trade.payoff
        yield f"trades/{trade.id}/per_diem", trade.per_diem
        yield f"trades/{trade.id}/cash_back", trade.cash_back
    for fee in deal.fees:
        yield f"fees/{fee.id}/amount", fee.amount
    for product in deal.products:
        yield f"products/{product.id}/price", product.price
        yield f"products/{product.id}/cost", product.cost
    yield "money_down.cash_down", deal.money_down.cash_down
    yield "money_down.deposit", deal.money_down.deposit
    for part in deal.money_down.deferred:
        yield f"money_down.deferred/{part.id}/amount", part.amount
    for n, value in enumerate(deal.by_hand):
        yield f"by_hand[{n}].value", value.value


def _amounts(deal: Deal) -> Iterator[Problem]:
    for path, cents in _money(deal):
        if cents is None:
            continue
        if cents < 0:
            yield Problem(
                code="negative_amount",
                field=path,
                message=f"{shown(cents)} cents is negative",
                accepted=f"whole cents from 0 to {MOST_CENTS}",
            )
        elif cents > MOST_CENTS:
            yield Problem(
                code="amount_out_of_range",
                field=path,
                message=f"{shown(cents)} cents is too large",
                accepted=f"whole cents from 0 to {MOST_CENTS}",
            )


def _discounts(deal: Deal) -> Iterator[Problem]:
    """The dealer's own discounts lower the price; below nothing there is none."""
    if deal.selling_price is None:
        return
    most = deal.selling_price + sum(add.amount for add in deal.adds)
    given = [rebate for rebate in deal.rebates if rebate.counts and rebate.kind == "dealer"]
    off = sum(rebate.amount for rebate in given)
    if off > most:
        yield Problem(
            code="discount_over_price",
            field=f"rebates/{given[-1].id}/amount",
            message=f"{off} cents off are more than the price, {most} cents with what is added",
            accepted=f"whole cents up to {most} in all",
        )


def _given_days(deal: Deal) -> Iterator[tuple[str, Date | None]]:
    for name in ("quoted_on", "sale_date", "delivery_date", "title_date", "first_payment_date"):
        yield f"dates.{name}", getattr(deal.dates, name)
    for rebate in deal.rebates:
        yield f"rebates/{rebate.id}/expires", rebate.expires
    for trade in deal.trades:
        yield f"trades/{trade.id}/good_through", trade.good_through
    for part in deal.money_down.deferred:
        yield f"money_down.deferred/{part.id}/date", part.date


def _days(deal: Deal) -> Iterator[Problem]:
    for path, day in _given_days(deal):
        if day is not None and not FIRST_DAY <= day <= LAST_DAY:
            yield Problem(
                code="out_of_range",
                field=path,
                message=f"{day.isoformat()} is no day of a deal",
                accepted=f"a day from {FIRST_DAY.isoformat()} to {LAST_DAY.isoformat()}",
            )


def _vehicle(deal: Deal) -> Iterator[Problem]:
    for name, (least, most, said) in VEHICLE_RANGES.items():
        number: int | None = getattr(deal.vehicle, name)
        if number is not None and not least <= number <= most:
            yield Problem(
                code="out_of_range",
                field=f"vehicle.{name}",
                message=f"“{shown(number)}” is no vehicle's {said}",
                accepted=f"a whole number from {least} to {most}",
            )


def _zips(deal: Deal) -> Iterator[Problem]:
    homes = ((f"parties/{party.id}/residence.zip", party.residence) for party in deal.parties)
    given = [("place.zip", deal.place.zip), *((path, home.zip) for path, home in homes if home)]
    for path, text in given:
        if text is not None and not _ZIP.fullmatch(text):
            yield Problem(
                code="bad_zip",
                field=path,
                message=f"“{shown(text)}” is no ZIP",
                accepted="five digits, such as 75201, or nine as in 75201-1234",
            )


def _ids(deal: Deal) -> Iterator[Problem]:
    lists = {
        "parties": deal.parties,
        "adds": deal.adds,
        "rebates": deal.rebates,
        "trades": deal.trades,
        "fees": deal.fees,
        "products": deal.products,
        "money_down.deferred": deal.money_down.deferred,
    }
    for name, items in lists.items():
        seen: set[str] = set()
        for item in items:
            if not item.id or item.id in seen:
                yield Problem(
                    code="bad_id",
                    field=name,
                    message=f"the id “{shown(item.id)}” is empty or stands twice",
                    accepted="an id of its own for each item",
                )
            seen.add(item.id)


def _by_hand(deal: Deal) -> Iterator[Problem]:
    """Two amounts for one line: which of them is meant cannot be told. Whether there is such a line, the law says."""
    seen: set[str] = set()
    for n, value in enumerate(deal.by_hand):
        if value.path in seen:
            yield Problem(
                code="repeated_path",
                field=f"by_hand[{n}].path",
                message=f"“{shown(value.path)}” stands twice",
                accepted="one amount by hand for each line",
            )
        seen.add(value.path)


def rate_problem(path: str, text: str | None) -> Problem | None:
    """Why a yearly rate is refused."""
    if text is None:
        return None
    ppm = ppm_of(text)
    if ppm is None or ppm > MOST_RATE_PPM:
        wrong = f"“{shown(text)}” is not a percent" if ppm is None else f"{text} is above 100 %"
        return Problem(code="bad_rate", field=path, message=wrong, accepted="a percent from 0 to 100, such as 6.99")
    return None


def _finance(deal: Deal) -> Iterator[Problem]:
    plan = deal.structure
    if not isinstance(plan, Finance):
        return
    if plan.months is not None and not 1 <= plan.months <= MOST_MONTHS:
        yield Problem(
            code="bad_term",
            field="structure.months",
            message=f"{shown(plan.months)} months cannot be financed",
            accepted=f"1 to {MOST_MONTHS} months",
        )
    for path, rate in (("structure.rate", plan.rate), ("structure.buy_rate", plan.buy_rate)):
        wrong = rate_problem(path, rate)
        if wrong:
            yield wrong


def _deferred(deal: Deal) -> Iterator[Problem]:
    start = start_of_interest(deal)
    for part in deal.money_down.deferred:
        if start and part.date < start:
            yield Problem(
                code="deferred_before_sale",
                field=f"money_down.deferred/{part.id}/date",
                message=f"{part.date.isoformat()} lies before the sale on {start.isoformat()}",
                accepted=f"a day from {start.isoformat()} on; what was paid before is deposit",
            )


def _first_payment(deal: Deal) -> Iterator[Problem]:
    if not isinstance(deal.structure, Finance):
        return
    start, first = start_of_interest(deal), first_payment(deal)
    if start and first:
        if first < start:
            yield Problem(
                code="first_payment_before_sale",
                field="dates.first_payment_date",
                message=f"{first.isoformat()} lies before the sale on {start.isoformat()}",
                accepted=f"a day from {start.isoformat()} on",
            )
        elif (first - start).days > FAR_FIRST_DAYS:
            yield Problem(
                code="first_payment_too_late",
                field="dates.first_payment_date",
                message=f"{first.isoformat()} lies more than a year after the sale",
                accepted=f"a day to {(start + timedelta(FAR_FIRST_DAYS)).isoformat()}",
            )
        # Cash paid by the second regular payment is down payment, 1026.2(a)(18); a later part would be financed.
        second = month_later(first, 1, payment_day(deal))
        for part in deal.money_down.deferred:
            if part.date > second:
                yield Problem(
                    code="deferred_too_late",
                    field=f"money_down.deferred/{part.id}/date",
                    message=f"{part.date.isoformat()} lies after the second payment",
                    accepted=f"a day to {second.isoformat()}",
                )


def _other(deal: Deal) -> Iterator[Problem]:
    if deal.schema_version != SCHEMA_VERSION:
        yield Problem(
            code="unknown_schema",
            field="schema_version",
            message=f"version {shown(deal.schema_version)} is not known here",
            accepted=str(SCHEMA_VERSION),
        )
    if deal.dates.quoted_on is None:
        yield Problem(
            code="missing_field",
            field="dates.quoted_on",
            message="the day of the quote is missing",
            accepted="a day as YYYY-MM-DD",
        )
    if not deal.place.state:
        yield Problem(
            code="missing_field",
            field="place.state",
            message="the place of registration is missing",
            accepted="a state by its two letters",
        )
    buyers = [party for party in deal.parties if party.role == "buyer"]
    if len(buyers) > 1:
        yield Problem(
            code="several_buyers",
            field="parties",
            message=f"{len(buyers)} parties are the buyer",
            accepted="one buyer, whose residence the law reads; the others as co_buyer",
        )
    down = deal.money_down
    if down.deposit is not None and down.deposit > (down.cash_down or 0):
        yield Problem(
            code="deposit_over_cash",
            field="money_down.deposit",
            message="the deposit is more than the cash down that it is part of",
            accepted=f"whole cents up to {down.cash_down or 0}",
        )
    for name, rows in (("local", deal.place.local), ("local_dealer_place", deal.place.local_dealer_place)):
        for n, row in enumerate(rows or ()):
            wrong = rate_problem(f"place.{name}[{n}].rate_percent", row.rate_percent)
            if wrong:
                yield wrong


def check(deal: Deal) -> list[Problem]:
    """Everything that is refused before anything is computed."""
    days, amounts = list(_days(deal)), list(_amounts(deal))
    alone = [
        *_other(deal),
        *_zips(deal),
        *_ids(deal),
        *(amounts or _discounts(deal)),
        *_vehicle(deal),
        *_by_hand(deal),
        *_finance(deal),
        *days,
    ]
    # Months are counted from a day that can be one of a deal: the calendar itself ends.
    return alone if days else [*alone, *_deferred(deal), *_first_payment(deal)]
