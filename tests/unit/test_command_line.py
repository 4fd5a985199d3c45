"""`python -m pyapp`: the example deals with their figures, and bad input refused by name with exit code 2."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

TOP = Path(__file__).parents[2]
EXAMPLES = TOP / "docs" / "examples"

# Example to its taxes, line by line, as worked out by hand from the law.
FIGURES: dict[str, tuple[int, ...]] = {
    "tx": (1_781_25,),
    "tx-finance": (1_781_25,),
    "ca": (2_906_16,),
    "sc": (500_00,),
    "ok": (1_300_00, 375_00),
    "mi-2023": (1_860_00,),
    "mi-2026": (1_680_00,),
    "mi-2029": (1_200_00,),
    "fl": (1_800_00, 50_00),
    "dc": (2_000_00,),
}


def run(*arguments: str, given: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "pyapp", *arguments], cwd=TOP, input=given, capture_output=True, check=False
    )


def quote(deal: dict[str, Any]) -> subprocess.CompletedProcess[bytes]:
    return run("quote", "-", given=json.dumps(deal).encode())


def example(name: str) -> dict[str, Any]:
    return json.loads((EXAMPLES / f"{name}.json").read_text(encoding="utf-8"))


def test_fees_that_no_rule_computes_are_named() -> None:
    # Texas counties take fees of their own, which no law read sets; they may not be missing in silence.
    worksheet = json.loads(run("quote", str(EXAMPLES / "tx.json")).stdout)
    assert worksheet["tax"]["fees_not_computed"] == ["county fees of 0.00 to 31.50"]


def test_that_there_is_no_limit_is_no_fee_that_is_missing() -> None:
    worksheet = json.loads(run("quote", str(EXAMPLES / "dc.json")).stdout)
    assert worksheet["tax"]["fees_not_computed"] == []


def test_every_example_has_its_figures() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.json")} == FIGURES.keys()


@pytest.mark.parametrize("name", FIGURES)
def test_example(name: str) -> None:
    done = run("quote", str(EXAMPLES / f"{name}.json"))
    assert done.returncode == 0, done.stderr.decode()
    sheet = json.loads(done.stdout)
    lines = tuple(line["total"] for line in sheet["tax"]["lines"] if line["total"])
    assert lines == FIGURES[name]
    assert sheet["tax"]["total"] == sum(lines)
    for line in sheet["tax"]["lines"]:
        assert line["law"], line["key"]
        assert line["formula"]


def test_law_after_its_review_is_as_enacted() -> None:
    sheet = json.loads(run("quote", str(EXAMPLES / "mi-2029.json")).stdout)
    assert sheet["tax"]["as_enacted"] is True
    assert sheet["tax"]["lines"][0]["as_enacted"] is True
    assert sheet["otd_before_trade"] is None
    assert sheet["waits"]["otd_before_trade"] == ["by_hand.title"]
    assert sheet["missing"][0]["field"] == "by_hand.title"
    by_hand = {**example("mi-2029"), "by_hand": [{"path": "lines.title", "value": 15_00}]}
    # Registration by the list price of 38,000: 178.00 at 30,000 and eight steps of 6.00.
    assert json.loads(quote(by_hand).stdout)["otd_before_trade"] == 40_000_00 + 1_200_00 + 15_00 + 226_00


def test_the_finance_example() -> None:
    sheet = json.loads(run("quote", str(EXAMPLES / "tx-finance.json")).stdout)
    finance = sheet["finance"]
    assert finance["amount_financed"] == sheet["otd_after_trade"] - 3_000_00
    assert finance["amount_financed"] + finance["finance_charge"] == finance["total_of_payments"]
    assert finance["apr"] == "6.99"


def test_a_discount_to_nothing_leaves_no_fee_over_its_limit() -> None:
    # Mich. Comp. Laws 492.113: the limit goes by the cash price, here nothing; there is no fee that it could limit.
    done = quote({**example("mi-2023"), "rebates": [{"id": "r", "kind": "dealer", "amount": 40_000_00}]})
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["warnings"] == []


def dc(**vehicle: Any) -> dict[str, Any]:
    deal = example("dc")
    deal["vehicle"] = {k: v for k, v in {**deal["vehicle"], **vehicle}.items() if v is not None}
    return deal


def changed(**changes: Any) -> dict[str, Any]:
    return {**example("tx"), **changes}


DAY = ("out_of_range", "dates.quoted_on")
BAD: list[Any] = [
    pytest.param(changed(place={"state": "ZZ"}), "unknown_state", "place.state", "TX", id="unknown state"),
    pytest.param(changed(place={"state": "Texas"}), "unknown_state", "place.state", "TX", id="state by name"),
    pytest.param(
        changed(dates={"quoted_on": "2022-12-31"}), "date_out_of_range", "dates.quoted_on", "2023-01-01", id="too early"
    ),
    pytest.param(
        changed(dates={"quoted_on": "2031-01-01"}), "date_out_of_range", "dates.quoted_on", "2030-12-31", id="too late"
    ),
    pytest.param(changed(selling_price=-1), "negative_amount", "selling_price", "from 0", id="negative"),
    pytest.param(changed(selling_price=10**16), "amount_out_of_range", "selling_price", "from 0", id="absurd"),
    pytest.param(changed(selling_price=10**30), "amount_out_of_range", "selling_price", "from 0", id="beyond words"),
    pytest.param(changed(selling_price="40000"), "wrong_type", "selling_price", "cents", id="money as text"),
    pytest.param(changed(selling_price=400.5), "wrong_type", "selling_price", "cents", id="broken cents"),
    pytest.param(changed(selling_prize=1), "unknown_key", "selling_prize", "selling_price", id="unknown key"),
    pytest.param(
        changed(trades=[{"id": "t", "allowence": 1}]), "unknown_key", "trades[0].allowence", "allowance", id="inner key"
    ),
    pytest.param(
        changed(place={"state": "TX", "facts": {"wait": 1}}), "unknown_fact", "place.facts.wait", "fact", id="no fact"
    ),
    pytest.param(changed(structure={"kind": "barter"}), "wrong_type", "structure.kind", "cash", id="unknown kind"),
    pytest.param(changed(dates={"quoted_on": "tomorrow"}), "wrong_type", "dates.quoted_on", "YYYY-MM-DD", id="no day"),
    pytest.param(dc(weight_lbs=None), "missing_fact", "vehicle.weight_lbs", "number", id="weight in DC"),
    pytest.param(dc(mpg_city=None), "missing_fact", "vehicle.mpg_city", "number", id="mpg in DC"),
    pytest.param(dc(new_or_used="old"), "bad_value", "vehicle.new_or_used", "used", id="new or used"),
    pytest.param(changed(selling_price=None), "missing_fact", "selling_price", "cents", id="no price"),
    pytest.param(changed(dates={"quoted_on": "9999-12-31"}), *DAY, "2199-12-31", id="the calendar's last day"),
    pytest.param(changed(dates={"quoted_on": "0001-01-01"}), *DAY, "1900-01-01", id="the calendar's first day"),
    pytest.param(
        {**example("tx-finance"), "dates": {"quoted_on": "9999-12-31"}}, *DAY, "2199-12-31", id="financed for ever"
    ),
    pytest.param(
        {**example("tx-finance"), "dates": {"quoted_on": "2026-11-22", "first_payment_date": "9999-12-31"}},
        *("out_of_range", "dates.first_payment_date", "2199-12-31"),
        id="paid in the calendar's last month",
    ),
    pytest.param(
        changed(trades=[{"id": "t", "good_through": "0001-01-01"}]),
        *("out_of_range", "trades/t/good_through", "1900-01-01"),
        id="payoff of long ago",
    ),
    pytest.param(
        changed(place={"state": "TX", "facts": {"new_tires": 2**63}}),
        *("bad_value", "place.facts.new_tires", "from 0 to 10000000"),
        id="a count beyond words",
    ),
    pytest.param(
        changed(place={"state": "TX", "facts": {"new_tires": 1.5}}),
        *("wrong_type", "place.facts.new_tires", "a whole number"),
        id="a broken count",
    ),
    pytest.param(
        changed(place={"state": "TX", "facts": {"a": 1, "new_tires": None, "b": None}}),
        *("wrong_type", "place.facts.new_tires", "a whole number"),
        id="null among the facts",
    ),
    pytest.param(
        changed(place={"state": "TX", "local": [{"level": "city", "name": "x", "rate_percent": "1"}] * 65}),
        *("too_many", "place.local", "at most 64 rows"),
        id="more levies than there can be",
    ),
    pytest.param(
        changed(parties=[{"id": "a", "residence": {"state": "TX"}}, {"id": "b", "residence": {"state": "CA"}}]),
        *("several_buyers", "parties", "co_buyer"),
        id="two buyers at home in two places",
    ),
    pytest.param(
        changed(structure={"kind": "cash", "months": 72}),
        *("unknown_key", "structure.months", "kind"),
        id="months of a cash deal",
    ),
    pytest.param(
        changed(by_hand=[{"path": "lines.titel", "value": 1}]),
        *("unknown_line", "by_hand[0].path", "lines.title"),
        id="by hand, no such line",
    ),
    pytest.param(
        changed(by_hand=[{"path": "title", "value": 1}]),
        *("unknown_line", "by_hand[0].path", "lines.title"),
        id="by hand, no path",
    ),
    pytest.param(
        changed(by_hand=[{"path": "lines.title", "value": 1}, {"path": "lines.title", "value": 2}]),
        *("repeated_path", "by_hand[1].path", "one amount"),
        id="by hand twice",
    ),
    pytest.param(
        changed(by_hand=[{"path": "lines.title", "value": -1}]),
        *("negative_amount", "by_hand[0].value", "from 0"),
        id="by hand, negative",
    ),
]


@pytest.mark.parametrize(("deal", "code", "field", "accepted"), BAD)
def test_bad_input(deal: dict[str, Any], code: str, field: str, accepted: str) -> None:
    done = quote(deal)
    assert done.returncode == 2
    assert done.stdout == b""
    error = json.loads(done.stderr)["error"]
    assert (error["code"], error["field"]) == (code, field)
    assert accepted in error["accepted"]
    assert error["message"]


def without(name: str, path: str) -> dict[str, Any]:
    """An example that leaves one field out."""
    deal = example(name)
    *groups, last = path.split(".")
    group = deal
    for key in groups:
        group = group[key]
    del group[last]
    return deal


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("tx", "vehicle.weight_lbs"),
        ("tx", "vehicle.fuel"),
        ("tx", "place.facts.residence_county_kind"),
        ("ca", "place.facts.new_tires"),
        ("fl", "place.facts.plate_transferred"),
    ],
)
def test_a_fact_that_only_a_fee_asks(name: str, path: str) -> None:
    done = quote(without(name, path))
    assert done.returncode == 2
    errors = json.loads(done.stderr)["errors"]
    assert [(e["code"], e["field"]) for e in errors] == [("missing_fact", path)]
    assert errors[0]["accepted"]
    sheet = json.loads(done.stdout)
    assert sheet["otd_before_trade"] is None
    assert sheet["waits"]["otd_before_trade"] == [path]
    assert sheet["tax"]["total"] == sum(FIGURES[name])


@pytest.mark.parametrize(
    ("vehicle", "fields"),
    [
        ({"fuel": "gasoline"}, ["new_or_used", "book_value", "weight_lbs", "mpg_city"]),
        ({"new_or_used": "new"}, ["weight_lbs", "mpg_city"]),
        ({"new_or_used": "new", "weight_lbs": 3400}, ["mpg_city"]),
    ],
)
def test_all_facts_that_the_law_asks_are_named_at_once(vehicle: dict[str, Any], fields: list[str]) -> None:
    """D.C. Code 50-2201.03(j): the excise goes by weight and city mileage, on a used one's value in the guide."""
    done = quote({**example("dc"), "vehicle": vehicle})
    assert (done.returncode, done.stdout) == (2, b"")
    answer = json.loads(done.stderr)
    assert answer["error"] == answer["errors"][0]
    assert {(e["code"], e["field"]) for e in answer["errors"]} == {("missing_fact", f"vehicle.{f}") for f in fields}
    assert all(e["accepted"] and e["message"].startswith("District of Columbia needs it: ") for e in answer["errors"])


