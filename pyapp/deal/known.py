"""Amounts that may be unknown: a sum knows what it waits for, so an unknown is never taken for zero."""

from collections.abc import Iterable
from typing import NamedTuple


class Known(NamedTuple):
    """Cents, and the fields or facts that are still missing; with any missing the cents mean nothing."""

    cents: int
    waits: frozenset[str] = frozenset()

    def value(self) -> int | None:
        """The cents, or None while something is missing."""
        return None if self.waits else self.cents

    def less(self, other: "Known") -> "Known":
        """The difference."""
        return Known(self.cents - other.cents, self.waits | other.waits)

    def map(self, cents: int) -> "Known":
        """Another amount that hangs on the same fields."""
        return Known(cents, self.waits)


ZERO = Known(0)


def total(parts: Iterable[Known]) -> Known:
    """The sum; it waits for all that its parts wait for."""
    cents = 0
    waits: frozenset[str] = frozenset()
    for part in parts:
        cents += part.cents
        if part.waits:
            waits |= part.waits
    return Known(cents, waits)


def waiting(path: str) -> Known:
    """An amount that is not known because of one field."""
    return Known(0, frozenset((path,)))
