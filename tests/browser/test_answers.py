"""Answers that the law needs fold into one line once they are given and left; never from under the fingers."""

from playwright.sync_api import expect

from tests.browser.desk_page import DEAL, DeskPage

TALL = "() => document.documentElement.scrollHeight"


def take_the_usual(desk: DeskPage) -> None:
    """By its key, once there are questions; what is answered folds."""
    expect(desk.page.locator("needed-facts .needed").first).to_be_attached()
    desk.page.keyboard.press("Alt+u")


def test_a_whole_deal_stands_on_a_desk_without_scrolling(fresh: DeskPage) -> None:
    for path, text in DEAL:
        fresh.type(path, text)
    take_the_usual(fresh)
    folded = fresh.page.get_by_role("button", name="4 answered for Texas, open to change")
    expect(folded).to_have_attribute("aria-expanded", "false")
    expect(fresh.field("vehicle.fuel")).to_be_hidden()
    expect(fresh.figure("Payment a month")).to_contain_text("$")
    assert fresh.still().page.evaluate(TALL) <= 1000
    folded.press("Enter")
    expect(fresh.field("vehicle.fuel")).to_be_visible()
    # Opened by hand they stay open, until they are folded by hand.
    fresh.field("vehicle.fuel").select_option("electric")
    fresh.field("selling_price").focus()
    expect(fresh.field("vehicle.fuel")).to_be_visible()
    fresh.page.get_by_role("button", name="4 answered for Texas").click()
    expect(fresh.field("vehicle.fuel")).to_be_hidden()


def test_a_press_elsewhere_hits_what_it_was_aimed_at(fresh: DeskPage) -> None:
    """The last answer is left by pressing a field below: the fold waits until the button is up again."""
    fresh.place(state="SC")
    fresh.type("selling_price", "40000")
    fuel = fresh.field("vehicle.fuel")
    fuel.focus()
    fuel.select_option("gasoline")
    expect(fresh.page.get_by_role("button", name="1 answered for South Carolina")).to_be_visible()
    target = fresh.field("money_down.cash_down")
    target.scroll_into_view_if_needed()
    fresh.still()
    box = target.bounding_box()
    assert box
    fresh.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    fresh.page.mouse.down()
    expect(target).to_be_focused()
    expect(fuel).to_be_visible()
    assert target.bounding_box() == box
    fresh.page.mouse.up()
    expect(target).to_be_focused()
    expect(fuel).to_be_hidden()


def test_an_answer_taken_back_is_asked_again(fresh: DeskPage) -> None:
    fresh.type("selling_price", "40000")
    take_the_usual(fresh)
    expect(fresh.field("vehicle.fuel")).to_be_hidden()
    fresh.page.locator("h1").click()
    fresh.page.keyboard.press("Control+z")
    expect(fresh.page.locator("needed-facts")).to_contain_text("4 answers for Texas")
    expect(fresh.field("vehicle.fuel")).to_be_visible()


def test_the_quick_quote_shows_its_payments_when_all_is_answered(fresh: DeskPage) -> None:
    fresh.type("selling_price", "40000")
    fresh.page.evaluate("() => { location.hash = '#quick'; }")
    fresh.page.set_viewport_size({"width": 390, "height": 844})
    weight = fresh.field("vehicle.weight_lbs")
    expect(weight).to_be_visible()
    fresh.page.get_by_role("button", name="Usual here").click()
    expect(weight).to_have_count(0)
    expect(fresh.page.locator("payment-grid td[aria-selected=true]")).to_be_in_viewport()
    # They are behind "Vehicle", and stay while one is written.
    fresh.page.get_by_role("button", name="Vehicle", exact=True).click()
    expect(weight).to_be_focused()
    fresh.page.keyboard.press("Delete")
    expect(fresh.page.locator("quick-quote .fig.pay money-text").first).to_have_text("—")
    fresh.page.keyboard.type("5000")
    expect(fresh.page.locator("quick-quote .fig.pay money-text").first).to_contain_text("$")
    expect(weight).to_be_focused()


def test_an_answer_that_is_refused_is_not_folded_away(fresh: DeskPage) -> None:
    fresh.type("selling_price", "40000")
    fresh.page.keyboard.press("Alt+u")
    fold = fresh.page.get_by_role("button", name="4 answered for Texas")
    fold.click()
    fresh.type("vehicle.weight_lbs", "0")
    expect(fresh.page.locator("#f-vehicle-weight_lbs-msg")).to_be_visible()
    fold.click()
    expect(fresh.page.locator("#f-vehicle-weight_lbs-msg")).to_be_visible()
    fresh.type("vehicle.weight_lbs", "4000")
    fresh.page.locator("h1").click()
    expect(fresh.field("vehicle.weight_lbs")).to_be_hidden()


def test_what_a_figure_waits_for_leads_to_a_refused_field_in_a_closed_fold(fresh: DeskPage) -> None:
    fresh.type("selling_price", "40000")
    fresh.page.keyboard.press("Alt+u")
    fold = fresh.page.locator("law-questions summary")
    fold.click()
    wrong = fresh.field("place.facts.prior_tax_amount")
    fresh.type("place.facts.prior_tax_amount", "abc")
    fresh.page.locator("h1").click()
    fold.click()
    expect(wrong).to_be_hidden()
    leads = fresh.page.locator("deal-strip .fig.pay .note").get_by_role("button")
    leads.click()
    expect(wrong).to_be_focused()
    expect(fresh.page.locator("#f-place-facts-prior_tax_amount-msg")).to_be_visible()
    fresh.type("place.facts.prior_tax_amount", "")
    # A group that is folded to its sum on a phone opens too.
    fresh.type("fees/*/amount", "abc")
    fresh.page.set_viewport_size({"width": 390, "height": 844})
    expect(fresh.field("fees/*/amount")).to_be_hidden()
    leads.click()
    expect(fresh.field("fees/*/amount")).to_be_focused()
