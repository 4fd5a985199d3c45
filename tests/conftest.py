"""The same examples on every run, so that a change breaks a test and nothing else does.

`--hypothesis-profile=search` looks for new ones.
"""

from hypothesis import settings

settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("search", deadline=None, max_examples=2000)
settings.load_profile("same")
