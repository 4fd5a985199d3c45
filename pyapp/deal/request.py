"""A deal as the tax engine's question: which of its fields are which fact, and back from a fact to its field."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from datetime import date as Date
from typing import Any

from msgspec import Struct, structs

from pyapp.amounts import percent_text, plain
from pyapp.deal.document import Add, Deal, Fee, Finance, LocalLevy, Product, Rebate
from pyapp.deal.trades import interest_waits, owed, payoff_day
from pyapp.errors import Problem
from pyapp.tax.catalogue import Catalogue
from pyapp.tax.facts import fact_word, list_rows
from pyapp.tax.refusals import date_out_of_range
from pyapp.tax.wire import EPOCH, RETAIL, FactWord, Request, RowWord, state_word

VEHICLE_FACTS = (
    "new_or_used",
    "model_year",
    "odometer",
    "msrp",
    "weight_lbs",
    "gvwr_lbs",
    "fuel",
    "mpg_city",
    "mpg_highway",
    "mpg_combined",
    "book_value",
    "vehicle_type",
)
SALE_DATES = ("sale_date", "delivery_date", "title_date")
"""The dates that a sale's tax may read; the day of the first payment is the loan's business."""
_ADD_FACT = {"accessory": "accessories", "freight": "freight", "dealer_add": "accessories"}
_REBATE_FACT = {
    "manufacturer": "rebate_manufacturer",
    "loyalty": "rebate_manufacturer",
    "conquest": "rebate_manufacturer",
    "employee": "manufacturer_employee_discount",
    "dealer": "discount_dealer",
}
FEE_FACT = {"document": "doc_fee", "filing": "electronic_filing_charge"}
PRODUCT_FACT = {
    "service_contract": "service_contract",
    "gap": "gap",
    "maintenance": "maintenance_plan",
    "credit_insurance": "insurance_products",
}
CHARGES = {
    "smog_inspection": "Smog inspection",
    "smog_certificate": "Smog certificate",
    "inventory_tax_passthrough": "Dealer's inventory tax",
    "business_tax_passthrough": "Dealer's business tax",
    "installation_labor": "Installing accessories",
    "delivery_to_customer": "Delivery to the customer",
    "late_accessories": "Accessories sold after delivery",
}
"""Money facts that the buyer pays besides the price: the deal has no field for them, so they stand among the facts."""
NO_CHARGE = frozenset({"buydown", "dealer_incentive"})
"""Items of a tax's base that pass between maker and dealer: the buyer does not pay them."""

# Where a fact is typed when it is not one of `place.facts`.
_HOME = {
    "price": "selling_price",
    "state": "place.state",
    "local": "place.local",
    "local_dealer_place": "place.local_dealer_place",
    "residence_state": "parties/buyer/residence.state",
    **{name: f"vehicle.{name}" for name in VEHICLE_FACTS},
    **{name: f"dates.{name}" for name in (*SALE_DATES, "first_payment_date")},
}


# Facts that other fields of the deal give: said again among the facts, the tax and the sums would disagree.
_OWN = {
    **_HOME,
    **dict.fromkeys(_ADD_FACT.values(), "adds"),
    **dict.fromkeys(_REBATE_FACT.values(), "rebates"),
    **dict.fromkeys(FEE_FACT.values(), "fees"),
    **dict.fromkeys(PRODUCT_FACT.values(), "products"),
    **{f"trade_{name}": "trades" for name in ("allowance", "payoff", "cash_back", "count", "titled_in")},
    "negative_equity": "trades",
    "rebate_at_sale": "rebates",
    "rebate_assigned_to_dealer": "rebates",
}


class Asked(Struct):
    """The question, or why it cannot be asked yet."""

    request: Request
    day: Date
    problems: list[Problem]
    waits: frozenset[str]
    """Fields that were refused and that the tax hangs on."""
    paths: dict[str, str]
    """Fact to the field that gave it."""
    given: dict[str, Any]
    """Fact to its value as the deal gives it."""

    def field_of(self, fact: str) -> str:
        """The path of the field that holds a fact."""
        if fact == "date":
            return "dates.sale_date" if "sale_date" in self.given else "dates.quoted_on"
        return self.paths.get(fact) or home_of(fact)

    def with_money(self, catalogue: Catalogue, fact: str, change: int) -> Request:
        """The same question with one money fact larger or smaller."""
        fact_id = catalogue.fact_id[fact]
        rest = tuple(word for word in self.request.facts if word[0] != fact_id)
        amount = self.given.get(fact, 0) + change
        return structs.replace(self.request, facts=(*rest, (fact_id, amount)) if amount else rest)


