"""The worksheet: each figure's meaning, what waits, ranges, by hand."""

import tomllib
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from pyapp.deal.document import Deal
from pyapp.deal.price import price, work
from pyapp.deal.request import CHARGES, NO_CHARGE, ask
from pyapp.deal.worksheet import FinancePart, Worksheet
from pyapp.errors import Refused
from tests.unit.fake import INPUTS, service

TAX = service()

SAMPLE: dict[str, Any] = {
    "id": "sample",
    "dates": {"quoted_on": "2026-11-24"},
    "place": {"state": "AA"},
    "vehicle": {"new_or_used": "new", "msrp": 41_850_00, "weight_lbs": 7900},
    "selling_price": 40_000_00,
    "rebates": [{"id": "maker", "kind": "manufacturer", "amount": 1_500_00}],
    "trades": [{"id": "trade", "allowance": 10_000_00, "payoff": 4_000_00}],
    "fees": [{"id": "doc", "kind": "document", "amount": 225_00}],
    "products": [
        {"id": "contract", "kind": "service_contract", "price": 2_195_00},
        {"id": "gap", "kind": "gap", "price": 895_00},
    ],
    "money_down": {"cash_down": 3_000_00},
    "structure": {"kind": "finance", "months": 72, "rate": "6.99"},
}


def deal(**changes: Any) -> Deal:
    return msgspec.convert({**SAMPLE, **changes}, Deal)


def sheet(**changes: Any) -> Worksheet:
    return price(deal(**changes), TAX)


def loan(worksheet: Worksheet) -> FinancePart:
    assert worksheet.finance is not None
    return worksheet.finance


def refusal(**changes: Any) -> tuple[str, str]:
    with pytest.raises(Refused) as caught:
        sheet(**changes)
    problem = caught.value.problems[0]
    assert problem.accepted
    return problem.code, problem.field


def test_the_sample_deal() -> None:
    s = sheet()
    assert s.tax.total == 1_781_25
    assert s.otd_before_trade == 40_618_25
    assert s.net_trade == 6_000_00
    assert s.otd_after_trade == 34_618_25
    assert s.balance == 31_618_25
    assert s.due_at_signing == 3_000_00
    assert s.discount == 1_850_00
    part = loan(s)
    assert part.amount_financed == 31_618_25
    assert (part.payment, part.n, part.last) == (538_91, 72, 538_69)
    assert part.total_of_payments == 38_801_30
    assert part.finance_charge == 7_183_05
    assert part.apr == "6.99"
    assert part.first_date == date(2026, 12, 24)
    assert part.last_date == date(2032, 11, 24)
    assert part.cash_price == 42_118_25
    assert part.down_payment == 10_500_00
    assert part.total_sale_price == 49_301_30


def test_a_product_says_what_it_does_alone() -> None:
    effects = {p.id: p.payment_effect for p in sheet().products}
    assert effects == {"contract": 37_41, "gap": 15_25}
    taken = [{**SAMPLE["products"][0], "taken": True}]
    s = sheet(products=taken)
    assert s.products_total == 2_195_00
    assert s.products[0].payment_effect == 37_41


def test_who_asks_for_no_effects_gets_the_same_sheet_without_them() -> None:
    whole, bare = sheet(), work(deal(), TAX, effects=False)
    assert [(p.payment_effect, p.total_effect) for p in bare.products] == [(None, None)] * 2
    for product in whole.products:
        product.payment_effect = product.total_effect = None
    assert bare == whole


def test_gap_is_financed_but_no_part_of_the_cash_price() -> None:
    part = loan(sheet(products=[{**SAMPLE["products"][1], "taken": True}]))
    assert part.cash_price == 42_118_25
    assert part.other_financed == 895_00


def test_a_later_rebate_changes_nothing() -> None:
    s = sheet(rebates=[{**SAMPLE["rebates"][0], "at_sale": False}])
    assert s.rebates_total == 0
    assert s.otd_before_trade == sheet(rebates=[]).otd_before_trade
    assert s.rebates[0].counts is False


def test_a_makers_rebate_that_the_buyer_keeps_lowers_nothing() -> None:
    # The contract owes the whole price (comment 1026.17(c)(1)-19); a dealer's own discount needs no assignment.
    kept = {**SAMPLE["rebates"][0], "assigned_to_dealer": False}
    s = sheet(rebates=[kept])
    assert s.rebates_total == 0
    assert s.rebates[0].counts is False
    assert loan(s).down_payment == loan(sheet(rebates=[])).down_payment
    assert sheet(rebates=[{**kept, "kind": "dealer"}]).rebates_total == 1_500_00


