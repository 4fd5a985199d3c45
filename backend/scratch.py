"""The folder of one run of the server among the system's temporary files; what killed runs left behind goes first.

A run holds the lock on a file in its folder as long as it or one of its workers lives; the kernel lets it go with them.
"""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path

PREFIX = "autolytiq-metrics-"
HELD = "held"


@contextlib.contextmanager
def run_folder() -> Generator[Path]:
    """A folder that lasts as long as this block."""
    _clear()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    handle = os.open(folder / "new", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        # Nobody ever sees it under this name with its lock free while we live.
        (folder / "new").rename(folder / HELD)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(handle)


def _clear() -> None:
    """Remove the folders of our runs that have ended; those of others are not ours to look into."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            if folder.lstat().st_uid != os.geteuid():
                continue
            handle = os.open(folder / HELD, os.O_RDONLY | os.O_NOFOLLOW)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(handle)
