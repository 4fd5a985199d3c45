"""Two worksheets of one deal, at the least and the most that a place not yet picked could ask, as one with ranges."""

from typing import Any

from msgspec import Struct
from msgspec.structs import fields

from pyapp.deal.worksheet import FinancePart, LawFigure, Range, Worksheet

PLACE = "place.local"
"""The field whose answer gives each range its one figure."""
_FIGURE = (int, type(None))


def _join(low: Struct, high: Struct, prefix: str, ranges: dict[str, Range], skip: frozenset[str]) -> None:
    """Where two shapes differ in a figure, the first one's becomes unknown and the range is kept."""
    for spec in fields(low):
        name = spec.name
        if name in skip:
            continue
        a: Any = getattr(low, name)
        b: Any = getattr(high, name)
        if a == b or isinstance(a, bool) or not isinstance(a, _FIGURE) or not isinstance(b, _FIGURE):
            continue
        if a is not None and b is not None:
            ranges[prefix + name] = Range(low=min(a, b), high=max(a, b))
        setattr(low, name, None)


def _lines(low: list[LawFigure], high: list[LawFigure], prefix: str, ranges: dict[str, Range]) -> None:
    other = {line.key: line for line in high}
    for line in low:
        if line.key in other:
            _join(line, other[line.key], f"{prefix}{line.key}.", ranges, frozenset({"count"}))


def merge(low: Worksheet, high: Worksheet) -> Worksheet:
    """The low worksheet with every figure that differs replaced by its range."""
    ranges: dict[str, Range] = {}
    _join(low, high, "", ranges, frozenset())
    tax_skip = frozenset({"local_low_ppm", "local_high_ppm"})
    _join(low.tax, high.tax, "tax.", ranges, tax_skip)
    _lines(low.tax.lines, high.tax.lines, "tax.lines/", ranges)
    _lines(low.tax.fees, high.tax.fees, "tax.fees/", ranges)
    if isinstance(low.finance, FinancePart) and isinstance(high.finance, FinancePart):
        _join(low.finance, high.finance, "finance.", ranges, frozenset({"months", "last"}))
        if low.finance.last != high.finance.last:
            # It takes up what the level payments round away, so that its ends do not bound it.
            low.finance.last = None
            low.waits["finance.last"] = [PLACE]
        if low.finance.apr != high.finance.apr:
            low.finance.apr = low.finance.rate
        low.finance.apr_exact = None
    low.ranges = ranges
    return low
