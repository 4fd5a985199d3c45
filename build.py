#!/usr/bin/env python3
"""The one entry point: `python3 build.py serve` sets up everything and starts the application.

Needs Python 3.11 or later and nothing else; what it needs beyond that it installs. `python3 build.py --help`
lists the commands. Each step is a function in tools/, cached by the hash of what it reads.
"""

from __future__ import annotations

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - it is here to say so to an older Python
    sys.exit("build.py: Python 3.11 or later is needed")

from tools.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
