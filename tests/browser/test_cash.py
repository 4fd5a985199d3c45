"""A deal in cash: what is due is the same wherever it stands."""

from playwright.sync_api import expect

from tests.browser.desk_page import DeskPage


def test_strip_and_worksheet_agree_on_what_is_due(desk: DeskPage) -> None:
    desk.type("selling_price", "40000")
    desk.type("money_down.cash_down", "3000")
    desk.page.get_by_role("radio", name="Cash").first.check()
    after = desk.amount("Out the door, after trade")
    due = desk.amount("Due at delivery")
    desk.settled()
    expect(due).to_have_text(after.inner_text())
    desk.type("money_down.deposit", "500")
    desk.settled()
    expect(desk.field("money_down.deposit")).to_have_value("−500.00")
    expect(due).not_to_have_text(after.inner_text())
    expect(desk.figure("Due at delivery")).to_have_text(due.inner_text())
    expect(desk.page.locator("payments-panel")).to_contain_text(due.inner_text())
    assert desk.page.locator(".wrong").count() == 0
    # What was to be put down on the loan is still there when it is financed after all.
    desk.page.get_by_role("radio", name="Finance").check()
    expect(desk.field("money_down.cash_down")).to_have_value("−3,000.00")
    expect(desk.field("money_down.deposit")).to_have_value("−500.00")
    expect(desk.figure("Due at signing")).to_have_text("2,500.00")


def test_a_cash_deal_asks_for_no_first_payment(desk: DeskPage) -> None:
    desk.place(state="TX")
    expect(desk.field("dates.first_payment_date")).to_be_visible()
    desk.page.get_by_role("radio", name="Cash").first.check()
    expect(desk.field("dates.first_payment_date")).to_have_count(0)
    expect(desk.field("dates.title_date")).to_be_visible()
