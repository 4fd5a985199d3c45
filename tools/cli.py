"""The commands of build.py and their options."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable

from tools import python_env, setup
from tools.say import CannotGoOn, fail, say

Handler = Callable[[argparse.Namespace], int]


def command_setup(_: argparse.Namespace) -> int:
    """Install everything, build nothing."""
    setup.packages()
    say("ready")
    return 0


def command_lock(_: argparse.Namespace) -> int:
    """Resolve requirements/*.in anew."""
    python_env.make_locks()
    return 0


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(prog="build.py", description="Builds, tests and starts Autolytiq.")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, handler: Handler, says: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=says, description=says)
        sub.set_defaults(handler=handler)
        return sub

    add("setup", command_setup, "install what building needs: .venv, node_modules, tools")
    add("lock", command_lock, "resolve requirements/*.in to their locks")
    return top


def main(arguments: list[str]) -> int:
    """Run one command; what is missing ends it with one sentence and code 1."""
    options = parser().parse_args(arguments)
    os.umask(0o022)
    try:
        return int(options.handler(options))
    except CannotGoOn as reason:
        return fail(str(reason))
    except KeyboardInterrupt:
        return 130
