"""What pyapp imports, so that a snapshot can hold it and a start stays quick."""

import subprocess
import sys

SCRIPT = """
import sys
from pyapp.browser_modules import MODULES
for name in MODULES:
    __import__(name)
before = set(sys.modules)
import pyapp.worker
ours = ('pyapp', 'msgspec', 'typing_extensions')
new = (n for n in set(sys.modules) - before if n.partition('.')[0] not in ours)
# Only what is written in Python has a file that a snapshot could lack.
print(' '.join(sorted(n for n in new if (getattr(sys.modules[n], '__file__', None) or '').endswith('.py'))))
heavy = ('asyncio', 'json', 'pathlib', 'logging', 'tomllib', 'random', 'calendar')
print(' '.join(n for n in heavy if n in sys.modules))
"""


def test_the_listed_modules_are_all_that_is_imported() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    more, heavy = done.stdout.split("\n")[:2]
    assert more == ""
    assert heavy == ""
