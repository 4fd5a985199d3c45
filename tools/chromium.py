"""The browser for tests: an installed Chromium, else Playwright's own, else Debian's."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from tools import system
from tools.paths import VENV_BIN
from tools.proc import first_line, run
from tools.say import CannotGoOn, say, step

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
VARIABLE = "CHROMIUM"
"""Tests read the browser's path from here; empty means Playwright's own."""


def installed() -> str | None:
    """A Chromium on the search path that starts."""
    chosen = os.environ.get(VARIABLE)
    for name in ([chosen] if chosen else []) + list(NAMES):
        path = shutil.which(name)
        if path and first_line([path, "--version"]):
            return path
    return None


def playwrights_own() -> bool:
    """Whether Playwright has its Chromium, or can fetch it."""
    cache = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    if list(cache.glob("chromium*/INSTALLATION_COMPLETE")):
        return True
    try:
        with step("Chromium from Playwright"):
            run([VENV_BIN / "playwright", "install", "chromium"])
    except CannotGoOn:
        say("   Playwright's download was refused")
        return False
    return True


def ensure() -> None:
    """Make a Chromium ready and tell the tests where it is."""
    path = installed()
    if path is None and not playwrights_own():
        system.install(["chromium"])
        path = installed()
        if path is None:
            raise CannotGoOn("no Chromium could be had for the browser tests")
    os.environ[VARIABLE] = path or ""
