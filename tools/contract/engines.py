"""The builds of the tax engine that must agree: each takes requests as bytes and gives answers as bytes.

A frame on a pipe is a 64-bit little-endian length and so many bytes.
"""

from __future__ import annotations

import struct
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.paths import ENGINE_TARGET, ROOT, WASM_PACKAGE

Batch = Callable[[Sequence[bytes]], list[bytes]]
CLI = ENGINE_TARGET / "release" / "tax_cli"
WASM_RUNNER = ROOT / "tools" / "contract" / "wasm_runner.mjs"


@dataclass(frozen=True)
class Engine:
    """One build: its name in reports, and what it answers to a list of requests."""

    name: str
    quote: Batch
    quote_many: Callable[[bytes], bytes] | None = None


def frames(parts: Sequence[bytes]) -> bytes:
    """Byte strings, each with its length before it."""
    return b"".join(struct.pack("<Q", len(part)) + part for part in parts)


def unframe(data: bytes) -> list[bytes]:
    """The byte strings of a stream of frames."""
    parts: list[bytes] = []
    at = 0
    while at < len(data):
        (length,) = struct.unpack_from("<Q", data, at)
        parts.append(data[at + 8 : at + 8 + length])
        at += 8 + length
    return parts


def through_pipe(command: Sequence[str | Path]) -> Batch:
    """An engine that is a program: frames in, frames out."""

    def ask(requests: Sequence[bytes]) -> list[bytes]:
        done = subprocess.run([str(word) for word in command], input=frames(requests), capture_output=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{command[0]} ended with {done.returncode}: {done.stderr.decode()[-2000:]}")
        answers = unframe(done.stdout)
        if len(answers) != len(requests):
            raise RuntimeError(f"{command[0]} gave {len(answers)} answers to {len(requests)} requests")
        return answers

    return ask


def native() -> Engine:
    """The Python module that the server uses."""
    import tax_engine  # built by build.py and installed in `.venv`

    return Engine(
        "native",
        lambda requests: [bytes(tax_engine.quote(one)) for one in requests],
        lambda many: bytes(tax_engine.quote_many(many)),
    )


def wasm() -> Engine:
    """The wasm package that the page uses, run by Node."""
    one = through_pipe(["node", WASM_RUNNER, WASM_PACKAGE, "quote"])
    many = through_pipe(["node", WASM_RUNNER, WASM_PACKAGE, "quote_many"])
    return Engine("wasm", one, lambda batch: many([batch])[0])


def core() -> Engine:
    """The Rust core by its own command line, with no binding around it."""
    return Engine("core", through_pipe([CLI]))


def all_engines() -> list[Engine]:
    """The three that must agree; the first one's answers are the ones compared with the expectation."""
    return [core(), wasm(), native()]
