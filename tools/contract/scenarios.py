"""Reading scenario files: TOML or JSON, one scenario or a list in a file."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

LIST_KEYS = ("scenario", "scenarios")
SUFFIXES = {".toml", ".json"}


class BadFile(Exception):
    """A file that holds no scenarios; the message names it and says why."""


@dataclass(frozen=True)
class Scenario:
    """One worked deal, as written."""

    id: str
    state: str
    date: date | str
    kind: str
    inputs: dict[str, Any]
    expected: dict[str, Any]
    file: Path
    problems: tuple[str, ...] = field(default=())
    """What is wrong with the scenario itself; such a one fails without being computed."""


def find_files(paths: Iterable[Path]) -> list[Path]:
    """The scenario files that the given files and folders hold."""
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            files += sorted(file for file in path.rglob("*") if file.suffix in SUFFIXES and file.is_file())
        elif path.is_file():
            files.append(path)
        else:
            raise BadFile(f"{path}: there is no such file or folder")
    return files


def read(paths: Iterable[Path]) -> list[Scenario]:
    """All scenarios of the given files and folders."""
    found: list[Scenario] = []
    for file in find_files(paths):
        found += [_scenario(raw, file, number) for number, raw in enumerate(_raw(file), 1)]
    return found


def _raw(file: Path) -> list[Any]:
    try:
        text = file.read_text(encoding="utf-8-sig")
        content: Any = json.loads(text) if file.suffix == ".json" else tomllib.loads(text)
    except (ValueError, OSError) as error:
        raise BadFile(f"{file}: {error}") from error
    if isinstance(content, dict):
        for key in LIST_KEYS:
            if isinstance(content.get(key), list):
                return list(content[key])
        return [content]
    if isinstance(content, list):
        return list(content)
    raise BadFile(f"{file}: holds neither a scenario nor a list of them")


def _scenario(raw: Any, file: Path, number: int) -> Scenario:
    fallback = f"{file.stem}#{number}"
    if not isinstance(raw, dict):
        return Scenario(fallback, "", "", "", {}, {}, file, ("it is not a table",))
    problems = [f"it has no {key}" for key in ("id", "state", "date", "expected") if key not in raw]
    inputs, expected = raw.get("inputs", {}), raw.get("expected", {})
    problems += [
        f"{name} is not a table"
        for name, part in (("inputs", inputs), ("expected", expected))
        if not isinstance(part, dict)
    ]
    if not problems and "total_tax" not in expected and "error" not in expected:
        problems.append("expected names neither total_tax nor error")
    day = raw.get("date", "")
    if isinstance(day, datetime):
        day = day.date()
    return Scenario(
        id=str(raw.get("id", fallback)),
        state=str(raw.get("state", "")),
        date=day if isinstance(day, date) else str(day),
        kind=str(raw.get("kind", "retail")),
        inputs=inputs if isinstance(inputs, dict) else {},
        expected=expected if isinstance(expected, dict) else {},
        file=file,
        problems=tuple(problems),
    )