def test_a_rebate_that_the_buyer_keeps_takes_no_credit_from_one_that_is_assigned() -> None:
    assigned = SAMPLE["rebates"][0]
    kept = {"id": "kept", "kind": "loyalty", "amount": 500_00, "assigned_to_dealer": False}
    both = ask(TAX.catalogue, deal(rebates=[assigned, kept])).given
    assert both == ask(TAX.catalogue, deal()).given
    alone = ask(TAX.catalogue, deal(rebates=[kept])).given
    assert (alone["rebate_manufacturer"], alone["rebate_assigned_to_dealer"]) == (500_00, False)


@pytest.mark.parametrize("fact", ["rebate_at_sale", "rebate_assigned_to_dealer"])
def test_whose_a_rebate_is_stands_on_the_rebate_alone(fact: str) -> None:
    assert refusal(place={"state": "AA", "facts": {fact: False}}) == ("own_field", f"place.facts.{fact}")


def test_a_rebate_past_its_last_day_is_computed_and_marked() -> None:
    maker = SAMPLE["rebates"][0]
    s = sheet(rebates=[{**maker, "expires": "2026-11-23"}])
    assert [(w.code, w.field) for w in s.warnings] == [("rebate_expired", "rebates/maker/expires")]
    assert s.rebates_total == 1_500_00
    assert not sheet(rebates=[{**maker, "expires": "2026-11-24"}]).warnings


def test_a_delivery_before_the_sale_is_computed_and_marked() -> None:
    dates = {"quoted_on": "2026-11-24", "sale_date": "2026-11-24", "title_date": "2026-12-10"}
    s = sheet(dates={**dates, "delivery_date": "2025-12-01"})
    assert [(w.code, w.field) for w in s.warnings] == [("before_sale", "dates.delivery_date")]
    assert not sheet(dates={**dates, "delivery_date": "2026-11-24"}).warnings


def test_a_charge_given_as_a_fact_is_in_the_sums() -> None:
    s = sheet(place={"state": "AA", "facts": {"smog_inspection": 50_00, "delivery_to_customer": 200_00}})
    assert s.dealer_fees_total == 225_00 + 50_00 + 200_00
    assert s.otd_before_trade == 40_618_25 + 250_00
    assert [(fee.id, fee.amount) for fee in s.fees[1:]] == [
        ("place.facts.smog_inspection", 50_00),
        ("place.facts.delivery_to_customer", 200_00),
    ]
    refused = work(deal(), TAX, frozenset({"place.facts.smog_inspection"}))
    assert refused.dealer_fees_total is None


def test_no_money_can_be_taxed_and_missing_from_the_sums() -> None:
    # Each item of a retail tax's base is a line of the deal, a charge, or money that passes the buyer by.
    catalogue = tomllib.loads(INPUTS.read_text(encoding="utf-8"))
    items = {fact["name"] for fact in catalogue["facts"] if "retail" in fact.get("item", [])}
    lines = {fact for fact in items if refuses_as_fact(fact)}
    assert items - lines <= CHARGES.keys() | NO_CHARGE
    assert not lines & (CHARGES.keys() | NO_CHARGE)


def refuses_as_fact(name: str) -> bool:
    """Whether the deal has a field of its own for a fact."""
    asked = ask(TAX.catalogue, deal(place={"state": "AA", "facts": {name: 1}}))
    return [problem.code for problem in asked.problems] == ["own_field"]


def test_credit_insurance_is_an_insurance_product_to_the_law() -> None:
    product = {"id": "i", "kind": "credit_insurance", "price": 300_00, "taken": True}
    assert ask(TAX.catalogue, deal(products=[product])).given["insurance_products"] == 300_00


def test_a_dealers_rebate_lowers_the_price_and_a_makers_is_a_payment() -> None:
    makers, dealers = loan(sheet()), loan(sheet(rebates=[{"id": "r", "kind": "dealer", "amount": 1_500_00}]))
    assert makers.down_payment is not None and dealers.down_payment is not None
    assert makers.down_payment - dealers.down_payment == 1_500_00


def test_negative_equity_is_prior_balance() -> None:
    s = sheet(trades=[{"id": "t", "allowance": 4_000_00, "payoff": 10_000_00}], rebates=[])
    assert s.net_trade == -6_000_00
    part = loan(s)
    assert part.down_payment == 0
    assert part.prior_balance == 3_000_00


