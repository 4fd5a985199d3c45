"""The command: measure everything, print a table and, with `--json`, one JSON object as the last line."""

from __future__ import annotations

import argparse
import gzip
import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from tests.api.server import Server
from tests.bench import api, browser, native
from tests.bench.deals import requests

DIST = Path(os.environ["AUTOLYTIQ_DIST"])
Budget = tuple[str, Callable[[dict[str, float]], bool]]


def _at_least(name: str, least: float) -> Callable[[dict[str, float]], bool]:
    return lambda figures: figures[name] >= least


BUDGETS: dict[str, Budget] = {
    "tax_wasm_gz_bytes": ("at most 60,000", lambda f: f["tax_wasm_gz_bytes"] <= 60_000),
    "tax_ready_ms": ("under 5", lambda f: f["tax_ready_ms"] < 5),
    "tax_memory_bytes": ("under 5,000,000", lambda f: f["tax_memory_bytes"] < 5_000_000),
    "tax_per_s_single_js": ("at least 300,000", lambda f: f["tax_per_s_single_js"] >= 300_000),
    "tax_per_s_batch_browser": ("at least 2,000,000", lambda f: f["tax_per_s_batch_browser"] >= 2_000_000),
    "tax_per_s_batch_native": ("", lambda f: True),
    "worksheet_p95_ms": ("at most 16", lambda f: f["worksheet_p95_ms"] <= 16),
    "worksheet_grid_p95_ms": ("at most 50", lambda f: f["worksheet_grid_p95_ms"] <= 50),
    "pyodide_plain_ms": ("", lambda f: True),
    "start_to_quote_ms": ("at most 1/3 of plain", lambda f: f["start_to_quote_ms"] * 3 <= f["pyodide_plain_ms"]),
    "start_ratio": ("at most 0.33", lambda f: f["start_ratio"] <= 1 / 3),
    "first_visit_bytes": ("at most 7,000,000", lambda f: f["first_visit_bytes"] <= 7_000_000),
    "api_get_rps": ("", lambda f: True),
    "api_put_rps": ("", lambda f: True),
    "api_put_groups_rps": ("", lambda f: True),
    "api_version_rps": ("", lambda f: True),
    "api_quiet_rps": ("", lambda f: True),
    "api_get_p50_ms": ("", lambda f: True),
    "api_get_p95_ms": ("under 5, at 500 a second", lambda f: f["api_get_p95_ms"] < 5),
    "api_get_p99_ms": ("", lambda f: True),
    "api_put_p95_ms": ("", lambda f: True),
    "api_pgbench_get_tps": ("", lambda f: True),
    "api_pgbench_get_joined_tps": ("", lambda f: True),
    "api_pgbench_put_tps": ("", lambda f: True),
    "api_pgbench_put_groups_tps": ("", lambda f: True),
    "api_pgbench_get_ratio": ("", lambda f: True),
    "api_pgbench_put_ratio": ("", lambda f: True),
    "api_pgbench_ratio": ("at least 0.25, the lesser", lambda f: f["api_pgbench_ratio"] >= 0.25),
    "api_put_groups_ratio": ("at least 0.25", lambda f: f["api_put_groups_ratio"] >= 0.25),
    **{f"api_{name}_ratio": ("at least 0.12", _at_least(f"api_{name}_ratio", 0.12)) for name in api.OTHERS},
    "api_other_ratio_min": ("at least 0.12", _at_least("api_other_ratio_min", 0.12)),
    "customers_search_p95_ms": ("at most 100, of 50,000", lambda f: f["customers_search_p95_ms"] <= 100),
    "worker_rss_mb": ("", lambda f: True),
    "worker_pss_mb": ("", lambda f: True),
    "page_js_bytes": ("at most 150,000", lambda f: f["page_js_bytes"] <= 150_000),
}


def measure() -> dict[str, float]:
    """All figures."""
    law = (DIST / "law.json").read_bytes()
    deals = requests(law)
    print(f"-> {len(deals)} mixed deals", flush=True)
    wasm = (DIST / "engine" / "tax_engine_bg.wasm").read_bytes()
    figures: dict[str, float] = {
        "tax_wasm_gz_bytes": len(gzip.compress(wasm, 9, mtime=0)),
        "page_js_bytes": sum(path.stat().st_size for path in DIST.glob("*.js")),
        "tax_per_s_batch_native": native.batched(deals),
    }
    server = Server({"AUTOLYTIQ_DIST": str(DIST)}).start()
    try:
        figures |= browser.measure(server.url, server.port, deals)
    finally:
        server.close()
    if shutil.which("wrk"):
        print("-> API under load, beside pgbench", flush=True)
        figures |= api.measure(DIST)
    figures["start_ratio"] = figures["start_to_quote_ms"] / figures["pyodide_plain_ms"]
    return figures


def table(figures: dict[str, float]) -> str:
    """The figures beside their budgets."""
    rows = [f"{'what':<26} {'measured':>14}  budget"]
    for name, (budget, holds) in BUDGETS.items():
        if name not in figures:
            continue
        value = figures[name]
        text = f"{value:,.2f}" if value < 1_000 and value != int(value) else f"{value:,.0f}"
        rows.append(f"{name:<26} {text:>14}  {budget}{'' if holds(figures) else '   <-- MISSED'}")
    return "\n".join(rows)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="build.py bench")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures = measure()
    print(table(figures))
    if options.json:
        print(json.dumps({name: round(value, 3) for name, value in figures.items()}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
