"""What build.py prints: one line per step, a clock on the long ones, one sentence when it cannot go on."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

TICK_SECONDS = 10.0
"""How often a long step says that it is still at work."""


class CannotGoOn(Exception):
    """Something is missing that build.py cannot supply itself; the message is the sentence to print."""


class Output:
    """Where progress goes: standard output, or standard error while a command's answer is JSON on standard output."""

    stream: TextIO = sys.stdout


def say(text: str) -> None:
    """Print a line at once, also into a pipe."""
    print(text, file=Output.stream, flush=True)


def keep_stdout_clean() -> None:
    """Leave standard output to the command's answer."""
    Output.stream = sys.stderr


@contextmanager
def step(name: str) -> Iterator[None]:
    """Announce a step, tell every ten seconds that it goes on, and print how long it took."""
    started = time.monotonic()
    done = threading.Event()

    def tick() -> None:
        while not done.wait(TICK_SECONDS):
            say(f"   … {name}: {time.monotonic() - started:.0f} s")

    say(f"-> {name}")
    clock = threading.Thread(target=tick, daemon=True)
    clock.start()
    try:
        yield
    finally:
        done.set()
        clock.join()
    say(f"   {name}: done in {time.monotonic() - started:.1f} s")


def fail(text: str) -> int:
    """Print why build.py stops, on standard error; the caller returns the exit code."""
    print(f"build.py: {text}", file=sys.stderr, flush=True)
    return 1
