"""JSON Schema (2020-12) of the deal, the worksheet and a refusal, with the bounds that `check` holds a deal to."""

from typing import Any

import msgspec

from pyapp.deal.check import MOST_MONTHS, VEHICLE_RANGES
from pyapp.deal.document import SCHEMA_VERSION, Deal
from pyapp.deal.worksheet import Worksheet
from pyapp.errors import ErrorAnswer

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def _bound(field: dict[str, Any], least: int, most: int) -> None:
    """Put the ends of a range to a whole number, also where it may be null."""
    for branch in field.get("anyOf", [field]):
        if branch.get("type") == "integer":
            branch |= {"minimum": least, "maximum": most}


def schema() -> bytes:
    """The schema of a deal; the other two shapes stand beside it under `$defs`."""
    (deal, worksheet, refusal), parts = msgspec.json.schema_components(
        [Deal, Worksheet, ErrorAnswer], ref_template="#/$defs/{name}"
    )
    for name, (least, most, _) in VEHICLE_RANGES.items():
        _bound(parts["Vehicle"]["properties"][name], least, most)
    _bound(parts["Finance"]["properties"]["months"], 1, MOST_MONTHS)
    _bound(parts["Deal"]["properties"]["schema_version"], SCHEMA_VERSION, SCHEMA_VERSION)
    whole = {
        "$schema": DIALECT,
        "$defs": {**parts, "deal": deal, "worksheet": worksheet, "refusal": refusal},
        "$ref": "#/$defs/deal",
    }
    return msgspec.json.encode(whole)
