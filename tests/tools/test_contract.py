"""The judge of the scenario files must itself be right: it fails what differs, in whichever build it differs."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from pyapp.tax import wire
from tools.contract import engines as builds
from tools.contract import shape
from tools.contract.compare import Got, differences
from tools.contract.engines import Engine, frames, unframe
from tools.contract.run import Result, run
from tools.contract.scenarios import BadFile, Scenario, read
from tools.paths import LAW_JSON, ROOT

TOTAL_WORD = 1
"""Position of the total in an answer."""

TEXAS = """
id = "TX-1"
state = "TX"
date = 2026-11-22
kind = "retail"
[inputs]
price = "40000.00"
new_or_used = "new"
trade_allowance = "10000.00"
trade_payoff = "4000.00"
rebate_manufacturer = "1500.00"
[expected]
total_tax = "1781.25"
"""


def texas(tmp_path: Path) -> list[Scenario]:
    """The one deal of these tests, from a file."""
    file = tmp_path / "tx.toml"
    file.write_text(TEXAS)
    return read([file])


def cent_more(engine: Engine) -> Engine:
    """The same build, but every total is a cent too high."""

    def quote(requests: Sequence[bytes]) -> list[bytes]:
        return [_add_cent(answer) for answer in engine.quote(requests)]

    return Engine(engine.name, quote, engine.quote_many)


def _add_cent(answer: bytes) -> bytes:
    at = TOTAL_WORD * 8
    total = int.from_bytes(answer[at : at + 8], "little", signed=True) + 1
    return answer[:at] + total.to_bytes(8, "little", signed=True) + answer[at + 8 :]


def outcome(engines: Sequence[Engine], scenarios: Sequence[Scenario]) -> Result:
    (result,) = run(scenarios, engines, LAW_JSON.read_bytes())
    return result


def test_three_builds_agree_on_texas(tmp_path: Path) -> None:
    result = outcome(builds.all_engines(), texas(tmp_path))
    assert (result.outcome, result.wrong) == ("passed", [])


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_cent_in_one_build_alone_fails(tmp_path: Path, number: int) -> None:
    engines = builds.all_engines()
    engines[number] = cent_more(engines[number])
    result = outcome(engines, texas(tmp_path))
    assert result.outcome == "failed"
    assert any("answers otherwise" in text for text in result.wrong)


def test_a_cent_in_all_builds_fails_too(tmp_path: Path) -> None:
    result = outcome([cent_more(engine) for engine in builds.all_engines()], texas(tmp_path))
    assert "total_tax: expected 1781.25, got 1781.26" in result.wrong


def test_a_fee_that_lacks_a_fact_has_no_amount(tmp_path: Path) -> None:
    fees = outcome(builds.all_engines(), texas(tmp_path)).as_json()["got"]["fees"]
    waiting = [fee for fee in fees if "needs" in fee]
    assert waiting
    assert all(fee["amount"] is None and fee["base"] is None for fee in waiting)


def test_a_fee_whose_law_is_not_known_says_so_and_has_no_amount(tmp_path: Path) -> None:
    # Michigan's title fee of 2029 is not at hand: docs/examples/mi-2029.json.
    file = tmp_path / "mi.toml"
    file.write_text(TEXAS.replace('"TX"', '"MI"').replace("2026-11-22", "2029-06-01"))
    fees = outcome(builds.all_engines(), read([file])).as_json()["got"]["fees"]
    title = next(fee for fee in fees if fee["id"] == "title")
    assert (title["amount"], title["error"]) == (None, "law_not_known")
    assert "needs" not in title


def test_an_unknown_key_is_refused_by_name(tmp_path: Path) -> None:
    file = tmp_path / "tx.toml"
    file.write_text(TEXAS.replace("new_or_used", "new_or_usde"))
    result = outcome(builds.all_engines(), read([file]))
    assert result.outcome == "refused"
    assert result.got.error == "unknown_fact:new_or_usde"


def test_a_refusal_that_is_expected_passes(tmp_path: Path) -> None:
    file = tmp_path / "tx.toml"
    file.write_text(
        TEXAS.replace("2026-11-22", "2031-01-01").replace('total_tax = "1781.25"', 'error = "date_out_of_range"')
    )
    assert outcome(builds.all_engines(), read([file])).outcome == "passed"


def test_lists_and_json_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(
        '[{"id": "A", "state": "TX", "date": "2026-11-22", "expected": {"total_tax": "1.00"}}]'
    )
    (tmp_path / "b.toml").write_text('[[scenario]]\nid = "B"\nstate = "TX"\ndate = 2026-11-22\nexpected = {}\n')
    first, second = read([tmp_path])
    assert (first.id, first.problems) == ("A", ())
    assert second.problems == ("expected names neither total_tax nor error",)


DEEP = "[" * 100_000


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.json", b"id = ", "Expecting value"),
        ("a.json", b'"a string"', "neither a scenario nor a list"),
        ("a.json", b"{", "Expecting"),
        ("a.json", b"", "Expecting value"),
        ("a.json", b'{"id": NaN}', "NaN is no number of JSON"),
        ("a.json", b'{"inputs": {"price": "1.00", "price": "2.00"}}', r"inputs\.price: the key stands twice"),
        ("a.json", '{"id": "é"}'.encode("latin-1"), "is not text in UTF-8, at byte 9"),
        ("a.json", DEEP.encode(), "is nested too deeply"),
        ("a.toml", b"id = ", "Invalid value"),
        ("a.toml", f"id = {DEEP}".encode(), "is nested too deeply"),
        ("a.toml", b'id = "a"\nid = "b"', "Cannot overwrite a value"),
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, name: str, text: bytes, says: str) -> None:
    file = tmp_path / name
    file.write_bytes(text)
    with pytest.raises(BadFile, match=rf"{name}: .*{says}"):
        read([file])


WHOLE: dict[str, Any] = {
    "id": "A",
    "state": "TX",
    "date": "2026-11-22",
    "inputs": {"price": "40000.00", "new_or_used": "new"},
    "expected": {"total_tax": "2500.00"},
}


def problems(tmp_path: Path, scenario: Any) -> tuple[str, ...]:
    """What is wrong with a scenario itself."""
    (tmp_path / "a.json").write_text(json.dumps([scenario]))
    (one,) = read([tmp_path])
    return one.problems


def test_a_whole_scenario_has_no_fault(tmp_path: Path) -> None:
    assert problems(tmp_path, WHOLE) == ()


@pytest.mark.parametrize(
    ("expected", "says"),
    [
        ({"total_tax": 2500.0}, "expected.total_tax: 2500.0 is not accepted"),
        ({"total_tax": "2500.001"}, 'expected.total_tax: "2500.001" is not accepted'),
        ({"total_tax": "2,500.00"}, 'expected.total_tax: "2,500.00" is not accepted'),
        ({"total_tax": "Infinity"}, 'expected.total_tax: "Infinity" is not accepted'),
        ({"total_tax": "1.00", "error": "x"}, "expected names both total_tax and error"),
        ({}, "expected names neither total_tax nor error"),
        ({"total_tax": "1.00", "totl": "1.00"}, "expected.totl: the key is not known there"),
        ({"total_tax": "1.00", "lines": "x"}, 'expected.lines: "x" is not accepted. Accepted: a list of tables'),
        ({"total_tax": "1.00", "lines": ["x"]}, 'expected.lines: ["x"] is not accepted'),
        ({"total_tax": "1.00", "lines": {"amount": "1.00"}}, "expected.lines: "),
        ({"total_tax": "1.00", "lines": [{"name": "x"}]}, "expected.lines[0].amount is missing"),
        ({"total_tax": "1.00", "lines": [{"amount": "1.00", "duee": "titling"}]}, "expected.lines[0].duee: the key"),
        ({"total_tax": "1.00", "lines": [{"amount": "1.00", "due": "soon"}]}, 'expected.lines[0].due: "soon" is not'),
        ({"total_tax": "1.00", "lines": [{"amount": "1.00", "rate_percent": "x"}]}, "expected.lines[0].rate_percent: "),
        ({"total_tax": "1.00", "lines": [{"amount": "1.00", "count": 0}]}, "expected.lines[0].count: 0 is not"),
        ({"total_tax": "1.00", "fees": 5}, "expected.fees: 5 is not accepted"),
        ({"total_tax": "1.00", "fees": [{"amount": "1.00"}]}, "expected.fees[0].name is missing"),
        ({"total_tax": "1.00", "ranges": [{"least_percent": "1"}]}, "expected.ranges[0].most_percent is missing"),
    ],
)
def test_what_cannot_be_compared_is_told_by_its_key(tmp_path: Path, expected: Any, says: str) -> None:
    found = problems(tmp_path, {**WHOLE, "expected": expected})
    assert len(found) == 1
    assert found[0].startswith(says)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"imputs": {}}, "imputs: the key is not known there"),
        ({"id": 7}, "id: 7 is not accepted. Accepted: a text"),
        ({"inputs": []}, "inputs: [] is not accepted. Accepted: a table"),
        ({"expected": []}, "expected: [] is not accepted. Accepted: a table"),
        ({"date": 5}, "date: 5 is not accepted. Accepted: a day as YYYY-MM-DD"),
    ],
)
def test_a_wrong_key_of_a_scenario_is_told(tmp_path: Path, change: dict[str, Any], says: str) -> None:
    (found,) = problems(tmp_path, {**WHOLE, **change})
    assert found.startswith(says)


@pytest.mark.parametrize("scenario", [1, None, "x", []])
def test_what_is_no_table_is_told(tmp_path: Path, scenario: Any) -> None:
    assert problems(tmp_path, scenario) == ("it is not a table",)


def test_a_refusal_says_what_is_accepted(tmp_path: Path) -> None:
    for change, says in (
        (
            {"state": "ZZ"},
            "refused: unknown_state (state: “ZZ” is not a jurisdiction whose law is at hand. Accepted: CA",
        ),
        ({"date": "2031-01-01"}, "refused: date_out_of_range (date: the law of Texas is not known on 2031-01-01. Acc"),
    ):
        (tmp_path / "a.json").write_text(json.dumps({**WHOLE, **change}))
        result = outcome(builds.all_engines(), read([tmp_path]))
        assert result.outcome == "refused"
        assert result.wrong[0].startswith(says)


def test_the_page_about_the_format_shows_one_that_passes(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "scenarios.md").read_text()
    example = re.search(r"```toml\n(.*?)```", page, re.DOTALL)
    assert example
    (tmp_path / "a.toml").write_text(example[1])
    result = outcome(builds.all_engines(), read([tmp_path]))
    assert (result.outcome, result.wrong, result.remarks) == ("passed", [], [])
    for key in (*shape.EXPECTED, *wire.DUE):
        assert f"`{key}`" in page, key


def test_the_command_tells_by_its_code_how_it_went(tmp_path: Path) -> None:
    def run_on(*paths: str) -> tuple[int, str, str]:
        command = [sys.executable, "-m", "tools.contract", *paths]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    outside = tmp_path / "with spaces"
    outside.mkdir()
    (outside / "a.JSON").write_text(json.dumps(WHOLE))
    assert run_on(str(outside)) == (0, "1 passed, 0 failed\n", "")
    (outside / "b.json").write_text(json.dumps({**WHOLE, "id": "B", "expected": {"total_tax": "2500.01"}}))
    code, printed, _ = run_on(str(outside), "--json")
    report = json.loads(printed)
    assert (code, report["passed"], report["failed"], report["refused"]) == (1, 1, 1, 0)
    assert [(one["id"], one["outcome"]) for one in report["scenarios"]] == [("A", "passed"), ("B", "failed")]
    assert report["scenarios"][1]["error"] == "total_tax: expected 2500.01, got 2500.00"
    assert report["scenarios"][1]["expected"] == {"total_tax": "2500.01"}
    for nothing in (tmp_path / "not-there", tmp_path / "empty"):
        (tmp_path / "empty").mkdir(exist_ok=True)
        code, printed, told = run_on(str(nothing), "--json")
        assert (code, printed) == (2, "")
        assert told.startswith("contract: ")


def line(**more: object) -> dict[str, object]:
    return {
        "id": "tax",
        "name": "motor vehicle tax",
        "amount": "10.00",
        "base": "100.00",
        "rate_percent": "10",
        "due": "signing",
        "count": 1,
    } | more


def wrong(expected: dict[str, object], **got: object) -> list[str]:
    return differences({"total_tax": "10.00", **expected}, Got(total_tax="10.00", **got))[0]  # type: ignore[arg-type]


def test_lines_bind_by_amount_and_due() -> None:
    assert not wrong({"lines": [{"name": "tax", "amount": "10.00", "due": "signing"}]}, lines=[line()])
    assert wrong({"lines": [{"name": "tax", "amount": "10.00", "due": "titling"}]}, lines=[line()])
    assert wrong({"lines": [{"amount": "10.00"}, {"amount": "10.00"}]}, lines=[line()])
    assert not wrong({"lines": [{"name": "none", "amount": "0.00", "due": "titling"}]}, lines=[line()])


def test_another_base_is_a_remark() -> None:
    bad, remarks = differences(
        {"total_tax": "10.00", "lines": [{"amount": "10.00", "base": "90.00"}]}, Got(total_tax="10.00", lines=[line()])
    )
    assert not bad
    assert len(remarks) == 1


def test_fees_bind_by_name() -> None:
    title = line(id="title_fee", name="Certificate of title", amount="33.00")
    assert not wrong({"fees": [{"name": "title", "amount": "33.00"}]}, fees=[title])
    assert wrong({"fees": [{"name": "title", "amount": "32.00"}]}, fees=[title])
    assert wrong({"fees": [{"name": "title", "amount": "0.00"}]}, fees=[title])
    assert not wrong({"fees": [{"name": "weight fee", "amount": "0.00"}]}, fees=[title])


def test_a_fee_that_is_not_charged_is_no_other_that_is() -> None:
    registration = line(id="registration", name="registration", amount="45.60")
    initial = {"id": "initial_registration", "name": "Initial registration fee"}
    unwanted: dict[str, object] = {"fees": [{"name": "Initial registration fee", "amount": "0.00"}]}
    assert not wrong(unwanted, fees=[registration], not_charged=[initial])
    assert wrong(unwanted, fees=[registration])
    assert wrong(unwanted, fees=[registration, line(**initial, amount="225.00")])


def test_a_fee_at_renewal_is_not_charged_with_the_deal() -> None:
    electric = line(id="electric", name="Electric vehicle fee", amount="200.00", due="renewal")
    none = {"name": "electric vehicle fee", "amount": "0.00"}
    assert not wrong({"fees": [none]}, fees=[electric])
    assert wrong({"fees": [{**none, "due": "renewal"}]}, fees=[electric])
    assert wrong({"fees": [none]}, fees=[{**electric, "due": "registration"}])
    assert not wrong({"fees": [{**none, "amount": "200.00"}]}, fees=[electric])


def test_a_fee_that_waits_is_neither_charged_nor_zero() -> None:
    waits = line(id="title_fee", name="Certificate of title", amount=None, base=None, needs="weight_lbs")
    (said,) = wrong({"fees": [{"name": "title", "amount": "33.00"}]}, fees=[waits])
    assert "title_fee needs weight_lbs" in said
    assert not wrong({"fees": [{"name": "title", "amount": "0.00"}]}, fees=[waits])
    assert wrong({"lines": [{"name": "tax", "amount": "10.00"}]}, lines=[waits])


def test_frames_come_back() -> None:
    parts = [b"", b"a", b"longer" * 100]
    assert unframe(frames(parts)) == parts


def test_limits_and_ranges_are_compared() -> None:
    got = Got(
        total_tax="0.00",
        limits=[{"id": "doc_fee_limit", "name": "document fee", "item": "doc_fee", "amount": "85.00"}],
        ranges=[{"id": "local_range", "name": "local", "least_percent": "0", "most_percent": "2"}],
    )
    expected = {"total_tax": "0.00", "limits": [{"name": "doc_fee", "amount": "85.00"}]}
    assert differences(expected, got) == ([], [])
    for wrong in (
        {"limits": [{"name": "doc_fee", "amount": "85.01"}]},
        {"limits": [{"name": "doc_fee", "amount": "0.00"}]},
        {"ranges": [{"name": "local", "least_percent": "0.00", "most_percent": "2.25"}]},
    ):
        assert differences({"total_tax": "0.00", **wrong}, got)[0]
    assert differences({**expected, "limits": [{"name": "other", "amount": "0.00"}]}, got)[0] == []
