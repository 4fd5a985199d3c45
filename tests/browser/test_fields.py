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
    desk.settled()
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
        ("selling_price", "40000", "99999999999999999999"),
        ("selling_price", "40000", "40000,50"),
        ("selling_price", "40000", "40 00"),
        ("selling_price", "40000", "🚗"),
        ("structure.rate", "6.99", "6,99"),
        ("vehicle.weight_lbs", "4000", "0"),
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
    desk.settled()
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


def test_a_missing_fact_is_asked_for_and_its_figures_wait(fresh: DeskPage) -> None:
    fresh.place(state="DC", date="2026-11-22")
    fresh.type("selling_price", "40000")
    asked = fresh.page.locator("needed-facts .needed")
    expect(asked).to_contain_text("District of Columbia")
    expect(fresh.figure("Payment a month")).to_have_text("—")
    expect(fresh.page.locator("worksheet-panel .group.tax")).to_contain_text("waits for the new/used answer")
    fresh.field("vehicle.new_or_used").select_option("new")
    expect(fresh.page.locator("worksheet-panel .group.tax")).to_contain_text("waits for the weight")
    fresh.type("vehicle.weight_lbs", "3800")
    fresh.type("vehicle.mpg_city", "24")
    # Answered and left, they fold into one line, which opens again.
    folded = asked.get_by_role("button", name="3 answered for District of Columbia, open to change")
    expect(fresh.field("vehicle.weight_lbs")).to_be_hidden()
    expect(asked).not_to_contain_text("needed")
    expect(fresh.figure("Payment a month")).to_have_text(re.compile(r"\d\.\d\d$"))
    folded.click()
    # Emptied again it is asked where it stands, and nobody is thrown out of the field.
    fresh.field("vehicle.weight_lbs").focus()
    fresh.page.keyboard.press("Delete")
    expect(fresh.figure("Payment a month")).to_have_text("—")
    fresh.page.keyboard.type("3900")
    expect(fresh.field("vehicle.weight_lbs")).to_be_focused()
    expect(fresh.figure("Payment a month")).to_have_text(re.compile(r"\d\.\d\d$"))


def test_nothing_that_prices_is_filled_in_unasked_and_one_key_takes_the_usual(fresh: DeskPage) -> None:
    fresh.type("selling_price", "40000")
    fresh.expect_tax("2,500.00")
    expect(fresh.figure("Payment a month")).to_have_text("—")
    waits = fresh.page.locator("deal-strip .fig.pay .note")
    expect(waits).to_have_text("waits for 4 answers")
    assert waits.evaluate("(note) => note.scrollWidth <= note.clientWidth")
    expect(fresh.page.locator("needed-facts")).to_contain_text("4 answers for Texas")
    for path in ("vehicle.weight_lbs", "vehicle.fuel", "vehicle.new_or_used", "place.facts.residence_county_kind"):
        expect(fresh.field(path)).to_have_value("")
    fresh.page.keyboard.press("Alt+a")
    expect(fresh.field("vehicle.weight_lbs")).to_be_focused()
    fresh.page.keyboard.type("7000")
    fresh.page.keyboard.press("Enter")
    expect(fresh.page.get_by_role("button", name="Usual here")).to_have_text(
        "Usual here: new, gasoline, county affected"
    )
    fresh.page.keyboard.press("Alt+u")
    expect(fresh.figure("Payment a month")).to_have_text(re.compile(r"\d\.\d\d$"))
    expect(fresh.field("vehicle.weight_lbs")).to_have_value("7000")
    fresh.page.locator("h1").click()
    fresh.page.keyboard.press("Control+z")
    expect(fresh.figure("Payment a month")).to_have_text("—")
    expect(fresh.field("vehicle.fuel")).to_have_value("")
    # In another state the store's own place says nothing: only the vehicle's usual facts are offered.
    fresh.place(state="NC")
    expect(fresh.page.get_by_role("button", name="Usual here")).to_have_text("Usual here: gasoline")
    waits.get_by_role("button").click()
    expect(fresh.field("vehicle.fuel")).to_be_focused()


def test_before_there_is_a_price_nothing_else_is_asked_in_the_strip(fresh: DeskPage) -> None:
    waits = fresh.page.locator("deal-strip .fig.pay .note")
    expect(waits).to_have_text("waits for the selling price")
    fresh.type("selling_price", "forty")
    expect(waits).to_contain_text("waits for the selling price")


def test_a_place_that_was_picked_says_what_was_picked(fresh: DeskPage) -> None:
    fresh.place(state="CA", date="2026-11-22")
    fresh.type("selling_price", "40000")
    needed = fresh.page.locator("needed-facts")
    expect(needed.get_by_role("button", name="Pick the place")).to_be_visible()
    fresh.type("place.local_rate", "1.25")
    picked = needed.get_by_role("button", name="1.25 %, change")
    expect(picked).to_be_visible()
    fresh.page.locator("button.place").click()
    picked.click()
    expect(fresh.field("place.local_rate")).to_be_focused()


