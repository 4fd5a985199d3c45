"""A small engine for tests of what stands around the engine: two made-up states in plain Python, on the real catalogue.

AA taxes price less trade and rebate at 6.25 % and charges a title fee; its registration fee asks the weight.
BB taxes the price at 6 % and lays a local levy on the first 5,000.00, 0 to 2 % by place.
"""

import tomllib
from array import array
from pathlib import Path

import msgspec

from pyapp.tax import wire
from pyapp.tax.catalogue import Catalogue
from pyapp.tax.service import TaxService

INPUTS = Path(__file__).parents[2] / "tax_engine_rs" / "inputs.toml"

ROW = {"text": "6.25", "from": "1991-09-01", "source": ["s1"], "confidence": "primary"}
LEVY = {"kind": ["retail"], "source": ["s1"], "confidence": "primary"}


def law() -> bytes:
    """The catalogue of the made-up law."""
    inputs = tomllib.loads(INPUTS.read_text(encoding="utf-8"))
    source = {"title": "Made-up Code § 1", "url": "https://example.org/1", "kind": "statute"}
    common = {"authority": "An agency", "reviewed": "2026-11-24", "summary": "made up", "sources": {"s1": source}}
    aa = {
        "name": "Aland",
        "tax_name": "Vehicle tax",
        **common,
        "values": [
            {"id": "rate", "says": "rate of the tax", "unit": "percent", "rows": [ROW]},
            {
                "id": "price_in",
                "says": "selling price",
                "unit": "money",
                "rows": [{**ROW, "text": "in", "confidence": "unverified"}],
            },
        ],
        "levies": [
            {
                "id": "vehicle_tax",
                "name": "Vehicle tax",
                "category": "tax",
                "formula": "(price − trade) × rate",
                **LEVY,
            },
            {"id": "title", "name": "Title", "category": "fee", "due": "titling", **LEVY},
            {"id": "registration", "name": "Registration", "category": "fee", "due": "registration", **LEVY},
            {"id": "doc_limit", "name": "Document fee limit", "category": "limit", "item": "doc_fee", **LEVY},
        ],
    }
    bb = {
        "name": "Bland",
        "tax_name": "Sales tax",
        **common,
        "values": [],
        "levies": [
            {"id": "state_tax", "name": "Sales tax", "category": "tax", "formula": "price × 6 %", **LEVY},
            {"id": "surtax", "name": "County surtax", "category": "tax", "formula": "first 5,000 × rate", **LEVY},
            {"id": "local_range", "name": "Local range", "category": "range", **LEVY},
        ],
    }
    pack = {"version": "test-1", "hash": "00", "floor": "2023-01-01", "horizon": "2030-12-31"}
    return msgspec.json.encode({"pack": pack, "inputs": inputs, "states": {"AA": aa, "BB": bb}})


class FakeEngine:
    """Answers in the engine's words."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.ids = catalogue.fact_id
        self.calls = 0

    def _line(self, levy: int, category: int, base: int, rate: int, amount: int, **more: int) -> list[int]:
        due = more.get("due", 0)
        stop = more.get("stop", -1)
        status, argument = (1, stop) if stop >= 0 else (0, 0)
        head = [levy, category, due, 0, status, argument, more.get("row", -1), 1, base, rate, amount, amount]
        trace = [0, 0, 1, rate, 1, 0, 0, base] if levy == 0 and category == 0 and more.get("trace") else []
        return [*head, len(trace) // 4, *trace]

    def _answer(self, words: list[int], traced: bool) -> list[int]:
        state, day = words[1], words[3]
        facts = {words[5 + 2 * i]: words[6 + 2 * i] for i in range(words[4])}
        at = 5 + 2 * words[4]
        rows = [tuple(words[at + 1 + 4 * i : at + 5 + 4 * i]) for i in range(words[at])]
        if not 19358 <= day <= 22279:
            return [1, 3, 0, 0, -1, 0, 0, 0, 0]
        get = {name: facts.get(i) for name, i in self.ids.items()}
        price = get["price"]
        head = [1, 0, 0, 0, 0, 19358, 22279, 0]
        if state == wire.state_word("AA"):
            if price is None:
                return [1, 1, self.ids["price"], 0, -1, 0, 0, 0, 0]
            base = max(price - (get["trade_allowance"] or 0) - (get["rebate_manufacturer"] or 0), 0)
            tax = (base * 625 + 5000) // 10000
            weight = get["weight_lbs"]
            lines = [
                self._line(0, 0, base, 62500, tax, trace=traced),
                self._line(1, 1, 0, -1, 3300, due=1),
                self._line(2, 1, 0, -1, weight or 0, due=3, stop=self.ids["weight_lbs"] if weight is None else -1),
                self._line(3, 2, 0, -1, 22500),
            ]
            head[4] = tax
        elif state == wire.state_word("BB"):
            if price is None:
                return [1, 1, self.ids["price"], 0, -1, 0, 0, 0, 0]
            lines = [self._line(0, 0, price, 60000, (price * 6 + 50) // 100)]
            counts = [row for row in rows if row[0] == 0 and row[2] == wire.LIST_COUNT_FIELD]
            if counts:
                for _, n, _, rate in (row for row in rows if row[0] == 0 and row[2] == 0):
                    part = min(price, 500000)
                    amount = (part * rate + 500000) // 1000000
                    lines.append(self._line(1, 0, part, rate, amount, row=n))
            else:
                head[1:3] = [1, wire.LIST_ARGUMENT]
                lines.append(self._line(1, 0, 0, -1, 0, stop=wire.LIST_ARGUMENT))
            lines.append(self._line(2, 3, 0, -1, 20000))
        else:
            return [1, 2, 0, 0, -1, 0, 0, 0, 0]
        return [*head, len(lines), *(word for line in lines for word in line)]

    def quote(self, request: bytes) -> bytes:
        """One request."""
        self.calls += 1
        words = array("q")
        words.frombytes(request)
        return array("q", self._answer(words.tolist(), True)).tobytes()

    def quote_many(self, requests: bytes) -> bytes:
        """A batch."""
        self.calls += 1
        words = array("q")
        words.frombytes(requests)
        given = words.tolist()
        out, at = [given[0]], 1
        for _ in range(given[0]):
            length = given[at]
            answer = self._answer(given[at + 1 : at + 1 + length], False)
            out += [len(answer), *answer]
            at += 1 + length
        return array("q", out).tobytes()

    def needs(self, request: bytes) -> bytes:
        """Price and kind are asked everywhere, weight in AA, the place in BB."""
        words = array("q")
        words.frombytes(request)
        given = words.tolist()
        known = {given[5 + 2 * i] for i in range(given[4])}
        if given[5 + 2 * given[4]]:
            known.add(wire.LIST_ARGUMENT)
        asked = [self.ids["price"], self.ids["new_or_used"], self.ids["registration_months"]]
        asked.append(self.ids["weight_lbs"] if given[1] == wire.state_word("AA") else wire.LIST_ARGUMENT)
        optional = {self.ids["registration_months"]}
        pairs = [(fact, 0 if fact in known or fact in optional else 1) for fact in asked]
        return array("q", [1, 0, 0, 0, len(pairs), *(word for pair in pairs for word in pair)]).tobytes()


def service() -> TaxService:
    """A service over the made-up law."""
    data = law()
    return TaxService(FakeEngine(Catalogue(data)), data)
