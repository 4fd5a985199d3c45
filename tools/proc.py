"""Running other programs: output kept quiet while all is well, shown whole when it is not."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools.paths import ROOT
from tools.say import CannotGoOn

Command = Sequence[str | os.PathLike[str]]
TAIL_LINES = 60
"""How much of a failed program's output is shown."""


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a child process: ours, with `extra` over it."""
    return {**os.environ, **(extra or {})}


def run(command: Command, *, cwd: Path = ROOT, env: Mapping[str, str] | None = None) -> str:
    """Run a program to its end and return what it printed; if it fails, say why with its last lines."""
    words = [os.fspath(word) for word in command]
    try:
        child = subprocess.Popen(
            words,
            cwd=cwd,
            env=environment(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
    except FileNotFoundError as error:
        raise CannotGoOn(f"the program {words[0]!r} is not there") from error
    try:
        printed, _ = child.communicate()
    except BaseException:
        _end(child)
        raise
    if child.returncode != 0:
        tail = "\n".join(printed.splitlines()[-TAIL_LINES:])
        raise CannotGoOn(f"{' '.join(words[:6])} … ended with code {child.returncode}:\n{tail}")
    return printed


def _end(child: subprocess.Popen[str]) -> None:
    """End a program and all that it started: we were told to stop."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGTERM)
    try:
        child.wait(5)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def output(command: Command, *, cwd: Path = ROOT, env: Mapping[str, str] | None = None) -> str:
    """Run a program and return its standard output alone, for answers that are parsed."""
    words = [os.fspath(word) for word in command]
    try:
        done = subprocess.run(
            words, cwd=cwd, env=environment(env), stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
    except FileNotFoundError as error:
        raise CannotGoOn(f"the program {words[0]!r} is not there") from error
    if done.returncode != 0:
        raise CannotGoOn(f"{' '.join(words[:6])} … ended with code {done.returncode}:\n{done.stderr[-4000:]}")
    return done.stdout


def show(command: Command, *, cwd: Path = ROOT, env: Mapping[str, str] | None = None) -> int:
    """Run a program that talks to the user itself; return its exit code."""
    words = [os.fspath(word) for word in command]
    return subprocess.run(words, cwd=cwd, env=environment(env)).returncode


def first_line(command: Command, env: Mapping[str, str] | None = None) -> str | None:
    """The first line that a program prints, or None when it is absent or fails: for `--version` questions."""
    words = [os.fspath(word) for word in command]
    try:
        done = subprocess.run(words, env=environment(env), stdin=subprocess.DEVNULL, capture_output=True, text=True)
    except OSError:
        return None
    lines = done.stdout.splitlines()
    return lines[0].strip() if done.returncode == 0 and lines else None