def test_payoff_grows_by_its_per_diem_to_delivery() -> None:
    trade = {**SAMPLE["trades"][0], "good_through": "2026-11-20", "per_diem": 2_50}
    s = sheet(trades=[trade], dates={"quoted_on": "2026-11-24", "delivery_date": "2026-11-30"})
    assert s.trades[0].days_past == 10
    assert s.trades[0].payoff == 4_025_00


def test_the_law_is_told_the_same_payoff_of_each_trade_as_of_all() -> None:
    trades = [
        {**SAMPLE["trades"][0], "good_through": "2026-11-20", "per_diem": 2_50},
        {"id": "second", "allowance": 1_000_00, "payoff": 300_00},
    ]
    asked = ask(TAX.catalogue, deal(trades=trades, dates={"quoted_on": "2026-11-24", "delivery_date": "2026-11-30"}))
    rows = TAX.catalogue.list_id["trades"]
    payoff = [field.name for field in TAX.catalogue.lists[rows].fields].index("payoff")
    told = [cents for listed, _, field, cents in asked.request.rows if (listed, field) == (rows, payoff)]
    assert told == [4_000_00 + 10 * 2_50, 300_00]
    assert asked.given["trade_payoff"] == sum(told)


def test_cash_back_leaves_the_net_trade() -> None:
    assert sheet(trades=[{**SAMPLE["trades"][0], "cash_back": 1_000_00}]).net_trade == 5_000_00


def test_a_negative_balance_is_a_refund_and_nothing_is_lent() -> None:
    s = sheet(trades=[{"id": "t", "allowance": 60_000_00}])
    assert s.balance is not None and s.balance < 0
    assert s.refund == -s.balance
    part = loan(s)
    assert (part.payment, part.amount_financed, part.total_of_payments, part.finance_charge) == (0, 0, 0, 0)
    assert part.apr is None


def test_cash_is_due_at_delivery() -> None:
    s = sheet(structure={"kind": "cash"}, money_down={"cash_down": 3_000_00, "deposit": 500_00})
    assert s.finance is None
    assert s.due_at_signing == 34_618_25 - 500_00


def test_what_a_cash_buyer_pays_later_is_not_due_at_signing() -> None:
    part = {"id": "later", "amount": 500_00, "date": "2026-12-10"}
    s = sheet(structure={"kind": "cash"}, money_down={"cash_down": 3_000_00, "deferred": [part]})
    assert s.due_at_signing == 34_618_25 - 500_00


@pytest.mark.parametrize(
    ("month_end_first", "first", "last"),
    [(None, "2027-02-28", "2027-03-31"), (True, "2027-02-28", "2027-03-31"), (False, "2027-02-28", "2027-03-28")],
)
def test_deferred_cash_counts_to_the_day_of_the_second_payment(
    month_end_first: bool | None, first: str, last: str
) -> None:
    # Sold on the last of January, no first payment typed: payments fall on each month's last day unless said not to.
    changes: dict[str, Any] = {
        "dates": {"quoted_on": "2027-01-31"},
        "structure": {**SAMPLE["structure"], "months": 2, "month_end_first": month_end_first},
    }
    part = {"id": "later", "amount": 500_00, "date": last}
    plan = loan(sheet(money_down={"deferred": [part]}, **changes))
    assert (str(plan.first_date), str(plan.last_date)) == (first, last)
    part["date"] = str(date.fromisoformat(last) + timedelta(1))
    assert refusal(money_down={"deferred": [part]}, **changes)[0] == "deferred_too_late"


def test_deferred_cash_counts_to_the_second_payment() -> None:
    part = {"id": "later", "amount": 500_00, "date": "2026-12-10"}
    s = sheet(money_down={"cash_down": 3_000_00, "deferred": [part]})
    assert s.cash_down == 3_500_00
    assert s.balance == 31_118_25
    assert s.due_at_signing == 3_000_00
    late = {"cash_down": 3_000_00, "deferred": [{**part, "date": "2027-01-25"}]}
    assert refusal(money_down=late) == ("deferred_too_late", "money_down.deferred/later/date")


