"""People and deals of the demo, made up from the names, places and vehicles of `people.toml`."""

import random
from typing import Any

import msgspec

from backend.customers.checks import vin_check_digit
from backend.demo.data import read
from backend.http.text import StateCode


class Place(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where a customer lives and a deal is made."""

    state: StateCode
    city: str
    county: str
    zip: str
    area: str
    levy: str | None = None
    facts: dict[str, Any] = {}


class Vehicle(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A model without options: suggested price in cents, weight in pounds, miles a gallon."""

    make: str
    model: str
    msrp: int
    pounds: int
    miles: int


class People(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The whole file."""

    first_names: list[str]
    last_names: list[str]
    companies: list[str]
    streets: list[str]
    places: list[Place]
    vehicles: list[Vehicle]


DATA = read("people.toml", People)
VIN_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"


def vin(dice: random.Random) -> str:
    """A number with the right check digit."""
    raw = (
        "1" + "".join(dice.choice(VIN_LETTERS) for _ in range(10)) + "".join(str(dice.randrange(10)) for _ in range(6))
    )
    bare = raw[:8] + "0" + raw[9:]
    return raw[:8] + vin_check_digit(bare) + raw[9:]


def customer(dice: random.Random, number: int) -> tuple[dict[str, Any], int]:
    """A customer and the place where they live."""
    at = dice.randrange(len(DATA.places))
    place = DATA.places[at]
    first, last = dice.choice(DATA.first_names), dice.choice(DATA.last_names)
    plain = "".join(letter for letter in last.lower() if letter.isascii() and letter.isalpha())
    body: dict[str, Any] = {
        "first_name": first,
        "last_name": last,
        "contacts": [
            # 555-01xx is kept free for such uses, in every area.
            {
                "id": "mobile",
                "kind": "mobile",
                "value": f"({place.area}) 555-01{number % 100:02d}",
                "preferred": True,
            },
            {"id": "email", "kind": "email", "value": f"{plain}{number}@example.com"},
        ],
        "addresses": [
            {
                "id": "home",
                "street": f"{dice.randrange(100, 9900)} {dice.choice(DATA.streets)} St",
                "city": place.city,
                "county": place.county,
                "state": place.state,
                "zip": place.zip,
            }
        ],
        "consents": [
            {
                "id": "text",
                "channel": "text",
                "given": dice.random() < 0.8,
                "at": "2026-10-01T15:00:00Z",
                "how": "at the first visit",
            }
        ],
    }
    if number % 40 == 0:
        body |= {"kind": "business", "company": DATA.companies[number // 40 % len(DATA.companies)]}
    if dice.random() < 0.6:
        own = dice.choice(DATA.vehicles)
        year = dice.randrange(2014, 2024)
        body["vehicles"] = [{"id": "own", "vin": vin(dice), "model_year": year, "make": own.make, "model": own.model}]
    return body, at


def deal(dice: random.Random, at: int, day: str) -> dict[str, Any]:
    """A deal on the day's law at a place, without its people and its store."""
    place, sold = DATA.places[at], dice.choice(DATA.vehicles)
    new = dice.random() < 0.6
    year = 2026 if new else dice.randrange(2019, 2025)
    # Five per cent a year off, whole hundreds of dollars.
    price = sold.msrp - dice.randrange(0, 30) * 10_000 if new else sold.msrp * (5 * year - 10_040) // 1_000_000 * 10_000
    out: dict[str, Any] = {
        "dates": {"quoted_on": day},
        "place": {
            "state": place.state,
            "city": place.city,
            "county": place.county,
            "zip": place.zip,
            "facts": {**place.facts, "base_list_price": sold.msrp},
            "local": [],
        },
        "vehicle": {
            "vin": vin(dice),
            "stock_number": f"{'N' if new else 'U'}{dice.randrange(10_000, 99_999)}",
            "model_year": year,
            "make": sold.make,
            "model": sold.model,
            "new_or_used": "new" if new else "used",
            "odometer": dice.randrange(5, 60) if new else dice.randrange(9_000, 90_000),
            "fuel": "gasoline",
            "weight_lbs": sold.pounds,
            "gvwr_lbs": sold.pounds + 1500,
            "mpg_city": sold.miles - 3,
            "mpg_highway": sold.miles + 5,
            "mpg_combined": sold.miles,
            "book_value": price,
            **({"msrp": sold.msrp} if new else {}),
        },
        "selling_price": price,
        "fees": [{"id": "document", "kind": "document", "amount": 8500}],
    }
    if place.levy is not None:
        levy = {"id": "county", "level": "county", "name": f"{place.county} County", "rate_percent": place.levy}
        out["place"]["local"] = [levy]
    if dice.random() < 0.5:
        allowance = dice.randrange(30, 200) * 10_000
        owed = dice.randrange(0, allowance // 10_000) * 5_000 if dice.random() < 0.5 else 0
        given = dice.choice(DATA.vehicles)
        year = dice.randrange(2014, 2023)
        out["trades"] = [
            {
                "id": "trade",
                "vehicle": {"vin": vin(dice), "model_year": year, "make": given.make, "model": given.model},
                "allowance": allowance,
                **({"payoff": owed} if owed else {}),
            }
        ]
    if dice.random() < 0.75:
        hundredths = dice.randrange(390, 1190)
        rate = f"{hundredths // 100}.{hundredths % 100:02d}"
        out["structure"] = {"kind": "finance", "months": dice.choice((48, 60, 66, 72, 75)), "rate": rate}
        out["money_down"] = {"cash_down": dice.randrange(0, 60) * 10_000}
        out["products"] = [
            {
                "id": "contract",
                "kind": "service_contract",
                "price": 219_500,
                "term_months": 60,
                "miles": 75_000,
                "taken": dice.random() < 0.4,
            },
            {"id": "gap", "kind": "gap", "price": 89_500, "taken": dice.random() < 0.3},
        ]
    return out
