"""What a memory snapshot holds: all that the first calls of a visit need, for it holds no file to import more from."""

import json
import subprocess
import sys

import pytest
import tax_engine

from pyapp import worker
from pyapp.desk.desk import view
from pyapp.desk.warm import warm_up
from pyapp.tax.engine import NativeEngine
from pyapp.tax.service import native_service

SCRIPT = """
import json, sys
import tax_engine
from pyapp import worker
from pyapp.tax.engine import NativeEngine

law = bytes(tax_engine.law_json())
worker.start(law, NativeEngine())
worker.warm()
before = set(sys.modules)
def price(fields, lists=None, **asks):
    draft = {"id": "one", "fields": fields, "lists": lists or {}}
    worker.handle("price", json.dumps({"draft": draft, "asks": {"today": "2026-11-22", **asks}}).encode())
for state in [*json.loads(law)["states"], "XX", ""]:
    for kind in ("finance", "cash"):
        deal = {"place.state": state, "selling_price": "40k", "structure.kind": kind, "structure.months": "60",
                "structure.rate": "5.9", "vehicle.new_or_used": "used", "money_down.cash_down": "1,000.50"}
        trade = [{"id": "t", "fields": {"allowance": "9000", "payoff": "4,000"}}]
        price(deal, {"trades": trade}, grid={"columns": 7, "rows": 7})
        for wrong in ({"selling_price": "4x"}, {"selling_price": "1e9"}, {"dates.sale_date": "2031-01-01"},
                      {"dates.sale_date": "6/1/2026"}, {"structure.rate": "699"}, {"structure.months": "é"}):
            price({**deal, **wrong})
        price({**deal, "selling_price": "40000-"}, focus="selling_price")
worker.handle("info", b"{}")
worker.handle("quote", b"{}")
worker.handle("price", b"{")
worker.handle("nothing", b"")
print(' '.join(sorted(set(sys.modules) - before)))
"""
HEAVY = """
import sys
import pyapp.worker
heavy = ('asyncio', 'json', 'pathlib', 'logging', 'tomllib', 'random', 'calendar')
print(' '.join(name for name in heavy if name in sys.modules))
"""


def output(script: str) -> str:
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_after_the_warm_up_no_call_imports_anything() -> None:
    assert output(SCRIPT) == ""


def test_pyapp_imports_nothing_heavy() -> None:
    assert output(HEAVY) == ""


def test_the_made_up_deal_is_complete() -> None:
    service = native_service()
    seen = view(warm_up(service), service)
    assert seen.strip.payment.state == "known"
    assert seen.errors == []
    assert seen.grid


def test_the_warm_up_leaves_no_trace_in_an_answer() -> None:
    law = bytes(tax_engine.law_json())
    call = json.dumps(
        {"draft": {"id": "d", "fields": {"selling_price": "40k"}}, "asks": {"today": "2026-11-22"}}
    ).encode()
    worker.start(law, NativeEngine())
    cold = worker.handle("price", call)
    worker.start(law, NativeEngine())
    worker.warm()
    assert worker.handle("price", call) == cold


def test_a_worker_without_a_law_cannot_warm_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker._Started, "service", None)
    with pytest.raises(RuntimeError):
        worker.warm()
