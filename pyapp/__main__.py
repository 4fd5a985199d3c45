"""The command line: `python -m pyapp typescript`."""

import sys


def main(arguments: list[str]) -> int:
    """Runs one command; the result is the exit code."""
    if arguments == ["typescript"]:
        from pyapp.typescript import typescript

        sys.stdout.write(typescript())
        return 0
    sys.stderr.write("usage: python -m pyapp typescript\n")
    return 2


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
