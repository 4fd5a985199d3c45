"""A new user with a keyboard and nothing else: every deal can be typed on a fresh page, at desk and at phone width."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Playwright, expect

from tests.api.server import Server
from tests.browser.chromium import Chromium
from tests.browser.desk_page import DeskPage

MOST_STEPS = 120
DAY = "11/22/2026"

# What is typed, field by field, and the taxes that the law says.
DEALS: dict[str, tuple[list[tuple[str, str]], list[str]]] = {
    "TX": (
        [
            ("place.state", "Texas"),
            ("dates.sale_date", DAY),
            ("selling_price", "40000"),
            ("rebates/*/amount", "1500"),
            ("trades/*/allowance", "10000"),
            ("trades/*/payoff", "4000"),
        ],
        ["1,781.25"],
    ),
    "CA": (
        [
            ("place.state", "California"),
            ("place.local_rate", "0"),
            ("dates.sale_date", DAY),
            ("selling_price", "40000"),
            ("fees/*/amount", "85"),
            ("trades/*/allowance", "10000"),
        ],
        ["2,906.16"],
    ),
    "SC": ([("place.state", "South"), ("dates.sale_date", DAY), ("selling_price", "30000")], ["500.00"]),
    "OK": (
        [
            ("place.state", "Okla"),
            ("dates.sale_date", "6/15/2026"),
            ("selling_price", "40000"),
            ("vehicle.new_or_used", "new"),
            ("trades/*/allowance", "10000"),
        ],
        ["1,300.00", "375.00"],
    ),
    "FL": (
        [
            ("place.state", "Flo"),
            ("place.local_rate", "1"),
            ("dates.sale_date", DAY),
            ("selling_price", "30000"),
            ("vehicle.new_or_used", "used"),
        ],
        ["1,800.00", "50.00"],
    ),
    **{
        f"MI {day[-4:]}": (
            [
                ("place.state", "Mich"),
                ("dates.sale_date", day),
                ("selling_price", "40000"),
                ("trades/*/allowance", "20000"),
            ],
            [tax],
        )
        for day, tax in (("6/1/2023", "1,860.00"), (DAY, "1,680.00"), ("6/1/2029", "1,200.00"))
    },
}
OPENERS = {
    "trades": "Trade",
    "rebates": "Rebate",
    "fees": "Fees",
    "place": "Place and law date",
    "dates": "Place and law date",
}
"""On the quick quote: the button that brings a field."""


@pytest.fixture(scope="module")
def visitor(play: Playwright) -> Iterator[Chromium]:
    browser = Chromium(play)
    yield browser
    browser.close()


def focused(desk: DeskPage) -> str:
    """Id or words of the element in focus; empty when none is."""
    return desk.page.evaluate(
        "() => { const e = document.activeElement; return e === document.body ? '' : e.id || e.textContent.trim(); }"
    )


def tab_to(desk: DeskPage, wanted: re.Pattern[str]) -> bool:
    """Tab on, once around the page; whether the focus came to an element of that id or text."""
    for _ in range(MOST_STEPS):
        if wanted.search(focused(desk)):
            return True
        desk.page.keyboard.press("Tab")
    return False


def type_by_keyboard(desk: DeskPage, path: str, text: str) -> None:
    name = re.sub(r"[^\w*-]", "-", path).replace("*", ".+")
    wanted = re.compile(f"^f-{name}$")
    opener = OPENERS.get(path.split("/")[0].split(".")[0])
    if opener and not path.startswith("place.facts") and not desk.field(path).is_visible():
        onto = re.compile(f"^{opener}|{opener}$" if desk.page.locator("quick-quote").count() else "law of|change place")
        assert tab_to(desk, onto), f"{opener} cannot be reached"
        # What is open already brings the field with the next answer.
        if desk.page.evaluate("() => document.activeElement.getAttribute('aria-expanded')") != "true":
            desk.page.keyboard.press("Enter")
        expect(desk.field(path)).to_be_visible()
    assert tab_to(desk, wanted), f"{path} cannot be reached"
    desk.page.keyboard.type(text)
    desk.page.keyboard.press("Enter")


def test_a_new_deal_is_blank_where_one_goes_on(desk: DeskPage) -> None:
    desk.type("selling_price", "40000")
    desk.settled()
    desk.page.locator("h1").click()
    # As fast as fingers that need not look: no key waits for the page to be drawn.
    desk.page.keyboard.type("n20000")
    desk.page.keyboard.press("Enter")
    expect(desk.field("selling_price")).to_have_value("20,000.00")
    desk.page.locator("h1").click()
    for _ in range(2):
        desk.page.keyboard.press("Control+z")
    expect(desk.field("selling_price")).to_have_value("40,000.00")


def test_enter_leaves_the_last_field_in_sight(desk: DeskPage) -> None:
    """What stands in a closed fold cannot be entered: the keyboard would stay where it is."""
    last = desk.field("target")
    last.focus()
    desk.page.keyboard.press("Enter")
    expect(last).not_to_be_focused()


@pytest.mark.parametrize(("width", "height", "screen"), [(1600, 1000, "desk"), (390, 844, "quick")])
@pytest.mark.parametrize("name", DEALS)
def test_a_deal_by_keyboard_alone(
    visitor: Chromium, server: Server, name: str, width: int, height: int, screen: str
) -> None:
    typed, taxes = DEALS[name]
    page = visitor.page(server.url + "/#" + screen)
    page.set_viewport_size({"width": width, "height": height})
    desk = DeskPage(page).ready()
    page.keyboard.press("n")
    page.locator("needed-facts .needed, .qline.usual").first.wait_for()
    for path, text in typed:
        type_by_keyboard(desk, path, text)
    lines = page.locator("tax-line > .line .n money-text" if screen == "desk" else "quick-quote tax-line .n money-text")
    for tax in taxes:
        expect(lines.filter(has_text=re.compile(rf"^\s*{re.escape(tax)}\s*$"))).to_have_count(1)
    page.close()
