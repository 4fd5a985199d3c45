"""Figures as the page shows them: text, what they wait for, or their range."""

from pyapp.deal.request import home_of
from pyapp.deal.worksheet import Range, Worksheet
from pyapp.desk import fields
from pyapp.desk.asked import ASKED
from pyapp.desk.view import Figure
from pyapp.law import words
from pyapp.tax.catalogue import Catalogue


def noun_of(path: str, catalogue: Catalogue) -> str:
    """How a sentence names a field that is waited for."""
    spec = fields.BY_PATH.get(path)
    if spec:
        return spec.noun
    if path.count("/") == 2:
        name, _, key = path.split("/")
        found = next((s for s in fields.ITEMS.get(name, ()) if s.path == key), None)
        return found.noun if found else words.spoken(key)
    if path == "place.local":
        return fields.LOCAL_RATE.noun
    if path.startswith("by_hand."):
        return "amount of a fee that the law at hand does not tell"
    if path.startswith("parties/"):
        return "customer's home state"
    name = path.removeprefix("place.facts.")
    if name in ASKED:
        return ASKED[name].noun
    fact = catalogue.fact(name)
    if fact is None or not fact.says:
        return words.spoken(path.rpartition(".")[2])
    said = fact.says.partition(";")[0].partition(",")[0]
    return f"answer whether {said}" if fact.is_yes_no else said


class Figures:
    """Reads the figures of one worksheet."""

    def __init__(self, sheet: Worksheet, catalogue: Catalogue) -> None:
        self.sheet = sheet
        self.catalogue = catalogue

    def waits(self, paths: list[str]) -> str:
        """`waits for the rate`, for two, or for one and how many more; the price first, then what the vehicle tells."""
        days = [problem.field for problem in self.sheet.problems if problem.code == "date_out_of_range"]
        if days:
            # A day beyond the law at hand is mended where it was typed, not by amounts by hand.
            paths = [*days, *(path for path in paths if not path.startswith("by_hand."))]
        first = sorted(paths, key=lambda path: (path != fields.PRICE.path, not path.startswith("vehicle.")))
        nouns = list(dict.fromkeys(noun_of(path, self.catalogue) for path in first))
        if len(nouns) > 2:
            return f"waits for the {nouns[0]} and {len(nouns) - 1} more"
        return "waits for " + " and ".join(f"the {noun}" for noun in nouns) if nouns else ""

    def figure(self, name: str, cents: int | None, *, negative: bool = False) -> Figure:
        """A figure by its name in the worksheet; `negative` writes what comes off."""
        span = self.sheet.ranges.get(name)
        if span:
            return self.range(span, negative=negative)
        return self.plain(cents, self.sheet.waits.get(name, []), negative=negative)

    def plain(self, cents: int | None, waits: list[str] | None = None, *, negative: bool = False) -> Figure:
        """A figure from its cents, or what it waits for."""
        if cents is None:
            return Figure(text=words.DASH, state="waits", waits=self.waits(waits or []))
        shown = -cents if negative else cents
        text = words.money(shown)
        whole, _, decimals = text.partition(".")
        return Figure(text=text, cents=shown, whole=whole, decimals=f".{decimals}")

    def range(self, span: Range, *, negative: bool = False) -> Figure:
        """A figure of which only the ends are known."""
        ends = (-span.high, -span.low) if negative else (span.low, span.high)
        low, high = words.money(ends[0]), words.money(ends[1])
        return Figure(text=f"{low} to {high}", state="range", low=low, high=high)

    def fact_waits(self, fact: str) -> str:
        """What a line of the law waits for, by the fact's name."""
        return self.waits([home_of(fact)]) if fact else ""
