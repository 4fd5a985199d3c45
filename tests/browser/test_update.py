"""A newer build is taken whole, verified, and only when the user says so; a false one is never used."""

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.api.server import Server
from tests.browser.chromium import Chromium
from tests.browser.conftest import SITE
from tests.browser.desk_page import BOOT_MS, DeskPage
from tools.site import describe

CURRENT = """async () => {
  const state = await (await caches.open("autolytiq-state")).match("/state.json");
  return { ...(await state.json()), sets: (await caches.keys()).filter((name) => name.startsWith("autolytiq-set-")) };
}"""


LOOK_SECONDS = 120.0
LOOK_AGAIN_SECONDS = 20.0
OFFERED = "() => document.querySelector('update-notice button') !== null"
FAILED = "() => Boolean(window.failedUpdate)"
HEAR_OF_FAILURE = """() => navigator.serviceWorker.addEventListener("message", ({ data }) => {
  if (data.type === "update-failed") window.failedUpdate = data.message;
})"""


class Release:
    """A site that can be built anew under the same address."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(SITE, folder, ignore=shutil.ignore_patterns("*.br"))
        self.server = Server({"AUTOLYTIQ_DIST": str(folder)}).start()

    @property
    def url(self) -> str:
        return self.server.url

    def publish(self, marker: str, *, tamper: bool = False) -> str:
        """Serve a build whose page and law differ; returns its id."""
        port = self.server.port
        self.server.close()
        for name in ("app.js", "worker.js"):
            with (self.folder / name).open("a") as script:
                script.write(f"\n// {marker}\n")
        described = describe(self.folder)
        (self.folder / "set.json").write_text(json.dumps(described))
        if tamper:
            with (self.folder / "worker.js").open("a") as script:
                script.write(" ")
        self.server = Server({"AUTOLYTIQ_DIST": str(self.folder)})
        self.server.port = port
        self.server.url = f"http://127.0.0.1:{port}"
        self.server.env["PORT"] = str(port)
        self.server.start()
        return str(described["id"])


@pytest.fixture
def release(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Release]:
    folder = tmp_path_factory.mktemp("release")
    # PostgreSQL's system user and the server may be others than the one that runs the tests.
    folder.chmod(0o755)
    made = Release(folder / "site")
    yield made
    made.server.close()


def look_for_updates(page: Page, found: str) -> None:
    """Let the page look until this script in it says yes; it looks anew when a look from before was still under way."""
    begun = looked = time.monotonic() - LOOK_AGAIN_SECONDS
    while not page.evaluate(found):
        assert time.monotonic() < begun + LOOK_SECONDS, f"nothing was found: {found}"
        if time.monotonic() >= looked + LOOK_AGAIN_SECONDS:
            looked = time.monotonic()
            page.evaluate("() => dispatchEvent(new Event('online'))")
        page.wait_for_timeout(50)


def loaded_anew_from(page: Page, desk: DeskPage, set_id: str) -> None:
    """Wait until the page that stands there came from that set."""
    page.wait_for_selector(f"script[src*='/s/{set_id}/']", state="attached", timeout=BOOT_MS)
    desk.ready()


def scripts(page: Page) -> list[str]:
    return page.evaluate("() => performance.getEntriesByType('resource').map((entry) => entry.name)")


def test_update_is_offered_taken_and_can_be_undone(chromium: Chromium, release: Release) -> None:
    page = chromium.page(release.url + "/#desk")
    desk = DeskPage(page).ready()
    first = page.evaluate(CURRENT)["current"]
    page.reload()
    desk.ready()
    desk.type("selling_price", "40000")

    second = release.publish("two")
    assert second != first
    desk.type("trades/*/allowance", "1234", commit=False)
    look_for_updates(page, OFFERED)
    button = page.locator("update-notice button")
    expect(button).to_be_visible()
    page.wait_for_timeout(500)
    # Nothing happens by itself: the open edit goes on, and a reload stays with the old build.
    expect(desk.field("trades/*/allowance")).to_have_value("1234")
    assert page.evaluate(CURRENT)["current"] == first

    button.click()
    loaded_anew_from(page, desk, second)
    expect(desk.field("trades/*/allowance")).to_have_value("−1,234.00")
    state = page.evaluate(CURRENT)
    assert (state["current"], state["previous"]) == (second, first)
    assert len(state["sets"]) == 2
    loaded = [url for url in scripts(page) if url.endswith(".js") and "theme" not in url]
    assert loaded
    assert all(f"/s/{second}/" in url for url in loaded)

    page.locator("h1").click()
    page.keyboard.press("?")
    page.get_by_role("button", name="Back to the version before").click()
    loaded_anew_from(page, desk, first)
    assert page.evaluate(CURRENT)["current"] == first
    expect(desk.field("selling_price")).to_have_value("40,000.00")


def test_a_set_that_is_not_what_it_claims_is_never_used(chromium: Chromium, release: Release) -> None:
    page = chromium.page(release.url + "/#desk")
    desk = DeskPage(page).ready()
    first = page.evaluate(CURRENT)["current"]
    page.reload()
    desk.ready()
    release.publish("three", tamper=True)
    page.evaluate(HEAR_OF_FAILURE)
    look_for_updates(page, FAILED)
    assert "worker.js" in page.evaluate("() => window.failedUpdate")
    assert page.locator("update-notice button").count() == 0
    state = page.evaluate(CURRENT)
    assert (state["current"], state["ready"]) == (first, "")
    assert len(state["sets"]) == 1
    page.reload()
    desk.ready()
    desk.type("selling_price", "40000")
    desk.expect_tax("2,500.00")
