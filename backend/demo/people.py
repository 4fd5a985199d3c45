"""Names, places and vehicles of the demo; whoever is meant by them does not exist."""

import random
from typing import Any

from backend.customers.checks import vin_check_digit

FIRST = (
    *("Ana", "Ben", "Carla", "Dmitri", "Elena", "Femi", "Grace", "Hiro", "Imani", "José", "Katya", "Liam", "Mei"),
    *(
        "Nadia",
        "Omar",
        "Priya",
        "Quinn",
        "Rosa",
        "Siobhán",
        "Tomás",
        "Uma",
        "Víctor",
        "Wendy",
        "Xiomara",
        "Yusuf",
        "Zoë",
    ),
)
LAST = (
    *(
        "Abbott",
        "Begum",
        "Castillo",
        "D'Arcy",
        "Eriksen",
        "Flores",
        "Garcia",
        "Hoang",
        "Ibrahim",
        "Johnson",
        "Kowalski",
    ),
    *("Lindqvist", "Murphy", "Nguyen", "O'Brien", "Petrov", "Quiñones", "Rossi", "Santos", "Tanaka", "Underwood"),
    *("Vargas", "Williams", "Xu", "Young", "Zielinski"),
)
COMPANIES = ("Blue Heron Plumbing", "Cedar & Sons Roofing", "Prairie Wind Farms", "Kite Street Bakery", "Nolan Freight")
# State, city, county, ZIP, the county's levy in percent (none: the state has none or takes it by residence), facts.
PLACES: tuple[tuple[str, str, str, str, str | None, dict[str, Any]], ...] = (
    ("TX", "Dallas", "Dallas", "75201", None, {"residence_county_kind": "nonattainment_or_affected"}),
    ("CA", "Sacramento", "Sacramento", "95814", "0.5", {"new_tires": 5}),
    ("FL", "Tampa", "Hillsborough", "33602", "1", {"plate_transferred": False, "new_tires": 5}),
    ("GA", "Macon", "Bibb", "31201", None, {"plate_transferred": False}),
    ("NC", "Durham", "Durham", "27701", None, {}),
    ("MI", "Lansing", "Ingham", "48933", None, {}),
    ("OK", "Tulsa", "Tulsa", "74103", None, {"registration_year": 1}),
    ("TN", "Knoxville", "Knox", "37902", "2.25", {}),
    ("SC", "Columbia", "Richland", "29201", None, {"buyer_age": 40}),
    ("OH", "Columbus", "Franklin", "43215", "1.75", {}),
    ("DC", "Washington", "", "20001", None, {}),
)
AREAS = {
    "TX": "214",
    "CA": "916",
    "FL": "813",
    "GA": "478",
    "NC": "919",
    "MI": "517",
    "OK": "918",
    "TN": "865",
    "SC": "803",
    "OH": "614",
    "DC": "202",
}
# Make, model, MSRP in cents, weight in pounds, miles a gallon.
VEHICLES = (
    ("Honda", "Accord", 3_289_500, 3300, 32),
    ("Toyota", "RAV4", 3_415_000, 3450, 30),
    ("Ford", "F-150", 5_280_000, 4800, 21),
    ("Chevrolet", "Equinox", 3_099_000, 3350, 28),
    ("Hyundai", "Tucson", 3_155_000, 3370, 28),
    ("Subaru", "Outback", 3_342_500, 3650, 29),
    ("Jeep", "Grand Cherokee", 4_865_000, 4450, 22),
    ("Nissan", "Rogue", 3_098_000, 3460, 33),
)
VIN_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"
STREETS = ("Maple", "Juniper", "Second", "Harbor", "Willow", "Mill", "Canyon", "Orchard")


def vin(dice: random.Random) -> str:
    """A number with the right check digit."""
    raw = (
        "1" + "".join(dice.choice(VIN_LETTERS) for _ in range(10)) + "".join(str(dice.randrange(10)) for _ in range(6))
    )
    bare = raw[:8] + "0" + raw[9:]
    return raw[:8] + vin_check_digit(bare) + raw[9:]


def customer(dice: random.Random, number: int) -> tuple[dict[str, Any], int]:
    """A customer and the place where they live."""
    at = dice.randrange(len(PLACES))
    state, city, county, postal, _, _ = PLACES[at]
    first, last = dice.choice(FIRST), dice.choice(LAST)
    plain = "".join(letter for letter in last.lower() if letter.isascii() and letter.isalpha())
    body: dict[str, Any] = {
        "first_name": first,
        "last_name": last,
        "contacts": [
            # 555-01xx is kept free for such uses, in every area.
            {
                "id": "mobile",
                "kind": "mobile",
                "value": f"({AREAS[state]}) 555-01{number % 100:02d}",
                "preferred": True,
            },
            {"id": "email", "kind": "email", "value": f"{plain}{number}@example.com"},
        ],
        "addresses": [
            {
                "id": "home",
                "street": f"{dice.randrange(100, 9900)} {dice.choice(STREETS)} St",
                "city": city,
                "county": county,
                "state": state,
                "zip": postal,
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
        body |= {"kind": "business", "company": COMPANIES[number // 40 % len(COMPANIES)]}
    if dice.random() < 0.6:
        make, model, *_ = dice.choice(VEHICLES)
        body["vehicles"] = [
            {"id": "own", "vin": vin(dice), "model_year": dice.randrange(2014, 2024), "make": make, "model": model}
        ]
    return body, at


def deal(dice: random.Random, at: int, day: str) -> dict[str, Any]:
    """A deal on the day's law at a place, without its people and its store."""
    state, city, county, postal, levy, facts = PLACES[at]
    make, model, msrp, pounds, miles = dice.choice(VEHICLES)
    new = dice.random() < 0.6
    year = 2026 if new else dice.randrange(2019, 2025)
    price = msrp - dice.randrange(0, 30) * 10_000 if new else round(msrp * (0.55 + 0.05 * (year - 2019)), -4)
    price = int(price)
    out: dict[str, Any] = {
        "dates": {"quoted_on": day},
        "place": {"state": state, "city": city, "county": county, "zip": postal, "facts": facts},
        "vehicle": {
            "vin": vin(dice),
            "stock_number": f"{'N' if new else 'U'}{dice.randrange(10_000, 99_999)}",
            "model_year": year,
            "make": make,
            "model": model,
            "new_or_used": "new" if new else "used",
            "odometer": dice.randrange(5, 60) if new else dice.randrange(9_000, 90_000),
            "fuel": "gasoline",
            "weight_lbs": pounds,
            "gvwr_lbs": pounds + 1500,
            "mpg_city": miles - 3,
            "mpg_highway": miles + 5,
            "mpg_combined": miles,
            "book_value": price,
            **({"msrp": msrp} if new else {}),
        },
        "selling_price": price,
        "fees": [{"id": "document", "kind": "document", "amount": 8500}],
    }
    out["place"]["local"] = (
        [{"id": "county", "level": "county", "name": f"{county} County", "rate_percent": levy}] if levy else []
    )
    if dice.random() < 0.5:
        allowance = dice.randrange(30, 200) * 10_000
        owed = dice.randrange(0, allowance // 10_000) * 5_000 if dice.random() < 0.5 else 0
        made, named, *_ = dice.choice(VEHICLES)
        out["trades"] = [
            {
                "id": "trade",
                "vehicle": {"vin": vin(dice), "model_year": dice.randrange(2014, 2023), "make": made, "model": named},
                "allowance": allowance,
                **({"payoff": owed} if owed else {}),
            }
        ]
    if dice.random() < 0.75:
        rate = f"{dice.randrange(390, 1190) / 100:.2f}"
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
