"""`python -m backend COMMAND`."""

import argparse
import sys

from backend import serve


def main(arguments: list[str]) -> int:
    """Run one command; the exit code is 0 for done, 1 for failed, 2 for wrong use."""
    parser = argparse.ArgumentParser(prog="python -m backend", description="The server of Autolytiq.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="serve the page and the API")
    parser.parse_args(arguments)
    return serve.main()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
