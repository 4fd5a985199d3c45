"""The pictures in docs/screens, of the built site, to be looked at beside the design.

`python -m tests.browser.screens [OUT]`
"""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.chromium import FLAGS, program
from tests.browser.conftest import TOP, new_server
from tests.browser.desk_page import DEAL, DeskPage

OUT = TOP / "docs" / "screens"
WIDTHS = ((390, 844), (1024, 900), (1600, 1000))
THEMES = ("light", "dark")
DEAL_WITH_VEHICLE = (
    *DEAL,
    ("structure.days_to_first", "30"),
    ("buyer.name", "Sample Customer"),
    ("vehicle.model_year", "2026"),
    ("vehicle.make", "Northway"),
    ("vehicle.model", "Vista AWD"),
    ("vehicle.odometer", "12"),
)


def type_deal(desk: DeskPage) -> None:
    """The deal of the design's pictures."""
    desk.page.locator("deal-facts details").evaluate("(fold) => { fold.open = true; }")
    desk.usual()
    for path, text in DEAL_WITH_VEHICLE:
        desk.type(path, text)
    desk.page.locator("deal-facts details").evaluate("(fold) => { fold.open = false; }")
    desk.page.locator("needed-facts .fold[aria-expanded=true]").click()
    target = desk.page.locator("#f-target")
    target.fill("525")
    target.blur()
    desk.page.locator("h1").click()


def pictures(browser: Browser, url: str, out: Path, theme: str) -> None:
    """All pictures of one theme; the deal is typed once, at desk width, and then looked at in each."""
    context = browser.new_context(color_scheme=theme, reduced_motion="reduce", device_scale_factor=1.5)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_viewport_size({"width": 1600, "height": 1000})
    page.goto(url + "/#desk")
    desk = DeskPage(page).ready()
    type_deal(desk)
    for width, height in WIDTHS:
        page.set_viewport_size({"width": width, "height": height})

        def save(name: str, *, full: bool = False, width: int = width) -> None:
            page.wait_for_timeout(1_100)
            page.evaluate("() => scrollTo(0, 0)")
            page.screenshot(path=out / f"{name}-{width}-{theme}.png", full_page=full)

        page.goto(url + "/#desk")
        expect(desk.grid_cell(taken=True)).to_have_count(1)
        save("desk", full=width < 1400)
        page.keyboard.press("Alt+t")
        save("tax", full=width < 1400)
        page.keyboard.press("Alt+t")
        desk.type("structure.rate", "699")
        expect(page.locator(".wrong")).to_be_visible()
        page.locator("h1").click()
        page.locator(".wrong").scroll_into_view_if_needed()
        page.wait_for_timeout(1_100)
        page.screenshot(path=out / f"error-{width}-{theme}.png")
        desk.type("structure.rate", "6.99")
        page.goto(url + "/#quick")
        save("quick-quote")
    context.close()


def main(out: Path = OUT) -> None:
    out.mkdir(parents=True, exist_ok=True)
    server = new_server().start()
    try:
        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path=program(play), args=list(FLAGS))
            for theme in THEMES:
                pictures(browser, server.url, out, theme)
            browser.close()
    finally:
        server.close()


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:]))
