"""The commands of build.py and their options."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable

from tools import crates, python_env, serve, setup, site
from tools.say import CannotGoOn, fail, say

Handler = Callable[[argparse.Namespace], int]


def command_setup(_: argparse.Namespace) -> int:
    """Install everything, build nothing."""
    setup.everything()
    say("ready")
    return 0


def command_lock(_: argparse.Namespace) -> int:
    """Resolve requirements/*.in and the Rust crates anew."""
    setup.everything()
    python_env.make_locks()
    crates.write_list()
    return 0


def command_build(_: argparse.Namespace) -> int:
    """Build the site without starting it."""
    setup.everything()
    site.build()
    return 0


def command_serve(options: argparse.Namespace) -> int:
    """Set up, build and start."""
    return serve.serve(options.host, options.port)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(prog="build.py", description="Builds, tests and starts Autolytiq.")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, handler: Handler, says: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=says, description=says)
        sub.set_defaults(handler=handler)
        return sub

    add("setup", command_setup, "install what building needs: .venv, node_modules, tools")
    add("lock", command_lock, "resolve requirements/*.in and the crates to their locks")
    add("build", command_build, "build the site into build/dist")
    serving = add("serve", command_serve, "set up, build and start the application")
    serving.add_argument("--port", type=int, help="port to listen on (default: PORT, else 8000)")
    serving.add_argument("--host", help="address to listen on (default: HOST, else 127.0.0.1)")
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
