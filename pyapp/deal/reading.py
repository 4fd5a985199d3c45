"""A deal from JSON: what cannot be read is refused with the path of the field and what is accepted there."""

import re
from collections.abc import Sequence
from typing import Any, TypeVar, cast

import msgspec
from msgspec import inspect

from pyapp.errors import Problem, Refused, refuse, shown
from pyapp.repeated import repeated_key

T = TypeVar("T")

_WHERE = re.compile(r"^(?P<what>.*?)(?: - at `(?P<path>[^`]*)`)?$", re.DOTALL)
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<key>.*)`")
_MISSING = re.compile(r"Object missing required field `(?P<key>.*)`")
_EXPECTED = re.compile(r"Expected `(?P<wanted>[^`]*)`, got `(?P<got>[^`]*)`")
_VALUE = re.compile(r"Invalid (?:enum )?value '(?P<value>.*)'", re.DOTALL)
_BYTE = re.compile(r"\(byte (?P<n>\d+)\)")
_LONE_SURROGATE = re.compile(rb"\\u[dD][89abAB]..(?!\\u[dD][c-fC-F])")
_SHAPE = "one JSON object, the deal, in UTF-8; its shape is printed by `python -m pyapp schema`"


_SPOKEN = {
    "object": "an object",
    "array": "a list",
    "str": "a text",
    "int": "a whole number",
    "float": "a number with a point or an exponent",
    "bool": "true or false",
    "date": "a day",
    "null": "null",
}


def _spoken(what: str) -> str:
    """msgspec's message in plain words: `is a list, not an object`, `“barter” is not accepted`."""
    found = _EXPECTED.fullmatch(what)
    value = _VALUE.fullmatch(what)
    if value:
        return f"“{shown(value['value'])}” is not accepted"
    if what.startswith("Invalid RFC3339"):
        return "is not a day"
    if what.startswith("Integer value out of range"):
        return "is too large a number"
    if found is None:
        return what[:1].lower() + what[1:]
    wanted = " or ".join(_SPOKEN.get(kind, kind) for kind in found["wanted"].split(" | ") if kind != "null")
    return f"is {_SPOKEN.get(found['got'], found['got'])}, not {wanted}"


def _path(text: str | None, key: str = "") -> str:
    """`$.trades[0]` and a key → `trades[0].key`."""
    base = (text or "").removeprefix("key in ").removeprefix("$").removeprefix(".").replace("[...]", "")
    return f"{base}.{key}" if base and key else base or key


def _types(kind: inspect.Type) -> list[inspect.Type]:
    """The branches of a type, without null; a note stays with a plain type, for it says what is meant."""
    if isinstance(kind, inspect.Metadata):
        return [kind] if _note(kind) else _types(kind.type)
    if isinstance(kind, inspect.UnionType):
        return [t for branch in kind.types for t in _types(branch) if not isinstance(t, inspect.NoneType)]
    return [kind]


def _note(kind: inspect.Type) -> str:
    """What the document's shape says of a plain type."""
    if isinstance(kind, inspect.Metadata) and isinstance(kind.type, inspect.IntType | inspect.StrType):
        notes = cast("dict[str, Any]", kind.extra_json_schema or {})  # pyright: ignore[reportUnknownMemberType]
        return str(notes.get("description", ""))
    return ""


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


def _keys(kinds: Sequence[inspect.Type]) -> str:
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
            case inspect.Metadata():
                words.append(_note(kind))
            case inspect.IntType():
                words.append("a whole number")
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


_JSON_TYPES: dict[str, type] = {
    "object": dict,
    "array": list,
    "str": str,
    "int": int,
    "float": float,
    "bool": bool,
    "null": type(None),
}


def _key_of(data: bytes, path: str, what: str) -> str:
    """Of `$.place.facts[...]`, which msgspec says for any value of a table, the key: the first of the refused type."""
    found = _EXPECTED.fullmatch(what)
    try:
        value: Any = msgspec.json.decode(data)
    except (RecursionError, msgspec.ValidationError):
        # Too deep, or another number of it is too long.
        return ""
    for step in re.findall(r"[A-Za-z_]+|\[\d+\]", path.removeprefix("$").removesuffix("[...]")):
        value = value[int(step[1:-1]) if step.startswith("[") else step]
    kind = _JSON_TYPES.get(found["got"]) if found else None
    return next((key for key, inner in value.items() if type(inner) is kind), "")


def _kin(kinds: list[inspect.Type], key: str) -> Sequence[inspect.Type]:
    """Of several kinds of object, those that do not have the key: it was refused for one of them."""
    return [k for k in kinds if isinstance(k, inspect.StructType) and all(f.encode_name != key for f in k.fields)]


def problem_of(error: msgspec.ValidationError, shape: object, data: bytes, name: str = "") -> Problem:
    """msgspec's message as a typed problem; `name` stands as the field when the whole is not of the shape."""
    match = _WHERE.match(str(error))
    what, where = (match["what"], match["path"]) if match else (str(error), None)
    unknown = _UNKNOWN.search(what)
    if unknown:
        path = _path(where)
        key = shown(unknown["key"])
        return Problem(
            code="unknown_key",
            field=_path(where, key),
            message=f"the key “{key}” is not known there",
            accepted=_keys(_kin(_at(shape, path), unknown["key"])),
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
    if where and where.endswith("[...]"):
        path = _path(where, shown(_key_of(data, where, what)))
    return Problem(code="wrong_type", field=path or name, message=_spoken(what), accepted=_accepted(_at(shape, path)))


def _place(data: bytes, byte: int) -> str:
    """Where a byte stands, as editors count."""
    before = data[:byte]
    row, column = before.count(b"\n") + 1, len(before) - before.rfind(b"\n")
    return f"at line {row}, column {column}"


def _no_text(data: bytes) -> str:
    """Why bytes are no text in which JSON could stand; empty when they are."""
    if not data.strip():
        return "is empty"
    if b"\0" in data:
        return f"holds a zero byte, as text in UTF-16 does, {_place(data, data.index(0))}"
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return f"is not text in UTF-8: {_place(data, error.start)}"
    return ""


def _no_json(data: bytes, message: str) -> str:
    """The decoder's message in plain words, with the place."""
    lone = _LONE_SURROGATE.search(data) if "truncated" in message else None
    if lone:
        return f"is not JSON: half of a pair of surrogates, {_place(data, lone.start())}"
    found = _BYTE.search(message)
    what = _BYTE.sub("", message).strip().removeprefix("JSON is malformed: ").removeprefix("Input data was ")
    return f"is not JSON: {what}, {_place(data, int(found['n'])) if found else 'at its end'}"


def _broken(data: bytes) -> str:
    """Why a text as a whole is no JSON; empty when it is, or is too deep to tell."""
    try:
        msgspec.json.decode(data, type=msgspec.Raw)
    except RecursionError:
        return ""
    except msgspec.DecodeError as error:
        return _no_json(data, str(error))
    return ""


def read(data: bytes, shape: type[T], *, name: str) -> T:
    """Decodes JSON into a shape; raises `Refused`. `name` stands as the field when no part of it is to blame."""
    # Some editors put a byte order mark before the text.
    data = data.removeprefix(b"\xef\xbb\xbf")
    wrong = _no_text(data)
    if wrong:
        raise refuse("bad_json", name, wrong, _SHAPE)
    try:
        value = msgspec.json.decode(data, type=shape)
    except msgspec.ValidationError as error:
        # Reading ended at the first part of another shape; behind it there may be no JSON at all.
        broken = _broken(data)
        if broken:
            raise refuse("bad_json", name, broken, _SHAPE) from error
        raise Refused([problem_of(error, shape, data, name)]) from error
    except (msgspec.DecodeError, RecursionError) as error:
        raise refuse("bad_json", name, _no_json(data, str(error)), _SHAPE) from error
    twice = repeated_key(data)
    if twice:
        raise refuse("repeated_key", twice, "the key stands twice in its object", "each key once")
    return value
