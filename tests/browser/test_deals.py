"""Deals typed on the page give the figures of the law."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.desk_page import DeskPage

DAY = "2026-11-22"


def test_texas_trade_and_rebate_lower_the_tax(desk: DeskPage) -> None:
    desk.place(state="TX", date=DAY)
    desk.type("selling_price", "40k")
    desk.type("rebates/*/amount", "1500")
    desk.type("trades/*/allowance", "10000")
    desk.type("trades/*/payoff", "4000")
    desk.type("fees/*/amount", "225")
    desk.page.locator("h1").click()
    expect(desk.field("fees/*/amount")).to_have_value("225.00")
    desk.expect_tax("1,781.25")
    expect(desk.field("selling_price")).to_have_value("40,000.00")
    expect(desk.field("trades/*/allowance")).to_have_value("−10,000.00")


def test_california_taxes_the_document_fee_and_not_the_trade(desk: DeskPage) -> None:
    desk.place(state="CA", date=DAY, local_rate="0")
    desk.type("selling_price", "40000")
    desk.type("trades/*/allowance", "10000")
    desk.type("fees/*/amount", "85")
    desk.expect_tax("2,906.16")


def test_south_carolina_stops_at_its_cap(desk: DeskPage) -> None:
    desk.place(state="SC", date=DAY)
    desk.type("selling_price", "30000")
    desk.expect_tax("500.00")


def test_oklahoma_is_two_levies_with_two_bases(desk: DeskPage) -> None:
    desk.place(state="OK", date="2026-06-15")
    desk.type("selling_price", "40000")
    desk.type("trades/*/allowance", "10000")
    taxes = desk.page.locator("worksheet-panel .group.tax > tax-line > .line .n money-text")
    expect(taxes.filter(has_text=re.compile(r"^\s*1,300\.00\s*$"))).to_have_count(1)
    expect(taxes.filter(has_text=re.compile(r"^\s*375\.00\s*$"))).to_have_count(1)


def test_michigan_trade_credit_grows_with_the_years(desk: DeskPage) -> None:
    desk.place(state="MI", date=DAY)
    desk.type("selling_price", "40000")
    desk.type("trades/*/allowance", "20000")
    desk.expect_tax("1,680.00")
    desk.type("dates.sale_date", "6/1/2023")
    desk.expect_tax("1,860.00")
    desk.type("dates.sale_date", "2029-06-01")
    desk.expect_tax("1,200.00")
    desk.page.keyboard.press("Alt+t")
    expect(desk.page.locator("worksheet-panel .group.tax .explain")).to_contain_text("as enacted")


@pytest.mark.parametrize("day", ["2022-12-31", "2031-01-01"])
def test_michigan_goes_by_the_day_of_delivery(desk: DeskPage, day: str) -> None:
    desk.place(state="MI")
    desk.type("selling_price", "40000")
    desk.type("trades/*/allowance", "20000")
    for given, tax in (("6/1/2023", "1,860.00"), ("2026-11-22", "1,680.00"), ("2029-06-01", "1,200.00")):
        desk.type("dates.delivery_date", given)
        desk.expect_tax(tax)
    desk.type("dates.delivery_date", day)
    expect(desk.page.locator("#f-dates-delivery_date-msg")).to_contain_text("a day from Jan 1, 2023 to Dec 31, 2030")
    expect(desk.page.locator("deal-strip .fig.pay .note")).to_contain_text("waits for the delivery date")


def test_florida_county_surtax_reaches_the_first_part_of_the_price(desk: DeskPage) -> None:
    desk.place(state="FL", date=DAY, local_rate="1")
    desk.field("vehicle.new_or_used").select_option("used")
    desk.type("selling_price", "30000")
    desk.expect_tax("1,800.00", "50.00")


def test_a_cell_is_taken_by_click_and_by_key(desk: DeskPage) -> None:
    desk.type("selling_price", "40000")
    expect(desk.grid_cell(taken=True)).to_have_count(1)
    cell = desk.page.locator("payment-grid tbody tr").nth(1).locator("td[role=gridcell]").nth(2)
    desk.settled()
    expect(cell).to_have_text(re.compile(r"\d{3}\.\d\d"))
    payment = cell.inner_text().strip()
    cell.click()
    expect(cell).to_have_attribute("aria-selected", "true")
    expect(desk.figure("Payment a month")).to_have_text("$" + payment)
    cell.press("ArrowDown")
    focused = desk.page.locator("payment-grid td:focus")
    expect(focused).to_have_attribute("aria-selected", "false")
    below = focused.inner_text().strip()
    focused.press("Enter")
    expect(desk.figure("Payment a month")).to_have_text("$" + below)


def test_the_grid_goes_by_rate_too(desk: DeskPage) -> None:
    desk.type("selling_price", "40000")
    desk.page.get_by_role("radiogroup", name="Columns of the grid").get_by_label("Rate").check()
    heads = desk.page.locator("payment-grid thead th")
    expect(heads).to_have_text(["5.49 %", "5.99 %", "6.49 %", "6.99 %", "7.49 %", "7.99 %", "8.49 %"])
    expect(desk.grid_cell(taken=True)).to_have_count(1)
    desk.grid_cell(taken=True).press("ArrowLeft")
    desk.page.keyboard.press("Enter")
    expect(desk.field("structure.rate")).to_have_value("6.49")
    expect(desk.page.locator("payment-grid thead th[aria-current]")).to_have_text("6.49 %")
    desk.settled()
    expect(desk.figure("Payment a month")).to_have_text("$" + desk.grid_cell(taken=True).inner_text().strip())
    desk.page.keyboard.press("F2")
    header = desk.page.get_by_label("Rate of this column")
    expect(header).to_be_focused()
    header.fill("3.9")
    header.press("Enter")
    expect(heads.filter(has_text="3.9 %")).to_have_count(1)


def test_headers_of_the_grid_can_be_written(desk: DeskPage) -> None:
    desk.type("selling_price", "40000")
    desk.page.keyboard.press("Alt+g")
    expect(desk.page.locator("payment-grid td:focus")).to_have_count(1)
    desk.page.keyboard.press("ArrowRight")
    desk.page.keyboard.press("F2")
    header = desk.page.locator("payment-grid th input")
    expect(header).to_be_focused()
    header.fill("1,234")
    header.press("Enter")
    expect(desk.page.locator("payment-grid thead th").filter(has_text="1,234")).to_have_count(1)
    expect(desk.page.locator("payment-grid td:focus")).to_have_count(1)


def test_cash_shows_no_payment(desk: DeskPage) -> None:
    desk.type("selling_price", "40000")
    desk.page.get_by_label("Cash", exact=True).check()
    expect(desk.page.locator("deal-strip .fig.pay dt")).to_contain_text("Out the door")
    expect(desk.page.locator("payment-grid")).to_have_count(0)
    desk.page.get_by_label("Finance", exact=True).check()
    expect(desk.page.locator("deal-strip .fig.pay dt")).to_contain_text("Payment a month")


def test_a_tax_line_opens_to_formula_numbers_section_and_dates(desk: DeskPage) -> None:
    desk.place(state="TX", date=DAY)
    desk.type("selling_price", "40000")
    desk.page.keyboard.press("Alt+t")
    inside = desk.page.locator("worksheet-panel .group.tax .explain:not([hidden])")
    expect(inside).to_have_count(1)
    expect(inside.locator(".formula")).not_to_be_empty()
    expect(inside).to_contain_text("40,000.00")
    expect(inside).to_contain_text("152.021")
    expect(inside).to_contain_text("In force")
    assert (inside.locator("dl a").first.get_attribute("href") or "").startswith("https://")


def test_a_place_that_is_not_picked_reads_as_a_range(desk: DeskPage) -> None:
    desk.place(state="CA", date=DAY)
    desk.type("selling_price", "40000")
    desk.expect_tax("2,900.00", "0.00 to 1,600.00")
    expect(desk.page.locator("place-picker")).to_contain_text("Where will it be registered?")
    desk.type("place.local_rate", "0")
    desk.expect_tax("2,900.00")


def test_a_local_rate_does_not_follow_into_another_state(desk: DeskPage) -> None:
    desk.place(state="FL", date=DAY, local_rate="1")
    desk.field("vehicle.new_or_used").select_option("used")
    desk.type("selling_price", "40000")
    desk.expect_tax("2,400.00", "50.00")
    desk.place(state="CA")
    desk.expect_tax("2,900.00", "0.00 to 1,600.00")
    desk.page.locator("h1").click()
    desk.page.keyboard.press("Control+z")
    desk.expect_tax("2,400.00", "50.00")


def test_an_amount_by_hand_does_not_follow_into_another_state(desk: DeskPage) -> None:
    desk.place(state="TX", date=DAY)
    desk.type("selling_price", "40000")
    desk.page.keyboard.press("Alt+t")
    desk.field("by_hand.motor_vehicle_sales_tax").or_(desk.page.locator("[id^='f-by_hand']")).first.fill("1000")
    desk.page.keyboard.press("Enter")
    desk.expect_tax("1,000.00")
    desk.place(state="SC")
    desk.expect_tax("500.00")
    desk.page.locator("h1").click()
    desk.page.keyboard.press("Control+z")
    desk.expect_tax("1,000.00")


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1024, 900), (1600, 1000)])
def test_a_range_is_read_whole_at_every_width(desk: DeskPage, width: int, height: int) -> None:
    desk.place(state="FL", date=DAY)
    for path, text in (("selling_price", "90000"), ("place.facts.new_tires", "4"), ("money_down.cash_down", "1000")):
        desk.type(path, text)
    desk.field("place.facts.plate_transferred").select_option("no")
    expect(desk.figure("Payment a month")).to_contain_text(" to ")
    desk.page.set_viewport_size({"width": width, "height": height})
    # The strokes under changed figures are wider than these.
    desk.still()
    cut = """() => [...document.querySelectorAll('.fig dd, .line .n')].filter((e) => e.offsetParent)
      .filter((e) => e.scrollWidth > e.clientWidth + 1).map((e) => e.textContent.trim())"""
    assert desk.page.evaluate(cut) == []
    desk.page.set_viewport_size({"width": 1600, "height": 1000})


def test_quick_quote_needs_a_price_and_a_place_and_what_is_usual(fresh: DeskPage) -> None:
    desk = fresh
    desk.page.set_viewport_size({"width": 390, "height": 844})
    desk.page.goto(desk.page.url.split("#")[0] + "#quick")
    price = desk.page.locator("quick-quote #f-selling_price")
    price.fill("40000")
    price.press("Enter")
    expect(desk.page.locator("quick-quote .qtax").first).to_contain_text("2,500.00")
    expect(desk.page.locator("quick-quote .fig.pay money-text").first).to_have_text("—")
    desk.page.get_by_role("button", name="Usual here").click()
    expect(desk.page.locator("quick-quote .fig.pay money-text").first).to_have_text(re.compile(r"^\$\d+\.\d\d$"))
    expect(desk.page.locator("quick-quote .qtax").first).to_contain_text("2,500.00")
    desk.page.set_viewport_size({"width": 1600, "height": 1000})


def test_a_further_line_is_added_described_and_taken_away(desk: DeskPage) -> None:
    desk.type("selling_price", "40000")
    desk.page.get_by_role("group", name="Add a line").get_by_role("button", name="Product").click()
    price = desk.field("products/*/price")
    expect(price).to_be_focused()
    desk.page.keyboard.type("2195")
    desk.page.keyboard.press("Enter")
    expect(desk.amount("Out the door, before trade")).to_have_text("42,606.25")
    taken = desk.page.get_by_role("checkbox", name="Service contract")
    expect(taken).not_to_be_checked()
    taken.check()
    expect(desk.amount("Out the door, before trade")).not_to_have_text("42,606.25")
    desk.page.get_by_role("button", name="Service contract, more").click()
    desk.type("products/*/name", "Gold plan")
    desk.page.get_by_role("button", name="Take this line away").click()
    expect(price).to_have_count(0)
    expect(desk.amount("Out the door, before trade")).to_have_text("42,606.25")
    desk.page.keyboard.press("Control+z")
    expect(desk.amount("Out the door, before trade")).not_to_have_text("42,606.25")
