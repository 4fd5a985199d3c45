"""The command line.

    python -m pyapp quote FILE      a deal as JSON in (`-`: standard input), its worksheet as JSON out
    python -m pyapp schema          JSON schemas of deal and worksheet
    python -m pyapp typescript      TypeScript types of all shapes

A refusal is one JSON object on standard error, `{"error": {code, field, message, accepted}, "errors": […]}`, and exit
code 2.
"""

import sys
from pathlib import Path

import msgspec

from pyapp.errors import ErrorAnswer, Problem, Refused

USAGE = "usage: python -m pyapp quote FILE|- | schema | typescript\n"


def _read(name: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        problem = Problem(
            code="no_file", field=name, message=error.strerror or str(error), accepted="a file, or - for standard input"
        )
        raise Refused([problem]) from error


def _print(data: bytes) -> None:
    sys.stdout.buffer.write(msgspec.json.format(data) + b"\n")
    sys.stdout.flush()


def _quote(name: str) -> None:
    from pyapp.deal.document import Deal
    from pyapp.deal.price import price
    from pyapp.deal.reading import read
    from pyapp.tax.service import native_service

    deal = read(_read(name), Deal, name="standard input" if name == "-" else name)
    _print(msgspec.json.encode(price(deal, native_service())))


def _schema() -> None:
    from pyapp.deal.document import Deal
    from pyapp.deal.worksheet import Worksheet

    (deal, worksheet, refusal), parts = msgspec.json.schema_components([Deal, Worksheet, ErrorAnswer])
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$defs": {**parts, "deal": deal, "worksheet": worksheet, "refusal": refusal},
        "$ref": "#/$defs/deal",
    }
    _print(msgspec.json.encode(whole).replace(b"#/components/schemas/", b"#/$defs/"))


def main(arguments: list[str]) -> int:
    """Runs one command; the result is the exit code."""
    try:
        match arguments:
            case ["quote", name]:
                _quote(name)
            case ["schema"]:
                _schema()
            case ["typescript"]:
                from pyapp.typescript import typescript

                sys.stdout.write(typescript())
            case _:
                sys.stderr.write(USAGE)
                return 2
    except Refused as refused:
        sys.stderr.buffer.write(msgspec.json.format(msgspec.json.encode(refused.answer())) + b"\n")
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
