"""The catalogue of the law (`law.json`): which facts there are, and what each levy and value says, with its source.

The engine answers in positions; this gives them their names. Only what pyapp shows is read, the rest is skipped.
"""

from typing import Literal

import msgspec
from msgspec import Struct, field

from pyapp.tax.wire import LIST_ARGUMENT

FactType = Literal["money", "rate", "count", "bool", "yes_no", "choice", "state", "date"]


class Fact(Struct, frozen=True, kw_only=True):
    """One input that a rule may read."""

    name: str
    type: FactType
    choices: tuple[str, ...] = ()
    default: str = "required"
    says: str = ""

    @property
    def is_yes_no(self) -> bool:
        """Whether the answer is yes or no."""
        return self.type in ("bool", "yes_no")


class FactList(Struct, frozen=True, kw_only=True):
    """A list of rows that a rule may read (local levies, trades)."""

    name: str
    fields: tuple[Fact, ...]
    says: str = ""


class Inputs(Struct, frozen=True, kw_only=True):
    """All inputs; positions are wire ids."""

    facts: tuple[Fact, ...]
    lists: tuple[FactList, ...] = ()
    states: dict[str, str] = field(default_factory=dict[str, str])
    """Every state by its two letters, also those whose law is not at hand."""


class Source(Struct, frozen=True, kw_only=True):
    """A statute, regulation or page where a value stands."""

    title: str
    url: str | None = None
    kind: str | None = None


class Row(Struct, frozen=True, kw_only=True):
    """One period of a value."""

    text: str = ""
    from_: str | None = field(default=None, name="from")
    until: str | None = None
    source: tuple[str, ...] = ()
    confidence: Literal["primary", "secondary", "unverified"] = "unverified"
    inferred: bool = False
    note: str | None = None


class Value(Struct, frozen=True, kw_only=True):
    """One thing that the law sets."""

    id: str
    says: str = ""
    unit: str = ""
    role: str = "value"
    rows: tuple[Row, ...] = ()


class Levy(Struct, frozen=True, kw_only=True):
    """One levy: a tax, a government fee, a limit of a dealer's charge, or the range of a local rate."""

    id: str
    name: str
    kind: tuple[str, ...] = ("retail",)
    category: str = "tax"
    due: str | None = None
    collector: str | None = None
    formula: str = ""
    """The formula in words."""
    source: tuple[str, ...] = ()
    confidence: Literal["primary", "secondary", "unverified"] = "primary"
    inferred: bool = False
    note: str | None = None
    round: str | None = None
    item: str | None = None
    presumed: bool = False


class StateLaw(Struct, frozen=True, kw_only=True):
    """One jurisdiction."""

    name: str
    tax_name: str = ""
    authority: str = ""
    reviewed: str = ""
    summary: str = ""
    sources: dict[str, Source] = field(default_factory=dict[str, Source])
    unmodelled: dict[str, str] = field(default_factory=dict[str, str])
    """What the law says and the rules do not compute: fact and reason, the thing's name before a colon."""
    values: tuple[Value, ...] = ()
    levies: tuple[Levy, ...] = ()


class Pack(Struct, frozen=True, kw_only=True):
    """The rule pack's name and reach."""

    version: str
    hash: str = ""
    floor: str = ""
    horizon: str = ""

    @property
    def id(self) -> str:
        """What a deal keeps to tell under which law it was quoted: the version, and the law's own fingerprint."""
        return f"{self.version}+{self.hash[:12]}" if self.hash else self.version


class LawFile(Struct, frozen=True, kw_only=True):
    """The whole file."""

    pack: Pack
    inputs: Inputs
    states: dict[str, StateLaw]


class Catalogue:
    """The law file with its names at hand."""

    def __init__(self, law: bytes) -> None:
        self.file = msgspec.json.decode(law, type=LawFile)
        self.pack = self.file.pack
        self.states = self.file.states
        self.facts = self.file.inputs.facts
        self.lists = self.file.inputs.lists
        self.state_names = tuple((code, law.name) for code, law in sorted(self.states.items()))
        known = {**self.file.inputs.states, **dict(self.state_names)}
        self.all_states = tuple(sorted(known.items(), key=lambda pair: pair[1]))
        self.fact_id = {fact.name: i for i, fact in enumerate(self.facts)}
        self.list_id = {rows.name: i for i, rows in enumerate(self.lists)}

    def fact(self, name: str) -> Fact | None:
        """The fact of that name, if any rule anywhere may read it."""
        i = self.fact_id.get(name)
        return None if i is None else self.facts[i]

    def argument_name(self, argument: int) -> str:
        """The fact or list that an answer's argument names; empty when it names neither."""
        if 0 <= argument < len(self.facts):
            return self.facts[argument].name
        n = argument - LIST_ARGUMENT
        return self.lists[n].name if 0 <= n < len(self.lists) else ""

    def state_codes(self) -> str:
        """All jurisdictions at hand, for a message."""
        return ", ".join(sorted(self.states))
