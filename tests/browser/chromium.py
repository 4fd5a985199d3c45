"""A real Chromium on a profile of its own; killed like a crashed machine, it can be started again on that profile."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Playwright, Request, Route

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
START_SECONDS = 60.0
WAIT_MS = 60_000
PYTHON = "**/pyodide.asm.wasm"


def program(play: Playwright) -> str:
    """The browser that the tests drive: the one `build.py` chose, an installed one, or Playwright's own."""
    found = (shutil.which(name) for name in (os.environ.get("CHROMIUM") or "", *NAMES))
    return next((path for path in found if path), None) or play.chromium.executable_path


class Chromium:
    """One profile; the browser on it can be started, killed and started again."""

    def __init__(self, play: Playwright, *, width: int = 1600, height: int = 1000) -> None:
        self.play = play
        self.size = {"width": width, "height": height}
        self.profile = Path(tempfile.mkdtemp(prefix="autolytiq-profile-"))
        self.process: subprocess.Popen[bytes] | None = None
        self.console: list[str] = []
        self.requests: list[str] = []

    def start(self) -> BrowserContext:
        """Start it; the context is the profile's own, with service worker, caches and IndexedDB."""
        port_file = self.profile / "DevToolsActivePort"
        port_file.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            [
                program(self.play),
                "--headless=new",
                *FLAGS,
                f"--user-data-dir={self.profile}",
                "--remote-debugging-port=0",
                f"--window-size={self.size['width']},{self.size['height']}",
                "about:blank",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        until = time.monotonic() + START_SECONDS
        while not (port_file.exists() and port_file.read_text().strip()):
            if time.monotonic() > until or self.process.poll() is not None:
                raise RuntimeError("Chromium did not start")
            time.sleep(0.02)
        port = port_file.read_text().split()[0]
        self.browser = self.play.chromium.connect_over_cdp(f"http://127.0.0.1:{port}")
        context = self.browser.contexts[0]
        context.set_default_timeout(WAIT_MS)
        context.on("console", self._heard)
        context.on("weberror", lambda error: self.console.append(f"uncaught: {error.error}"))
        context.on("request", self._asked)
        return context

    @contextmanager
    def without_python(self) -> Iterator[None]:
        """As long as this block lasts, Python itself is not delivered: a page that was never here goes on starting."""
        waiting: list[Route] = []
        context = self.browser.contexts[0] if self.process else self.start()
        context.route(PYTHON, lambda route: waiting.append(route))
        try:
            yield
        finally:
            if self.process:
                for route in waiting:
                    route.continue_()
                context.unroute(PYTHON)

    def page(self, url: str) -> Page:
        """Start if need be, and open an address in a fresh tab."""
        context = self.browser.contexts[0] if self.process else self.start()
        page = context.new_page()
        page.set_viewport_size(self.size)
        page.goto(url)
        return page

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.console.append(f"{message.type}: {message.text}")

    def _asked(self, request: Request) -> None:
        self.requests.append(request.url)

    def kill(self) -> None:
        """SIGKILL to all its processes at once: nothing is flushed, nobody says good-bye."""
        if self.process:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            # Its helpers too: until the last one is gone the profile is not at rest.
            until = time.monotonic() + START_SECONDS
            while _lives(self.process.pid) and time.monotonic() < until:
                time.sleep(0.01)
        self.process = None
        for name in ("SingletonLock", "SingletonCookie", "SingletonSocket"):
            (self.profile / name).unlink(missing_ok=True)

    def close(self) -> None:
        self.kill()
        shutil.rmtree(self.profile, ignore_errors=True)


def _lives(group: int) -> bool:
    """Whether a process of this group is left that is more than an entry in the table."""
    for entry in Path("/proc").iterdir():
        with suppress(OSError, ValueError):
            if entry.name.isdigit():
                state, _, its_group = (entry / "stat").read_text().rpartition(")")[2].split()[:3]
                if int(its_group) == group and state not in "ZX":
                    return True
    return False
