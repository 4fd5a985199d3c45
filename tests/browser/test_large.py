"""Amounts of a million and more: every digit to the cent can be read, whatever the width."""

import pytest
from playwright.sync_api import expect

from tests.browser.desk_page import DeskPage

WIDTHS = (1600, 1400, 1024, 760, 390, 320)

# What a text needs more than it has, in pixels: of a field by its type, of a figure by its place.
CUT = """() => {
  const pen = document.createElement("canvas").getContext("2d");
  const out = [];
  for (const field of document.querySelectorAll(".line input.f, .qline input.f")) {
    if (!field.checkVisibility()) continue;
    const css = getComputedStyle(field);
    pen.font = `${css.fontWeight} ${css.fontSize} ${css.fontFamily}`;
    const room = field.clientWidth - parseFloat(css.paddingLeft) - parseFloat(css.paddingRight);
    if (pen.measureText(field.value).width > room) out.push([field.id, field.value]);
  }
  const range = document.createRange();
  for (const figure of document.querySelectorAll(".fig money-text, .n money-text, [role=gridcell], .pgrid th")) {
    const place = figure.closest(".fig, .n, td, th");
    if (!place.checkVisibility() || !figure.textContent.trim()) continue;
    range.selectNodeContents(figure);
    const [text, room] = [range.getBoundingClientRect(), place.getBoundingClientRect()];
    const within = text.left >= room.left - 0.5 && text.right <= room.right + 0.5;
    if (!within) out.push([place.className, figure.textContent.trim()]);
  }
  return out;
}"""
DEAL = (
    ("selling_price", "1234567.89"),
    ("vehicle.msrp", "1999999.99"),
    ("rebates/*/amount", "1000"),
    ("trades/*/allowance", "1000000"),
    ("trades/*/payoff", "400000"),
    ("money_down.cash_down", "100000"),
)
LARGEST = tuple((path, "10000000" if path != "money_down.cash_down" else "0") for path, _ in DEAL)


@pytest.mark.parametrize("deal", [DEAL, LARGEST], ids=["a million", "the most"])
def test_no_digit_is_cut(desk: DeskPage, deal: tuple[tuple[str, str], ...]) -> None:
    for path, text in deal:
        desk.type(path, text)
    desk.page.locator("h1").click()
    expect(desk.field("selling_price")).to_have_value("1,234,567.89" if deal is DEAL else "10,000,000.00")
    for screen in ("#desk", "#quick"):
        desk.page.evaluate("(screen) => { location.hash = screen; }", screen)
        for width in WIDTHS:
            desk.page.set_viewport_size({"width": width, "height": 900})
            desk.settled()
            assert desk.page.evaluate(CUT) == [], (screen, width)
            assert desk.page.evaluate("() => document.documentElement.scrollWidth") <= width


def test_decimal_points_of_a_column_stay_in_line(desk: DeskPage) -> None:
    for path, text in DEAL:
        desk.type(path, text)
    desk.page.set_viewport_size({"width": 1024, "height": 900})
    desk.page.locator("h1").click()
    desk.settled()
    sizes = """() => [1, 2].map((n) => new Set([...document.querySelectorAll(`worksheet-panel .line > .c${n}`)].map(
      (place) => getComputedStyle(place.querySelector(".f") ?? place).fontSize)).size)"""
    assert desk.page.evaluate(sizes) == [1, 1]
