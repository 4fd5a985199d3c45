"""Fields: the text is the user's until they leave; what cannot be read is said beside it, and nothing typed is lost."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.desk_page import DeskPage


def bubble(desk: DeskPage, path: str):
    field = desk.field(path)
    return desk.page.locator(f"#{field.get_attribute('id')}-msg")


def test_text_in_focus_is_never_reformatted(desk: DeskPage) -> None:
    desk.type("selling_price", "40000-1500", commit=False)
    expect(desk.page.locator(".sum-hint")).to_have_text("= 38,500.00")
    expect(desk.field("selling_price")).to_have_value("40000-1500")
    expect(desk.figure("Out the door")).to_have_text(re.compile(r"\d,\d{3}\.\d\d"))
    expect(desk.field("selling_price")).to_have_value("40000-1500")
    desk.page.keyboard.press("Enter")
    expect(desk.field("selling_price")).to_have_value("38,500.00")


def test_half_typed_is_no_error_until_the_field_is_left(desk: DeskPage) -> None:
    desk.type("selling_price", "40000")
    expect(desk.figure("Out the door")).to_have_text("42,606.25")
    desk.field("selling_price").focus()
    desk.page.keyboard.press("End")
    desk.page.keyboard.type("-")
    desk.page.wait_for_timeout(400)
    expect(desk.figure("Out the door")).to_have_text("42,606.25")
    assert desk.field("selling_price").get_attribute("aria-invalid") is None
    desk.page.keyboard.press("Tab")
    expect(desk.field("selling_price")).to_have_attribute("aria-invalid", "true")
    expect(desk.field("selling_price")).to_have_value(re.compile("40,?000.*-"))
    expect(desk.figure("Out the door")).to_have_text("—")


@pytest.mark.parametrize(
    ("path", "good", "bad"),
    [
        ("selling_price", "40000", "-5"),
        ("selling_price", "40000", "forty"),
        ("selling_price", "40000", "999999999999"),
        ("structure.rate", "6.99", "699"),
        ("structure.months", "72", "0"),
        ("dates.sale_date", "2026-11-22", "2022-12-31"),
        ("dates.sale_date", "2026-11-22", "2031-01-01"),
        ("dates.sale_date", "2026-11-22", "someday"),
        ("money_down.cash_down", "500", "1.2.3"),
    ],
)
def test_a_refusal_stands_at_its_field_and_esc_goes_back(desk: DeskPage, path: str, good: str, bad: str) -> None:
    desk.place(state="TX")
    desk.type("selling_price", "40000")
    desk.type(path, good)
    expect(desk.figure("Payment a month")).to_have_text(re.compile(r"\d\.\d\d$"))
    desk.page.wait_for_timeout(300)
    written = desk.field(path).input_value()
    desk.type(path, bad)
    message = bubble(desk, path)
    expect(message).to_be_visible()
    expect(message).to_have_attribute("role", "alert")
    assert len(message.inner_text()) > 20
    expect(desk.field(path)).to_have_value(re.compile(re.escape(bad.lstrip("-").split(".")[0][:4])))
    expect(desk.figure("Payment a month")).to_have_text("—")
    desk.field(path).focus()
    desk.page.keyboard.press("Escape")
    expect(desk.field(path)).to_have_value(written)
    desk.page.keyboard.press("Tab")
    expect(message).to_have_count(0)
    expect(desk.figure("Payment a month")).to_have_text(re.compile(r"\d\.\d\d$"))


def test_a_missing_fact_is_asked_for_and_its_figures_wait(desk: DeskPage) -> None:
    desk.place(state="DC", date="2026-11-22")
    desk.type("selling_price", "40000")
    questions = desk.page.locator("law-questions .ask").filter(has_text="needed")
    expect(questions.first).to_be_visible()
    expect(desk.figure("Payment a month")).to_have_text("—")
    expect(desk.page.locator("worksheet-panel .group.tax")).to_contain_text("waits for the weight")
    desk.type("vehicle.weight_lbs", "3800")
    expect(questions.filter(has_text=re.compile("weight", re.IGNORECASE))).to_have_count(0)
    desk.type("vehicle.mpg_city", "24")
    expect(questions).to_have_count(0)
    expect(desk.figure("Payment a month")).to_have_text(re.compile(r"\d\.\d\d$"))


def test_esc_restores_then_leaves(desk: DeskPage) -> None:
    desk.type("selling_price", "40000")
    expect(desk.field("selling_price")).to_have_value("40,000.00")
    desk.field("selling_price").focus()
    desk.page.keyboard.type("123")
    desk.page.keyboard.press("Escape")
    expect(desk.field("selling_price")).to_have_value("40,000.00")
    expect(desk.field("selling_price")).to_be_focused()
    desk.page.keyboard.press("Escape")
    expect(desk.field("selling_price")).not_to_be_focused()


def test_alt_up_and_down_step_by_the_worker(desk: DeskPage) -> None:
    desk.type("selling_price", "40000")
    desk.field("selling_price").focus()
    desk.page.keyboard.press("Alt+ArrowUp")
    expect(desk.field("selling_price")).to_have_value(re.compile(r"^40,?100(\.00)?$"))
    desk.page.wait_for_timeout(200)
    desk.page.keyboard.press("Alt+ArrowDown")
    expect(desk.field("selling_price")).to_have_value(re.compile(r"^40,?000(\.00)?$"))


def test_undo_and_redo_go_by_committed_edits(desk: DeskPage) -> None:
    desk.type("selling_price", "40000")
    desk.type("trades/*/allowance", "9000")
    desk.page.locator("h1").click()
    desk.page.keyboard.press("Control+z")
    expect(desk.field("trades/*/allowance")).not_to_have_value(re.compile("9"))
    expect(desk.field("selling_price")).to_have_value("40,000.00")
    desk.page.keyboard.press("Control+Shift+z")
    expect(desk.field("trades/*/allowance")).to_have_value("−9,000.00")


def test_enter_goes_on_and_shift_enter_back(desk: DeskPage) -> None:
    desk.field("selling_price").focus()
    desk.page.keyboard.press("Enter")
    expect(desk.field("vehicle.msrp")).to_be_focused()
    desk.page.keyboard.press("Shift+Enter")
    expect(desk.field("selling_price")).to_be_focused()


def test_what_is_announced_comes_once_and_late(desk: DeskPage) -> None:
    desk.type("selling_price", "40000")
    live = desk.page.locator("[aria-live=polite]")
    expect(live).to_have_text(re.compile(r"^Payment \d.*out the door"), timeout=3_000)


def test_a_discount_sets_the_price_and_days_set_the_day(desk: DeskPage) -> None:
    desk.place(state="TX", date="2026-11-22")
    desk.type("selling_price", "40000")
    desk.type("vehicle.msrp", "42000")
    desk.type("discount", "1500")
    expect(desk.field("selling_price")).to_have_value("40,500.00")
    expect(desk.field("discount")).to_have_value("−1,500.00")
    desk.type("selling_price", "41000")
    expect(desk.field("discount")).to_have_value("−1,000.00")
    desk.field("discount").focus()
    desk.page.keyboard.type("5000")
    desk.page.keyboard.press("Escape")
    desk.page.keyboard.press("Tab")
    expect(desk.field("selling_price")).to_have_value("41,000.00")
    expect(desk.field("discount")).to_have_value("−1,000.00")
    desk.type("dates.first_payment_date", "2027-01-05")
    expect(desk.field("structure.days_to_first")).to_have_value("44")
    desk.type("structure.days_to_first", "20")
    expect(desk.field("structure.days_to_first")).to_have_value("20")
    expect(desk.field("dates.first_payment_date")).to_have_value("")
    desk.type("dates.first_payment_date", "2026-11-01")
    expect(bubble(desk, "dates.first_payment_date")).to_be_visible()
    desk.type("dates.first_payment_date", "")
    expect(desk.field("structure.days_to_first")).to_have_value("30")
