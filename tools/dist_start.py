#!/usr/bin/env python3
"""Starts Autolytiq from this folder, without network: `python3 start.py [--port N] [--host ADDRESS]`.

The first start makes a Python environment from the wheels beside this file, each checked against its hash.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
PYTHON = VENV / "bin" / "python"
DONE = VENV / ".installed"


def fitting_python() -> None:
    """Stop when the wheels beside this file are for another Python than the one that runs it."""
    needed = json.loads((HERE / "build.json").read_text())["python"]
    running = ".".join(map(str, sys.version_info[:2]))
    if running != needed:
        sys.exit(f"start.py: this folder was made for Python {needed}; start it with python{needed}, not {running}")


def install() -> None:
    """Make the environment, once."""
    if DONE.exists():
        return
    fitting_python()
    print("-> Python environment", flush=True)
    try:
        venv.create(VENV, with_pip=True, clear=True)
    except subprocess.CalledProcessError:
        sys.exit("start.py: please install the package python3-venv of your system first")
    offline = ["-q", "--no-index", "--no-deps", "--disable-pip-version-check"]
    pip = [str(PYTHON), "-m", "pip", "install", *offline]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    wheels = HERE / "wheels"
    lock = ["--require-hashes", "--find-links", str(wheels), "-r", str(HERE / "requirements.lock")]
    for wanted in (lock, list(map(str, sorted((HERE / "engine").glob("*.whl"))))):
        if subprocess.run([*pip, *wanted], env=environment).returncode:
            sys.exit("start.py: the wheels beside this file could not be installed")
    DONE.touch()


def main() -> None:
    """Install if needed, then become the server."""
    parser = argparse.ArgumentParser(description="Starts Autolytiq.")
    parser.add_argument("--port", help="port to listen on (default: PORT, else 8000)")
    parser.add_argument("--host", help="address to listen on (default: HOST, else 127.0.0.1)")
    options = parser.parse_args()
    try:
        install()
    except KeyboardInterrupt:
        sys.exit(130)
    os.environ["AUTOLYTIQ_DIST"] = str(HERE / "site")
    for name in ("port", "host"):
        if getattr(options, name) is not None:
            os.environ[name.upper()] = str(getattr(options, name))
    os.chdir(HERE)
    sys.stdout.flush()
    os.execv(PYTHON, [str(PYTHON), "-m", "backend", "serve"])


if __name__ == "__main__":
    main()
