"""The Rust crates that are linked: exactly those of tax_engine_rs/crates.txt, one `name version` a line.

Cargo's own lock file names a registry, so it is not kept; this list says the same without an address. A fresh
checkout lets cargo resolve, then moves every crate that came out otherwise to the version listed here.
"""

from __future__ import annotations

import json

from tools.paths import ENGINE
from tools.proc import output, run
from tools.say import CannotGoOn, say

LIST = ENGINE / "crates.txt"
MANIFEST = ("--manifest-path", str(ENGINE / "Cargo.toml"))
ROUNDS = 4
"""Moving one crate may move others; after so many rounds the list is taken as impossible."""


def resolved() -> set[tuple[str, str]]:
    """Name and version of every crate from outside that cargo would link now."""
    found = json.loads(output(["cargo", "metadata", "--format-version", "1", "-q", *MANIFEST]))
    return {(package["name"], package["version"]) for package in found["packages"] if package["source"]}


def listed() -> set[tuple[str, str]]:
    """What crates.txt says."""
    if not LIST.exists():
        return set()
    lines = (line.split("#", 1)[0].split() for line in LIST.read_text().splitlines())
    return {(words[0], words[1]) for words in lines if len(words) == 2}


def write_list() -> None:
    """Write crates.txt from what cargo resolves now."""
    lines = [f"{name} {version}" for name, version in sorted(resolved())]
    LIST.write_text("# Every crate that is linked, as `cargo metadata` resolves it.\n" + "\n".join(lines) + "\n")
    say(f"   {LIST.relative_to(ENGINE.parent)}: {len(lines)} crates")


def differences() -> list[str]:
    """How cargo's choice and the list differ, one line each; none when they agree."""
    now, wanted = resolved(), listed()
    return [f"{n} {v} is linked but not listed" for n, v in sorted(now - wanted)] + [
        f"{n} {v} is listed but not linked" for n, v in sorted(wanted - now)
    ]


def pin() -> None:
    """Bring cargo's lock file to the listed versions."""
    wanted = listed()
    if not wanted:
        return
    for _ in range(ROUNDS):
        wrong = sorted(resolved() - wanted)
        if not wrong:
            break
        for name, version in wrong:
            targets = [v for n, v in wanted if n == name]
            # Several versions of one crate: the one of the same line of compatibility.
            same_line = [v for v in targets if v.split(".")[0] == version.split(".")[0]] or targets
            if same_line:
                run(["cargo", "update", "-q", *MANIFEST, f"{name}@{version}", "--precise", same_line[0]])
    left = differences()
    if left:
        raise CannotGoOn(
            "tax_engine_rs/crates.txt and the crates differ; `build.py lock` rewrites it: " + "; ".join(left)
        )