def home_of(fact: str) -> str:
    """Where a fact is typed."""
    return _HOME.get(fact, f"place.facts.{fact}")


def law_day(deal: Deal) -> Date | None:
    """The day that picks the law: the contract's, or the quote's while there is none; delivery is a fact of its own."""
    return deal.dates.sale_date or deal.dates.quoted_on


class _Gather:
    """Facts as they are found, each with its path; sums of money lines grow."""

    def __init__(self, catalogue: Catalogue, refused: AbstractSet[str]) -> None:
        self.catalogue = catalogue
        self.refused = refused
        self.given: dict[str, Any] = {}
        self.paths: dict[str, str] = {}
        self.waits: set[str] = set()

    def put(self, name: str, value: Any, path: str) -> None:
        """One fact; None is not given, and a fact that the catalogue lacks plays no part."""
        if path in self.refused:
            self.waits.add(path)
        elif value is not None and name in self.catalogue.fact_id:
            self.given[name] = value
            self.paths[name] = path

    def add(self, name: str, cents: int | None, path: str) -> None:
        """One more money line of a fact that sums them."""
        if path in self.refused:
            self.waits.add(path)
        elif cents and name in self.catalogue.fact_id:
            self.given[name] = self.given.get(name, 0) + cents
            self.paths.setdefault(name, path)


def _rebates(gather: _Gather, at_sale: list[Rebate]) -> None:
    """The law takes one answer for all of the maker's: about one that the buyer keeps only where none counts."""
    assigned = any(rebate.counts and rebate.kind != "dealer" for rebate in at_sale)
    for rebate in at_sale:
        if not rebate.counts:
            if assigned:
                continue
            gather.put("rebate_assigned_to_dealer", False, f"rebates/{rebate.id}/assigned_to_dealer")
        gather.add(_REBATE_FACT[rebate.kind], rebate.amount, f"rebates/{rebate.id}/amount")


def _money_lines(
    gather: _Gather, adds: list[Add], rebates: list[Rebate], fees: list[Fee], products: list[Product]
) -> None:
    for add in adds:
        gather.add(_ADD_FACT[add.kind], add.amount, f"adds/{add.id}/amount")
    _rebates(gather, [rebate for rebate in rebates if rebate.at_sale])
    for fee in fees:
        if fee.kind in FEE_FACT:
            gather.add(FEE_FACT[fee.kind], fee.amount, f"fees/{fee.id}/amount")
    for product in products:
        if product.taken and product.kind in PRODUCT_FACT:
            gather.add(PRODUCT_FACT[product.kind], product.price, f"products/{product.id}/price")


def _trades(gather: _Gather, deal: Deal) -> list[dict[str, int]]:
    """The trades' sums; the rows only where there are several."""
    day = payoff_day(deal)
    for trade in deal.trades:
        where = f"trades/{trade.id}"
        gather.add("trade_allowance", trade.allowance, f"{where}/allowance")
        gather.add("trade_payoff", owed(trade, day), f"{where}/payoff")
        gather.waits |= interest_waits(trade, deal, gather.refused)
        gather.add("trade_cash_back", trade.cash_back, f"{where}/cash_back")
        gather.put("trade_titled_in", trade.titled_in, f"{where}/titled_in")
    beyond = sum(owed(trade, day) - (trade.allowance or 0) for trade in deal.trades)
    if beyond > 0:
        gather.put("negative_equity", beyond, "trades")
    if len(deal.trades) < 2:
        return []
    gather.put("trade_count", len(deal.trades), "trades")
    return [{"allowance": t.allowance or 0, "payoff": owed(t, day)} for t in deal.trades]


def _local(rows: list[LocalLevy]) -> list[dict[str, Any]]:
    out: list[dict[str, Any]] = []
    for row in rows:
        # A list's money is written as files write it, so that one reader serves both.
        item: dict[str, Any] = {"level": row.level, "name": row.name, "rate_percent": row.rate_percent}
        if row.base_limit is not None:
            item["base_limit"] = plain(row.base_limit)
        out.append(item)
    return out


