"""Packages of the operating system: looked for, installed when we may, named in one sentence when we may not."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Mapping, Sequence

from tools.proc import run
from tools.say import CannotGoOn, say, step


def can_install() -> bool:
    """Whether this process may run apt-get here."""
    return shutil.which("apt-get") is not None and hasattr(os, "geteuid") and os.geteuid() == 0


def install(packages: Sequence[str]) -> None:
    """Install Debian or Ubuntu packages, or stop with the sentence that names them."""
    names = " ".join(packages)
    if not can_install():
        raise CannotGoOn(f"please install these packages of your system first: {names}")
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        with step(f"system packages: {names}"):
            _update(quiet)
            run(["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages], env=quiet)
    except CannotGoOn as reason:
        raise CannotGoOn(
            f"please install these packages of your system first: {names}; apt-get could not: {reason}"
        ) from reason


def _update(env: Mapping[str, str]) -> None:
    """Fetch the lists of packages; a source that does not answer may not be the one that is needed."""
    try:
        run(["apt-get", "update", "-q"], env=env)
    except CannotGoOn:
        say("   apt-get update did not reach every source")


def missing_basics() -> list[str]:
    """The packages without which nothing can be built: a virtual environment's parts and a C compiler."""
    missing: list[str] = []
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        missing.append("python3-venv")
    if shutil.which("cc") is None and shutil.which("gcc") is None:
        missing += ["gcc", "libc6-dev"]
    return missing


def ensure_basics() -> None:
    """Make sure that a virtual environment and a C compiler can be had."""
    missing = missing_basics()
    if missing:
        install(missing)
