"""Who asks the browser for larger type gets a page that grows with it, as with zoom."""

import json

from playwright.sync_api import expect

from tests.api.server import Server
from tests.browser.chromium import Chromium
from tests.browser.desk_page import DeskPage

# Texts of more than one line, or lines in a box too low for them, would lie over each other.
TIGHT = """() => [...document.querySelectorAll("label, dt, dd, p, h1, h2, button, th, td, .n, .f")]
  .filter((one) => one.checkVisibility() && one.textContent.trim())
  .map((one) => [one, getComputedStyle(one)])
  .filter(([one, css]) => parseFloat(css.lineHeight) < parseFloat(css.fontSize))
  .map(([one, css]) => [one.tagName, one.className, css.lineHeight, css.fontSize])"""


def test_type_twice_as_large_is_a_layout_half_as_wide(chromium: Chromium, server: Server) -> None:
    wish = chromium.profile / "Default" / "Preferences"
    wish.parent.mkdir(parents=True)
    wish.write_text(json.dumps({"webkit": {"webprefs": {"default_font_size": 32}}}))
    page = chromium.page(server.url + "/#desk")
    desk = DeskPage(page).ready()
    desk.usual()
    desk.type("selling_price", "40000")
    assert page.evaluate("() => getComputedStyle(document.documentElement).fontSize") == "32px"
    assert (
        page.evaluate("() => getComputedStyle(document.querySelector('main')).gridTemplateColumns.split(' ').length")
        == 1
    )
    expect(page.locator("payment-grid thead th")).to_have_count(7)
    page.set_viewport_size({"width": 780, "height": 900})
    expect(page.locator("payment-grid thead th")).to_have_count(4)
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(TIGHT) == []
