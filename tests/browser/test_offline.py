"""One visit is enough: afterwards the page works with the server gone, and what was typed outlives a killed browser."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.api.server import Server
from tests.browser.chromium import Chromium
from tests.browser.conftest import new_server
from tests.browser.desk_page import BOOT_MS, DeskPage

DAY = "2026-11-22"
SNAPSHOT_STORED = """async () => {
  for (const name of await caches.keys())
    if (name.startsWith("autolytiq-snapshot-") && await (await caches.open(name)).match("/snapshot.bin")) return true;
  return false;
}"""

DAMAGE = """async () => {
  const name = (await caches.keys()).find((key) => key.startsWith("autolytiq-snapshot-"));
  const cache = await caches.open(name);
  const stored = await cache.match("/snapshot.bin");
  const bytes = new Uint8Array(await stored.arrayBuffer());
  bytes[Math.floor(bytes.length / 2)] ^= 1;
  await cache.put("/snapshot.bin", new Response(bytes, { headers: stored.headers }));
  return bytes.length;
}"""


def wait_for_snapshot(page: Page) -> None:
    for _ in range(600):
        if page.evaluate(SNAPSHOT_STORED):
            return
        page.wait_for_timeout(200)
    pytest.fail("no snapshot was stored")


def figures(desk: DeskPage) -> dict[str, Any]:
    """Every figure on the page."""
    return {
        "strip": desk.page.locator("deal-strip money-text").all_inner_texts(),
        "ledger": desk.page.locator("worksheet-panel money-text").all_inner_texts(),
        "grid": desk.grid_cell().all_inner_texts(),
    }


def settled(desk: DeskPage, price: str) -> None:
    desk.usual()
    expect(desk.field("selling_price")).to_have_value(price)
    expect(desk.figure("Payment a month")).to_have_text(re.compile(r"\d\.\d\d$"))
    desk.settled()


def test_visit_once_stop_the_server_kill_the_browser_and_quote_another_state(chromium: Chromium) -> None:
    server: Server = new_server().start()
    try:
        desk = DeskPage(chromium.page(server.url + "/#desk")).ready()
        desk.type("selling_price", "40000")
        desk.expect_tax("2,500.00")
    finally:
        server.close()
    chromium.kill()

    desk = DeskPage(chromium.page(server.url + "/#desk")).ready()
    settled(desk, "40,000.00")
    desk.expect_tax("2,500.00")
    desk.place(state="SC", date=DAY)
    desk.expect_tax("500.00")


def test_the_second_visit_starts_from_the_snapshot_with_the_same_figures(chromium: Chromium, server: Server) -> None:
    desk = DeskPage(chromium.page(server.url + "/#desk")).ready()
    assert desk.boot_way() == "plain"
    # With a day of its own the deal's figures do not change at midnight.
    desk.place(state="TX", date=DAY)
    desk.type("selling_price", "40000")
    settled(desk, "40,000.00")
    wait_for_snapshot(desk.page)
    first = figures(desk)
    chromium.kill()

    desk = DeskPage(chromium.page(server.url + "/#desk")).ready()
    settled(desk, "40,000.00")
    assert desk.boot_way() == "snapshot"
    assert figures(desk) == first


def test_a_damaged_snapshot_is_not_used(chromium: Chromium, server: Server) -> None:
    desk = DeskPage(chromium.page(server.url + "/#desk")).ready()
    desk.place(state="TX", date=DAY)
    desk.type("selling_price", "40000")
    settled(desk, "40,000.00")
    wait_for_snapshot(desk.page)
    whole = figures(desk)
    assert desk.page.evaluate(DAMAGE) > 10_000_000
    chromium.kill()

    desk = DeskPage(chromium.page(server.url + "/#desk")).ready()
    settled(desk, "40,000.00")
    assert desk.boot_way() == "plain"
    assert figures(desk) == whole
    wait_for_snapshot(desk.page)
    chromium.kill()

    # A good one was taken in its place.
    desk = DeskPage(chromium.page(server.url + "/#desk")).ready()
    assert desk.boot_way() == "snapshot"


def test_killed_in_mid_typing(chromium: Chromium, server: Server) -> None:
    desk = DeskPage(chromium.page(server.url + "/#desk")).ready()
    desk.type("selling_price", "40000")
    desk.type("trades/*/allowance", "12345-67", commit=False)
    desk.kept("40000", "12345-67")
    chromium.kill()

    desk = DeskPage(chromium.page(server.url + "/#desk"))
    expect(desk.field("selling_price")).to_have_value("40,000.00", timeout=BOOT_MS)
    desk.ready()
    expect(desk.field("trades/*/allowance")).to_have_value("−12,278.00")


def test_killed_in_mid_typing_while_python_starts(chromium: Chromium, server: Server) -> None:
    with chromium.without_python():
        desk = DeskPage(chromium.page(server.url + "/#desk"))
        desk.field("selling_price").wait_for(timeout=BOOT_MS)
        desk.type("selling_price", "41234", commit=False)
        desk.kept("41234")
        assert desk.page.locator("html[data-state~='booting']").count() == 1
        chromium.kill()

    desk = DeskPage(chromium.page(server.url + "/#desk"))
    expect(desk.field("selling_price")).to_have_value(re.compile(r"^41,?234(\.00)?$"), timeout=BOOT_MS)
    desk.ready()
    settled(desk, "41,234.00")


def test_a_dead_worker_is_replaced_and_nothing_is_lost(chromium: Chromium, server: Server) -> None:
    desk = DeskPage(chromium.page(server.url + "/#desk")).ready()
    desk.type("selling_price", "40000")
    settled(desk, "40,000.00")
    workers = desk.page.workers
    assert workers
    workers[0].evaluate("() => self.close()")
    desk.type("selling_price", "20000")
    expect(desk.figure("Out the door")).to_have_text(re.compile("^21,"), timeout=BOOT_MS)
    expect(desk.field("selling_price")).to_have_value("20,000.00")


def test_offline_is_said_quietly(chromium: Chromium, server: Server) -> None:
    page = chromium.page(server.url + "/#desk")
    desk = DeskPage(page).ready()
    expect(page.locator("sync-status")).to_have_text("Saved")
    page.context.set_offline(True)
    expect(page.locator("sync-status")).to_have_text("Offline, saved on this device")
    page.reload()
    desk.ready()
    desk.type("selling_price", "30000")
    desk.expect_tax("1,875.00")
    page.context.set_offline(False)
