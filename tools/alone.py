"""One build at a time in a checkout: a second one waits for the first, and then finds its work done."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from tools.paths import BUILD
from tools.say import say


@contextmanager
def building() -> Iterator[None]:
    """Hold the checkout's lock. It ends with the process at the latest, also after `kill -9`."""
    BUILD.mkdir(exist_ok=True)
    with (BUILD / "lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("-> another build.py is at work in this checkout; waiting for it")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
