"""Rows as plain values."""

from typing import Any

from sqlalchemy import Row


def values(row: Row[Any]) -> dict[str, Any]:
    """The columns of a row by name; SQLAlchemy marks this access with an underscore although it is meant for use."""
    return dict(row._mapping)  # pyright: ignore[reportPrivateUsage]
