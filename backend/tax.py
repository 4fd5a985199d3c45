"""The native tax engine, as the server uses it."""

import functools

import msgspec
import tax_engine


class _Inputs(msgspec.Struct):
    states: dict[str, str]


class _Law(msgspec.Struct):
    inputs: _Inputs


@functools.cache
def pack_id() -> str:
    """The rule pack that every deal here is computed with: its version and the start of its hash."""
    version, digest = str(tax_engine.pack_info()).split()
    return f"{version}+{digest[:12]}"


@functools.cache
def states() -> tuple[str, ...]:
    """Codes of the states and DC, as the rule pack lists them, with law or without."""
    return tuple(msgspec.json.decode(tax_engine.law_json(), type=_Law).inputs.states)