def test_a_fact_needed_elsewhere_is_not_counted_here(desk: DeskPage) -> None:
    """Its fuel was told in Texas; in the District two more are needed, and the fuel, emptied, is asked beside."""
    desk.type("selling_price", "40000")
    desk.place(state="DC", date="2026-11-22")
    expect(desk.page.locator("needed-facts")).to_contain_text("One more answer for District of Columbia")
    desk.type("vehicle.weight_lbs", "")
    expect(desk.page.locator("needed-facts")).to_contain_text("One more answer for District of Columbia")
    expect(desk.page.locator("law-questions")).to_contain_text("needed")
    expect(desk.page.locator("deal-strip .fig.pay .note")).to_have_text("waits for 2 answers")


def test_a_fee_above_its_limit_is_a_stop(desk: DeskPage) -> None:
    desk.place(state="CA", date="2026-11-22", local_rate="0")
    desk.field("place.facts.dealer_private_industry_partner").select_option("yes")
    desk.type("selling_price", "40000")
    desk.type("fees/*/amount", "225")
    expect(desk.page.locator(".checks")).to_contain_text("Stop: Document fee is above the limit")
    expect(desk.line("Document fee").locator("law-mark[level=stop]")).to_be_visible()


def test_a_long_name_moves_nothing(desk: DeskPage) -> None:
    strip = desk.still().page.locator("deal-strip")
    before = strip.bounding_box()
    desk.page.locator("deal-facts details").evaluate("(fold) => { fold.open = true; }")
    desk.type("buyer.name", "Maximiliana Featherstonehaugh-Vanderbilt von und zu Hohenschwangau the Third")
    desk.type("vehicle.model", "Extraordinarily Long Model Name Crew Cab Platinum Edition With Everything")
    expect(desk.page.locator("h1")).to_contain_text("Hohenschwangau")
    desk.still().page.evaluate("() => scrollTo(0, 0)")
    after = strip.bounding_box()
    assert before
    assert after
    assert after["height"] == before["height"]


def test_a_home_state_is_picked_from_all_or_typed_and_checked(desk: DeskPage) -> None:
    desk.page.locator("deal-facts details").evaluate("(fold) => { fold.open = true; }")
    home = desk.field("buyer.state")
    expect(desk.page.locator(f"datalist#{home.get_attribute('list')} option")).to_have_count(52)
    desk.type("buyer.state", "nevada")
    expect(home).to_have_value("NV")
    desk.type("buyer.state", "zz")
    expect(bubble(desk, "buyer.state")).to_contain_text("“zz” is no state")
    expect(home).to_have_value("zz")
    home.focus()
    desk.page.keyboard.press("Escape")
    expect(home).to_have_value("NV")


def test_refusals_begin_with_a_capital_and_write_days_as_people_do(desk: DeskPage) -> None:
    desk.place(state="TX", date="2031-01-01")
    said = bubble(desk, "dates.sale_date")
    expect(said).to_contain_text("The law of Texas is not known on Jan 1, 2031.")
    expect(said).to_contain_text("a day from Jan 1, 2023 to Dec 31, 2030")
    desk.type("dates.sale_date", "2026-11-22")
    desk.type("dates.first_payment_date", "2026-11-01")
    said = bubble(desk, "dates.first_payment_date")
    expect(said).to_contain_text("Nov 1, 2026 lies before the sale on Nov 22, 2026.")


def test_a_first_payment_that_ends_its_month_asks_which_day_is_meant(desk: DeskPage) -> None:
    desk.place(state="TX", date="2026-01-31")
    desk.type("selling_price", "40000")
    expect(desk.field("structure.month_end_first")).to_have_count(0)
    desk.type("dates.first_payment_date", "2026-02-28")
    answer = desk.field("structure.month_end_first")
    expect(answer).to_be_visible()
    desk.settled()
    shorter = desk.figure("Payment a month").inner_text()
    answer.select_option("yes")
    expect(desk.figure("Payment a month")).not_to_have_text(shorter)
    expect(desk.page.locator(".checks")).to_have_count(0)


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
    expect(desk.field("selling_price")).to_have_value("40,000.00")
    desk.field("selling_price").focus()
    desk.page.keyboard.press("Alt+ArrowUp")
    expect(desk.field("selling_price")).to_have_value(re.compile(r"^40,?100(\.00)?$"))
    desk.settled()
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
    expect(live).to_have_text(re.compile(r"^Payment \d.*out the door"))


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
