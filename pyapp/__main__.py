"""The command line.

    python -m pyapp quote FILE      a deal as JSON in (`-`: standard input), its worksheet as JSON out
    python -m pyapp schema          JSON schemas of deal and worksheet
    python -m pyapp typescript      TypeScript types of all shapes

A refusal is one JSON object on standard error, `{"error": {code, field, message, accepted}, "errors": […]}`, and exit
code 2. So are the facts that the law asks and the deal leaves out, all of them at once; where the tax itself can do
without them, the worksheet is printed as well, with the figures that wait for them left open.
"""

import contextlib
import errno
import os
import sys
from pathlib import Path
from typing import TextIO

import msgspec

from pyapp.errors import ErrorAnswer, Refused, refuse

USAGE = "usage: python -m pyapp quote FILE|- | schema | typescript\n"
REFUSED = 2
"""The exit code of every refusal."""
FAILED = 1
"""The exit code when the answer could not be written, or the tax engine is not built."""
INTERRUPTED = 130
MOST_BYTES = 16 * 2**20
"""A deal takes some kilobytes; a file beyond this is no deal."""
_FILE = "a file, or - for standard input"


def _read(name: str) -> bytes:
    field = "standard input" if name == "-" else printable(name)
    try:
        if name != "-":
            with Path(name).open("rb") as file:
                data = file.read(MOST_BYTES + 1)
        else:
            given: TextIO | None = sys.stdin
            if given is None:
                raise refuse("no_file", field, "is closed", _FILE)
            data = given.buffer.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        said = error.strerror if isinstance(error, OSError) else None
        raise refuse("no_file", field or "FILE", said or str(error), _FILE) from error
    if len(data) > MOST_BYTES:
        raise refuse("too_large", field, f"has more than {MOST_BYTES} bytes", f"a deal of at most {MOST_BYTES} bytes")
    return data


def printable(name: str) -> str:
    """A file's name as text, also where its bytes are none."""
    return os.fsencode(name).decode("utf-8", "replace")


def _write(stream: TextIO | None, data: bytes) -> None:
    """Writes at once; Python has None for a stream that is closed from the start."""
    if stream is None:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))
    stream.buffer.write(data)
    stream.flush()


def _print(data: bytes) -> None:
    _write(sys.stdout, data)


def _json(data: bytes) -> bytes:
    return msgspec.json.format(data) + b"\n"


def _tell(answer: ErrorAnswer) -> None:
    with contextlib.suppress(OSError):
        _write(sys.stderr, _json(msgspec.json.encode(answer)))


def _quote(name: str) -> int:
    from pyapp.deal.document import Deal
    from pyapp.deal.price import price
    from pyapp.deal.reading import read
    from pyapp.tax.service import native_service

    deal = read(_read(name), Deal, name="standard input" if name == "-" else printable(name))
    sheet = price(deal, native_service())
    _print(_json(msgspec.json.encode(sheet)))
    # Law that is not known on that day is told in the worksheet alone: nothing was left out of the deal.
    left_out = tuple(problem for problem in sheet.missing if problem.code == "missing_fact")
    if left_out:
        _tell(ErrorAnswer(left_out[0], left_out))
    return REFUSED if left_out else 0


def _run(arguments: list[str]) -> int:
    match arguments:
        case ["-h" | "--help" | "help"] | ["quote" | "schema" | "typescript", "-h" | "--help"]:
            _print(USAGE.encode())
        case ["quote", name]:
            return _quote(name)
        case ["schema"]:
            from pyapp.schema import schema

            _print(_json(schema()))
        case ["typescript"]:
            from pyapp.typescript import typescript

            _print(typescript().encode())
        case _:
            with contextlib.suppress(OSError):
                _write(sys.stderr, USAGE.encode())
            return REFUSED
    return 0


def _stop(why: str) -> int:
    with contextlib.suppress(OSError):
        _write(sys.stderr, f"pyapp: {why}\n".encode())
    return FAILED


def main(arguments: list[str]) -> int:
    """Runs one command; the result is the exit code."""
    try:
        return _run(arguments)
    except Refused as refused:
        _tell(refused.answer())
        return REFUSED
    except ModuleNotFoundError as error:
        if error.name != "tax_engine":
            raise
        return _stop("the tax engine is not built yet; `python3 build.py build` builds it")
    except BrokenPipeError:
        # Whoever read the answer has seen enough; what is still held back goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except OSError as error:
        return _stop(f"the answer could not be written: {error.strerror}")
    except KeyboardInterrupt:
        return INTERRUPTED


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