def test_several_facts_that_fees_ask_are_named_at_once() -> None:
    deal = example("tx")
    del deal["place"]["facts"], deal["vehicle"]["weight_lbs"]
    errors = json.loads(quote(deal).stderr)["errors"]
    assert {e["field"] for e in errors} == {"vehicle.weight_lbs", "place.facts.residence_county_kind"}


def test_a_place_without_its_local_levies_gives_ranges_and_is_named() -> None:
    done = quote(without("fl", "place.local"))
    assert done.returncode == 2
    errors = json.loads(done.stderr)["errors"]
    assert [(e["code"], e["field"]) for e in errors] == [("missing_fact", "place.local")]
    assert "rate_percent" in errors[0]["accepted"]
    assert json.loads(done.stdout)["ranges"]["tax.total"]["low"] == 1_800_00


def test_a_fact_that_only_a_limit_asks_is_named_too() -> None:
    # Cal. Veh. Code 4456.5: the most that a document fee may be goes by the dealer's contract with the department.
    field = "place.facts.dealer_private_industry_partner"
    done = quote(without("ca", field))
    assert done.returncode == 2
    assert [e["field"] for e in json.loads(done.stderr)["errors"]] == [field]


@pytest.mark.parametrize("data", [b"", b"{", b'{"id": "x",}', b"not json", b"\xff\xfe", b"[" * 100_000, b'{"id": 1'])
def test_broken_json(data: bytes) -> None:
    done = run("quote", "-", given=data)
    assert done.returncode == 2
    error = json.loads(done.stderr)["error"]
    assert error["code"] in ("bad_json", "wrong_type")
    assert error["accepted"]


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (b'{"selling_price": 1, "selling_price": 2}', "selling_price"),
        (b'{"trades": [{"id": "t", "allowance": 1}, {"id": "u", "payoff": 1, "payoff": 1}]}', "trades[1].payoff"),
        (b'{"place": {"facts": {"new_tires": 4, "new_tires": 5}}}', "place.facts.new_tires"),
    ],
)
def test_a_key_given_twice(data: bytes, field: str) -> None:
    done = run("quote", "-", given=data)
    assert (done.returncode, done.stdout) == (2, b"")
    error = json.loads(done.stderr)["error"]
    assert (error["code"], error["field"]) == ("repeated_key", field)
    assert error["accepted"]


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"structure": {"kind": "barter"}}, "structure.kind", "“barter” is not accepted"),
        ({"dates": {"quoted_on": "2026-02-30"}}, "dates.quoted_on", "is not a day"),
        ({"selling_price": "40000"}, "selling_price", "is a text, not a whole number"),
        ({"trades": {}}, "trades", "is an object, not a list"),
        (
            {
                "place": {
                    "state": "TX",
                    "local": [{"level": "city", "name": "x", "rate_percent": "1", "base_limit": -1}],
                }
            },
            "place.local[0].base_limit",
            "-1 cents is negative",
        ),
    ],
)
def test_messages_are_plain(changes: dict[str, Any], field: str, message: str) -> None:
    error = json.loads(quote(changed(**changes)).stderr)["error"]
    assert (error["field"], error["message"]) == (field, message)


