"""axe-core finds nothing: both themes, three widths, in the states that the desk can be in."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.desk_page import DeskPage

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
WIDTHS = ((390, 844), (1024, 900), (1600, 1000))


def complaints(desk: DeskPage) -> list[str]:
    # In a page with our policy a script can only come from us, so it is handed over by the debugger.
    session = desk.page.context.new_cdp_session(desk.page)
    session.send("Runtime.evaluate", {"expression": AXE.read_text()})
    found: dict[str, Any] = desk.page.evaluate("() => axe.run(document, { resultTypes: ['violations'] })")
    session.detach()
    return [f"{rule['id']}: {node['html']}" for rule in found["violations"] for node in rule["nodes"]]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), WIDTHS)
def test_axe_finds_nothing(desk: DeskPage, theme: str, width: int, height: int) -> None:
    page = desk.page
    desk.type("selling_price", "40000")
    desk.type("trades/*/allowance", "10000")
    expect(desk.grid_cell(taken=True)).to_have_count(1)
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
    page.set_viewport_size({"width": width, "height": height})
    desk.still()
    assert complaints(desk) == [], "desk"

    page.keyboard.press("Alt+t")
    page.locator("button.place").click()
    for fold in page.locator("details.passes").all():
        fold.evaluate("(fold) => { fold.open = true; }")
    desk.type("structure.rate", "699")
    expect(page.locator(".wrong")).to_be_visible()
    desk.still()
    assert complaints(desk) == [], "opened, with an error"

    desk.type("structure.rate", "6.99")
    page.goto(page.url.split("#")[0] + "#quick")
    page.locator("quick-quote .qtax").first.wait_for()
    desk.still()
    assert complaints(desk) == [], "quick quote"

    page.locator("body").click(position={"x": 3, "y": 3})
    page.keyboard.press("?")
    expect(page.locator("key-map dialog")).to_be_visible()
    assert complaints(desk) == [], "keys"
