"""Reading scenario files: TOML or JSON, one scenario or a list in a file."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from pyapp.repeated import repeated_key
from tools.contract.shape import faults

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

    def day(self) -> date:
        """The day that picks the law; raises ValueError when it is none."""
        return self.date if isinstance(self.date, date) else date.fromisoformat(self.date)


def find_files(paths: Iterable[Path]) -> list[Path]:
    """The scenario files that the given files and folders hold."""
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            files += sorted(file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES and file.is_file())
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


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")


def _json(text: str) -> Any:
    content: Any = json.loads(text, parse_constant=_no_constant)
    twice = repeated_key(text.encode())
    if twice:
        raise ValueError(f"{twice}: the key stands twice in its object")
    return content


def _raw(file: Path) -> list[Any]:
    try:
        text = file.read_text(encoding="utf-8-sig")
        content: Any = _json(text) if file.suffix.lower() == ".json" else tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise BadFile(f"{file}: is not text in UTF-8, at byte {error.start + 1}") from error
    except RecursionError as error:
        raise BadFile(f"{file}: is nested too deeply") from error
    except (ValueError, OSError) as error:
        raise BadFile(f"{file}: {error}") from error
    if isinstance(content, dict):
        for key in LIST_KEYS:
            if isinstance(content.get(key), list):
                return list(content[key])
        return [content] if content else []
    if isinstance(content, list):
        return list(content)
    raise BadFile(f"{file}: holds neither a scenario nor a list of them")


def _scenario(raw: Any, file: Path, number: int) -> Scenario:
    said: dict[str, Any] = raw if isinstance(raw, dict) else {}
    inputs, expected, day = said.get("inputs", {}), said.get("expected", {}), said.get("date", "")
    if isinstance(day, datetime):
        day = day.date()
    return Scenario(
        id=str(said.get("id", f"{file.stem}#{number}")),
        state=str(said.get("state", "")),
        date=day if isinstance(day, date) else str(day),
        kind=str(said.get("kind", "retail")),
        inputs=inputs if isinstance(inputs, dict) else {},
        expected=expected if isinstance(expected, dict) else {},
        file=file,
        problems=tuple(faults(raw)),
    )
