"""Pages by cursor: a page begins after a key, never after a count, so writes by others move nothing in or out."""

import base64
import binascii
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from litestar.params import Parameter

from backend.http.problems import invalid

T = TypeVar("T")
DEFAULT = 50
MOST = 200
FIRST_YEAR, LAST_YEAR = 1970, 2200

Limit = Annotated[int, Parameter(ge=1, le=MOST, description="entries on a page", default=DEFAULT)]
CursorText = Annotated[
    str | None,
    Parameter(query="cursor", max_length=1000, description="`next` of the page before", pattern="^[A-Za-z0-9_=-]+$"),
]


class Page(msgspec.Struct, Generic[T], frozen=True):
    """Some entries, and how to ask for those after them."""

    items: list[T]
    next: str | None


def pack(key: list[Any]) -> str:
    """A key as an opaque text."""
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).decode()


def unpack(cursor: str | None, shape: Any) -> Any:
    """The key of a cursor that we made; anything else is refused."""
    if cursor is None:
        return None
    try:
        key = msgspec.json.decode(base64.urlsafe_b64decode(cursor.encode()), type=shape)
        if not all(map(_possible, key)):
            raise ValueError("no row has such a key")
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        raise invalid("query.cursor", "invalid", "a cursor is the `next` of an earlier page of the same list") from None
    return key


def _possible(value: Any) -> bool:
    """Whether a column can hold it: a cursor comes from outside, whoever made it."""
    if isinstance(value, int):
        return -(2**63) <= value < 2**63
    if isinstance(value, datetime):
        return value.tzinfo is not None and FIRST_YEAR <= value.year <= LAST_YEAR
    return not isinstance(value, str) or "\0" not in value


def page(items: list[T], limit: int, key: Callable[[T], list[Any]]) -> Page[T]:
    """A page from one entry more than fits on it."""
    more = len(items) > limit
    shown = items[:limit]
    return Page(shown, pack(key(shown[-1])) if more else None)