def test_a_number_of_thousands_of_digits_is_too_large() -> None:
    data = json.dumps(changed(selling_price=4_000_000)).replace("4000000", "9" * 5_000).encode()
    error = json.loads(run("quote", "-", given=data).stderr)["error"]
    assert (error["field"], error["message"]) == ("selling_price", "is too large a number")
    assert error["accepted"].startswith("whole cents")


def test_a_long_number_behind_a_value_of_another_kind_is_no_crash() -> None:
    data = b'{"place": {"facts": {"x": [1], "n": ' + b"9" * 5_000 + b"}}}"
    done = run("quote", "-", given=data)
    error = json.loads(done.stderr)["error"]
    assert (done.returncode, error["code"], error["field"]) == (2, "wrong_type", "place.facts")


@pytest.mark.parametrize("data", [b"[]", b"[{}]", b"null", b"7", b'"text"'])
def test_what_is_no_object_is_told_by_the_name_of_its_source(data: bytes) -> None:
    error = json.loads(run("quote", "-", given=data).stderr)["error"]
    assert (error["code"], error["field"]) == ("wrong_type", "standard input")
    assert "selling_price" in error["accepted"]


UTF_16 = (EXAMPLES / "sc.json").read_text().encode("utf-16")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf \n", "is empty"),
        (b'{\n "id": "\xe9"}', "is not text in UTF-8: at line 2, column 9"),
        (UTF_16, "holds a zero byte, as text in UTF-16 does, at line 1, column 4"),
        (UTF_16[2:], "holds a zero byte, as text in UTF-16 does, at line 1, column 2"),
        (b'{"selling_price": NaN}', "is not JSON: invalid character, at line 1, column 19"),
        (b'{"id": "\\ud800"}', "is not JSON: half of a pair of surrogates, at line 1, column 9"),
        (b'{"id": "a"', "is not JSON: truncated, at its end"),
        (b'{"id" 1}', "is not JSON: expected ':', at line 1, column 7"),
        # Also where a part before the break is of another shape.
        (b'{"a":', "is not JSON: truncated, at its end"),
        (b'{"place": {"facts": {"x": [1]', "is not JSON: truncated, at its end"),
        (b'{"selling_price": "4"; "a": 1}', "is not JSON: expected ',' or '}', at line 1, column 22"),
    ],
)
def test_what_is_no_json_is_told_with_its_place(data: bytes, message: str) -> None:
    done = run("quote", "-", given=data)
    error = json.loads(done.stderr)["error"]
    assert (done.returncode, error["code"], error["field"]) == (2, "bad_json", "standard input")
    assert error["message"] == message
    assert "UTF-8" in error["accepted"]


