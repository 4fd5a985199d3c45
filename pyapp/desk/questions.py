"""What the law asks there: the facts that `needs` names, as questions with the field in which each is answered."""

from pyapp.deal.request import Asked, home_of
from pyapp.desk import fields
from pyapp.desk.build import Builder, desk_path
from pyapp.desk.texts import accepted_text, choice_list, fact_spec
from pyapp.desk.view import FieldView, Question
from pyapp.law import words
from pyapp.tax import wire
from pyapp.tax.catalogue import Catalogue, Fact

# What the worksheet's own lines and dates already give.
ON_THE_SHEET = frozenset(
    {
        "price",
        "accessories",
        "freight",
        "doc_fee",
        "electronic_filing_charge",
        "service_contract",
        "gap",
        "maintenance_plan",
        "insurance_products",
        "discount_dealer",
        "rebate_manufacturer",
        "manufacturer_employee_discount",
        "rebate_at_sale",
        "rebate_assigned_to_dealer",
        "trade_allowance",
        "trade_payoff",
        "trade_cash_back",
        "trade_count",
        "trade_titled_in",
        "negative_equity",
        "liens",
        "sale_date",
        "delivery_date",
        "title_date",
        "first_payment_date",
    }
)
_LISTS_ASKED = ("local",)


_SAME = "same as "


def default_text(catalogue: Catalogue, fact: Fact, asked: Asked, state: str) -> str:
    """The documented default in words; empty where there is none."""
    match fact.default:
        case "required":
            return ""
        case "zero":
            return "0.00"
        case "here":
            return state
        case same if same.startswith(_SAME):
            other = catalogue.fact(same.removeprefix(_SAME))
            if other is None or other.default.startswith(_SAME):
                return words.spoken(same)
            return str(asked.given.get(other.name) or default_text(catalogue, other, asked, state))
        case _:
            return words.spoken(fact.default)


def _question(builder: Builder, catalogue: Catalogue, fact: Fact, asked: Asked, required: bool, state: str) -> Question:
    path = desk_path(home_of(fact.name))
    view: FieldView | None = builder.fields.get(path)
    spec = fields.BY_PATH.get(path) or fact_spec(fact, path)
    if view is None:
        view = FieldView(path=path, label=spec.label, kind=spec.kind, text="", among="states" if spec.state else "")
        view.choices = choice_list(spec.choices)
        builder.fields[path] = view
    default = "" if required else default_text(catalogue, fact, asked, state)
    view.note = view.note or (f"taken: {default}" if default and not view.text else "")
    choices = tuple((choice.value, choice.label) for choice in view.choices)
    return Question(
        fact=fact.name,
        path=path,
        label=view.label,
        required=required,
        kind=spec.kind,
        choices=view.choices,
        default=default,
        accepted=accepted_text(spec, choices),
        text=view.text,
        error=view.error,
        among=view.among,
    )


def _place(builder: Builder, required: bool) -> Question:
    view = builder.fields[fields.LOCAL_RATE.path]
    return Question(
        fact="local",
        path=view.path,
        label=view.label,
        required=required,
        kind="percent",
        choices=[],
        default="",
        accepted="a percent, 0 for a place without local levies",
        text=view.text,
        error=view.error,
    )


def questions(builder: Builder, catalogue: Catalogue, asked: Asked, needs: wire.Needs) -> list[Question]:
    """Required ones first, in the law's own order; then those with a default."""
    state = builder.fields["place.state"].text
    out: list[Question] = []
    for need in needs.facts:
        n = need.fact - wire.LIST_ARGUMENT
        if 0 <= n < len(catalogue.lists):
            if catalogue.lists[n].name in _LISTS_ASKED and not builder.levy_ids["local"]:
                out.append(_place(builder, required=True))
            continue
        fact = catalogue.facts[need.fact]
        if fact.name in ON_THE_SHEET:
            continue
        required = need.required or (fact.default == "required" and fact.name in asked.given)
        out.append(_question(builder, catalogue, fact, asked, required, state))
    # What can be read off the vehicle comes first.
    return sorted(out, key=lambda question: (not question.required, not question.path.startswith("vehicle.")))
