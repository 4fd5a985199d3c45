"""What the tests do on the page, in a salesperson's words."""

from __future__ import annotations

import re
import time

from playwright.sync_api import Locator, Page, expect

FRESH = "html:not([data-state~='booting'])"
BOOT_MS = 120_000
SETTLE_SECONDS = 60.0

# The page's policy forbids `eval`, which waiting inside the page would need: these are asked again and again from here.
SETTLED = """() => {
  const { desk } = document.querySelector("deal-strip, quick-quote") ?? {};
  return Boolean(desk?.fresh && desk.priced === desk.draft && desk.pricedFocus === desk.focus);
}"""
KEPT = """() => new Promise((told, failed) => {
  const opening = indexedDB.open("autolytiq");
  opening.onerror = () => failed(opening.error);
  opening.onsuccess = () => {
    const looking = opening.result.transaction(["deals", "meta"]);
    const found = ["deals", "meta"].map((name) => looking.objectStore(name).getAll());
    looking.oncomplete = () => {
      opening.result.close();
      told(JSON.stringify(found.map((one) => one.result)));
    };
  };
})"""
FRAMES = "() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))"
STILL = """() => !document.querySelector(".moved") && document.getAnimations().every(
  (one) => one.playState !== "running" || one.effect.getComputedTiming().endTime === Infinity)"""


DEAL = (
    ("selling_price", "40000"),
    ("vehicle.msrp", "41850"),
    ("rebates/*/amount", "1500"),
    ("fees/*/amount", "225"),
    ("trades/*/allowance", "10000"),
    ("trades/*/payoff", "4000"),
    ("money_down.cash_down", "3000"),
)
"""Price, rebate, fee, trade and cash down of the design's pictures, by field."""


class DeskPage:
    """The desk page of one tab."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def ready(self) -> DeskPage:
        """Wait until figures of this visit stand on the page."""
        self.page.wait_for_selector(FRESH, state="attached", timeout=BOOT_MS)
        return self

    def until(self, script: str, seconds: float = SETTLE_SECONDS) -> DeskPage:
        """Wait until a script in the page says yes."""
        end = time.monotonic() + seconds
        while not self.page.evaluate(script):
            assert time.monotonic() < end, f"not within {seconds} s: {script}"
            self.page.wait_for_timeout(20)
        return self

    def settled(self) -> DeskPage:
        """Wait until the page shows what was computed from just what is typed, with the focus where it is."""
        return self.until(SETTLED)

    def kept(self, *texts: str) -> DeskPage:
        """See that these texts are with the store; this look comes after every write that was begun before it."""
        found: str = self.page.evaluate(KEPT)
        for text in texts:
            assert text in found, f"{text} is not kept"
        return self

    def drawn(self) -> DeskPage:
        """Wait until the page shows what was computed, and what was put off to the next frame is done."""
        self.settled().page.evaluate(FRAMES)
        return self

    def still(self) -> DeskPage:
        """… and until nothing on it moves any more: strokes under changed figures, folds, colours."""
        return self.settled().until(STILL)

    def field(self, path: str) -> Locator:
        """The field of a path; `trades/*/allowance` is the first trade's."""
        name = re.sub(r"[^\w*-]", "-", path)
        if "*" in name:
            before, after = name.split("*")
            return self.page.locator(f"[id^='f-{before}'][id$='{after}']").first
        return self.page.locator(f"#f-{name}")

    def type(self, path: str, text: str, *, commit: bool = True) -> None:
        """Type into a field as fingers do, over what stands there."""
        field = self.field(path)
        field.focus()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.press("Delete")
        self.page.keyboard.type(text)
        if commit:
            self.page.keyboard.press("Enter")

    def usual(self) -> None:
        """Take the store's usual answers to what is needed and open, and keep them in sight.

        Nothing happens where all is answered.
        """
        self.page.locator("needed-facts .needed, law-questions section").first.wait_for(state="attached")
        self.page.keyboard.press("Alt+u")
        self.settled()
        folded = self.page.locator("needed-facts .fold[aria-expanded=false]")
        if folded.count():
            folded.click()

    def place(self, *, state: str, date: str = "", local_rate: str = "") -> None:
        """Open "place and law date" and say where and when."""
        opener = self.page.locator("button.place")
        if opener.get_attribute("aria-expanded") != "true":
            opener.click()
        self.field("place.state").select_option(state)
        if date:
            self.type("dates.sale_date", date)
        if local_rate:
            self.type("place.local_rate", local_rate)

    def figure(self, label: str) -> Locator:
        """A figure of the strip by its label."""
        return (
            self.page.locator("deal-strip .fig")
            .filter(has_text=re.compile(rf"^\s*{label}"))
            .locator("money-text")
            .first
        )

    def line(self, label: str) -> Locator:
        """A worksheet line by its label."""
        return self.page.locator("worksheet-panel .line").filter(has_text=re.compile(rf"^\s*{re.escape(label)}"))

    def amount(self, label: str) -> Locator:
        """The amount that stands on a worksheet line."""
        return self.line(label).locator(".n money-text").first

    def tax(self) -> list[str]:
        """All amounts of the group of taxes."""
        return self.page.locator("worksheet-panel .group.tax > tax-line > .line .n money-text").all_inner_texts()

    def expect_tax(self, *amounts: str) -> None:
        """The taxes of the deal, in their order."""
        lines = self.page.locator("worksheet-panel .group.tax > tax-line > .line .n money-text")
        expect(lines).to_have_text(list(amounts))

    def grid_cell(self, *, taken: bool = False) -> Locator:
        return self.page.locator(f"payment-grid td[role=gridcell]{'[aria-selected=true]' if taken else ''}")

    def boot_way(self) -> str | None:
        return self.page.locator("html").get_attribute("data-boot")
