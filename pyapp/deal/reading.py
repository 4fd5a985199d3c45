"""A deal from JSON: what cannot be read is refused with the path of the field and what is accepted there."""

import re
from typing import TypeVar

import msgspec
from msgspec import inspect

from pyapp.errors import Problem, Refused, refuse
from pyapp.repeated import repeated_key

T = TypeVar("T")

_WHERE = re.compile(r"^(?P<what>.*?)(?: - at `(?P<path>[^`]*)`)?$", re.DOTALL)
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<key>.*)`")
_MISSING = re.compile(r"Object missing required field `(?P<key>.*)`")
_EXPECTED = re.compile(r"Expected `(?P<wanted>[^`]*)`, got `(?P<got>[^`]*)`")
_VALUE = re.compile(r"Invalid value '(?P<value>.*)'", re.DOTALL)
_BYTE = re.compile(r"\(byte (?P<n>\d+)\)")


_SPOKEN = {
    "object": "an object",
    "array": "a list",
    "str": "a text",
    "int": "a whole number",
    "float": "a number with a point",
    "bool": "true or false",
    "date": "a day",
    "null": "null",
}


def _spoken(what: str) -> str:
    """msgspec's message in plain words: `is a list, not an object`, `“barter” is not accepted`."""
    found = _EXPECTED.fullmatch(what)
    value = _VALUE.fullmatch(what)
    if value:
        return f"“{value['value']}” is not accepted"
    if what.startswith("Invalid RFC3339"):
        return "is not a day"
    if found is None:
        return what[:1].lower() + what[1:]
    wanted = " or ".join(_SPOKEN.get(kind, kind) for kind in found["wanted"].split(" | ") if kind != "null")
    return f"is {_SPOKEN.get(found['got'], found['got'])}, not {wanted}"


def _path(text: str | None, key: str = "") -> str:
    """`$.trades[0]` and a key → `trades[0].key`."""
    base = (text or "").removeprefix("key in ").removeprefix("$").removeprefix(".").replace("[...]", "")
    return f"{base}.{key}" if base and key else base or key


def _types(kind: inspect.Type) -> list[inspect.Type]:
    """The branches of a type, without notes and null."""
    if isinstance(kind, inspect.Metadata):
        return _types(kind.type)
    if isinstance(kind, inspect.UnionType):
        return [t for branch in kind.types for t in _types(branch) if not isinstance(t, inspect.NoneType)]
    return [kind]


def _step(kinds: list[inspect.Type], step: str) -> list[inspect.Type]:
    out: list[inspect.Type] = []
    for kind in kinds:
        if isinstance(kind, inspect.ListType):
            out += _types(kind.item_type)
        elif isinstance(kind, inspect.DictType):
            out += _types(kind.value_type)
        elif isinstance(kind, inspect.StructType):
            if step == kind.tag_field:
                out.append(inspect.LiteralType((kind.tag,)))
            out += [t for f in kind.fields if f.encode_name == step for t in _types(f.type)]
    return out


def _at(shape: object, path: str) -> list[inspect.Type]:
    """The types that are accepted at a path."""
    kinds = _types(inspect.type_info(shape))
    for step in re.findall(r"[A-Za-z_]+|\[\d*\]", path):
        kinds = _step(kinds, step)
    return kinds


def _keys(kinds: list[inspect.Type]) -> str:
    names: list[str] = []
    for kind in kinds:
        if isinstance(kind, inspect.StructType):
            names += [kind.tag_field] if kind.tag_field else []
            names += [f.encode_name for f in kind.fields]
    return ", ".join(dict.fromkeys(names))


def _accepted(kinds: list[inspect.Type]) -> str:
    """What is accepted, in words."""
    words: list[str] = []
    for kind in kinds:
        match kind:
            case inspect.IntType():
                words.append("a whole number (money is whole cents: 4000000 for 40,000.00)")
            case inspect.DateType():
                words.append("a day as YYYY-MM-DD")
            case inspect.LiteralType():
                words.append(", ".join(str(v) for v in kind.values))
            case inspect.BoolType():
                words.append("true or false")
            case inspect.StrType():
                words.append("a text")
            case inspect.ListType():
                words.append("a list")
            case inspect.StructType():
                words.append(f"an object with {_keys([kind])}")
            case _:
                words.append("an object")
    return " or ".join(dict.fromkeys(words))


def problem_of(error: msgspec.ValidationError, shape: object, name: str = "") -> Problem:
    """msgspec's message as a typed problem; `name` stands as the field when the whole is not of the shape."""
    match = _WHERE.match(str(error))
    what, where = (match["what"], match["path"]) if match else (str(error), None)
    unknown = _UNKNOWN.search(what)
    if unknown:
        path = _path(where)
        return Problem(
            code="unknown_key",
            field=_path(where, unknown["key"]),
            message=f"the key “{unknown['key']}” is not known there",
            accepted=_keys(_at(shape, path)),
        )
    missing = _MISSING.search(what)
    if missing:
        return Problem(
            code="missing_key",
            field=_path(where, missing["key"]),
            message=f"the key “{missing['key']}” is missing",
            accepted=_keys(_at(shape, _path(where))),
        )
    path = _path(where)
    return Problem(code="wrong_type", field=path or name, message=_spoken(what), accepted=_accepted(_at(shape, path)))


def _place(data: bytes, message: str) -> str:
    found = _BYTE.search(message)
    if not found:
        return "its end"
    before = data[: int(found["n"])]
    row, column = before.count(b"\n") + 1, len(before) - before.rfind(b"\n")
    return f"line {row}, column {column}"


def read(data: bytes, shape: type[T], *, name: str) -> T:
    """Decodes JSON into a shape; raises `Refused`. `name` stands as the field when no part of it is to blame."""
    # Some editors put a byte order mark before the text.
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        value = msgspec.json.decode(data, type=shape)
    except msgspec.ValidationError as error:
        raise Refused([problem_of(error, shape, name)]) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        text = _BYTE.sub("", str(error)).strip()
        problem = Problem(
            code="bad_json",
            field=name,
            message=f"is not JSON: {text}, at {_place(data, str(error))}",
            accepted="one JSON object, the deal; its shape is printed by `python -m pyapp schema`",
        )
        raise Refused([problem]) from error
    twice = repeated_key(data)
    if twice:
        raise refuse("repeated_key", twice, "the key stands twice in its object", "each key once")
    return value