@pytest.mark.parametrize("inner", [b"[" * 50_000 + b"]" * 50_000, b'{"a":' * 50_000 + b"1" + b"}" * 50_000])
def test_deep_nesting_is_refused_where_it_stands(inner: bytes) -> None:
    done = run("quote", "-", given=b'{"place": {"facts": {"new_tires": ' + inner + b"}}}")
    error = json.loads(done.stderr)["error"]
    assert (done.returncode, error["code"]) == (2, "wrong_type")
    assert error["field"].startswith("place.facts")


@pytest.mark.parametrize(
    "deal",
    [
        {"k" * 100_000: 1},
        changed(place={"state": "X" * 100_000}),
        changed(selling_price=10**4000),
        changed(structure={"kind": "finance", "months": 10**4000, "rate": "9" * 100_000}),
        changed(place={"state": "TX", "facts": {"new_tires": "9" * 100_000}}),
        changed(structure={"kind": "x" * 100_000}),
    ],
)
def test_a_message_repeats_no_more_than_the_beginning(deal: dict[str, Any]) -> None:
    done = quote(deal)
    assert done.returncode == 2
    for error in json.loads(done.stderr)["errors"]:
        assert error["accepted"]
        assert len(error["message"]) < 200
        assert len(error["field"]) < 200


