"""`test`: every runner, one after the other, and one sum.

A test that was skipped did not show what it is there to show, so it counts as failed.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from dataclasses import dataclass

from tools.paths import BUILD, ENGINE, ROOT, VENV_PYTHON
from tools.proc import environment
from tools.say import say

REPORTS = BUILD / "reports"
CARGO_RESULT = re.compile(r"^test result: .*?(\d+) passed; (\d+) failed; (\d+) ignored", re.MULTILINE)


@dataclass
class Count:
    """What a runner ran."""

    passed: int = 0
    failed: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(self.passed + other.passed, self.failed + other.failed)

    def closing_line(self) -> str:
        """As the last line says it."""
        return f"{self.passed} passed, {self.failed} failed"


def cargo() -> Count:
    """The tests of the Rust crates."""
    command = ["cargo", "test", "--workspace", "-q", "--no-fail-fast", "--manifest-path", str(ENGINE / "Cargo.toml")]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    found = [tuple(map(int, match)) for match in CARGO_RESULT.findall(done.stdout)]
    count = Count(sum(p for p, _, _ in found), sum(f + i for _, f, i in found))
    if done.returncode != 0 or count.failed:
        say(done.stdout)
        count.failed = max(count.failed, 1)
    return count


def pytest(name: str, *arguments: str) -> Count:
    """One run of pytest; its report is read back for the numbers."""
    report = REPORTS / f"{name}.xml"
    report.unlink(missing_ok=True)
    # What it prints goes through; its colours would hide the numbers from whoever reads a log.
    done = subprocess.run(
        [str(VENV_PYTHON), "-m", "pytest", "-q", "--color=no", f"--junitxml={report}", *arguments],
        cwd=ROOT, env=environment(), stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    if not report.exists():
        return Count(0, 1)
    suites = ElementTree.parse(report).getroot().iter("testsuite")
    count = Count()
    for suite in suites:
        total, bad = int(suite.get("tests", 0)), 0
        bad = sum(int(suite.get(kind, 0)) for kind in ("failures", "errors", "skipped"))
        count += Count(max(total - bad, 0), bad)
    if done.returncode not in (0, 5) and count.failed == 0:
        count.failed = 1
    return count


def python_tests() -> Count:
    """All Python tests but those that need the browser."""
    return pytest("python", "--ignore=tests/browser", "tests")


def browser_tests() -> Count:
    """The page in a real browser, served by the real server."""
    if not (ROOT / "tests" / "browser").is_dir():
        say("tests/browser is not there")
        return Count(0, 1)
    return pytest("browser", "tests/browser")


def scenarios() -> Count:
    """The scenario files through the three builds of the engine."""
    done = subprocess.run(
        [str(VENV_PYTHON), "-m", "tools.contract", "tests/contract", "--json"],
        cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    if not done.stdout.strip():
        return Count(0, 1)
    report = json.loads(done.stdout.splitlines()[-1])
    for one in report["scenarios"]:
        if one["outcome"] != "passed":
            say(f"{one['outcome'].upper()} {one['id']}: {one.get('error', '')}")
    return Count(report["passed"], report["failed"] + report["refused"])


RUNNERS: dict[str, Callable[[], Count]] = {
    "Rust": cargo,
    "Python": python_tests,
    "scenario files": scenarios,
    "browser": browser_tests,
}


def run_all() -> int:
    """Run everything; the last line is the sum over all runners."""
    REPORTS.mkdir(parents=True, exist_ok=True)
    os.environ["AUTOLYTIQ_DIST"] = str(BUILD / "dist")
    counts: dict[str, Count] = {}
    for name, runner in RUNNERS.items():
        say(f"-> tests: {name}")
        counts[name] = runner()
        say(f"   {name}: {counts[name].passed} right, {counts[name].failed} wrong")
    total = sum(counts.values(), Count())
    say(total.closing_line())
    return 0 if total.failed == 0 and total.passed > 0 else 1
