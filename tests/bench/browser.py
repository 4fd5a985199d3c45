"""What a browser shows: the engine's speed, worksheets in the worker, starts, and the bytes of a first visit."""

from __future__ import annotations

import base64
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, Playwright, sync_playwright

from pyapp.tax.wire import batch
from tests.bench.drafts import WARM, price_calls
from tests.bench.proxy import CountingProxy

HERE = Path(__file__).resolve().parent
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
STARTS = 5
READY_RUNS = 9
SECONDS = 2.0
FIRST_FIGURES = "autolytiq:figures"
"""The page sets this mark when the first figures of this visit stand on it."""
VISIT_SECONDS = 120.0
QUIET_SECONDS = 4.0
"""A visit is over when the server has had nothing to send for so long."""


@contextmanager
def profile(play: Playwright) -> Iterator[BrowserContext]:
    """A browser with a profile of its own that lasts as long as this block."""
    folder = Path(tempfile.mkdtemp(prefix="autolytiq-bench-"))
    chosen = os.environ.get("CHROMIUM") or None
    context = play.chromium.launch_persistent_context(folder, executable_path=chosen, args=FLAGS)
    try:
        yield context
    finally:
        context.close()
        shutil.rmtree(folder, ignore_errors=True)


def first_figures(page: Page) -> float:
    """Wait for the first figures of a visit; milliseconds from navigation to them."""
    # Asked again and again from here: waiting inside the page would need `eval`, which its policy forbids.
    until = time.monotonic() + VISIT_SECONDS
    while time.monotonic() < until:
        found: list[float] = page.evaluate(
            "name => performance.getEntriesByName(name).map((entry) => entry.startTime)", FIRST_FIGURES
        )
        if found:
            return found[0]
        page.wait_for_timeout(100)
    raise TimeoutError("the page showed no figures")


def visit(context: BrowserContext, url: str, way: str = "") -> float:
    """Open the page anew; milliseconds from navigation to the first figures computed in this visit."""
    page = context.new_page()
    page.goto(url)
    took = first_figures(page)
    booted = page.locator("html").get_attribute("data-boot")
    # The snapshot of a start is stored a moment later.
    page.wait_for_timeout(2_500)
    page.close()
    if way and booted != way:
        raise RuntimeError(f"the visit was to start by “{way}” and started by “{booted}”")
    return took


def starts(play: Playwright, url: str) -> dict[str, float]:
    """Medians of later visits, plain and from the snapshot, each in a profile of its own after two that nobody counts.

    They take turns, so that whatever else the machine does meets both.
    """
    plain: list[float] = []
    restored: list[float] = []
    with profile(play) as one, profile(play) as other:
        for _ in range(2):
            visit(one, url)
            visit(other, url)
        for _ in range(STARTS):
            plain.append(visit(one, url + "/?boot=plain", "plain"))
            restored.append(visit(other, url, "snapshot"))
    return {"pyodide_plain_ms": statistics.median(plain), "start_to_quote_ms": statistics.median(restored)}


def first_visit(play: Playwright, port: int) -> int:
    """Bytes that the server sends to a browser that was never here, until the page works offline."""
    proxy = CountingProxy(port)
    try:
        with profile(play) as context:
            page = context.new_page()
            page.goto(proxy.url)
            page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
            first_figures(page)
            last, since = -1, time.monotonic()
            while time.monotonic() - since < QUIET_SECONDS:
                if proxy.received != last:
                    last, since = proxy.received, time.monotonic()
                page.wait_for_timeout(200)
            return proxy.received
    finally:
        proxy.close()


def _script(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


def _engine(page: Page, url: str, requests: list[bytes], mode: str) -> dict[str, Any]:
    page.goto(url + "/set.json")
    ask = {
        "requests": [base64.b64encode(one).decode() for one in requests],
        "batch": base64.b64encode(batch(requests)).decode(),
        "mode": mode,
        "seconds": SECONDS,
    }
    answer: dict[str, Any] = page.evaluate(_script("engine_in_browser.js"), ask)
    return answer


def engine(play: Playwright, url: str, requests: list[bytes]) -> dict[str, float]:
    """The engine alone in a page: ready, single calls, batches, memory."""
    with profile(play) as context:
        page = context.new_page()
        ready = [_engine(page, url, [], "ready")["ready"] for _ in range(READY_RUNS)]
        single = _engine(page, url, requests, "single")
        many = _engine(page, url, requests, "batch")
    return {
        "tax_ready_ms": statistics.median(ready),
        "tax_per_s_single_js": single["perSecond"],
        "tax_per_s_batch_browser": many["perSecond"],
        # After single calls: a batch brings its own bytes in and out on top.
        "tax_memory_bytes": single["memory"],
    }


def worksheets(play: Playwright, url: str, *, grid: bool) -> float:
    """95th percentile of the time inside the worker, over many different deals."""
    with profile(play) as context:
        page = context.new_page()
        page.set_default_timeout(VISIT_SECONDS * 1000)
        page.goto(url + "/set.json")
        ask = {"calls": price_calls(grid=grid), "warm": WARM}
        answer = page.evaluate(_script("worksheets_in_worker.js"), ask)
        if answer["refused"]:
            print(f"   a deal of the benchmark is refused: {answer['refused']}")
        return statistics.quantiles(answer["times"], n=100)[94]


def measure(url: str, port: int, requests: list[bytes]) -> dict[str, float]:
    """Everything that needs the browser."""
    with sync_playwright() as play:
        found: dict[str, float] = dict(engine(play, url, requests))
        found["worksheet_p95_ms"] = worksheets(play, url, grid=False)
        found["worksheet_grid_p95_ms"] = worksheets(play, url, grid=True)
        found["first_visit_bytes"] = first_visit(play, port)
        found |= starts(play, url)
    return found