def test_a_missing_fee_fact_waits_and_all_else_stands() -> None:
    s = sheet(vehicle={"new_or_used": "new"})
    assert s.tax.total == 1_781_25
    assert s.otd_before_trade is None
    assert s.waits["otd_before_trade"] == ["vehicle.weight_lbs"]
    assert [(p.code, p.field, p.accepted) for p in s.missing] == [
        ("missing_fact", "vehicle.weight_lbs", "a whole number from 0 to 10000000")
    ]
    assert s.net_trade == 6_000_00
    assert loan(s).payment is None
    assert s.tax.fees[0].total == 33_00


def test_a_missing_rate_waits() -> None:
    s = sheet(structure={"kind": "finance", "months": 72})
    assert s.otd_before_trade == 40_618_25
    assert loan(s).amount_financed == 31_618_25
    assert s.waits["finance.payment"] == ["structure.rate"]
    assert [p.field for p in s.missing] == ["structure.rate"]


def test_a_place_not_picked_is_a_range() -> None:
    s = sheet(place={"state": "BB"})
    assert s.tax.total is None
    assert (s.ranges["tax.total"].low, s.ranges["tax.total"].high) == (2_400_00, 2_500_00)
    assert s.otd_before_trade is None
    assert s.ranges["finance.payment"].low < s.ranges["finance.payment"].high
    assert s.net_trade == 6_000_00
    # The last payment between the two ends may be less or more than at either.
    assert loan(s).last is None and "finance.last" not in s.ranges
    assert s.waits["finance.last"] == ["place.local"]
    picked = sheet(place={"state": "BB", "local": [{"level": "county", "name": "Here", "rate_percent": "1"}]})
    assert picked.tax.total == 2_450_00
    assert picked.tax.lines[1].name == "County surtax, Here"
    nowhere = sheet(place={"state": "BB", "local": []})
    assert nowhere.tax.total == 2_400_00
    assert not nowhere.ranges


def test_a_value_by_hand_keeps_what_it_replaced() -> None:
    s = sheet(by_hand=[{"path": "lines.title", "value": 40_00}])
    assert s.tax.fees[0].total == 40_00
    assert s.tax.fees[0].replaced == 33_00
    assert s.otd_before_trade == 40_625_25


def test_a_tax_by_hand_stands_in_for_what_is_not_known() -> None:
    s = sheet(place={"state": "BB"}, by_hand=[{"path": "lines.surtax", "value": 75_00}])
    assert s.tax.total == 2_475_00
    assert not s.ranges
    assert not s.problems


def test_a_product_says_what_it_does_beside_a_tax_by_hand() -> None:
    # 1.5 % of the first 5,000.00 is 75.00 too.
    levy = {"level": "county", "name": "Somewhere", "rate_percent": "1.5"}
    by_law = sheet(place={"state": "BB", "local": [levy]})
    by_hand = sheet(place={"state": "BB"}, by_hand=[{"path": "lines.surtax", "value": 75_00}])
    assert by_hand.balance == by_law.balance
    assert by_hand.products == by_law.products
    assert all(product.payment_effect for product in by_hand.products)


def test_a_fee_over_its_limit_is_computed_and_marked() -> None:
    s = sheet(fees=[{"id": "doc", "kind": "document", "amount": 300_00}])
    assert [w.code for w in s.warnings] == ["fee_over_limit"]
    assert s.warnings[0].field == "fees/doc/amount"


