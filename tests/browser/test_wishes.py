"""What is wished of the grid, headers and a payment to meet: read like every field, refused in its place, and kept."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.api.server import Server
from tests.browser.chromium import Chromium
from tests.browser.desk_page import BOOT_MS, DeskPage


@pytest.fixture
def priced(desk: DeskPage) -> DeskPage:
    desk.type("selling_price", "40000")
    desk.type("money_down.cash_down", "3000")
    expect(desk.grid_cell(taken=True)).to_have_text(re.compile(r"\d"))
    return desk.settled()


def header(desk: DeskPage, text: str, *, key: str = "F2") -> Locator:
    desk.page.keyboard.press("Alt+g")
    desk.page.keyboard.press(key)
    field = desk.page.locator("payment-grid th input")
    expect(field).to_be_focused()
    field.fill(text)
    field.press("Enter")
    return field


@pytest.mark.parametrize(
    ("key", "bad"), [("F2", "abc"), ("F2", "99999999999999999999"), ("Shift+F2", "0"), ("Shift+F2", "x")]
)
def test_a_header_that_is_none_stays_typed_and_is_said(priced: DeskPage, key: str, bad: str) -> None:
    heads = priced.page.locator("payment-grid th")
    before = heads.all_inner_texts()
    field = header(priced, bad, key=key)
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_value(bad)
    expect(priced.page.locator("payment-grid .wrong")).to_contain_text(f"“{bad}” cannot head this")
    expect(heads).to_have_count(len(before))
    field.press("Escape")
    expect(heads).to_have_text(before)


def test_the_taken_column_can_be_typed_over(priced: DeskPage) -> None:
    header(priced, "2500")
    heads = priced.page.locator("payment-grid thead th")
    expect(heads.filter(has_text="2,500")).to_have_count(1)
    expect(heads.filter(has_text="3,000")).to_have_count(1)
    expect(heads).to_have_count(7)


def test_typed_headers_fit_a_phone(priced: DeskPage) -> None:
    header(priced, "2500")
    priced.page.set_viewport_size({"width": 390, "height": 844})
    expect(priced.page.locator("payment-grid thead th")).to_have_count(4)
    expect(priced.grid_cell(taken=True)).to_have_count(1)
    priced.page.set_viewport_size({"width": 1600, "height": 1000})


def test_the_target_is_a_field_like_all(priced: DeskPage) -> None:
    target = priced.field("target")
    target.focus()
    priced.page.keyboard.type("500+25")
    expect(priced.page.locator("target-field .sum-hint")).to_have_text("= 525.00")
    priced.page.keyboard.press("Enter")
    expect(target).not_to_be_focused()
    expect(target).to_have_value("525.00")
    target.focus()
    priced.page.keyboard.press("Alt+ArrowUp")
    expect(target).to_have_value("530.00")
    priced.page.keyboard.press("Escape")
    expect(target).to_have_value("525.00")
    for bad in ("fast", "525-", "99999999999999999999"):
        target.fill(bad)
        target.press("Enter")
        expect(target).to_have_attribute("aria-invalid", "true")
        expect(target).to_have_value(bad)
        expect(priced.page.locator("#f-target-msg")).to_contain_text(f"“{bad}” is not a payment")
    target.fill("")
    target.press("Enter")
    expect(target).not_to_have_attribute("aria-invalid", "true")
    expect(target).to_have_value("")


def test_the_note_of_the_target_moves_nothing(priced: DeskPage) -> None:
    target = priced.still().field("target")
    before = target.bounding_box()
    target.fill("525")
    expect(priced.page.locator(".gridhead .over")).to_have_text(re.compile(r"over|meets"))
    assert target.bounding_box() == before


def test_a_new_deal_has_no_wishes(priced: DeskPage) -> None:
    priced.field("target").fill("525")
    header(priced, "2500")
    priced.page.locator("h1").click()
    priced.page.keyboard.press("n")
    expect(priced.field("target")).to_have_value("")
    expect(priced.page.locator("payment-grid thead th").first).to_have_text("0")
    expect(priced.page.locator("payment-grid thead th").nth(1)).to_have_text("1,000")


def test_the_target_outlives_a_killed_browser(chromium: Chromium, server: Server) -> None:
    desk = DeskPage(chromium.page(server.url + "/#desk")).ready()
    desk.type("selling_price", "40000")
    desk.page.get_by_role("radiogroup", name="Columns of the grid").get_by_label("Rate").check()
    desk.field("target").focus()
    desk.page.keyboard.type("51234")
    desk.kept("51234")
    chromium.kill()

    desk = DeskPage(chromium.page(server.url + "/#desk"))
    expect(desk.field("target")).to_have_value(re.compile(r"^51,?234(\.00)?$"), timeout=BOOT_MS)
    desk.ready()
    expect(desk.page.locator("payment-grid thead th[aria-current]")).to_have_text("6.99 %")


def test_a_target_left_before_it_is_answered_stays_as_typed(priced: DeskPage) -> None:
    """The newest key and leaving the field come in one turn: the answer at hand is that to the text before."""
    field = priced.field("target")
    field.focus()
    priced.page.keyboard.type("52")
    expect(priced.page.locator("payments-panel .over")).not_to_be_empty()
    left = """async (field) => {
      field.value = "525";
      field.dispatchEvent(new InputEvent("input", { bubbles: true }));
      field.blur();
      await field.closest("target-field").updateComplete;
      return field.value;
    }"""
    assert field.evaluate(left) == "525"
    expect(field).to_have_value("525.00")
