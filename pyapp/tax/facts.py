"""Facts by name, as files and deals give them, to the numbers that the engine reads; each refusal names its key.

A scenario file writes money and rates as decimal strings ("40000.00", "6.25"), a deal writes money as whole cents.
Nested keys join by "_" (`residence.state` is `residence_state`); keys of a lease stand by their own names.
"""

from collections.abc import Mapping, Sequence
from datetime import date as Date
from datetime import datetime
from typing import Any, cast

from pyapp.amounts import MOST_CENTS, MOST_COUNT, PPM_PER_PERCENT, cents_of, plain, ppm_of
from pyapp.errors import Problem, Refused, shown
from pyapp.tax.catalogue import Catalogue, Fact
from pyapp.tax.wire import EPOCH, LEASE, LIST_COUNT_FIELD, RETAIL, FactWord, Request, RowWord, state_word

# Words of a place that only describe it: people write them, no rule computes with them.
DESCRIBES = frozenset(
    {
        "residence_county",
        "residence_city",
        "residence_zip",
        "residence_county_kind",
        "dealer_county",
    }
)
# The file's word for a field of a list, where the catalogue has a shorter one.
_LIST_FIELD = {"rate_percent": "rate"}
_LIST_DESCRIBES = frozenset({"name", "id"})
_KINDS = {"retail": RETAIL, "lease": LEASE}
_MOST = {"money": MOST_CENTS, "rate": 100 * PPM_PER_PERCENT, "count": MOST_COUNT}
MOST_ROWS = 64
"""Rows of one list that the engine takes."""


def accepted(fact: Fact, *, cents: bool = False) -> str:
    """What is accepted for a fact, in words."""
    if fact.is_yes_no:
        return "true or false"
    match fact.type:
        case "money":
            most = plain(MOST_CENTS)
            return f"whole cents from 0 to {MOST_CENTS}" if cents else f'an amount from "0.00" to "{most}"'
        case "rate":
            return 'a percent from 0 to 100 with at most four decimals, such as "6.25"'
        case "count":
            return f"a whole number from 0 to {MOST_COUNT}"
        case "choice":
            return " or ".join(fact.choices)
        case "state":
            return 'a state by its two capital letters, or "other"'
        case _:
            return "a day as YYYY-MM-DD"


def _money(value: Any, cents: bool) -> int | None:
    if cents and isinstance(value, int):
        return value
    return cents_of(value) if isinstance(value, str) and not cents else None


def _count(value: Any) -> int | None:
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, str) and value.isdecimal() and len(value) < 12 else None


def _state(value: Any) -> int | None:
    if not isinstance(value, str):
        return None
    return 0 if value == "other" else state_word(value) or None


def _day(value: Any) -> int | None:
    if isinstance(value, Date) and not isinstance(value, datetime):
        return value.toordinal() - EPOCH
    try:
        return Date.fromisoformat(value).toordinal() - EPOCH if isinstance(value, str) else None
    except ValueError:
        return None


def _word(fact: Fact, value: Any, cents: bool) -> int | None:
    """The number on the wire; None when the value is not of the fact's type."""
    if fact.is_yes_no:
        truth = {True: 1, False: 0, "yes": 1, "no": 0, "true": 1, "false": 0}
        return truth.get(value) if isinstance(value, bool | str) else None
    if isinstance(value, bool):
        return None
    match fact.type:
        case "money":
            return _money(value, cents)
        case "rate":
            return ppm_of(value) if isinstance(value, str) else None
        case "count":
            return _count(value)
        case "choice":
            return fact.choices.index(value) if value in fact.choices else None
        case "state":
            return _state(value)
        case _:
            return _day(value)


def fact_word(fact: Fact, value: Any, *, field: str, cents: bool = False) -> int | Problem:
    """One value as a word, or why not."""
    word = _word(fact, value, cents)
    code = "bad_value"
    if word is None:
        message = f"“{shown(value)}” is not accepted ({fact.says})"
    elif word < 0 and fact.type in ("money", "rate", "count"):
        message = f"{shown(value)} is negative"
    elif word > _MOST.get(fact.type, word):
        code = "amount_out_of_range" if fact.type == "money" else code
        message = f"{shown(value)} is too large"
    else:
        return word
    return Problem(code=code, field=field, message=message, accepted=accepted(fact, cents=cents))


def flatten(inputs: Mapping[str, Any]) -> dict[str, tuple[str, Any]]:
    """Nested keys to fact names: name → (the key as written, value)."""
    flat: dict[str, tuple[str, Any]] = {}

    def put(name: str, key: str, value: Any) -> None:
        if name in flat:
            raise Refused(
                [Problem(code="duplicate_key", field=key, message=f"says the same as {flat[name][0]}", accepted="one")]
            )
        flat[name] = (key, value)

    for key, value in inputs.items():
        if isinstance(value, Mapping):
            prefix = "" if key == "lease" else f"{key}_"
            for inner, inner_value in cast("Mapping[str, Any]", value).items():
                put(prefix + inner, f"{key}.{inner}", inner_value)
        else:
            put(key, key, value)
    return flat


