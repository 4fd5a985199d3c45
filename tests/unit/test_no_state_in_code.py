"""The law is data: no jurisdiction has code of its own, so none is named in the code."""

import ast
from pathlib import Path

from pyapp.tax.engine import NativeEngine
from pyapp.tax.service import TaxService

PYAPP = Path(__file__).parents[2] / "pyapp"


def test_no_state_is_named() -> None:
    states = TaxService(NativeEngine(), NativeEngine.law()).catalogue.states
    named = {*states, *(law.name for law in states.values())}
    found: list[str] = []
    for path in PYAPP.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in named:
                found.append(f"{path.name}:{node.lineno} {node.value}")
    assert not found
