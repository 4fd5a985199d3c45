"""The command: scenarios in, a report out; code 1 when one fails, 2 when a file cannot be read."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from tools.contract.engines import all_engines
from tools.contract.run import run
from tools.contract.scenarios import BadFile, read
from tools.paths import LAW_JSON


def main() -> int:
    """Run the files that the command line names."""
    parser = argparse.ArgumentParser(prog="build.py contract")
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    try:
        scenarios = read(options.paths)
    except BadFile as bad:
        print(f"contract: {bad}", file=sys.stderr)
        return 2
    if not scenarios:
        print("contract: these files and folders hold no scenario", file=sys.stderr)
        return 2
    results = run(scenarios, all_engines(), LAW_JSON.read_bytes())
    count = {name: sum(result.outcome == name for result in results) for name in ("passed", "failed", "refused")}
    if options.json:
        print(json.dumps({**count, "scenarios": [result.as_json() for result in results]}, ensure_ascii=False))
    else:
        for result in results:
            for text in result.wrong:
                print(f"{result.outcome.upper()} {result.scenario.id} ({result.scenario.file}): {text}")
            for text in result.remarks:
                print(f"look at {result.scenario.id} ({result.scenario.file}): {text}")
        print(f"{count['passed']} passed, {count['failed'] + count['refused']} failed")
    return 0 if count["failed"] + count["refused"] == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