_SUMS = {"allowance": "trade_allowance", "payoff": "trade_payoff"}


def _with_sums(flat: dict[str, tuple[str, Any]]) -> dict[str, tuple[str, Any]]:
    """Several trades given row by row also stand as their sums and their number, unless those are given too."""
    rows: Any = flat.get("trades", ("", None))[1]
    if not isinstance(rows, list):
        return flat
    given = [cast("Mapping[str, Any]", row) for row in cast("list[Any]", rows) if isinstance(row, Mapping)]
    sums: dict[str, tuple[str, Any]] = {"trade_count": ("trades", len(given))}
    for field, name in _SUMS.items():
        amounts = [cents_of(str(row[field])) for row in given if field in row]
        # A row that cannot be read is refused with its own key when the list is read.
        if amounts and None not in amounts:
            sums[name] = ("trades", plain(sum(amount or 0 for amount in amounts)))
    return sums | flat


def _unknown(key: str) -> Problem:
    return Problem(
        code="unknown_fact", field=key, message="no rule anywhere knows this key", accepted="a fact of docs/inputs.md"
    )


def list_rows(
    catalogue: Catalogue, name: str, rows: Any, *, field: str, cents: bool = False
) -> tuple[list[RowWord], list[Problem]]:
    """The rows of one list as words."""
    list_id = catalogue.list_id[name]
    shape = catalogue.lists[list_id]
    field_id = {f.name: i for i, f in enumerate(shape.fields)}
    words: list[RowWord] = []
    problems: list[Problem] = []
    if not isinstance(rows, list | tuple):
        return [], [Problem(code="bad_value", field=field, message="is not a list", accepted="a list of tables")]
    given = cast("Sequence[Any]", rows)
    if len(given) > MOST_ROWS:
        many = f"{len(given)} rows are more than a deal has"
        return [], [Problem(code="too_many", field=field, message=many, accepted=f"a list of at most {MOST_ROWS} rows")]
    for n, row in enumerate(given):
        if not isinstance(row, Mapping):
            problems.append(
                Problem(code="bad_value", field=f"{field}[{n}]", message="is not a table", accepted="a table")
            )
            continue
        for key, value in cast("Mapping[str, Any]", row).items():
            where = f"{field}[{n}].{key}"
            i = field_id.get(_LIST_FIELD.get(key, key))
            if i is None:
                if key not in _LIST_DESCRIBES:
                    problems.append(_unknown(where))
                continue
            fact = shape.fields[i]
            # Who levies it is a word for people; one that the catalogue lacks is "other", which it has for this.
            if (
                fact.type == "choice"
                and isinstance(value, str)
                and value not in fact.choices
                and "other" in fact.choices
            ):
                word: int | Problem = fact.choices.index("other")
            else:
                word = fact_word(fact, value, field=where, cents=cents)
            if isinstance(word, Problem):
                problems.append(word)
            else:
                words.append((list_id, n, i, word))
    words.append((list_id, 0, LIST_COUNT_FIELD, len(given)))
    return words, problems


def scenario_request(
    catalogue: Catalogue, *, state: str, date: Date | str, kind: str, inputs: Mapping[str, Any]
) -> Request:
    """A scenario's inputs as a request; raises `Refused` naming each key that is wrong."""
    problems: list[Problem] = []
    if kind not in _KINDS:
        problems.append(
            Problem(
                code="bad_value",
                field="kind",
                message=f"“{shown(kind)}” is not a kind of deal",
                accepted="retail or lease",
            )
        )
    day = _day(date)
    if day is None:
        problems.append(
            Problem(
                code="bad_value", field="date", message=f"“{shown(date)}” is not a day", accepted="a day as YYYY-MM-DD"
            )
        )
    word = state_word(state)
    if not word:
        problems.append(
            Problem(
                code="unknown_state",
                field="state",
                message=f"“{shown(state)}” is not a state",
                accepted=catalogue.state_codes(),
            )
        )
    facts: list[FactWord] = []
    rows: list[RowWord] = []
    for name, (key, value) in _with_sums(flatten(inputs)).items():
        if name in catalogue.list_id:
            more, wrong = list_rows(catalogue, name, value, field=key)
            rows += more
            problems += wrong
            continue
        fact = catalogue.fact(name)
        if fact is None:
            if name not in DESCRIBES:
                problems.append(_unknown(key))
            continue
        got = fact_word(fact, value, field=key)
        if isinstance(got, Problem):
            problems.append(got)
        else:
            facts.append((catalogue.fact_id[name], got))
    if problems:
        raise Refused(problems)
    return Request(state=word, kind=_KINDS[kind], day=day or 0, facts=tuple(facts), rows=tuple(rows))
