"""What both roads to the database share: statements, transactions that run them, rows as plain values."""

import functools
from typing import Any, Protocol

from sqlalchemy import TextClause, text


class Work(Protocol):
    """A transaction of either road, for statements that both can run: a session, or a `Transaction`."""

    async def execute(self, statement: Any, values: Any = ..., /) -> Any:
        """The rows of one statement."""
        ...


@functools.lru_cache(maxsize=512)
def sql(statement: str) -> TextClause:
    """A statement that is put together anew for each request and is one of few: taken apart once."""
    return text(statement)


def values(row: Any) -> dict[str, Any]:
    """The columns of a row by name, of a session's row or of the short road's named tuple.

    Both mark this access with an underscore only to keep it apart from columns; it is meant for use.
    """
    mapping = getattr(row, "_mapping", None)
    return row._asdict() if mapping is None else dict(mapping)
