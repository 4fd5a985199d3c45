"""The server, the built site and the browser that the tests of this folder share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, expect, sync_playwright

from tests.api.server import Server
from tests.browser.chromium import Chromium
from tests.browser.desk_page import DeskPage
from tools import paths

TOP = Path(__file__).resolve().parents[2]
SITE = Path(os.environ.get("AUTOLYTIQ_DIST") or paths.SITE)

# Machines that run these tests are often busy with others.
expect.set_options(timeout=60_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)


def new_server() -> Server:
    """A server of the built site."""
    return Server({"AUTOLYTIQ_DIST": str(SITE)})


@pytest.fixture(scope="session")
def play() -> Iterator[Playwright]:
    # Requests that the service worker itself makes are reported too.
    os.environ["PW_EXPERIMENTAL_SERVICE_WORKER_NETWORK_EVENTS"] = "1"
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """One server for all tests that do not stop it."""
    running = new_server().start()
    yield running
    running.close()


@pytest.fixture
def chromium(play: Playwright) -> Iterator[Chromium]:
    """A browser that was never here."""
    browser = Chromium(play)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def shared(play: Playwright) -> Iterator[Chromium]:
    """One browser for all tests that only type and read."""
    browser = Chromium(play)
    yield browser
    browser.close()


# What tests before typed, wished and chose; the stored set and Python's snapshot stay.
FORGET = """() => new Promise((forgotten, failed) => {
  localStorage.clear();
  const deleting = indexedDB.deleteDatabase("autolytiq");
  deleting.onsuccess = () => forgotten();
  deleting.onerror = () => failed(deleting.error);
})"""


@pytest.fixture
def fresh(shared: Chromium, server: Server) -> Iterator[DeskPage]:
    """A desk with a deal of which nothing is typed and nothing answered."""
    page = shared.page(server.url + "/health")
    page.evaluate(FORGET)
    page.goto(server.url + "/#desk")
    desk = DeskPage(page).ready()
    page.locator("h1").click()
    page.keyboard.press("n")
    # It takes the focus with the next frame.
    expect(desk.field("selling_price")).to_be_focused()
    yield desk
    page.close()


@pytest.fixture
def desk(fresh: DeskPage) -> DeskPage:
    """A desk with a deal of which nothing is typed, for a customer and a vehicle as usual in the store's state."""
    fresh.usual()
    expect(fresh.field("vehicle.weight_lbs")).to_have_value("4000")
    return fresh
