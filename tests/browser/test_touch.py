"""By finger: what is pressed reaches over its line, and a whole deal is done without a keyboard's keys."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Playwright, expect

from tests.api.server import Server
from tests.browser.chromium import FLAGS, program
from tests.browser.desk_page import DeskPage

# Of the line of an opener a finger may miss the words by so many pixels, up or down.
MISSED = """() => [...document.querySelectorAll("worksheet-panel .opener, .needed .fold")].filter((one) => {
  if (!one.checkVisibility()) return false;
  one.scrollIntoView({ block: "center" });
  const { left, width, top, height } = one.getBoundingClientRect();
  const hits = (y) => document.elementFromPoint(left + width / 2, y)?.closest(".opener, .fold") === one;
  return !hits(top + height / 2 - 20) || !hits(top + height / 2 + 20);
}).map((one) => one.textContent.trim() || one.ariaLabel)"""


@pytest.fixture
def phone(play: Playwright, server: Server) -> Iterator[Page]:
    browser = play.chromium.launch(executable_path=program(play), args=list(FLAGS))
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(server.url + "/#desk")
    yield page
    browser.close()


def test_a_finger_hits_a_line_beside_its_words(phone: Page) -> None:
    desk = DeskPage(phone).ready()
    desk.usual()
    desk.type("selling_price", "40000")
    phone.get_by_role("button", name="Fees").tap()
    expect(phone.get_by_role("button", name="Registration")).to_be_visible()
    desk.settled()
    assert phone.evaluate(MISSED) == []


def test_a_deal_by_taps(phone: Page) -> None:
    desk = DeskPage(phone).ready()
    price = desk.field("selling_price")
    price.tap()
    expect(price).to_be_focused()
    price.fill("40000")
    phone.get_by_role("button", name="Usual here").tap()
    expect(phone.locator("deal-strip .fig.pay dd").first).to_contain_text("$")
    title = phone.get_by_role("button", name="Motor vehicle sales tax")
    title.tap()
    expect(phone.locator("worksheet-panel .group.tax .explain")).to_contain_text("Tex. Tax Code")
    taken = phone.locator("payment-grid td[aria-selected=true]")
    before = taken.inner_text()
    phone.locator("payment-grid td").get_by_text(".").last.tap()
    expect(taken).not_to_have_text(before)
    expect(price).to_have_value("40,000.00")
