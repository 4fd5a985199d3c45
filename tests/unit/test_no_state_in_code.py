"""The law is data: no jurisdiction has code of its own, so none is named in the code."""

import ast
from pathlib import Path

from pyapp.tax.engine import NativeEngine
from pyapp.tax.service import TaxService

TOP = Path(__file__).parents[2]


def test_no_state_is_named() -> None:
    states = TaxService(NativeEngine(), NativeEngine.law()).catalogue.file.inputs.states
    assert len(states) == 51
    named = {*states, *states.values()}
    found: list[str] = []
    for path in (*(TOP / "pyapp").rglob("*.py"), *(TOP / "backend").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in named:
                found.append(f"{path.name}:{node.lineno} {node.value}")
    assert not found
