"""The Python locks against what they were made from: versions, hashes, and one version of a package everywhere."""

from __future__ import annotations

import re
from pathlib import Path

from tools.python_env import LOCKS, REQUIREMENTS

WANTED = re.compile(r"(?P<name>[A-Za-z0-9_.-]+)(?:\[[^\]]*\])?(?:==(?P<version>[^\s;]+))?\s*(?:;.*)?")
LOCKED = re.compile(r"^(?P<name>[a-z0-9-]+)==(?P<version>[^\s;\\]+)", re.MULTILINE)
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})\b")

Entry = tuple[str, frozenset[str]]
"""Version and hashes."""


def wanted(name: str, folder: Path = REQUIREMENTS) -> dict[str, str]:
    """Package to version of one .in file and those that it takes in; empty where any version may be."""
    out: dict[str, str] = {}
    for raw in (folder / f"{name}.in").read_text().splitlines():
        line = raw.split("#", 1)[0].strip()
        if line.startswith("-r "):
            out |= wanted(line.removeprefix("-r ").strip().removesuffix(".in"), folder)
        elif found := WANTED.fullmatch(line):
            out[re.sub(r"[-_.]+", "-", found["name"]).lower()] = found["version"] or ""
    return out


def locked(name: str, folder: Path = REQUIREMENTS) -> dict[str, Entry]:
    """Package to version and hashes of one lock."""
    text = (folder / f"{name}.lock").read_text()
    starts = list(LOCKED.finditer(text))
    ends = [found.start() for found in starts[1:]] + [len(text)]
    return {
        found["name"]: (found["version"], frozenset(HASH.findall(text[found.end() : end])))
        for found, end in zip(starts, ends, strict=True)
    }


def faults(folder: Path = REQUIREMENTS) -> list[str]:
    """Where a lock is not what its .in file and the other locks say, one line each."""
    out: list[str] = []
    seen: dict[str, tuple[str, Entry]] = {}
    for name in LOCKS:
        lock = locked(name, folder)
        for package, version in wanted(name, folder).items():
            there = lock.get(package, ("", frozenset()))[0]
            if not there or (version and there != version):
                out.append(f"requirements/{name}.lock: {package} is {there or 'not there'}, not {version or 'locked'}")
        for package, entry in lock.items():
            if not entry[1]:
                out.append(f"requirements/{name}.lock: {package} has no hash")
            first, other = seen.setdefault(package, (name, entry))
            if other != entry:
                out.append(f"requirements/{name}.lock: {package} is another than in {first}.lock")
    return out
