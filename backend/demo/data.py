"""The demo's data files, which lie beside this one."""

import tomllib
from importlib.resources import files
from typing import TypeVar

import msgspec

T = TypeVar("T")


def read(name: str, shape: type[T]) -> T:
    """A file as the shape that it must have."""
    return msgspec.convert(tomllib.loads(files("backend.demo").joinpath(name).read_text("utf-8")), shape)
