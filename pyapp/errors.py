"""Typed errors: every refusal names the field, says what was wrong and what is accepted."""

from collections.abc import Sequence

from msgspec import Struct

MOST_SHOWN = 40
"""So much of what was typed stands in a message: enough to know it again."""


def shown(value: object) -> str:
    """What was given, as a message repeats it: as JSON writes it where that differs from Python, and cut when long."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= MOST_SHOWN else text[: MOST_SHOWN - 3] + "…"


class Problem(Struct, frozen=True, kw_only=True):
    """One refusal, as data; the page shows it next to the field, the command line as a sentence."""

    code: str
    """What kind of refusal: a short word that programs compare (`missing_fact`, `unknown_key` …)."""
    field: str
    """Path of the field in the deal document, or the name of the fact; empty when no field is to blame."""
    message: str
    """What was wrong, with what was typed."""
    accepted: str = ""
    """What is accepted instead."""

    def sentence(self) -> str:
        """The whole refusal in plain words."""
        where = f"{self.field}: " if self.field else ""
        then = f". Accepted: {self.accepted}" if self.accepted else ""
        return f"{where}{self.message}{then}."


class ErrorAnswer(Struct, frozen=True):
    """The JSON that stands in the place of an answer: the first refusal, and all of them."""

    error: Problem
    errors: tuple[Problem, ...]


class Refused(Exception):
    """Raised when no answer can be given; carries at least one problem."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(p.sentence() for p in self.problems))

    def answer(self) -> ErrorAnswer:
        """The refusal as a JSON shape."""
        return ErrorAnswer(self.problems[0], self.problems)


def refuse(code: str, field: str, message: str, accepted: str = "") -> Refused:
    """A `Refused` with one problem."""
    return Refused([Problem(code=code, field=field, message=message, accepted=accepted)])
