"""Steps that run only when their inputs changed.

A stamp file beside the outputs holds the hash of everything a step reads: files by content, settings by text.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path

from tools.paths import ROOT, STAMPS
from tools.say import step

IGNORED_PARTS = {"__pycache__", "node_modules", "target", ".pytest_cache", "generated"}
IGNORED_NAMES = {"Cargo.lock"}


def files_under(*roots: Path) -> list[Path]:
    """All files below the given folders (or the files themselves), sorted, without caches and products."""
    found: set[Path] = set()
    for root in roots:
        if root.is_file():
            found.add(root)
            continue
        for path in root.rglob("*"):
            relative = path.relative_to(root)
            if IGNORED_PARTS.intersection(relative.parts) or path.name in IGNORED_NAMES:
                continue
            if path.is_file():
                found.add(path)
    return sorted(found)


def hash_file(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def hash_inputs(files: Iterable[Path], settings: Iterable[str] = ()) -> str:
    """One hash over names and contents of files and over settings such as versions."""
    total = hashlib.sha256()
    for setting in settings:
        total.update(f"set {setting}\n".encode())
    for path in files:
        name = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name
        total.update(f"file {name} {hash_file(path)}\n".encode())
    return total.hexdigest()


def cached(
    name: str,
    inputs: Iterable[Path],
    outputs: Iterable[Path],
    work: Callable[[], None],
    settings: Iterable[str] = (),
) -> bool:
    """Run `work` unless the stamp `name` says that these inputs already made these outputs; tell whether it ran."""
    wanted = hash_inputs(inputs, settings)
    stamp = STAMPS / name
    kept = stamp.read_text().strip() if stamp.exists() else ""
    if kept == wanted and all(path.exists() for path in outputs):
        return False
    stamp.unlink(missing_ok=True)
    with step(name):
        work()
    STAMPS.mkdir(parents=True, exist_ok=True)
    stamp.write_text(wanted + "\n")
    return True
