"""The judge of the scenario files must itself be right: it fails what differs, in whichever build it differs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tools.contract import engines as builds
from tools.contract.compare import Got, differences
from tools.contract.engines import Engine, frames, unframe
from tools.contract.run import Result, run
from tools.contract.scenarios import BadFile, Scenario, read
from tools.paths import LAW_JSON

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


@pytest.mark.parametrize("text", ["id = ", '"a string"', "{"])
def test_a_broken_file_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "broken.json"
    file.write_text(text)
    with pytest.raises(BadFile, match=r"broken\.json"):
        read([file])


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
