"""One deal logic, one tax engine: in the browser's Python with the engine as wasm, and here natively, byte for byte.

Reads the built site (`python3 build.py build`, which `build.py test` runs first).
"""

import json
import random
import subprocess
from pathlib import Path
from typing import Any

from pyapp import worker
from pyapp.tax.engine import NativeEngine
from tools.node import ensure_node
from tools.paths import ROOT, SITE

SCRIPT = Path(__file__).parent / "in_pyodide.mjs"
STATES = ("TX", "CA", "FL", "GA", "NC", "MI", "OK", "TN", "SC", "OH", "NY", "DC", "ZZ")
DRAFTS = 120


def draft(chance: random.Random, n: int) -> dict[str, Any]:
    """A deal as the page sends it; some lack an answer, some have a text that is refused."""
    fields = {
        "place.state": STATES[n % len(STATES)],
        "place.local_rate": chance.choice(("", "0", "1", "2.25")),
        "vehicle.new_or_used": chance.choice(("new", "used")),
        "vehicle.fuel": chance.choice(("gasoline", "electric", "hybrid", "")),
        "vehicle.weight_lbs": chance.choice(("3900", "6200", "")),
        "vehicle.mpg_city": chance.choice(("24", "38", "")),
        "vehicle.msrp": str(chance.randrange(20_000, 90_000)),
        "place.facts.new_tires": "5",
        "place.facts.plate_transferred": chance.choice(("yes", "no")),
        "place.facts.buyer_age": "41",
        "selling_price": chance.choice(("40k", "41,850-1,850", str(chance.randrange(9_000, 99_000)), "4x")),
        "structure.months": str(chance.choice((24, 36, 60, 72, 84))),
        "structure.rate": f"{chance.randrange(0, 1999) / 100:.2f}",
        "structure.days_to_first": chance.choice(("", "20", "45", "60")),
        "money_down.cash_down": str(chance.randrange(0, 6_000)),
        "dates.sale_date": chance.choice(("", "6/1/2023", "2026-11-22", "6/15/2029")),
    }
    lists = {
        "trades": [{"id": "t", "fields": {"allowance": str(chance.randrange(0, 20_000)), "payoff": "4000"}}],
        "rebates": [{"id": "r", "fields": {"amount": "1500"}}],
        "fees": [{"id": "f", "fields": {"amount": "225"}}],
        "products": [{"id": "p", "fields": {"kind": "service_contract", "price": "2195", "taken": "yes"}}],
    }
    return {"id": str(n), "fields": fields, "lists": lists}


def calls() -> list[tuple[str, str]]:
    """Every example deal, and drafts of all jurisdictions with a grid."""
    chance = random.Random(9)
    asked = [("quote", p.read_text(encoding="utf-8")) for p in sorted((ROOT / "docs" / "examples").glob("*.json"))]
    asks = {"today": "2026-11-22", "grid": {"columns": 7, "rows": 7, "target": "525"}}
    asked += [("price", json.dumps({"draft": draft(chance, n), "asks": asks})) for n in range(DRAFTS)]
    return [*asked, ("info", "{}")]


def test_browser_and_server_agree_to_the_byte() -> None:
    ensure_node()
    asked = calls()
    done = subprocess.run(
        ["node", str(SCRIPT), str(SITE)], input=json.dumps(asked).encode(), capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()[-800:]
    there: list[str] = json.loads(done.stdout)
    worker.start(NativeEngine.law(), NativeEngine())
    here = [worker.handle(method, body.encode()).decode() for method, body in asked]
    assert len(there) == len(here)
    for (method, body), browser, native in zip(asked, there, here, strict=True):
        assert browser == native, f"{method} {body[:400]}"
    assert sum('"error":null' in text and '"can_show":true' in text for text in here) > DRAFTS // 6
