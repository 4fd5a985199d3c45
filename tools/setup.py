"""Everything that must be there before a command does its work: installed, then built, one build.py at a time."""

from __future__ import annotations

from tools import engine, node, python_env, rust, site, system
from tools.alone import building


def packages() -> None:
    """The Python environment and the npm packages: enough to edit and to lint."""
    system.ensure_basics()
    python_env.ensure()
    node.ensure()


def everything() -> None:
    """All of it, the Rust tool chain too."""
    with building():
        packages()
        rust.ensure()


def with_engine() -> None:
    """Everything installed, and the three builds of the engine made."""
    everything()
    with building():
        engine.build()
        engine.build_cli()


def with_site() -> None:
    """Everything installed, and the site built."""
    everything()
    with building():
        site.build()