def test_warnings_do_not_stop_the_figures() -> None:
    far = sheet(dates={"quoted_on": "2026-11-24", "first_payment_date": "2027-01-20"})
    assert [w.code for w in far.warnings] == ["first_payment_far"]
    month_end = sheet(dates={"quoted_on": "2026-01-31", "first_payment_date": "2026-02-28"})
    assert [w.code for w in month_end.warnings] == ["month_end_open"]
    meant = {**SAMPLE["structure"], "month_end_first": True}
    same = sheet(dates={"quoted_on": "2026-01-31", "first_payment_date": "2026-02-28"}, structure=meant)
    assert (loan(same).full_months, loan(same).odd_days) == (1, 0)
    assert not same.warnings
    # A first payment in the middle of its month leaves nothing open: payments fall on its own day.
    middle = {"quoted_on": "2026-11-24", "first_payment_date": "2026-12-15"}
    assert (loan(sheet(dates=middle, structure=meant)).odd_days, loan(sheet(dates=middle)).odd_days) == (21, 21)
    other = sheet(rule_pack="older")
    assert [w.code for w in other.warnings] == ["other_rule_pack"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"selling_price": -1}, ("negative_amount", "selling_price")),
        ({"selling_price": 10**14}, ("amount_out_of_range", "selling_price")),
        ({"selling_price": None}, ("missing_fact", "selling_price")),
        ({"place": {"state": "ZZ"}}, ("unknown_state", "place.state")),
        ({"place": {}}, ("missing_field", "place.state")),
        ({"dates": {"quoted_on": "2022-12-31"}}, ("date_out_of_range", "dates.quoted_on")),
        ({"dates": {"quoted_on": "2031-01-01"}}, ("date_out_of_range", "dates.quoted_on")),
        (
            {"dates": {"quoted_on": "2026-11-24", "sale_date": "2031-01-01"}},
            ("date_out_of_range", "dates.sale_date"),
        ),
        (
            {"dates": {"quoted_on": "2026-11-24", "delivery_date": "2022-12-31"}},
            ("date_out_of_range", "dates.delivery_date"),
        ),
        (
            {"dates": {"quoted_on": "2026-11-24", "title_date": "2031-01-01"}},
            ("date_out_of_range", "dates.title_date"),
        ),
        ({"place": {"state": "AA", "zip": "7520"}}, ("bad_zip", "place.zip")),
        ({"dates": {}}, ("missing_field", "dates.quoted_on")),
        ({"structure": {"kind": "finance", "months": 0, "rate": "1"}}, ("bad_term", "structure.months")),
        ({"structure": {"kind": "finance", "months": 999, "rate": "1"}}, ("bad_term", "structure.months")),
        ({"structure": {"kind": "finance", "months": 72, "rate": "699"}}, ("bad_rate", "structure.rate")),
        ({"structure": {"kind": "finance", "months": 72, "rate": "six"}}, ("bad_rate", "structure.rate")),
        (
            {"dates": {"quoted_on": "2026-11-24", "first_payment_date": "2026-11-01"}},
            ("first_payment_before_sale", "dates.first_payment_date"),
        ),
        (
            {"dates": {"quoted_on": "2026-11-24", "first_payment_date": "2029-11-01"}},
            ("first_payment_too_late", "dates.first_payment_date"),
        ),
        ({"place": {"state": "AA", "facts": {"wait": 1}}}, ("unknown_fact", "place.facts.wait")),
        ({"place": {"state": "AA", "facts": {"price": 1}}}, ("own_field", "place.facts.price")),
        ({"place": {"state": "AA", "facts": {"doc_fee": 1}}}, ("own_field", "place.facts.doc_fee")),
        ({"place": {"state": "AA", "facts": {"weight_lbs": 1}}}, ("own_field", "place.facts.weight_lbs")),
        ({"vehicle": {"new_or_used": "old"}}, ("bad_value", "vehicle.new_or_used")),
        ({"fees": [{"id": "a", "kind": "other", "amount": 1}] * 2}, ("bad_id", "fees")),
        (
            {"money_down": {"deferred": [{"id": "d", "amount": 1, "date": "2026-11-23"}]}},
            ("deferred_before_sale", "money_down.deferred/d/date"),
        ),
        ({"money_down": {"cash_down": 1, "deposit": 2}}, ("deposit_over_cash", "money_down.deposit")),
        (
            {"rebates": [{"id": "d", "kind": "dealer", "amount": 40_000_01}]},
            ("discount_over_price", "rebates/d/amount"),
        ),
        ({"schema_version": 9}, ("unknown_schema", "schema_version")),
        (
            {"place": {"state": "BB", "local": [{"level": "county", "name": "x", "rate_percent": "1 %"}]}},
            ("bad_rate", "place.local[0].rate_percent"),
        ),
    ],
)
def test_refusals_name_the_field_and_what_is_accepted(changes: dict[str, Any], expected: tuple[str, str]) -> None:
    assert refusal(**changes) == expected


def test_a_refused_field_is_waited_for_and_never_taken_for_zero() -> None:
    s = work(deal(), TAX, frozenset({"money_down.cash_down"}))
    assert s.cash_down is None
    assert s.balance is None
    assert s.otd_after_trade == 34_618_25
    t = work(deal(), TAX, frozenset({"trades/trade/allowance"}))
    assert t.tax.total is None
    assert t.net_trade is None
    assert t.selling_price == 40_000_00
    first = work(deal(), TAX, frozenset({"dates.first_payment_date"}))
    assert first.otd_before_trade == 40_618_25
    assert loan(first).payment is None
