"""From a draft's texts to the deal: each text is read once, and what cannot be read is refused at its own field."""

import re
from collections.abc import Mapping, Sequence
from datetime import date as Date
from datetime import timedelta
from typing import Any

import msgspec

from pyapp.amounts import percent_text
from pyapp.deal.check import FAR_FIRST_DAYS, check, first_payment, start_of_interest
from pyapp.deal.document import (
    Add,
    ByHand,
    Cash,
    Dates,
    Deal,
    Fee,
    Finance,
    LocalLevy,
    MoneyDown,
    Party,
    Place,
    Product,
    Rebate,
    Residence,
    Trade,
    TradeVehicle,
    Vehicle,
)
from pyapp.deal.request import UNNAMED
from pyapp.desk import fields
from pyapp.desk.draft import Asks, Draft, DraftItem
from pyapp.desk.fields import FieldSpec
from pyapp.desk.texts import Texts, fact_spec, shown
from pyapp.desk.view import FieldView
from pyapp.errors import Problem
from pyapp.law import words
from pyapp.tax.catalogue import Catalogue

FACTS = "place.facts."
_SALE = "dates.sale_date"
_DECIDES = ("kind", "at_sale", "assigned_to_dealer", "taken")
"""Fields of an item that decide whether its amount counts, and as what."""
TERMS = (12, 24, 36, 48, 60, 66, 72, 75, 84, 96)
"""Usual numbers of months."""


class Built(msgspec.Struct):
    """The deal, and what became of each text."""

    deal: Deal
    fields: dict[str, FieldView]
    refused: set[str]
    """Paths (of the deal document) whose text is refused or half-typed; what depends on them waits."""
    errors: list[Problem]
    half: str
    rewrites: dict[str, str]
    levy_ids: dict[str, list[str]]


