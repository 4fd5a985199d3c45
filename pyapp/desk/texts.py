"""One text into one field: the value, its proper writing, or why it is refused."""

from datetime import date as Date
from functools import lru_cache
from typing import Any

from pyapp import errors
from pyapp.amounts import MOST_CENTS, percent_text
from pyapp.deal.check import FIRST_DAY, LAST_DAY, MOST_RATE_PPM
from pyapp.desk import entry, fields
from pyapp.desk.asked import ASKED
from pyapp.desk.draft import Asks, Draft
from pyapp.desk.fields import FieldSpec
from pyapp.desk.view import Choice, FieldView
from pyapp.errors import Problem, refuse
from pyapp.law import words
from pyapp.tax.catalogue import Catalogue, Fact

OTHER = "other"
"""A place whose own law plays no part."""
_MOST = {
    "money": (MOST_CENTS, words.money(MOST_CENTS)),
    "percent": (MOST_RATE_PPM, words.percent(MOST_RATE_PPM)),
    "count": (10_000_000, "10,000,000"),
}
"""The largest number of a field in its unit, and how a sentence writes it."""
_ACCEPTED = {
    "money": "an amount, such as 40,000, 40k or 40000-1500",
    "percent": "a percent, such as 6.99",
    "count": "a whole number",
    "date": "a day, such as 12/24/2026 or Dec 24",
}
_WRONG = {
    "money": "is not an amount",
    "percent": "is not a percent with at most four decimals",
    "count": "is not a whole number",
    "date": "is not a day",
}


def shown(spec: FieldSpec, value: Any) -> str:
    """A value as its field writes it on blur."""
    if value is None:
        return ""
    match spec.kind:
        case "money":
            return words.money(-value if spec.deducted else value)
        case "percent":
            return percent_text(value)
        case "count":
            return f"{value:,}" if value >= 10_000 else str(value)
        case "date":
            return words.day(value)
        case "yes_no":
            return "yes" if value else "no"
        case _:
            return str(value)


def fact_spec(fact: Fact, path: str) -> FieldSpec:
    """The field in which a fact of the catalogue is typed."""
    asked = ASKED.get(fact.name)
    label = asked.label if asked else fact.says[:1].upper() + fact.says[1:] if fact.says else words.spoken(fact.name)
    kinds: dict[str, fields.Kind] = {
        "money": "money",
        "rate": "percent",
        "count": "count",
        "date": "date",
        "bool": "yes_no",
        "yes_no": "yes_no",
        "state": "text",
    }
    return FieldSpec(
        path=path,
        label=label,
        kind=kinds.get(fact.type, "choice"),
        noun=asked.noun if asked else fact.says or words.spoken(fact.name),
        choices=tuple((choice, words.spoken(choice)) for choice in fact.choices),
        state=fact.type == "state",
    )


def accepted_text(spec: FieldSpec, choices: tuple[tuple[str, str], ...]) -> str:
    """What a field takes, in words of the page."""
    if spec.state:
        return f"a state by its name or two letters, or {OTHER}"
    if spec.kind == "choice":
        return ", ".join(label for _, label in choices)
    return _ACCEPTED.get(spec.kind, "yes or no" if spec.kind == "yes_no" else "any text")


@lru_cache(maxsize=64)
def choice_list(choices: tuple[tuple[str, str], ...]) -> list[Choice]:
    """Choices as the page takes them; shared between views, so never changed."""
    return [Choice(value=value, label=label) for value, label in choices]


