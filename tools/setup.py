"""Everything that must be on the machine before anything is built."""

from __future__ import annotations

from tools import node, python_env, rust, system


def packages() -> None:
    """The Python environment and the npm packages: enough to edit and to lint."""
    system.ensure_basics()
    python_env.ensure()
    node.ensure()


def everything() -> None:
    """All of it, the Rust tool chain too."""
    packages()
    rust.ensure()
