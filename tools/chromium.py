"""The browser for tests: an installed Chromium, else Playwright's own, else Debian's."""

from __future__ import annotations

import os
import shutil

from tools import system
from tools.paths import VENV_BIN, VENV_PYTHON
from tools.proc import first_line, run
from tools.say import CannotGoOn, say, step

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
VARIABLE = "CHROMIUM"
"""Tests read the browser's path from here; empty means Playwright's own."""
WHERE = (
    "from playwright.sync_api import sync_playwright\n"
    "with sync_playwright() as play:\n"
    "    print(play.chromium.executable_path)\n"
)
"""Asks Playwright where the Chromium of its own version lies, or would lie."""


def starts(program: str | None) -> bool:
    """Whether a browser is there and finds the system's libraries that it needs."""
    return bool(program and first_line([program, "--version"]))


def installed() -> str | None:
    """A Chromium on the search path that starts."""
    chosen = os.environ.get(VARIABLE)
    for name in ([chosen] if chosen else []) + list(NAMES):
        path = shutil.which(name)
        if path and starts(path):
            return path
    return None


def playwrights_own() -> bool:
    """Whether Playwright's Chromium is there, or can be fetched, and starts."""
    where = first_line([VENV_PYTHON, "-c", WHERE])
    if starts(where):
        return True
    try:
        with step("Chromium from Playwright"):
            run([VENV_BIN / "playwright", "install", "chromium"])
    except CannotGoOn:
        say("   Playwright's download was refused")
        return False
    if not starts(where) and system.can_install():
        # The download brings the browser alone, without the libraries of the system that it is linked with.
        try:
            with step("libraries for Playwright's Chromium"):
                run([VENV_BIN / "playwright", "install-deps", "chromium"])
        except CannotGoOn:
            say("   Playwright could not install them")
    return starts(where)


def ensure() -> None:
    """Make a Chromium ready and tell the tests where it is."""
    path = installed()
    if path is None and not playwrights_own():
        system.install(["chromium"])
        path = installed()
        if path is None:
            raise CannotGoOn("no Chromium could be had for the browser tests; please install the package chromium")
    os.environ[VARIABLE] = path or ""
