"""The commands of build.py and their options."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

from tools import check, chromium, crates, dist, engine, python_env, serve, setup, site, system, testing
from tools.paths import SITE, VENV_PYTHON
from tools.proc import show
from tools.say import CannotGoOn, fail, keep_stdout_clean, say

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
    setup.with_site()
    return 0


def command_serve(options: argparse.Namespace) -> int:
    """Set up, build and start."""
    return serve.serve(options.host, options.port)


def command_test(_: argparse.Namespace) -> int:
    """Set up, build and run every test."""
    setup.with_site()
    setup.with_engine()
    chromium.ensure()
    return testing.run_all()


def command_docs(_: argparse.Namespace) -> int:
    """Write the pages of docs/ that the rules generate."""
    setup.everything()
    engine.pin_crates()
    engine.pages("docs")
    return 0


def command_check(_: argparse.Namespace) -> int:
    """Lint, types and format."""
    setup.everything()
    site.generate_types()
    return check.run_all()


def command_bench(options: argparse.Namespace) -> int:
    """Measure, on the built site."""
    setup.with_site()
    chromium.ensure()
    if shutil.which("wrk") is None:
        system.install(["wrk"])
    os.environ["AUTOLYTIQ_DIST"] = str(SITE)
    return show([VENV_PYTHON, "-m", "tests.bench", *(["--json"] if options.json else [])])


def command_dist(_: argparse.Namespace) -> int:
    """One folder that runs without network."""
    setup.with_site()
    dist.build()
    return 0


def command_contract(options: argparse.Namespace) -> int:
    """Run scenario files through the three builds of the engine."""
    if options.json:
        keep_stdout_clean()
    setup.with_engine()
    paths = [str(path.resolve()) for path in options.paths]
    return show([VENV_PYTHON, "-m", "tools.contract", *paths, *(["--json"] if options.json else [])])


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
    add("test", command_test, "set up, build and run all tests")
    add("docs", command_docs, "write the pages of docs/ that the rules generate")
    add("check", command_check, "check format, lint, types and the project's own rules")
    bench = add("bench", command_bench, "measure and print a table beside the budgets")
    bench.add_argument("--json", action="store_true", help="print one JSON object as the last line as well")
    add("dist", command_dist, "make one folder that runs without network")
    contract = add("contract", command_contract, "run scenario files through the three builds of the tax engine")
    contract.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a scenario file, or a folder of them")
    contract.add_argument("--json", action="store_true", help="print one JSON object instead of text")
    return top


def _leave(number: int, frame: object) -> None:
    del number, frame
    raise KeyboardInterrupt


def main(arguments: list[str]) -> int:
    """Run one command; what is missing ends it with one sentence and code 1."""
    options = parser().parse_args(arguments)
    os.umask(0o022)
    # Also where a shell's `&` has made us deaf to SIGINT.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)
    try:
        return int(options.handler(options))
    except CannotGoOn as reason:
        return fail(str(reason))
    except KeyboardInterrupt:
        # Who stops the server while it is still being built asked for nothing wrong.
        return 0 if options.command == "serve" else 130