UNNAMED = "local rate"
"""Name of a local levy that was given as a bare rate."""


def local_at(ppm: int) -> list[LocalLevy]:
    """One local levy of a rate, to ask for an end of a range."""
    return [LocalLevy(level="other", name=UNNAMED, rate_percent=percent_text(ppm))]


def _beyond_the_law(catalogue: Catalogue, gather: _Gather, state: str) -> Iterator[Problem]:
    """Days of the sale that lie outside the law at hand; also where no rule there reads them, so that no slip stays."""
    if state not in catalogue.states:
        return
    first, last = catalogue.pack.floor, catalogue.pack.horizon
    for name in SALE_DATES:
        day = gather.given.get(name)
        if day is not None and not first <= day.isoformat() <= last:
            del gather.given[name]
            yield date_out_of_range(catalogue, state, gather.paths[name], day)


def ask(catalogue: Catalogue, deal: Deal, refused: AbstractSet[str] = frozenset()) -> Asked:
    """The deal as a request. `refused` are fields whose text is not accepted: the tax waits for those it reads."""
    gather = _Gather(catalogue, refused)
    gather.put("price", deal.selling_price, "selling_price")
    for name in VEHICLE_FACTS:
        gather.put(name, getattr(deal.vehicle, name), f"vehicle.{name}")
    for name in SALE_DATES:
        gather.put(name, getattr(deal.dates, name), f"dates.{name}")
    _money_lines(gather, deal.adds, deal.rebates, deal.fees, deal.products)
    trades = _trades(gather, deal)
    if isinstance(deal.structure, Finance):
        gather.put("liens", 1, "structure.kind")
    for party in deal.parties:
        if party.role == "buyer" and party.residence:
            gather.put("residence_state", party.residence.state, f"parties/{party.id}/residence.state")
    problems = list(_beyond_the_law(catalogue, gather, deal.place.state or ""))
    for name, value in deal.place.facts.items():
        path = f"place.facts.{name}"
        if name in _OWN:
            said = "is not said here: the deal has a field for it"
            problems.append(Problem(code="own_field", field=path, message=said, accepted=f"the field {_OWN[name]}"))
        elif name in catalogue.fact_id:
            gather.put(name, value, path)
        else:
            problems.append(
                Problem(
                    code="unknown_fact",
                    field=path,
                    message="no rule anywhere knows this fact",
                    accepted="a fact of docs/inputs.md",
                )
            )
    # A refused answer to a question of the law is not "not given": no default may take its place.
    always = ("place.state", "dates.quoted_on", "place.local", "place.local_dealer_place", "buyer.state")
    gather.waits.update(path for path in refused if path in always or path.startswith("place.facts."))

    facts: list[FactWord] = []
    for name, value in gather.given.items():
        fact_id = catalogue.fact_id[name]
        word = fact_word(catalogue.facts[fact_id], value, field=gather.paths[name], cents=True)
        if isinstance(word, Problem):
            problems.append(word)
        else:
            facts.append((fact_id, word))
    rows: list[RowWord] = []
    lists: list[tuple[str, str, list[dict[str, Any]] | None]] = [
        ("local", "place.local", None if deal.place.local is None else _local(deal.place.local)),
        (
            "local_dealer_place",
            "place.local_dealer_place",
            None if deal.place.local_dealer_place is None else _local(deal.place.local_dealer_place),
        ),
        ("trades", "trades", [{k: plain(v) for k, v in t.items()} for t in trades] or None),
    ]
    for name, path, given in lists:
        if given is not None and name in catalogue.list_id:
            words, wrong = list_rows(catalogue, name, given, field=path)
            rows += words
            problems += wrong
    # Nothing is computed under a law that is not at hand; what the place asks is told by the day of the quote.
    beyond = any(problem.field == "dates.sale_date" for problem in problems)
    day = deal.dates.quoted_on if beyond else law_day(deal)
    request = Request(
        state=state_word(deal.place.state or ""),
        kind=RETAIL,
        day=(day.toordinal() - EPOCH) if day else 0,
        facts=tuple(facts),
        rows=tuple(rows),
    )
    return Asked(request, day or Date.min, problems, frozenset(gather.waits), gather.paths, gather.given)
