"""Several tabs on one device: what is typed in one is in all that show the same deal; none writes over another."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.api.server import Server
from tests.browser.chromium import Chromium
from tests.browser.desk_page import BOOT_MS, DeskPage


@pytest.fixture
def first(fresh: DeskPage) -> DeskPage:
    fresh.type("selling_price", "40000")
    return fresh


@pytest.fixture
def second(first: DeskPage) -> Iterator[DeskPage]:
    page = first.page.context.new_page()
    page.goto(first.page.url)
    yield DeskPage(page).ready()
    page.close()


def test_what_is_typed_in_one_tab_is_in_the_other(first: DeskPage, second: DeskPage) -> None:
    expect(second.field("selling_price")).to_have_value("40,000.00")
    second.type("trades/*/allowance", "9000")
    expect(first.field("trades/*/allowance")).to_have_value("−9,000.00")
    first.type("rebates/*/amount", "1500")
    expect(second.field("rebates/*/amount")).to_have_value("−1,500.00")
    expect(second.field("trades/*/allowance")).to_have_value("−9,000.00")
    second.expect_tax("1,843.75")
    first.expect_tax("1,843.75")


def test_a_field_in_focus_follows_too_and_an_open_edit_stays(first: DeskPage, second: DeskPage) -> None:
    first.field("money_down.cash_down").focus()
    second.type("money_down.cash_down", "777")
    expect(first.field("money_down.cash_down")).to_have_value("777")
    first.type("vehicle.msrp", "418", commit=False)
    second.type("fees/*/amount", "225")
    expect(first.field("fees/*/amount")).to_have_value("225.00")
    expect(first.field("vehicle.msrp")).to_have_value("418")
    first.page.keyboard.type("50")
    first.page.keyboard.press("Enter")
    expect(second.field("vehicle.msrp")).to_have_value("41,850.00")
    expect(second.field("money_down.cash_down")).to_have_value("−777.00")


def test_one_undo_takes_back_what_the_other_tab_typed(first: DeskPage, second: DeskPage) -> None:
    second.type("trades/*/allowance", "9000")
    expect(first.field("trades/*/allowance")).to_have_value("−9,000.00")
    first.page.locator("h1").click()
    first.page.keyboard.press("Control+z")
    expect(first.field("trades/*/allowance")).to_have_value("")
    expect(second.field("trades/*/allowance")).to_have_value("")
    expect(first.field("selling_price")).to_have_value("40,000.00")


def test_a_new_deal_in_one_tab_leaves_the_other_alone(first: DeskPage, second: DeskPage) -> None:
    second.page.locator("h1").click()
    second.page.keyboard.press("n")
    expect(second.field("selling_price")).to_be_focused()
    second.type("selling_price", "20000")
    first.type("vehicle.msrp", "41000")
    expect(first.field("selling_price")).to_have_value("40,000.00")
    # Loaded anew each keeps to its own, whichever was typed in last.
    for tab, price in ((second, "20,000.00"), (first, "40,000.00")):
        tab.page.reload()
        tab.ready()
        expect(tab.field("selling_price")).to_have_value(price)


HOLD_STORE = """(milliseconds) => new Promise((held, failed) => {
  const opening = indexedDB.open("autolytiq");
  opening.onerror = () => failed(opening.error);
  opening.onsuccess = () => {
    const tx = opening.result.transaction(["deals", "meta"], "readwrite");
    tx.oncomplete = () => opening.result.close();
    const end = performance.now() + milliseconds;
    const on = () => { tx.objectStore("meta").count().onsuccess = () => { if (performance.now() < end) on(); }; };
    on();
    held();
  };
})"""


def test_a_tab_loaded_anew_while_another_holds_the_store(first: DeskPage, second: DeskPage) -> None:
    """As on a busy disk: what is typed while one tab's write keeps the other's waiting is in no store yet."""
    second.page.locator("h1").click()
    second.page.keyboard.press("n")
    expect(second.field("selling_price")).to_be_focused()
    first.page.evaluate(HOLD_STORE, 2_000)
    second.type("selling_price", "20000")
    for _ in range(2):
        second.page.reload()
        second.ready()
        expect(second.field("selling_price")).to_have_value("20,000.00")
    assert second.page.evaluate("sessionStorage.getItem('carried')") is None
    expect(first.field("selling_price")).to_have_value("40,000.00")


def test_two_tabs_typed_in_and_killed(chromium: Chromium, server: Server) -> None:
    """Both open on an empty store, before anything was typed: still it is one deal."""
    pages: list[Page] = [chromium.page(server.url + "/#desk") for _ in range(2)]
    one, two = (DeskPage(page).ready() for page in pages)
    one.type("selling_price", "41234", commit=False)
    two.type("money_down.cash_down", "567", commit=False)
    # Neither had to hear of the other before it was typed in.
    expect(two.field("selling_price")).to_have_value("41,234.00")
    expect(one.field("money_down.cash_down")).to_have_value("−567.00")
    two.kept("41234", "567")
    chromium.kill()

    desk = DeskPage(chromium.page(server.url + "/#desk"))
    expect(desk.field("selling_price")).to_have_value("41,234.00", timeout=BOOT_MS)
    desk.ready()
    expect(desk.field("money_down.cash_down")).to_have_value("−567.00")