class Builder(Texts):
    """Puts the deal together from its parts."""

    days_lead = False
    """Whether the days to the first payment, as typed, set its day."""

    def __init__(self, draft: Draft, asks: Asks, catalogue: Catalogue) -> None:
        super().__init__(draft, asks, catalogue)
        self.levy_ids: dict[str, list[str]] = {}

    # ---- lists

    def item(self, name: str, item: DraftItem) -> dict[str, Any]:
        """The texts of one item; keys whose text is blank are left out."""
        out: dict[str, Any] = {}
        for spec in fields.ITEMS[name]:
            path = f"{name}/{item.id}/{spec.path}"
            if spec.path == "kind":
                spec = msgspec.structs.replace(spec, choices=fields.KINDS[name])
            elif spec.path in ("amount", "price") and name in fields.KINDS:
                label = item.fields.get("name", "").strip() or dict(fields.KINDS[name]).get(
                    item.fields.get("kind", "") or fields.DEFAULT_KIND[name], spec.label
                )
                spec = msgspec.structs.replace(spec, label=label)
            elif spec.path == "level":
                spec = msgspec.structs.replace(spec, choices=self._levels())
            value = self.take(spec, path, item.fields.get(spec.path, ""))
            if value is not None:
                out[spec.path] = value
        return out

    def _levels(self) -> tuple[tuple[str, str], ...]:
        """Who may levy locally, by the catalogue."""
        levels = (f.choices for rows in self.catalogue.lists for f in rows.fields if f.name == "level")
        return tuple((level, words.spoken(level)) for level in next(levels, ()))

    def items(self, name: str) -> list[tuple[str, dict[str, Any]]]:
        """All items of a list with an id of their own."""
        return [(item.id, self.item(name, item)) for item in self.draft.lists.get(name, [])]

    def _priced(self, name: str, key: str) -> list[tuple[str, dict[str, Any]]]:
        """Items of a list with their kind; one whose amount is blank is not there, one that is refused counts as 0.

        An amount is waited for also while it is not known whether or as what it counts.
        """
        out: list[tuple[str, dict[str, Any]]] = []
        for item_id, values in self.items(name):
            path = f"{name}/{item_id}/{key}"
            values.setdefault("kind", fields.DEFAULT_KIND[name])
            doubtful = [word for word in _DECIDES if f"{name}/{item_id}/{word}" in self.refused]
            if doubtful and key in values:
                self.refused.add(path)
            if "taken" in doubtful:
                values["taken"] = True
            if path in self.refused:
                values[key] = 0
            if key in values:
                out.append((item_id, values))
        return out

    def trades(self) -> list[Trade]:
        """Trades of which anything is typed."""
        out: list[Trade] = []
        for item_id, values in self.items("trades"):
            car = {k: values.pop(k) for k in ("model_year", "make", "model", "odometer") if k in values}
            if values or car or any(path.startswith(f"trades/{item_id}/") for path in self.refused):
                out.append(Trade(id=item_id, vehicle=TradeVehicle(**car) if car else None, **values))
        return out

    # ---- parts that hang together

    def price(self, msrp: int | None) -> int | None:
        """The selling price; a typed discount sets it, and gives way to a price that is typed after it."""
        typed_discount = self.draft.fields.get("discount", "").strip()
        typed_price = self.draft.fields.get("selling_price", "").strip()
        value: int | None = self.field("selling_price")
        if typed_discount and ("discount" in self.draft.leads or not typed_price):
            discount: int | None = self.field("discount")
            if discount is None:
                if "discount" in self.refused:
                    self.refused.add("selling_price")
                return value
            if msrp is None or discount > msrp:
                wrong = "needs the MSRP that it is taken off" if msrp is None else "is more than the MSRP"
                self.refuse(
                    "discount",
                    Problem(
                        code="not_accepted",
                        field="discount",
                        message=f"“{typed_discount}” {wrong}",
                        accepted="a discount up to the MSRP, with the MSRP typed",
                    ),
                )
                self.refused.add("selling_price")
                return value
            value = msrp - discount
            self.refused.discard("selling_price")
            self.rewrites["selling_price"] = words.money(value)
            self.fields["selling_price"].text = words.money(value)
            self.fields["selling_price"].cents = value
            return value
        if typed_discount:
            self.rewrites["discount"] = ""
        spec = fields.DISCOUNT
        off = None if msrp is None or value is None else msrp - value
        view = FieldView(
            path="discount", label=spec.label, kind="money", text=shown(spec, off), cents=off, deducted=True
        )
        if off is not None and off >= 0:
            view.step_up, view.step_down = shown(spec, off + spec.step), shown(spec, max(off - spec.step, 0))
        self.fields["discount"] = view
        return value

    def dates(self) -> Dates:
        """The deal's dates; days to first, while they are typed, set the first payment's day."""
        dates: Dates = self.part("dates.", Dates, fields.DATES)
        if dates.quoted_on is None and "dates.quoted_on" not in self.refused:
            dates.quoted_on = self.today
            self.fields["dates.quoted_on"].text = words.day(self.today)
        start = None if _SALE in self.refused else dates.sale_date or dates.quoted_on
        days_field = "structure.days_to_first"
        typed_days = self.draft.fields.get(days_field, "").strip()
        typed_first = self.draft.fields.get("dates.first_payment_date", "").strip()
        self.days_lead = bool(typed_days) and (days_field in self.draft.leads or not typed_first)
        if self.days_lead:
            days: int | None = self.field(days_field)
            if days is not None and days > FAR_FIRST_DAYS:
                wrong = Problem(
                    code="out_of_range",
                    field=days_field,
                    message=f"“{typed_days}” is too far",
                    accepted=f"0 to {FAR_FIRST_DAYS} days",
                )
                self.refuse(days_field, wrong)
                days = None
            if days_field in self.refused:
                self.refused.add("dates.first_payment_date")
            elif typed_first and days is not None:
                self.rewrites["dates.first_payment_date"] = ""
                self.fields["dates.first_payment_date"].text = ""
            dates.first_payment_date = start + timedelta(days) if start and days is not None else None
        else:
            if typed_days:
                self.rewrites[days_field] = ""
            self.take(fields.DAYS, days_field, "")
        return dates

    def _levies(self, name: str) -> list[LocalLevy] | None:
        """The levies of a list, one a row; None while no row says anything. A row without its rate is waited for."""
        rows: list[LocalLevy] = []
        self.levy_ids[name] = []
        for item_id, values in self.items(name):
            refused = any(path.startswith(f"{name}/{item_id}/") for path in self.refused)
            if refused or (values and "rate_percent" not in values):
                self.refused.add(f"place.{name}")
            elif values:
                self.levy_ids[name].append(item_id)
                rows.append(
                    LocalLevy(
                        id=item_id,
                        level=values.get("level", "other"),
                        name=values.get("name", UNNAMED),
                        rate_percent=percent_text(values["rate_percent"]),
                        base_limit=values.get("base_limit"),
                    )
                )
        return rows or None

    def place(self) -> Place:
        """The place with its local levies and the facts that its law asks."""
        place: Place = self.part("place.", Place, fields.PLACE)
        rate: int | None = self.field("place.local_rate")
        place.local = self._levies("local")
        if place.local is None and rate is not None:
            levy = LocalLevy(id="local", level="other", name=UNNAMED, rate_percent=percent_text(rate))
            place.local = [levy] if rate else []
            self.fields["place.local_rate"].note = "" if rate else "no local levy here"
        if "place.local_rate" in self.refused and place.local is None:
            self.refused.add("place.local")
        place.local_dealer_place = self._levies("local_dealer_place")
        for path, text in self.draft.fields.items():
            if path.startswith(FACTS):
                self._fact(place, path, text)
        return place

    def _fact(self, place: Place, path: str, text: str) -> None:
        name = path.removeprefix(FACTS)
        fact = self.catalogue.fact(name)
        if fact is None:
            self.fields[path] = FieldView(path=path, label=name, kind="text", text=text)
            if text.strip():
                problem = Problem(
                    code="unknown_fact",
                    field=path,
                    message="no rule anywhere knows this fact",
                    accepted="no such field",
                )
                self.refuse(path, problem)
            return
        value = self.take(fact_spec(fact, path), path, text)
        if value is None:
            return
        if fact.type == "rate":
            value = percent_text(value)
        elif isinstance(value, Date):
            value = value.isoformat()
        place.facts[name] = value

    def people(self) -> list[Party]:
        """The buyer, when anything is known of it."""
        name, state = self.field("buyer.name"), self.field("buyer.state")
        if not name and not state:
            return []
        return [Party(id="buyer", name=name, residence=Residence(state=state) if state else None)]

    def by_hand(self) -> list[ByHand]:
        """Amounts of the law typed over."""
        out: list[ByHand] = []
        for key, text in self.draft.by_hand.items():
            path = f"by_hand.{key}"
            spec = FieldSpec(path=path, label=key, kind="money", noun="amount by hand", step=100)
            value: int | None = self.take(spec, path, text)
            if value is not None:
                out.append(ByHand(path=f"lines.{key}", value=value))
        return out

    def _program_steps(self, months: int | None) -> None:
        """Alt+Up and Alt+Down on the months go to the next usual term."""
        view = self.fields["structure.months"]
        if months is not None:
            view.step_up = str(next((term for term in TERMS if term > months), months))
            view.step_down = str(next((term for term in reversed(TERMS) if term < months), months))

    def structure(self) -> Cash | Finance:
        """Cash or finance; finance unless cash is picked."""
        kind = self.field("structure.kind")
        months, rate = self.field("structure.months"), self.field("structure.rate")
        self._program_steps(months)
        program, month_end = self.field("structure.program"), self.field("structure.month_end_first")
        if kind == "cash":
            return Cash()
        if kind is None and "structure.kind" not in self.refused:
            self.fields["structure.kind"].text = "finance"
        text = None if rate is None else percent_text(rate)
        return Finance(months=months, rate=text, program=program, month_end_first=month_end)

    def down(self, structure: Cash | Finance) -> MoneyDown:
        """What the customer pays himself: of a cash deal all, so only what was paid before is told apart."""
        deposit: int | None = self.field("money_down.deposit")
        if isinstance(structure, Cash):
            return MoneyDown(cash_down=deposit, deposit=deposit)
        return MoneyDown(cash_down=self.field("money_down.cash_down"), deposit=deposit)

    # ---- the whole

    def _unknown(self) -> None:
        for path, text in self.draft.fields.items():
            if path not in fields.BY_PATH and not path.startswith(FACTS) and text.strip():
                problem = Problem(code="unknown_key", field=path, message="is no field of the deal", accepted="")
                self.errors.append(problem)
        for name in self.draft.lists:
            if name not in fields.ITEMS:
                accepted = ", ".join(fields.ITEMS)
                self.errors.append(
                    Problem(code="unknown_key", field=name, message="is no list of the deal", accepted=accepted)
                )

    def deal(self) -> Deal:
        """All parts."""
        vehicle: Vehicle = self.part("vehicle.", Vehicle, fields.VEHICLE)
        vehicle.msrp = self.field("vehicle.msrp")
        structure = self.structure()
        return Deal(
            id=self.draft.id,
            dates=self.dates(),
            parties=self.people(),
            place=self.place(),
            vehicle=vehicle,
            selling_price=self.price(vehicle.msrp),
            adds=[Add(id=i, **v) for i, v in self._priced("adds", "amount")],
            rebates=[Rebate(id=i, **v) for i, v in self._priced("rebates", "amount")],
            trades=self.trades(),
            fees=[Fee(id=i, **v) for i, v in self._priced("fees", "amount")],
            products=[Product(id=i, **v) for i, v in self._priced("products", "price")],
            money_down=self.down(structure),
            structure=structure,
            by_hand=self.by_hand(),
        )

    def _checked(self, deal: Deal) -> None:
        """What the deal as a whole may not say, at the fields that say it."""
        for problem in check(deal):
            path = desk_path(problem.field, self.levy_ids)
            if problem.code == "missing_field" or path in self.refused:
                continue
            if problem.code.startswith("first_payment"):
                if _SALE in self.refused:
                    continue
                path = "structure.days_to_first" if self.days_lead else path
                deal.dates.first_payment_date = None
            self.refuse(path, msgspec.structs.replace(problem, field=path))
            self.refused.add(problem.field)
        if isinstance(deal.structure, Finance):
            if "structure.months" in self.refused:
                deal.structure.months = None
            if "structure.rate" in self.refused:
                deal.structure.rate = None

    def build(self) -> Built:
        """The deal and the state of every field."""
        self._unknown()
        deal = self.deal()
        self._checked(deal)
        days = self.fields["structure.days_to_first"]
        start, first = start_of_interest(deal), first_payment(deal)
        if start and first and not days.error and _SALE not in self.refused and isinstance(deal.structure, Finance):
            if not days.text:
                days.text = str((first - start).days)
            days.note = words.day(first)
            span = (first - start).days
            days.step_up, days.step_down = str(span + 1), str(max(span - 1, 0))
        return Built(deal, self.fields, self.refused, self.errors, self.half, self.rewrites, self.levy_ids)


_LEVY_ROW = re.compile(r"place\.(local|local_dealer_place)\[(\d+)\]\.(\w+)")


def desk_path(path: str, levy_ids: Mapping[str, Sequence[str]] | None = None) -> str:
    """The draft's field for a path of the deal document; `levy_ids` are those of the deal's local levies, in order."""
    row = _LEVY_ROW.fullmatch(path)
    if row and levy_ids and int(row[2]) < len(levy_ids.get(row[1], ())):
        return f"{row[1]}/{levy_ids[row[1]][int(row[2])]}/{row[3]}"
    special = {"place.local": "place.local_rate", "structure.kind": "structure.kind"}
    if path.startswith("parties/") and path.endswith("/residence.state"):
        return "buyer.state"
    return special.get(path, path)


def build(draft: Draft, asks: Asks, catalogue: Catalogue) -> Built:
    """Reads a draft."""
    return Builder(draft, asks, catalogue).build()
