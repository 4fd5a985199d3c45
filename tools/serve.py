"""`serve`: everything set up and built, then the server in the place of this process."""

from __future__ import annotations

import os
import sys

from tools import setup
from tools.paths import ROOT, SITE, VENV_PYTHON


def serve(host: str | None, port: int | None) -> int:
    """Set up, build, and become the server, which starts and ends its own PostgreSQL and prints the address last.

    Becoming it, instead of starting it below us, leaves one process to signal: Ctrl-C, SIGTERM and `kill -9` reach the
    server itself, and its exit code is ours.
    """
    setup.with_site()
    os.environ["AUTOLYTIQ_DIST"] = str(SITE)
    os.environ["PYTHONUNBUFFERED"] = "1"
    if host is not None:
        os.environ["HOST"] = host
    if port is not None:
        os.environ["PORT"] = str(port)
    os.chdir(ROOT)
    sys.stdout.flush()
    os.execv(VENV_PYTHON, [str(VENV_PYTHON), "-m", "backend", "serve"])
