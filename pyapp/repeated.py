"""A key that stands twice in one JSON object: decoders take the last one in silence, and a figure would be lost."""

import json
from typing import Any, cast


class _Pairs(list[tuple[str, Any]]):
    """An object as it was written, twice-given keys and all."""


class _Found(Exception):
    """Some object has a key twice."""


def _once(pairs: list[tuple[str, Any]]) -> None:
    if len(dict(pairs)) != len(pairs):
        raise _Found


def _where(value: Any, path: str) -> str:
    """Path of the first key that stands twice, `trades[0].allowance`; empty when there is none below."""
    if isinstance(value, _Pairs):
        seen: set[str] = set()
        for key, inner in value:
            here = f"{path}.{key}" if path else key
            if key in seen:
                return here
            seen.add(key)
            if found := _where(inner, here):
                return found
    elif isinstance(value, list):
        for n, inner in enumerate(cast("list[Any]", value)):
            if found := _where(inner, f"{path}[{n}]"):
                return found
    return ""


def repeated_key(data: bytes) -> str:
    """Path of the first key that an object gives twice; empty when each stands once. `data` is sound JSON in UTF-8."""
    text = data.decode()
    try:
        # Only keys matter here: numbers of any length stay text.
        json.loads(text, object_pairs_hook=_once, parse_int=str, parse_float=str)
    except _Found:
        return _where(json.loads(text, object_pairs_hook=_Pairs, parse_int=str, parse_float=str), "")
    return ""
