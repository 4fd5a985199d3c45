"""One answer for the page: draft texts in, the whole view out."""

from collections.abc import Set as AbstractSet

import msgspec

from pyapp.deal.document import Deal, Finance
from pyapp.deal.price import work_asked
from pyapp.deal.request import Asked, ask
from pyapp.deal.worksheet import Range, Worksheet
from pyapp.desk import fields
from pyapp.desk.build import Builder, Built, desk_path
from pyapp.desk.draft import PriceCall
from pyapp.desk.figures import Figures
from pyapp.desk.grid import grid, schedule_text
from pyapp.desk.laws import law_date, law_line
from pyapp.desk.ledger import FEES, TAX, Ledger
from pyapp.desk.problems import as_page
from pyapp.desk.questions import questions
from pyapp.desk.texts import OTHER
from pyapp.desk.view import (
    Choice,
    DealHead,
    FieldView,
    Figure,
    Info,
    LawLine,
    RangeView,
    StateInfo,
    Strip,
    View,
)
from pyapp.errors import Problem
from pyapp.finance.level import Schedule
from pyapp.law import words
from pyapp.tax import wire
from pyapp.tax.catalogue import Catalogue
from pyapp.tax.service import TaxService

_KEY_FIGURES = ("otd_before_trade", "balance")


def _head(deal: Deal, sheet: Worksheet, refused: AbstractSet[str]) -> DealHead:
    car = deal.vehicle
    year = None if "vehicle.model_year" in refused else car.model_year
    name = " ".join(str(part) for part in (year, car.make, car.model, car.trim) if part)
    driven = None if "vehicle.odometer" in refused else car.odometer
    miles = f"{driven:,} miles" if driven is not None else ""
    known = (name, car.new_or_used or "", miles) if name or miles else ()
    vehicle = ", ".join(part for part in known if part)
    buyer = next((party.name for party in deal.parties if party.role == "buyer" and party.name), None)
    state = sheet.tax.state_name or deal.place.state or ""
    return DealHead(
        title=buyer or "New deal",
        vehicle=vehicle,
        place=_address(deal, state),
        state=state,
        law_date=law_date(sheet.tax.law_date),
    )


def _address(deal: Deal, state: str) -> str:
    """Where it will be registered: `Dallas, Dallas County, TX 75201`; the state alone is named in full."""
    place = deal.place
    if not (place.city or place.county or place.zip):
        return state
    county = place.county or ""
    if county and not county.lower().endswith("county"):
        county = f"{county} County"
    last = " ".join(part for part in (place.state, place.zip) if part)
    return ", ".join(part for part in (place.city, county, last) if part)


def _terms(deal: Deal, sheet: Worksheet) -> str:
    plan = sheet.finance
    if plan is None or not isinstance(deal.structure, Finance):
        return "paid in full"
    parts: list[str] = []
    if plan.months is not None:
        parts.append(words.months(plan.months))
    if plan.apr is not None:
        parts.append(f"at {plan.apr} % APR")
    elif plan.rate is not None:
        parts.append(f"at {plan.rate} %")
    down = sheet.cash_down
    cash = "nothing down" if down == 0 else f"{words.money(down)} down" if down is not None else ""
    return ", ".join(part for part in (" ".join(parts), cash) if part)


def _taxes_and_fees(sheet: Worksheet, figures: Figures) -> Figure:
    """Both together, as a range where either is one; while either is unknown, so is their sum."""
    spans: list[Range] = []
    waits: set[str] = set()
    for name, cents in (("tax.total", sheet.tax.total), ("fees_total", sheet.fees_total)):
        if name in sheet.ranges:
            spans.append(sheet.ranges[name])
        elif cents is None:
            waits.update(sheet.waits.get(name, []))
        else:
            spans.append(Range(low=cents, high=cents))
    if len(spans) < 2:
        return figures.plain(None, sorted(waits))
    both = Range(low=sum(span.low for span in spans), high=sum(span.high for span in spans))
    return figures.plain(both.low) if both.low == both.high else figures.range(both)


def _announce(payment: Figure, otd: Figure, *, finance: bool) -> str:
    if otd.state == "waits":
        return f"Out the door {otd.waits}".strip()
    if finance:
        said = payment.waits if payment.state == "waits" else payment.text
        return f"Payment {said}, out the door {otd.text}"
    return f"Out the door {otd.text}"


def _fine_print(deal: Deal, sheet: Worksheet) -> str:
    plan = sheet.finance
    start = "Estimate, not a credit disclosure."
    if plan is None or plan.payment is None or plan.total_of_payments is None or plan.first_date is None:
        return start
    trade = sum(trade.allowance or 0 for trade in sheet.trades)
    allowed = f"trade allowance {words.money(trade)}, " if trade else ""
    down, first, total = words.money(sheet.cash_down or 0), words.day(plan.first_date), plan.total_of_payments
    return (
        f"{start} Payment assumes {words.months(plan.months or 0)} at {plan.apr} % APR, cash down {down}, {allowed}"
        f"first payment {first}. Total of payments {words.money(total)}. "
        "Products are not required to buy or to finance."
    )