class Texts:
    """Reads the texts of one draft, each once."""

    def __init__(self, draft: Draft, asks: Asks, catalogue: Catalogue) -> None:
        self.draft = draft
        self.focus = asks.focus
        self.catalogue = catalogue
        today = entry.day(asks.today, Date.min)
        if today is None or not FIRST_DAY <= today <= LAST_DAY:
            raise refuse("bad_value", "asks.today", f"“{asks.today}” is not a day", "a day as YYYY-MM-DD")
        self.today = today
        self.states = catalogue.state_names
        self.fields: dict[str, FieldView] = {}
        self.refused: set[str] = set()
        self.errors: list[Problem] = []
        self.rewrites: dict[str, str] = {}
        self.half = ""

    def _choices(self, spec: FieldSpec) -> tuple[tuple[str, str], ...]:
        """What may be picked; the law's words come from its catalogue."""
        if spec.choices or spec.kind != "choice":
            return spec.choices
        name = spec.path.rpartition(".")[2]
        if name == "state":
            return self.states
        fact = self.catalogue.fact(name)
        return tuple((choice, words.spoken(choice)) for choice in fact.choices) if fact else ()

    def refuse(self, path: str, problem: Problem) -> None:
        """Marks a field as refused; it stays as it was typed."""
        self.refused.add(path)
        self.errors.append(problem)
        view = self.fields.get(path)
        if view:
            view.error = problem
            view.text = self.draft.fields.get(path, view.text)

    def _number(self, spec: FieldSpec, path: str, text: str) -> tuple[int | None, str, str]:
        """(value, hint, why it is wrong) of a number; half-typed in focus is neither value nor wrong."""
        reader = {"money": entry.money, "percent": entry.percent}.get(spec.kind, entry.count)
        read = reader(text)
        if read.state == "half":
            if path == self.focus:
                self.half = path
                self.refused.add(path)
                return None, "", ""
            return (
                None,
                "",
                "has fewer than three digits after its comma" if entry.loose_comma(text) else "ends in the middle",
            )
        if read.state != "value":
            fine = spec.kind == "money" and entry.parts_of_cents(text)
            return None, "", "has more than two digits after its point" if fine else _WRONG[spec.kind]
        number = abs(read.number) if spec.deducted else read.number
        hint = f"= {shown(spec, number)}" if read.expression else ""
        if number < 0:
            return None, hint, "is negative"
        most, said = _MOST[spec.kind]
        if number > most:
            return None, hint, f"is above {said}"
        return number, hint, ""

    def _value(self, spec: FieldSpec, path: str, text: str) -> tuple[Any, str, str]:
        if spec.kind in ("money", "percent", "count"):
            return self._number(spec, path, text)
        if spec.kind == "date":
            found = entry.day(text, self.today)
            if found is None and path == self.focus:
                self.half = path
                self.refused.add(path)
                return None, "", ""
            if found is not None and not FIRST_DAY <= found <= LAST_DAY:
                return None, "", f"is not a day from {words.day(FIRST_DAY)} to {words.day(LAST_DAY)}"
            return found, "", "" if found else _WRONG["date"]
        if spec.kind == "yes_no":
            truth = entry.yes_no(text)
            return truth, "", "" if truth is not None else "is neither yes nor no"
        if spec.kind == "choice":
            accepted = {value.lower(): value for value, _ in self._choices(spec)}
            found_choice = accepted.get(text.strip().lower())
            return found_choice, "", "" if found_choice is not None else "is not one of the choices"
        if spec.state:
            code = self._state(text.strip())
            return code, "", "" if code else "is no state"
        return text.strip(), "", ""

    def _state(self, text: str) -> str | None:
        """A state by its two letters or its name, also one whose law is not at hand; or a place of no state."""
        typed = " ".join(text.split()).lower()
        if typed == OTHER:
            return OTHER
        named = (code for code, name in self.catalogue.all_states if typed in (code.lower(), name.lower()))
        return next(named, None)

    def take(self, spec: FieldSpec, path: str, text: str) -> Any:
        """Reads one text into its field; None when it is blank, half-typed or refused."""
        view = FieldView(path=path, label=spec.label, kind=spec.kind, text=text, deducted=spec.deducted)
        if spec.state:
            view.among = "states"
        if spec.kind == "choice":
            view.choices = choice_list(self._choices(spec))
        self.fields[path] = view
        if not text.strip():
            return None
        value, hint, wrong = self._value(spec, path, text)
        view.hint = hint
        if wrong:
            accepted = accepted_text(spec, self._choices(spec))
            typed = errors.shown(text.strip())
            code = "out_of_range" if wrong.startswith("is above") else "not_accepted"
            self.refuse(path, Problem(code=code, field=path, message=f"“{typed}” {wrong}", accepted=accepted))
            return None
        if value is None:
            return None
        view.text = shown(spec, value)
        if spec.kind == "money":
            view.cents = value
        if spec.step:
            view.step_up = shown(spec, value + spec.step)
            view.step_down = shown(spec, max(value - spec.step, 0))
        return value

    def field(self, path: str) -> Any:
        """A fixed field of the deal."""
        return self.take(fields.BY_PATH[path], path, self.draft.fields.get(path, ""))

    def part(self, prefix: str, shape: Any, names: tuple[FieldSpec, ...]) -> Any:
        """A part of the deal whose fields stand under one prefix."""
        values = {spec.path.removeprefix(prefix): self.field(spec.path) for spec in names}
        return shape(**values)
