"""Lines of the worksheet that are added and taken away: they stand there at once, also while Python starts."""

import pytest
from playwright.sync_api import expect

from tests.api.server import Server
from tests.browser.chromium import Chromium
from tests.browser.desk_page import BOOT_MS, DeskPage

BOOTING = "html[data-state~='booting']"


def add(desk: DeskPage, name: str) -> None:
    desk.page.get_by_role("group", name="Add a line").get_by_role("button", name=name).click()


@pytest.mark.parametrize(
    ("name", "path", "text", "written"),
    [
        ("Accessory", "adds/*/amount", "600", "600.00"),
        ("Product", "products/*/price", "2195", "2,195.00"),
    ],
)
def test_an_added_line_takes_the_very_next_key(desk: DeskPage, name: str, path: str, text: str, written: str) -> None:
    desk.type("selling_price", "40000")
    add(desk, name)
    desk.page.keyboard.type(text)
    desk.page.keyboard.press("Enter")
    expect(desk.field(path)).to_have_value(written)


def test_a_line_is_added_and_typed_in_before_python_is_up(chromium: Chromium, server: Server) -> None:
    with chromium.without_python():
        desk = DeskPage(chromium.page(server.url + "/#desk"))
        # On a first visit it takes the focus with its first frame.
        expect(desk.field("selling_price")).to_be_focused(timeout=BOOT_MS)
        add(desk, "Accessory")
        expect(desk.field("adds/*/amount")).to_be_focused()
        desk.page.keyboard.type("600")
        assert desk.page.locator(BOOTING).count() == 1
        field = desk.field("adds/*/amount").element_handle()
    desk.ready()
    desk.settled()
    # The answer brings the line itself; the field is still the same and has the focus.
    assert field
    assert field.evaluate("(field) => document.activeElement === field")
    desk.page.keyboard.press("Enter")
    expect(desk.field("adds/*/amount")).to_have_value("600.00")
    expect(desk.line("Accessory")).to_have_count(1)


@pytest.mark.parametrize(("name", "path"), [("Fee", "fees/*/amount"), ("Product", "products/*/price")])
def test_on_a_phone_the_group_of_an_added_line_opens(desk: DeskPage, name: str, path: str) -> None:
    desk.page.set_viewport_size({"width": 390, "height": 844})
    desk.type("selling_price", "40000")
    add(desk, name)
    focused = desk.page.locator("worksheet-panel .group.unfolded input:focus")
    expect(focused).to_be_visible()
    desk.page.keyboard.type("123")
    desk.page.keyboard.press("Enter")
    desk.settled()
    values = desk.page.locator(f"[id^='f-{path.split('/')[0]}'][id$='{path.split('/')[2]}']")
    expect(values.last).to_have_value("123.00")
    desk.page.set_viewport_size({"width": 1600, "height": 1000})


def test_several_trades_are_told_apart(desk: DeskPage) -> None:
    desk.type("selling_price", "40000")
    desk.type("trades/*/allowance", "10000")
    add(desk, "Trade")
    desk.page.keyboard.type("3000")
    desk.page.keyboard.press("Enter")
    expect(desk.page.get_by_label("Allowance 1", exact=True)).to_have_value("−10,000.00")
    expect(desk.page.get_by_label("Allowance 2", exact=True)).to_have_value("−3,000.00")
    expect(desk.amount("Trade")).to_have_text("−13,000.00")