def _strip(deal: Deal, sheet: Worksheet, figures: Figures) -> Strip:
    plan = sheet.finance
    payment = figures.figure("finance.payment", plan.payment if plan else None)
    otd = figures.figure("otd_before_trade", sheet.otd_before_trade)
    last = ""
    if plan and plan.payment is not None and plan.n is not None:
        whole = Schedule(payment=plan.payment, n=plan.n, last=plan.last or 0, total=plan.total_of_payments or 0)
        last = schedule_text(whole)
    return Strip(
        kind=sheet.kind,
        payment=payment,
        payment_label="Payment a month" if plan else "Out the door",
        terms=_terms(deal, sheet),
        otd=otd,
        otd_note="before trade"
        if plan
        else f"price, tax and fees; {'with' if sheet.products_total else 'no'} products",
        otd_after=figures.figure("otd_after_trade", sheet.otd_after_trade),
        due_at_signing=figures.figure("due_at_signing", sheet.due_at_signing),
        amount_financed=figures.figure("finance.amount_financed", plan.amount_financed if plan else None),
        total_of_payments=figures.figure("finance.total_of_payments", plan.total_of_payments if plan else None),
        finance_charge=figures.figure("finance.finance_charge", plan.finance_charge if plan else None),
        tax_and_fees=_taxes_and_fees(sheet, figures),
        last_payment=last,
        fine_print=_fine_print(deal, sheet),
        announce=_announce(payment, otd, finance=plan is not None),
    )


def _range(sheet: Worksheet) -> RangeView | None:
    low, high = sheet.tax.local_low_ppm, sheet.tax.local_high_ppm
    if not sheet.ranges or low is None or high is None:
        return None
    a, b = words.percent(low), words.percent(high)
    return RangeView(
        text=f"The local rate there is {a} to {b}. Where will it be registered?", low_percent=a, high_percent=b
    )


def _errors(built: Built, sheet: Worksheet) -> list[Problem]:
    """Refusals of the typed texts and of the law, in the page's writing, here and at their fields.

    One that only waits for an answer is a question, not an error.
    """
    out = list(built.errors)
    for problem in sheet.problems:
        # A line that another day's law does not have is not on the page either; its amount waits for it to come back.
        if problem.code in ("missing_fact", "unknown_line"):
            continue
        path = desk_path(problem.field, built.levy_ids)
        view = built.fields.get(path)
        if view and view.error is None:
            view.error = problem
        out.append(msgspec.structs.replace(problem, field=path))
    for view in built.fields.values():
        if view.error:
            view.error = as_page(view.error, view.label)
    return [as_page(problem, _label(built, problem.field)) for problem in out]


def _label(built: Built, path: str) -> str:
    view = built.fields.get(path)
    return view.label if view else ""


def _laws(sheet: Worksheet, figures: Figures, catalogue: Catalogue, asked: Asked) -> dict[str, LawLine]:
    out: dict[str, LawLine] = {}
    for lines, prefix in ((sheet.tax.lines, TAX), (sheet.tax.fees, FEES), (sheet.tax.limits, "tax.limits/")):
        for line in lines:
            out[line.key] = law_line(line, sheet, figures, catalogue, prefix, asked.given)
    return out


def view(call: PriceCall, service: TaxService) -> View:
    """Everything that the desk page and the quick quote show."""
    catalogue = service.catalogue
    builder = Builder(call.draft, call.asks, catalogue)
    built = builder.build()
    deal = built.deal
    refused = frozenset(built.refused)
    if not deal.place.state:
        refused |= {"place.state"}
    asked = ask(catalogue, deal, refused)
    sheet = work_asked(deal, service, asked, refused)
    deal.rule_pack = sheet.rule_pack
    figures = Figures(sheet, catalogue)
    known_place = deal.place.state in catalogue.states
    needs = service.needs(asked.request) if known_place else wire.Needs(wire.COMPUTED, 0, ())
    errors = _errors(built, sheet)
    asks_now = questions(builder, catalogue, asked, needs)
    for line in (*sheet.tax.lines, *sheet.tax.fees):
        typed = built.fields.get(f"by_hand.{line.key}")
        if typed:
            typed.label, typed.by_hand = line.name, True
            typed.stored = "" if line.replaced is None else words.money(line.replaced)
    sure = not sheet.ranges and not errors and not any(name in sheet.waits for name in _KEY_FIGURES)
    if sheet.finance and sheet.finance.payment is None:
        sure = False
    over = any(problem.code == "fee_over_limit" for problem in sheet.warnings)
    return View(
        draft_id=call.draft.id,
        head=_head(deal, sheet, refused),
        strip=_strip(deal, sheet, figures),
        ledger=Ledger(call.draft, built, sheet, figures).lines(),
        fields=built.fields,
        laws=_laws(sheet, figures, catalogue, asked),
        questions=asks_now,
        grid=grid(deal, sheet, call.asks.grid, refused) if call.asks.grid else None,
        range=_range(sheet),
        asks_local=any(catalogue.argument_name(need.fact) == "local" for need in needs.facts),
        errors=errors,
        warnings=[as_page(problem, _label(built, problem.field)) for problem in sheet.warnings],
        can_show=sure and not over,
        rule_pack=sheet.rule_pack,
        half_typed=built.half,
        rewrites=built.rewrites,
        deal=deal,
    )


def info(service: TaxService) -> Info:
    """What is at hand: the rule pack, its jurisdictions, the page's fields."""
    catalogue = service.catalogue
    states = [
        StateInfo(
            code=code,
            name=law.name,
            tax_name=law.tax_name,
        )
        for code, law in sorted(catalogue.states.items(), key=lambda pair: pair[1].name)
    ]
    blank = [
        FieldView(
            path=spec.path,
            label=spec.label,
            kind=spec.kind,
            text="",
            deducted=spec.deducted,
            among="states" if spec.state else "",
            choices=[Choice(value=value, label=label) for value, label in spec.choices],
        )
        for spec in fields.FIXED
    ]
    pack = catalogue.pack
    every = [Choice(value=code, label=name) for code, name in catalogue.all_states]
    return Info(
        rule_pack=pack.id,
        first_day=pack.floor,
        last_day=pack.horizon,
        states=states,
        all_states=[*every, Choice(value=OTHER, label="Elsewhere")],
        fields=blank,
    )
