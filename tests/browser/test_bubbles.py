"""What is said beside a field can be read: all of it in the window, clear of the field in focus, at every width."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.desk_page import DeskPage

WIDTHS = ((390, 844), (1024, 900), (1600, 1000))

# A field, what is typed there, and whether it stands in a fold or behind "place and law date".
REFUSED = (
    ("selling_price", "forty"),
    ("discount", "x"),
    ("fees/*/amount", "-5"),
    ("trades/*/payoff", "x"),
    ("structure.months", "0"),
    ("structure.rate", "699"),
    ("structure.days_to_first", "x"),
    ("target", "x"),
    ("dates.delivery_date", "x"),
    ("buyer.state", "zz"),
    ("vehicle.model_year", "26"),
    ("vehicle.weight_lbs", "0"),
)

LIES = """(bubble) => {
  const box = bubble.getBoundingClientRect();
  const at = document.activeElement.matches(".f") ? document.activeElement.getBoundingClientRect() : null;
  return {
    inside: box.left >= 0 && box.right <= document.documentElement.clientWidth && box.width > 100,
    clear: !at || at.right <= box.left || at.left >= box.right || at.bottom <= box.top || at.top >= box.bottom,
    whole: bubble.scrollWidth <= bubble.clientWidth + 1,
  };
}"""


@pytest.mark.parametrize(("width", "height"), WIDTHS)
def test_every_bubble_is_read_whole_and_covers_no_field_in_focus(desk: DeskPage, width: int, height: int) -> None:
    desk.type("selling_price", "40000")
    desk.type("vehicle.msrp", "41000")
    desk.page.locator("button.place").click()
    for fold in desk.page.locator("details.passes, [data-fold]").all():
        fold.evaluate("(fold) => fold.matches('details') ? fold.open = true : fold.click()")
    desk.page.set_viewport_size({"width": width, "height": height})
    for path, text in REFUSED:
        good = desk.field(path).input_value()
        desk.type(path, text)
        bubble = desk.page.locator(f"#{desk.field(path).get_attribute('id')}-msg")
        expect(bubble).to_be_visible()
        # It is placed when all around it is drawn.
        desk.drawn()
        lies: dict[str, Any] = bubble.evaluate(LIES)
        assert lies == {"inside": True, "clear": True, "whole": True}, (path, lies)
        desk.page.keyboard.press("Shift+Tab")
        desk.drawn()
        assert bubble.count() == 0 or bubble.evaluate(LIES)["clear"], path
        desk.type(path, good)
        expect(bubble).to_have_count(0)
    desk.page.set_viewport_size({"width": 1600, "height": 1000})


def test_bubbles_do_not_lie_over_each_other(desk: DeskPage) -> None:
    desk.place(state="FL")
    desk.page.get_by_role("button", name="Several levies").click()
    row = desk.page.get_by_role("group", name="Local levy 1")
    for label, text in (("Rate", "101"), ("On no more than", "-3")):
        row.get_by_label(label).fill(text)
    desk.type("dates.sale_date", "2031-01-01")
    bubbles = desk.page.locator(".wrong")
    expect(bubbles).to_have_count(3)
    desk.drawn()
    boxes = [box for box in (bubble.bounding_box() for bubble in bubbles.all()) if box]
    for n, one in enumerate(boxes):
        for two in boxes[n + 1 :]:
            beside = one["x"] + one["width"] <= two["x"] or two["x"] + two["width"] <= one["x"]
            assert beside or one["y"] + one["height"] <= two["y"] or two["y"] + two["height"] <= one["y"], (one, two)
