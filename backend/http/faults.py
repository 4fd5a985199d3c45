"""All that is wrong with a JSON body, at once.

The fast path decodes a body in one go and stops at its first fault. Only when that failed do we come here, take the
body apart by its declared shape and say what each part accepts.
"""

import types
import typing
from typing import Any, cast

import msgspec

from backend.http.problems import FieldError, Problem

MOST = 100


@typing.runtime_checkable
class Judged(typing.Protocol):
    """A part that is judged by itself, so that its faults are told beside those of other parts."""

    def faults(self, path: str) -> list[FieldError]:
        """What the shape alone does not say; `path` is where the part stands."""
        ...


def find_faults(raw: bytes, shape: Any) -> list[FieldError] | Problem:
    """The faults of `raw` against `shape`, none when it has that shape; a problem of its own when it is no JSON at all.

    When the shape is wrong somewhere, the parts that have theirs are judged too, so that one answer tells everything.
    """
    try:
        value = msgspec.json.decode(raw)
    except RecursionError:
        return Problem(400, "too_deep", "The body is nested too deeply.")
    except UnicodeDecodeError:
        return Problem(400, "malformed_json", "The body is not UTF-8.")
    except msgspec.DecodeError as error:
        return Problem(400, "malformed_json", f"The body is not JSON: {error}.")
    try:
        msgspec.convert(value, shape)
        return []
    except (msgspec.ValidationError, RecursionError):
        errors: list[FieldError] = []
        _walk(value, shape, "", errors)
        return errors[:MOST]


def look(value: Any, path: str, errors: list[FieldError]) -> None:
    """Add what is wrong with a value of the right shape: a struct that knows more than its shape has `faults`."""
    if isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            look(getattr(value, name), f"{path}.{name}".lstrip("."), errors)
        if isinstance(value, Judged):
            errors += value.faults(path)
    elif isinstance(value, list):
        for position, entry in enumerate(cast("list[Any]", value)):
            look(entry, f"{path}[{position}]", errors)


def _walk(value: Any, shape: Any, path: str, errors: list[FieldError]) -> None:
    try:
        look(msgspec.convert(value, shape), path, errors)
        return
    except RecursionError:
        errors.append(FieldError(path, "too_deep", "nested too deeply"))
        return
    except msgspec.ValidationError as error:
        message = str(error)
    before = len(errors)
    inner = _plain(shape)
    if isinstance(inner, type) and issubclass(inner, msgspec.Struct) and isinstance(value, dict):
        _walk_struct(cast("dict[str, Any]", value), inner, path, errors)
    elif typing.get_origin(inner) in (list, tuple) and isinstance(value, list):
        item = typing.get_args(inner)[0]
        for position, entry in enumerate(cast("list[Any]", value)):
            _walk(entry, item, f"{path}[{position}]", errors)
    elif typing.get_origin(inner) is dict and isinstance(value, dict):
        item = typing.get_args(inner)[1]
        for key, entry in cast("dict[str, Any]", value).items():
            _walk(entry, item, f"{path}.{key}".lstrip("."), errors)
    if len(errors) == before:
        text, _, _ = message.partition(" - at `$")
        # A pattern is for programs; what it means stands beside it.
        meaning = _meaning(shape) if "matching regex" in text else None
        if text.startswith("Invalid enum value"):
            meaning = ", ".join(_choices(shape)) or None
        errors.append(FieldError(path, "invalid", f"accepted: {meaning}" if meaning else text))


def _walk_struct(value: dict[str, Any], shape: type[msgspec.Struct], path: str, errors: list[FieldError]) -> None:
    fields = {field.encode_name: field for field in msgspec.structs.fields(shape)}
    config = shape.__struct_config__
    for key in value:
        if key not in fields and config.forbid_unknown_fields and key != config.tag_field:
            errors.append(FieldError(f"{path}.{key}".lstrip("."), "unknown_field", "this field is not known here"))
    for name, field in fields.items():
        where = f"{path}.{name}".lstrip(".")
        if name in value:
            _walk(value[name], field.type, where, errors)
        elif field.required:
            errors.append(FieldError(where, "missing", "this field is required"))


def _meaning(shape: Any) -> str | None:
    """What the text of a type with a pattern is, in words."""
    if typing.get_origin(shape) is typing.Annotated:
        for part in typing.get_args(shape)[1:]:
            if isinstance(part, msgspec.Meta) and part.pattern is not None:
                return part.description
    return next((found for found in map(_meaning, typing.get_args(shape)) if found is not None), None)


def _choices(shape: Any) -> list[str]:
    """The values of a type that is a choice, or of the choices in it."""
    if typing.get_origin(shape) is typing.Literal:
        return [str(one) for one in typing.get_args(shape)]
    return [one for part in typing.get_args(shape) for one in _choices(part)]


def _plain(shape: Any) -> Any:
    """The shape without Annotated and without "or nothing"."""
    while typing.get_origin(shape) is typing.Annotated:
        shape = typing.get_args(shape)[0]
    if typing.get_origin(shape) in (typing.Union, types.UnionType):
        kinds = [kind for kind in typing.get_args(shape) if kind not in (type(None), msgspec.UnsetType)]
        if len(kinds) == 1:
            return _plain(kinds[0])
    return shape
