"""Where things are. Nothing else in tools/ spells out a path that two modules share."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

VENV = ROOT / ".venv"
VENV_BIN = VENV / ("Scripts" if sys.platform == "win32" else "bin")
VENV_PYTHON = VENV_BIN / "python"
NODE_MODULES = ROOT / "node_modules"

BUILD = ROOT / "build"
"""Everything that a step makes. Deleting it costs time, nothing else."""
STAMPS = BUILD / "stamps"
SITE = BUILD / "dist"
"""The folder that the server serves: the page's files and their compressed twins."""

ENGINE = ROOT / "tax_engine_rs"
ENGINE_TARGET = BUILD / "cargo"
WASM_PACKAGE = BUILD / "wasm"
LAW_JSON = BUILD / "law.json"
PYAPP = ROOT / "pyapp"
WEB = ROOT / "web"
GENERATED_TYPES = WEB / "generated" / "types.ts"


def user_cache() -> Path:
    """The folder in the user's cache for tools built from source, which outlives a checkout."""
    chosen = os.environ.get("AUTOLYTIQ_CACHE")
    if chosen:
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "autolytiq"
