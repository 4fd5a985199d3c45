"""TypeScript types of everything that crosses the worker's border, made from the Structs; none is by hand."""

from typing import Any

import msgspec
from msgspec import inspect

from pyapp.deal.document import Deal
from pyapp.deal.worksheet import Worksheet
from pyapp.desk.draft import PriceCall
from pyapp.desk.view import Info, View
from pyapp.errors import ErrorAnswer

ROOTS: tuple[type[msgspec.Struct], ...] = (PriceCall, View, Deal, Worksheet, ErrorAnswer, Info)

_SIMPLE: dict[type[inspect.Type], str] = {
    inspect.IntType: "number",
    inspect.FloatType: "number",
    inspect.StrType: "string",
    inspect.BoolType: "boolean",
    inspect.NoneType: "null",
    inspect.AnyType: "unknown",
    inspect.DateType: "string",
    inspect.DateTimeType: "string",
}


def _literal(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _spell(kind: inspect.Type) -> str:
    """One type as TypeScript writes it."""
    for cls, text in _SIMPLE.items():
        if isinstance(kind, cls):
            return text
    if isinstance(kind, inspect.Metadata):
        return _spell(kind.type)
    if isinstance(kind, inspect.LiteralType):
        return " | ".join(_literal(v) for v in kind.values)
    if isinstance(kind, inspect.UnionType):
        return " | ".join(dict.fromkeys(_spell(t) for t in kind.types))
    if isinstance(kind, inspect.ListType | inspect.VarTupleType):
        inner = _spell(kind.item_type)
        return f"({inner})[]" if " " in inner else f"{inner}[]"
    if isinstance(kind, inspect.DictType):
        return f"Record<{_spell(kind.key_type)}, {_spell(kind.value_type)}>"
    if isinstance(kind, inspect.StructType):
        return kind.cls.__name__
    if isinstance(kind, inspect.EnumType):
        return " | ".join(_literal(m.value) for m in kind.cls)
    raise TypeError(f"no TypeScript for {kind!r}")


def _structs(kind: inspect.Type, found: dict[str, inspect.StructType]) -> None:
    """Collects every Struct that a type reaches."""
    if isinstance(kind, inspect.StructType):
        name = kind.cls.__name__
        if name in found:
            if found[name].cls is not kind.cls:
                raise TypeError(f"two shapes are called {name}")
            return
        found[name] = kind
        for field in kind.fields:
            _structs(field.type, found)
    elif isinstance(kind, inspect.Metadata):
        _structs(kind.type, found)
    elif isinstance(kind, inspect.UnionType):
        for inner in kind.types:
            _structs(inner, found)
    elif isinstance(kind, inspect.ListType | inspect.VarTupleType):
        _structs(kind.item_type, found)
    elif isinstance(kind, inspect.DictType):
        _structs(kind.value_type, found)


def _interface(name: str, kind: inspect.StructType) -> str:
    doc = (kind.cls.__doc__ or "").strip().split("\n\n")[0].replace("\n", " ")
    # What comes in, or leaves defaults out, may lack a field that has a default; a view always has all of its fields.
    config = kind.cls.__struct_config__
    may_lack = config.omit_defaults or config.forbid_unknown_fields
    lines = [f"/** {doc} */", f"export interface {name} {{"]
    if kind.tag_field:
        lines.append(f"  {kind.tag_field}: {_literal(kind.tag)};")
    for field in kind.fields:
        mark = "?" if may_lack and not field.required else ""
        lines.append(f"  {field.encode_name}{mark}: {_spell(field.type)};")
    return "\n".join([*lines, "}"])


def typescript() -> str:
    """The whole generated file; ends with a line feed."""
    found: dict[str, inspect.StructType] = {}
    for root in ROOTS:
        _structs(inspect.type_info(root), found)
    head = "// Generated from pyapp's shapes by `python -m pyapp typescript`; do not edit."
    units = "// Money is whole cents, dates are YYYY-MM-DD."
    parts = [head, units, *(_interface(name, found[name]) for name in sorted(found))]
    return "\n\n".join(parts) + "\n"
