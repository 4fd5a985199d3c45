"""A body that works for every route that takes one; ids stand for those of the reader's own things."""

from importlib.resources import files
from typing import Any

import msgspec


class _File(msgspec.Struct, forbid_unknown_fields=True):
    csv: str
    bodies: dict[str, dict[str, Any]]


_FILE = msgspec.json.decode(files("backend.ops").joinpath("examples.json").read_bytes(), type=_File)
CSV = _FILE.csv
"""A file of customers to import."""
BODIES = _FILE.bodies
"""By the operation's id."""
