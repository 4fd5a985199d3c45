"""The command line.

    python -m pyapp quote FILE      a deal as JSON in (`-`: standard input), its worksheet as JSON out
    python -m pyapp schema          JSON schemas of deal and worksheet
    python -m pyapp typescript      TypeScript types of all shapes

A refusal is one JSON object on standard error, `{"error": {code, field, message, accepted}, "errors": […]}`, and exit
code 2. So are the facts that the law asks and the deal leaves out, all of them at once; where the tax itself can do
without them, the worksheet is printed as well, with the figures that wait for them left open.
"""

import sys
from pathlib import Path

import msgspec

from pyapp.errors import ErrorAnswer, Problem, Refused

USAGE = "usage: python -m pyapp quote FILE|- | schema | typescript\n"
REFUSED = 2
"""The exit code of every refusal."""


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


def _tell(answer: ErrorAnswer) -> None:
    sys.stderr.buffer.write(msgspec.json.format(msgspec.json.encode(answer)) + b"\n")


def _quote(name: str) -> int:
    from pyapp.deal.document import Deal
    from pyapp.deal.price import price
    from pyapp.deal.reading import read
    from pyapp.tax.service import native_service

    deal = read(_read(name), Deal, name="standard input" if name == "-" else name)
    sheet = price(deal, native_service())
    _print(msgspec.json.encode(sheet))
    # Law that is not known on that day is told in the worksheet alone: nothing was left out of the deal.
    left_out = tuple(problem for problem in sheet.missing if problem.code == "missing_fact")
    if left_out:
        _tell(ErrorAnswer(left_out[0], left_out))
    return REFUSED if left_out else 0


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
                return _quote(name)
            case ["schema"]:
                _schema()
            case ["typescript"]:
                from pyapp.typescript import typescript

                sys.stdout.write(typescript())
            case ["-h" | "--help" | "help"]:
                sys.stdout.write(USAGE)
            case _:
                sys.stderr.write(USAGE)
                return REFUSED
    except Refused as refused:
        _tell(refused.answer())
        return REFUSED
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
