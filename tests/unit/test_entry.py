"""Texts as people type them."""

from datetime import date

import pytest

from pyapp.desk import entry
from pyapp.desk.entry import Entry

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("40k", 40_000_00),
        ("1.5k", 1_500_00),
        ("$1,234.50", 1_234_50),
        ("2,000,000", 2_000_000_00),
        ("1 000", 1_000_00),
        (".5", 50),
        ("5.", 5_00),
        ("-1500", -1_500_00),
        ("−1,500.00", -1_500_00),
        ("–1500", -1_500_00),
        ("４００００", 40_000_00),
        ("1.2345k", 1_234_50),
        ("(500)", -500_00),
        ("($1,500.00)", -1_500_00),
        ("(-500)", -500_00),
        ("1 234 567", 1_234_567_00),
    ],
)
def test_amounts(text: str, cents: int) -> None:
    assert entry.money(text) == Entry("value", cents)


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("40000-1500", 38_500_00),
        ("40000–1500", 38_500_00),
        ("3×2÷4", 1_50),
        ("(1+2)*3", 9_00),
        ("10/3", 3_33),
        ("20/3", 6_67),
        ("41,850 - 1,850", 40_000_00),
        ("(40000-500)", 39_500_00),
        ("40 000-1 500", 38_500_00),
        ("40000*1.0625", 42_500_00),
    ],
)
def test_expressions_say_that_they_are(text: str, cents: int) -> None:
    assert entry.money(text) == Entry("value", cents, expression=True)


@pytest.mark.parametrize("text", ["40000-", "(", "(40000", "(40000-", "$", "-", "1,", "1,2", "1,23", "40,", "((1)"])
def test_half_typed_is_no_error_yet(text: str) -> None:
    assert entry.money(text).state == "half"


@pytest.mark.parametrize(
    "text",
    [
        "abc",
        "1/0",
        "40x",
        "1)",
        "40k k",
        ",5",
        "1,2345",
        "4..5",
        "1e5",
        "x" * 100,
        "9" * 81,
        "40 00",
        "10 20",
        "1,000 2",
        "40k 5",
        "40000 1500",
        "40.000",
        "0.001",
        "40000.005",
        "40.000-1.500",
        "4000 500",
        "1234.5 678",
        "1 2345",
    ],
)
def test_wrong_amounts(text: str) -> None:
    assert entry.money(text).state == "wrong"


@pytest.mark.parametrize("text", ["40 000", "40\u00a0000", " 40 k ", "$ 40,000", "40 000.00"])
def test_a_space_may_part_thousands(text: str) -> None:
    assert entry.money(text) == Entry("value", 40_000_00)


@pytest.mark.parametrize(
    ("text", "loose"),
    [("40000,50", True), ("6,99 %", True), ("40.000,5", True), ("40,", True), ("40,000", False), ("40000-", False)],
)
def test_a_comma_before_cents_is_seen(text: str, loose: bool) -> None:
    assert entry.loose_comma(text) is loose


@pytest.mark.parametrize("text", ["", "  ", "\u00a0"])
def test_blank(text: str) -> None:
    assert entry.money(text).state == "blank"


@pytest.mark.parametrize(
    ("text", "ppm"),
    [("6.99", 69_900), ("6.99%", 69_900), ("6.99 %", 69_900), ("0", 0), ("6.0625", 60_625), ("699", 6_990_000)],
)
def test_percents(text: str, ppm: int) -> None:
    assert entry.percent(text) == Entry("value", ppm)


@pytest.mark.parametrize("text", ["6.12345", "%", "6k", "$6", "six"])
def test_wrong_percents(text: str) -> None:
    assert entry.percent(text).state == "wrong"


def test_counts_come_out_whole() -> None:
    assert entry.count("72").number == 72
    assert entry.count("6*12") == Entry("value", 72, expression=True)
    assert entry.count("12k").number == 12_000
    assert entry.count("72.0").number == 72
    assert entry.count("7.5").state == "wrong"
    assert entry.count("3.000").state == "wrong"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-12-24", date(2026, 12, 24)),
        ("12/24/2026", date(2026, 12, 24)),
        ("12/24/26", date(2026, 12, 24)),
        ("12/24", date(2026, 12, 24)),
        ("1/5", date(2027, 1, 5)),
        ("Dec 24", date(2026, 12, 24)),
        ("December 24, 2026", date(2026, 12, 24)),
        ("Sept. 5 2027", date(2027, 9, 5)),
        ("12/24/99", date(1999, 12, 24)),
        ("Mayhem 5", None),
        ("De 24", None),
        ("13/1", None),
        ("2/30/26", None),
        ("soon", None),
    ],
)
def test_days(text: str, day: date | None) -> None:
    assert entry.day(text, TODAY) == day


def test_yes_and_no() -> None:
    assert entry.yes_no(" Yes ") is True
    assert entry.yes_no("off") is False
    assert entry.yes_no("maybe") is None
