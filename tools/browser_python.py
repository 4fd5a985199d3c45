"""Python for the browser: Pyodide, the wheels it loads with our own lock, and pyapp as compiled byte code."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

from tools import cache, python_env
from tools.paths import BUILD, NODE_MODULES, PYAPP, ROOT, VENV_PYTHON
from tools.proc import run

PYODIDE = NODE_MODULES / "pyodide"
RUNTIME_FILES = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")
PLATFORM = ("--python-version", "3.14", "--implementation", "cp", "--abi", "cp314", "--abi", "none")
WASM_PLATFORM = "pyemscripten_2026_0_wasm32"
BROWSER_LOCK = python_env.REQUIREMENTS / "browser.lock"

WHEELS = BUILD / "wheels"
LOCK = BUILD / "pyodide-lock.json"
PYAPP_ZIP = BUILD / "pyapp.zip"
EXTENSIONS = BUILD / "extensions"


def download_wheels() -> None:
    """Fetch the wheels that browser.lock names, each checked against its hash."""

    def work() -> None:
        shutil.rmtree(WHEELS, ignore_errors=True)
        run(
            [
                VENV_PYTHON, "-m", "pip", "download", "-q", "--require-hashes", "--no-deps", "--only-binary=:all:",
                *PLATFORM, "--platform", WASM_PLATFORM, "-d", WHEELS, "-r", BROWSER_LOCK,
            ]
        )  # fmt: skip

    cache.cached("wheels for the browser", [BROWSER_LOCK], [WHEELS], work, [WASM_PLATFORM])


def freeze_lock() -> None:
    """Let micropip resolve the wheels and write our pyodide-lock.json."""
    script = ROOT / "tools" / "pyodide_lock.mjs"
    inputs = [script, PYODIDE / "package.json", *sorted(WHEELS.glob("*.whl"))]
    cache.cached("pyodide-lock.json", inputs, [LOCK], lambda: _node(script, PYODIDE, WHEELS, LOCK))


def compile_pyapp() -> None:
    """Compile pyapp to a zip of byte code for the browser."""
    script = ROOT / "tools" / "compile_pyapp.mjs"
    inputs = [script, PYODIDE / "package.json", *(f for f in cache.files_under(PYAPP) if f.suffix == ".py")]
    cache.cached("pyapp for the browser", inputs, [PYAPP_ZIP], lambda: _node(script, PYODIDE, PYAPP, PYAPP_ZIP))


def _node(script: Path, *arguments: Path) -> None:
    BUILD.mkdir(exist_ok=True)
    run(["node", script, *arguments])


def shipped_wheels() -> list[Path]:
    """The wheels that the browser loads: all but micropip, which only the build needs."""
    return [wheel for wheel in sorted(WHEELS.glob("*.whl")) if not wheel.name.startswith("micropip-")]


def extract_extensions() -> None:
    """Put the compiled parts of the wheels beside them as files of their own, under their paths in the wheel.

    A browser that restores a memory snapshot links them before there is a Python that could open a wheel.
    """
    wheels = shipped_wheels()

    def work() -> None:
        shutil.rmtree(EXTENSIONS, ignore_errors=True)
        for wheel in wheels:
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(EXTENSIONS, [name for name in archive.namelist() if name.endswith(".so")])

    cache.cached("compiled parts of the wheels", wheels, [EXTENSIONS], work)


def extensions() -> dict[str, Path]:
    """The compiled parts by their path in the wheel."""
    return {path.relative_to(EXTENSIONS).as_posix(): path for path in sorted(EXTENSIONS.rglob("*.so"))}


def build() -> None:
    """All of it."""
    download_wheels()
    extract_extensions()
    freeze_lock()
    compile_pyapp()
