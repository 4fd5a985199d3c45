"""Names without a space, as long as anyone types them, stay in their place and cover no figure."""

import pytest
from playwright.sync_api import expect

from tests.browser.desk_page import DeskPage

NAME = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
WORDS = """() => [...document.querySelectorAll("worksheet-panel .line > :first-child, .place span, .qline .lab")]
  .filter((one) => one.checkVisibility() && one.scrollWidth > one.clientWidth + 1)
  .filter((one) => getComputedStyle(one).display !== "inline" && getComputedStyle(one).overflow === "visible")
  .map((one) => one.textContent.trim())"""


@pytest.mark.parametrize("width", [1600, 1024, 390])
def test_a_long_word_breaks(desk: DeskPage, width: int) -> None:
    page = desk.page
    desk.place(state="TX")
    desk.type("place.city", NAME)
    desk.type("selling_price", "40000")
    desk.type("trades/*/allowance", "10000")
    page.locator("deal-facts details").evaluate("(fold) => { fold.open = true; }")
    desk.type("buyer.name", NAME)
    for line, field in (("Document fee", "fees/*/name"), ("Allowance", "trades/*/make")):
        page.get_by_role("button", name=f"{line}, more").click()
        desk.type(field, NAME)
    expect(desk.line(NAME)).to_have_count(1)
    page.locator("h1").click()
    page.set_viewport_size({"width": width, "height": 900})
    for screen in ("#desk", "#quick"):
        page.evaluate("(screen) => { location.hash = screen; }", screen)
        desk.settled()
        assert page.evaluate(WORDS) == [], screen
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width, screen


def test_the_quick_quote_tells_several_trades_and_rebates_apart(desk: DeskPage) -> None:
    page = desk.page
    desk.type("selling_price", "40000")
    desk.type("trades/*/allowance", "10000")
    desk.type("rebates/*/amount", "1000")
    add = page.get_by_role("group", name="Add a line")
    for kind, text in (("Trade", "5000"), ("Rebate", "500")):
        add.get_by_role("button", name=kind).click()
        page.keyboard.type(text)
        page.keyboard.press("Enter")
    page.evaluate("() => { location.hash = '#quick'; }")
    expect(page.get_by_label("Trade allowance 2")).to_have_value("−5,000.00")
    expect(page.get_by_label("Loyalty rebate")).to_have_value("−500.00")
    expect(page.get_by_label("Manufacturer rebate")).to_have_value("−1,000.00")
