"""Rows as plain values."""

from typing import Any


def values(row: Any) -> dict[str, Any]:
    """The columns of a row by name, of a session's row or of the short road's named tuple.

    Both mark this access with an underscore only to keep it apart from columns; it is meant for use.
    """
    mapping = getattr(row, "_mapping", None)
    return row._asdict() if mapping is None else dict(mapping)
