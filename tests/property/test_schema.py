"""`python -m pyapp schema` is true: what it admits is answered, and what is answered it admits."""

import json
import re
from datetime import date as Date
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from pyapp.deal.document import Deal
from pyapp.deal.price import price
from pyapp.deal.reading import read
from pyapp.deal.worksheet import Worksheet
from pyapp.errors import Refused
from pyapp.schema import DIALECT, schema
from pyapp.tax.service import native_service

EXAMPLES = [json.loads(path.read_text()) for path in sorted(Path(__file__).parents[2].glob("docs/examples/*.json"))]
SCHEMA: dict[str, Any] = json.loads(schema())
DEALS = jsonschema_rs.Draft202012Validator(SCHEMA, validate_formats=True)
TAX = native_service()
FACTS = [fact.name for fact in TAX.catalogue.facts]
WORDS = st.sampled_from(
    [*TAX.catalogue.states, "ZZ", "other", "", *(choice for fact in TAX.catalogue.facts for choice in fact.choices)]
)

Json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


def values(part: dict[str, Any]) -> st.SearchStrategy[Any]:
    """What a part of the schema admits."""
    if "$ref" in part:
        name = part["$ref"].removeprefix("#/$defs/")
        return st.deferred(lambda: values(SCHEMA["$defs"][name]))
    if "anyOf" in part:
        return st.one_of([values(branch) for branch in part["anyOf"]])
    if "enum" in part:
        return st.sampled_from(part["enum"])
    match part["type"]:
        case "integer":
            return st.integers(part.get("minimum"), part.get("maximum")) | st.sampled_from(
                [part.get("minimum", -1), part.get("maximum", 2**70)]
            )
        case "string" if "pattern" in part:
            usual = [text for text in ("0", "6.99", "75201") if re.search(part["pattern"], text)]
            return st.sampled_from(usual) | st.from_regex(part["pattern"].replace("$", r"\Z"))
        case "string" if part.get("format") == "date":
            near = st.dates(Date(2022, 12, 25), Date(2031, 1, 7))
            return (near | st.dates()).map(lambda day: day.isoformat())
        case "string":
            return WORDS | st.text(max_size=8)
        case "boolean":
            return st.booleans()
        case "null":
            return st.none()
        case "array":
            return st.lists(values(part["items"]), max_size=3)
        case _:
            if "properties" not in part:
                return st.dictionaries(
                    st.sampled_from(FACTS) | st.text(max_size=3), values(part["additionalProperties"]), max_size=4
                )
            fields = {name: values(inner) for name, inner in part["properties"].items()}
            required = {name: fields.pop(name) for name in part.get("required", [])}
            return st.fixed_dictionaries(required, optional=fields)


DEAL = values({"$ref": "#/$defs/deal"})


def answer(deal: Any) -> Worksheet | None:
    """The worksheet, or None for a refusal; each refusal says what is accepted, and can be printed."""
    try:
        return price(read(json.dumps(deal).encode(), Deal, name="deal"), TAX)
    except Refused as refused:
        assert all(problem.message and problem.accepted for problem in refused.problems)
        assert msgspec.json.encode(refused.answer())
        return None


def overlaid(example: dict[str, Any], part: dict[str, Any], most: int) -> dict[str, Any]:
    """An example, so that the law is reached, with some of its fields said otherwise and ids that differ."""
    part = dict(list(part.items())[:most])
    out = {**example, **part}
    for name in ("dates", "place", "vehicle", "money_down"):
        if name in part:
            out[name] = {**example.get(name, {}), **part[name]}
    for rows in out.values():
        for n, row in enumerate(rows if isinstance(rows, list) else []):
            if isinstance(row, dict) and "id" in row:
                row["id"] = str(n)
    return out


def test_it_is_a_schema_of_its_dialect() -> None:
    assert SCHEMA["$schema"] == DIALECT
    jsonschema_rs.meta.validate(SCHEMA)


def test_every_example_and_its_worksheet_are_of_the_shape() -> None:
    sheets = jsonschema_rs.Draft202012Validator({**SCHEMA, "$ref": "#/$defs/worksheet"}, validate_formats=True)
    for deal in EXAMPLES:
        DEALS.validate(deal)
        sheets.validate(json.loads(msgspec.json.encode(answer(deal))))


@settings(max_examples=400)
@given(st.sampled_from(EXAMPLES), st.permutations(list(SCHEMA["$defs"]["Deal"]["properties"])), st.integers(1, 6), DEAL)
def test_what_the_schema_admits_is_answered(
    example: dict[str, Any], order: list[str], most: int, part: dict[str, Any]
) -> None:
    DEALS.validate(part)
    answer(part)
    whole = overlaid(json.loads(json.dumps(example)), {name: part[name] for name in order if name in part}, most)
    DEALS.validate(whole)
    answer(whole)


@given(st.data())
def test_what_is_answered_the_schema_admits(data: st.DataObject) -> None:
    deal = json.loads(json.dumps(data.draw(st.sampled_from(EXAMPLES))))
    at: Any = deal
    while isinstance(at, dict | list) and at:
        key = data.draw(st.sampled_from(list(at) if isinstance(at, dict) else list(range(len(at)))))
        if not isinstance(at[key], dict | list) or not at[key] or data.draw(st.booleans()):
            at[key] = data.draw(Json)
            break
        at = at[key]
    if answer(deal) is not None:
        DEALS.validate(deal)
