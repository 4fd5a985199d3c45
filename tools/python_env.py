"""The Python environment: `.venv`, filled from a lock with hashes, and the command that makes the locks."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from tools.cache import cached
from tools.paths import ROOT, VENV, VENV_BIN, VENV_PYTHON
from tools.proc import run
from tools.say import CannotGoOn, say, step

OLDEST_PYTHON = (3, 11)
REQUIREMENTS = ROOT / "requirements"
DEV_LOCK = REQUIREMENTS / "dev.lock"
LOCKS: dict[str, tuple[str, ...]] = {
    "app": ("--universal", "--python-version", "3.11"),
    "dev": ("--universal", "--python-version", "3.11"),
    "node": ("--universal", "--python-version", "3.11"),
    "rustup": ("--universal", "--python-version", "3.11"),
    # The browser's interpreter: one exact Python, and micropip sorts out what belongs together.
    "browser": ("--no-deps", "--python-version", "3.14"),
}


def activate() -> None:
    """Let every program that we start find the environment's programs first."""
    bin_dir = str(VENV_BIN)
    path = os.environ.get("PATH", "")
    if not path.startswith(bin_dir):
        os.environ["PATH"] = bin_dir + os.pathsep + path
    os.environ["VIRTUAL_ENV"] = str(VENV)


def make_venv() -> None:
    """Create `.venv` anew when it is absent or its interpreter no longer starts."""
    if VENV_PYTHON.exists() and (VENV_BIN / "pip").exists():
        return
    if sys.version_info < OLDEST_PYTHON:
        raise CannotGoOn("Python 3.11 or later is needed")
    if VENV.exists():
        shutil.rmtree(VENV)
    with step("Python environment .venv"):
        run([sys.executable, "-m", "venv", VENV])


def pip_install(lock: Path) -> None:
    """Install exactly what a lock names, each file checked against its hash."""
    run([VENV_PYTHON, "-m", "pip", "install", "-q", "--require-hashes", "--no-deps", "-r", lock])


def ensure() -> None:
    """Make `.venv` and install the locked packages in it, if that has not been done for this lock."""
    make_venv()
    activate()
    version = ".".join(map(str, sys.version_info[:3]))
    marker = VENV / ".locked"

    def work() -> None:
        pip_install(DEV_LOCK)
        marker.touch()

    cached("Python packages", [DEV_LOCK], [VENV_PYTHON, marker], work, [version])


def make_locks() -> None:
    """Resolve every requirements/*.in to its lock: exact versions and hashes, and no address in it."""
    uv = VENV_BIN / "uv"
    if not uv.exists():
        raise CannotGoOn("run `python3 build.py setup` first; it brings uv, which makes the locks")
    for name, options in LOCKS.items():
        run(
            [
                uv, "pip", "compile", "-q", "--generate-hashes", "--no-emit-index-url", "--no-header",
                *options, f"{name}.in", "-o", f"{name}.lock",
            ],
            cwd=REQUIREMENTS,
        )  # fmt: skip
        say(f"   requirements/{name}.lock")
