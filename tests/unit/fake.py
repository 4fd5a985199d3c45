"""A small engine for tests of what stands around the engine: two made-up states in plain Python, on the real catalogue.

AA taxes price less trade and rebate at 6.25 % and charges a title fee; its registration fee asks the weight.
BB taxes the price at 6 % and lays a local levy on the first 5,000.00, 0 to 2 % by place.
"""

import struct
import tomllib
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
    """Answers in the engine's form."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.ids = catalogue.fact_id
        self.calls = 0

    def _line(self, levy: int, category: int, base: int, rate: int, amount: int, **more: int) -> bytes:
        stop = more.get("stop", -1)
        status, argument = (1, stop) if stop >= 0 else (0, 0)
        steps = ((0, 0, 1, rate), (1, 0, 0, base)) if levy == 0 and category == 0 and more.get("trace") else ()
        what = (levy, category, more.get("due", 0), 0, status, more.get("row", -1), argument, len(steps))
        head = struct.pack("<HBBBBhiIqqqq", *what, 1, base, rate, amount)
        return head + b"".join(struct.pack("<iHHq", *step) for step in steps)

    def _refused(self, status: int, argument: int = 0) -> bytes:
        return self._head(status, argument, -1, 0, 0, [])

    def _head(self, status: int, argument: int, total: int, first: int, last: int, lines: list[bytes]) -> bytes:
        head = struct.pack("<BBBxiqiiq", wire.FORM, status, 0, argument, total, first, last, len(lines))
        return head + b"".join(lines)

    def _asked(self, request: bytes) -> tuple[int, int, dict[int, int], list[tuple[int, int, int, int]]]:
        """State, day, facts, rows."""
        _, _, state, day, many, entries = struct.unpack_from("<BBHiII", request)
        facts = {row & 0xFFFF: row >> 16 for (row,) in struct.iter_unpack("<q", request[16 : 16 + 8 * many])}
        rows = list(struct.iter_unpack("<HHHxxq", request[16 + 8 * many :]))
        assert len(rows) == entries
        return state, day, facts, rows

    def _answer(self, request: bytes, traced: bool) -> bytes:
        state, day, facts, rows = self._asked(request)
        if not 19358 <= day <= 22279:
            return self._refused(wire.DATE_OUT_OF_RANGE)
        get = {name: facts.get(i) for name, i in self.ids.items()}
        price = get["price"]
        status, argument, total = 0, 0, 0
        if state == wire.state_word("AA"):
            if price is None:
                return self._refused(wire.MISSING_FACT, self.ids["price"])
            base = max(price - (get["trade_allowance"] or 0) - (get["rebate_manufacturer"] or 0), 0)
            total = (base * 625 + 5000) // 10000
            weight = get["weight_lbs"]
            lines = [
                self._line(0, 0, base, 62500, total, trace=traced),
                self._line(1, 1, 0, -1, 3300, due=1),
                self._line(2, 1, 0, -1, weight or 0, due=3, stop=self.ids["weight_lbs"] if weight is None else -1),
                self._line(3, 2, 0, -1, 22500),
            ]
        elif state == wire.state_word("BB"):
            if price is None:
                return self._refused(wire.MISSING_FACT, self.ids["price"])
            lines = [self._line(0, 0, price, 60000, (price * 6 + 50) // 100)]
            counts = [row for row in rows if row[0] == 0 and row[2] == wire.LIST_COUNT_FIELD]
            if counts:
                for _, n, _, rate in (row for row in rows if row[0] == 0 and row[2] == 0):
                    part = min(price, 500000)
                    amount = (part * rate + 500000) // 1000000
                    lines.append(self._line(1, 0, part, rate, amount, row=n))
            else:
                status, argument = wire.MISSING_FACT, wire.LIST_ARGUMENT
                lines.append(self._line(1, 0, 0, -1, 0, stop=wire.LIST_ARGUMENT))
            lines.append(self._line(2, 3, 0, -1, 20000))
        else:
            return self._refused(wire.UNKNOWN_STATE)
        return self._head(status, argument, total, 19358, 22279, lines)

    def quote(self, request: bytes) -> bytes:
        """One request."""
        self.calls += 1
        return self._answer(request, True)

    def quote_many(self, requests: bytes) -> bytes:
        """A batch."""
        self.calls += 1
        (many,) = struct.unpack_from("<q", requests)
        out, at = [struct.pack("<q", many)], 8
        for _ in range(many):
            end = at + 8 + 8 * struct.unpack_from("<q", requests, at)[0]
            answer = self._answer(requests[at + 8 : end], False)
            out += [struct.pack("<q", len(answer) // 8), answer]
            at = end
        return b"".join(out)

    def needs(self, request: bytes) -> bytes:
        """Price and kind are asked everywhere, weight in AA, the place in BB."""
        state, _, facts, rows = self._asked(request)
        known = set(facts) | {wire.LIST_ARGUMENT for _ in rows}
        asked = [self.ids["price"], self.ids["new_or_used"], self.ids["registration_months"]]
        asked.append(self.ids["weight_lbs"] if state == wire.state_word("AA") else wire.LIST_ARGUMENT)
        optional = {self.ids["registration_months"]}
        needs = [struct.pack("<II", fact, 0 if fact in known or fact in optional else 1) for fact in asked]
        return struct.pack("<BBxxiq", wire.FORM, 0, 0, len(needs)) + b"".join(needs)


def service() -> TaxService:
    """A service over the made-up law."""
    data = law()
    return TaxService(FakeEngine(Catalogue(data)), data)
