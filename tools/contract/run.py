"""Running scenarios: every engine answers every request, byte for byte alike, and the answer is what was expected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pyapp.errors import Refused
from pyapp.tax import wire
from pyapp.tax.catalogue import Catalogue
from pyapp.tax.facts import scenario_request
from tools.contract.compare import Got, describe, differences
from tools.contract.engines import Engine
from tools.contract.scenarios import Scenario


@dataclass
class Result:
    """What became of one scenario."""

    scenario: Scenario
    outcome: str
    """passed, failed, or refused: an error of the engine that nobody expected."""
    got: Got = field(default_factory=Got)
    wrong: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """As the report prints it."""
        shown: dict[str, Any] = {"id": self.scenario.id, "state": self.scenario.state, "outcome": self.outcome}
        if self.wrong:
            shown["error"] = "; ".join(self.wrong)
        if self.remarks:
            shown["remarks"] = self.remarks
        return {**shown, "got": self.got.as_json(), "expected": _plain(self.scenario.expected)}


def _plain(value: Any) -> Any:
    """Anything that TOML can hold as JSON can hold it."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value if isinstance(value, str | int | bool | float | None) else str(value)


def run(scenarios: Sequence[Scenario], engines: Sequence[Engine], law: bytes) -> list[Result]:
    """Run all scenarios through all engines."""
    catalogue = Catalogue(law)
    results: list[Result] = []
    asked: list[tuple[Result, bytes]] = []
    for scenario in scenarios:
        result = Result(scenario, "failed", wrong=list(scenario.problems))
        results.append(result)
        if scenario.problems:
            continue
        try:
            request = scenario_request(
                catalogue, state=scenario.state, date=scenario.date, kind=scenario.kind, inputs=scenario.inputs
            )
        except Refused as refused:
            _refused_before(result, refused)
            continue
        asked.append((result, wire.encode(request)))
    requests = [request for _, request in asked]
    answers = {engine.name: engine.quote(requests) for engine in engines} if requests else {}
    for number, (result, _) in enumerate(asked):
        _judge(result, catalogue, {name: given[number] for name, given in answers.items()})
    _judge_batches([result for result, _ in asked], engines, requests, answers)
    return results


def _refused_before(result: Result, refused: Refused) -> None:
    """A request that never reached the engine: a key or a value that no rule knows."""
    names = [f"{problem.code}:{problem.field}" if problem.field else problem.code for problem in refused.problems]
    wanted = result.scenario.expected.get("error")
    result.got = Got(error=names[0])
    for name in names:
        if wanted is not None and not differences(result.scenario.expected, Got(error=name))[0]:
            result.got, result.outcome = Got(error=name), "passed"
            return
    if wanted is None:
        result.outcome = "refused"
    result.wrong = [problem.sentence() for problem in refused.problems]


def _judge(result: Result, catalogue: Catalogue, answers: dict[str, bytes]) -> None:
    """Compare the engines with each other, then the answer with the expectation."""
    first, *others = answers
    unlike = [name for name in others if answers[name] != answers[first]]
    decoded = wire.decode(answers[first])
    state, day = result.scenario.state, result.scenario.day()
    result.got = describe(catalogue, state, day, decoded)
    if unlike:
        for name in unlike:
            theirs = describe(catalogue, state, day, wire.decode(answers[name]))
            result.wrong.append(f"{name} answers otherwise than {first}: {_unlike(result.got, theirs)}")
        return
    result.wrong, result.remarks = differences(result.scenario.expected, result.got)
    if not result.wrong:
        result.outcome = "passed"
    elif result.got.error is not None and "error" not in result.scenario.expected:
        result.outcome = "refused"


def _unlike(ours: Got, theirs: Got) -> str:
    """What one build says and the other does not, as short as it can be said."""
    mine, other = ours.as_json(), theirs.as_json()
    if mine == other:
        return "the words differ, not the figures (traces, dates or positions)"
    parts: list[str] = []
    for key in sorted({*mine, *other}):
        a, b = mine.get(key), other.get(key)
        if isinstance(a, list) and isinstance(b, list):
            a, b = [one for one in a if one not in b], [one for one in b if one not in a]
        if a != b:
            parts.append(f"{key} {b} instead of {a}")
    return "; ".join(parts)


def _judge_batches(
    results: Sequence[Result], engines: Sequence[Engine], requests: Sequence[bytes], single: dict[str, list[bytes]]
) -> None:
    """The batch call must answer like the single one, in every engine that has it, traces aside."""
    if not requests:
        return
    batch = wire.batch(requests)
    for engine in engines:
        if engine.quote_many is None:
            continue
        for result, one, many in zip(
            results, single[engine.name], wire.decode_many(engine.quote_many(batch)), strict=True
        ):
            if _without_traces(wire.decode(one)) != many:
                result.wrong.append(f"{engine.name}: a batch answers otherwise than a single call")
                result.outcome = "failed"


def _without_traces(answer: wire.Answer) -> wire.Answer:
    lines = tuple(
        wire.Line(
            line.levy, line.category, line.due, line.collector, line.status, line.argument, line.row, line.count,
            line.base, line.rate, line.amount, line.total, (),
        )
        for line in answer.lines
    )  # fmt: skip
    return wire.Answer(
        answer.status, answer.argument, answer.total, answer.unchanged_from, answer.unchanged_until,
        answer.as_enacted, lines,
    )  # fmt: skip
