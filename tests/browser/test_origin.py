"""Nothing is loaded from elsewhere, the policy forbids it, and the console has nothing to complain about."""

import re

from playwright.sync_api import expect

from tests.api.server import Server
from tests.browser.chromium import Chromium
from tests.browser.desk_page import DeskPage
from tests.browser.test_offline import wait_for_snapshot

POLICY = (
    "default-src 'self'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "worker-src 'self'",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
)


def looked_for_updates(chromium: Chromium) -> None:
    """Wait until the service worker asked for the set a second time: the first time it stored it."""
    for _ in range(1_200):
        if sum(url.endswith("/set.json") for url in chromium.requests) > 1:
            return
        chromium.browser.contexts[0].pages[-1].wait_for_timeout(50)
    raise AssertionError("nobody looked for a newer set")


def test_every_request_goes_to_our_own_origin(chromium: Chromium, server: Server) -> None:
    desk = DeskPage(chromium.page(server.url + "/#desk")).ready()
    desk.type("selling_price", "40000")
    desk.usual()
    expect(desk.figure("Payment a month")).to_have_text(re.compile(r"\d\.\d\d$"))
    wait_for_snapshot(desk.page)
    looked_for_updates(chromium)
    desk.page.reload()
    desk.ready()
    desk.page.keyboard.press("Alt+t")
    desk.page.goto(server.url + "/#quick")
    desk.still()
    assert len(chromium.requests) > 10
    assert [url for url in chromium.requests if not url.startswith((server.url + "/", "data:", "about:"))] == []
    assert chromium.console == []


def test_the_policy_stands_on_page_and_worker(chromium: Chromium, server: Server) -> None:
    desk = DeskPage(chromium.page(server.url + "/#desk")).ready()
    for path in ("/", "/worker.js", "/app.js"):
        answer = desk.page.request.get(server.url + path)
        for part in POLICY:
            assert part in answer.headers["content-security-policy"], path
    # … and on what the service worker answers.
    headers = desk.page.reload()
    assert headers and "wasm-unsafe-eval" in headers.headers["content-security-policy"]
    assert headers.from_service_worker


def test_the_update_waits_for_the_user(chromium: Chromium, server: Server) -> None:
    """The set in use is the one that the server names; no second one is fetched when nothing changed."""
    desk = DeskPage(chromium.page(server.url + "/#desk")).ready()
    looked_for_updates(chromium)
    # It would begin at once with what it had found.
    desk.page.wait_for_timeout(500)
    names = desk.page.evaluate("() => caches.keys()")
    assert len([name for name in names if name.startswith("autolytiq-set-")]) == 1
    assert desk.page.locator("update-notice button").count() == 0