def test_a_byte_order_mark_is_no_error() -> None:
    given = b"\xef\xbb\xbf" + (EXAMPLES / "sc.json").read_bytes()
    assert run("quote", "-", given=given).returncode == 0


def test_a_file_that_is_not_there() -> None:
    done = run("quote", "no-such-file.json")
    assert done.returncode == 2
    assert json.loads(done.stderr)["error"]["code"] == "no_file"


@pytest.mark.parametrize(
    ("name", "field", "message"),
    [
        ("docs", "docs", "Is a directory"),
        ("", "FILE", "Is a directory"),
        ("docs/examples/tx.json/x", "docs/examples/tx.json/x", "Not a directory"),
        (os.fsdecode(b"\xff.json"), "\ufffd.json", "No such file or directory"),
    ],
)
def test_what_is_no_file_is_named(name: str, field: str, message: str) -> None:
    done = run("quote", name)
    error = json.loads(done.stderr)["error"]
    assert (done.returncode, error["code"], error["field"], error["message"]) == (2, "no_file", field, message)


def test_a_file_without_end_is_too_large() -> None:
    done = run("quote", "/dev/zero")
    error = json.loads(done.stderr)["error"]
    assert (done.returncode, error["code"], error["field"]) == (2, "too_large", "/dev/zero")


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        ("quote docs/examples/tx.json > /dev/full", 1, b"pyapp: the answer could not be written: No space left"),
        ("quote docs/examples/tx.json >&-", 1, b"pyapp: the answer could not be written: Bad file"),
        ("quote no-such-file 2>&-", 2, b""),
        ("quote - <&-", 2, b'"message": "is closed"'),
        ("schema | true; exit ${PIPESTATUS[0]}", 1, b""),
    ],
)
def test_streams_that_are_closed_or_full(command: str, code: int, said: bytes) -> None:
    words = ["bash", "-c", f"'{sys.executable}' -m pyapp {command}"]
    done = subprocess.run(words, cwd=TOP, capture_output=True, check=False)
    assert done.returncode == code
    assert said in done.stderr
    assert b"Traceback" not in done.stderr


def test_without_the_engine_it_is_said_how_to_build_it() -> None:
    hidden = (
        "import sys; sys.modules['tax_engine'] = None; from pyapp.__main__ import main; sys.exit(main(sys.argv[1:]))"
    )
    words = [sys.executable, "-c", hidden, "quote", str(EXAMPLES / "tx.json")]
    done = subprocess.run(words, cwd=TOP, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr == b"pyapp: the tax engine is not built yet; `python3 build.py build` builds it\n"


@pytest.mark.parametrize("words", [["--help"], ["quote", "--help"], ["schema", "-h"]])
def test_help_is_no_error(words: list[str]) -> None:
    done = run(*words)
    assert done.returncode == 0
    assert done.stdout.startswith(b"usage: ")


def test_no_command_prints_how_to_use_it() -> None:
    done = run()
    assert done.returncode == 2
    assert b"quote" in done.stderr


def test_schema_and_types_are_printed() -> None:
    schema = json.loads(run("schema").stdout)
    assert "selling_price" in schema["$defs"]["Deal"]["properties"]
    assert "otd_before_trade" in schema["$defs"]["Worksheet"]["properties"]
    types = run("typescript").stdout.decode()
    for name in ("View", "PriceCall", "Draft", "Deal", "Worksheet", "Problem", "Info"):
        assert f"export interface {name} {{" in types
