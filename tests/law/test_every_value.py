"""Every value of the twelve rule files, changed one at a time: the build stops, or some scenario is answered otherwise.

The trial itself is a Rust program (`tax_engine_rs/mutation`): it makes the smallest change at each place (a cent,
0.0001 %, one unit, one day, the opposite word, another source, another sureness), compiles the rules and asks the
scenarios' requests again. What computes must change a figure of an answer; what is cited must change a citation.
`no_law.toml` names the changes that mean the same law.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import tomllib
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from pyapp.tax import wire
from tests.law.deals import scenario_deals
from tools.contract.engines import frames
from tools.paths import ENGINE, ENGINE_TARGET

ACCEPTED = Path(__file__).with_name("no_law.toml")
STATES = ("CA", "DC", "FL", "GA", "MI", "NC", "NY", "OH", "OK", "SC", "TN", "TX")
FEWEST = 500
"""Fewer changes than this of one file: the trial has lost its way."""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The trial of all files: for each state what was tried, noticed and not noticed."""
    requests = tmp_path_factory.mktemp("trial") / "requests"
    requests.write_bytes(frames([wire.encode(deal) for deal in scenario_deals().values()]))
    manifest = ["--manifest-path", str(ENGINE / "Cargo.toml")]
    done = subprocess.run(
        ["cargo", "run", "-q", "--profile", "trial", *manifest, "-p", "mutation", "--", str(requests)],
        env={**os.environ, "CARGO_TARGET_DIR": str(ENGINE_TARGET)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def accepted() -> list[dict[str, str]]:
    """The entries of the list."""
    return tomllib.loads(ACCEPTED.read_text(encoding="utf-8")).get("change", [])


def fits(survivor: dict[str, str], entry: dict[str, str]) -> bool:
    """Whether an entry of the list means this change; no `*` at the end of a path means a row's value."""
    if survivor["path"].endswith(".value") and not entry["path"].endswith("value"):
        return False
    keys = [key for key in ("file", "path", "old", "new") if key in entry]
    return all(fnmatchcase(survivor[key], entry[key]) for key in keys)


def test_the_trial_reached_every_file(report: dict[str, Any]) -> None:
    assert set(report) == set(STATES)
    for state, result in report.items():
        assert result["tried"] == result["stopped"] + result["noticed"] + len(result["survivors"])
        assert result["tried"] > FEWEST, state


def leaves(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value of a rule file with its path, as the trial names it: levies and credits by their ids."""
    entries: Iterable[tuple[Any, Any]] = ()
    if isinstance(node, dict):
        entries = node.items()
    elif isinstance(node, list):
        named = path in ("levies", "tax_credits")
        entries = [(inner["id"] if named else place, inner) for place, inner in enumerate(node)]
    else:
        yield path, node
    for key, inner in entries:
        yield from leaves(inner, f"{path}.{key}" if path else str(key))


def tried(path: str, places: set[str]) -> bool:
    """Whether the trial changed this value, or the list or table of which it is a part."""
    steps = path.split(".")
    parts = [".".join(steps[:end]) for end in range(1, len(steps)) if steps[end - 1] in ("rows", "against", "kind")]
    return path in places or any(part in places for part in parts)


@pytest.mark.parametrize("state", STATES)
def test_every_value_was_tried(report: dict[str, Any], state: str) -> None:
    """All but ids, which link the file with itself, facts and reasons (`test_facts.py`), and the cell for all keys."""
    places = set(report[state]["places"])
    rules = tomllib.loads((ENGINE / "rules" / f"{state}.toml").read_text(encoding="utf-8"))
    rules.pop("unmodelled", None)
    held_elsewhere = re.compile(r"\.fact\.\d+$|\.id$")
    untried = [
        path
        for path, value in leaves(rules)
        if not held_elsewhere.search(path) and value != "*" and not tried(path, places)
    ]
    assert not untried


@pytest.mark.parametrize("state", STATES)
def test_every_change_is_noticed(report: dict[str, Any], state: str) -> None:
    entries = accepted()
    unnoticed = [
        f"{one['file']}: {one['path']} from «{one['old']}» to «{one['new']}» changes no answer"
        for one in report[state]["survivors"]
        if not any(fits(one, entry) for entry in entries)
    ]
    assert not unnoticed, "\n".join(unnoticed)


def test_no_entry_of_the_list_is_stale(report: dict[str, Any]) -> None:
    survivors = [one for result in report.values() for one in result["survivors"]]
    stale = [entry for entry in accepted() if not any(fits(one, entry) for one in survivors)]
    assert not stale
    assert all(entry.get("why", "").strip() and "path" in entry for entry in accepted())
