"""Refusals and warnings as the page writes them: sentences with a capital, days as `Nov 24, 2026`, amounts in dollars.

The deal's own checks speak in the document's terms (ISO days, whole cents), which is right for files.
"""

import re

import msgspec

from pyapp.errors import Problem
from pyapp.law import words

_DAY = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
_PATTERN = re.compile(r"\ba day as YYYY-MM-DD\b")
_UP_TO = re.compile(r"whole cents (?:from 0 |up )to (\d+)")
_CENTS = re.compile(r"(?<![\d.,])(-?\d+) cents\b")
_VERBS = ("is ", "needs ", "ends ", "lies ")


def _spoken(text: str) -> str:
    text = _PATTERN.sub("a day, such as 12/24/2026", text)
    text = _DAY.sub(lambda found: words.day_text(found[0]), text)
    text = _UP_TO.sub(lambda found: f"an amount up to {words.money(int(found[1]))}", text)
    return _CENTS.sub(lambda found: words.money(int(found[1])), text)


def as_page(problem: Problem, label: str = "") -> Problem:
    """The problem in the page's writing; `label` names the field where the message begins with its verb."""
    message = _spoken(problem.message)
    if label and message.startswith(_VERBS):
        message = f"{label} {message}"
    message = message[:1].upper() + message[1:]
    return msgspec.structs.replace(problem, message=message, accepted=_spoken(problem.accepted))
