"""Where and when: the address of registration in one line, days that the law at hand reaches."""

import pytest
from playwright.sync_api import expect

from tests.browser.desk_page import DeskPage


def test_the_whole_address_stands_in_the_place_line(desk: DeskPage) -> None:
    desk.place(state="TX")
    for path, text in (("place.city", "Dallas"), ("place.county", "Dallas"), ("place.zip", "75201")):
        desk.type(path, text)
    line = "Dallas, Dallas County, TX 75201"
    expect(desk.page.locator("button.place")).to_contain_text(line)
    expect(desk.page.locator("deal-strip .who")).to_contain_text(line)
    # Law is the state's: its questions do not name a city.
    expect(desk.page.locator("law-questions .count")).to_have_text("Texas")


def test_a_zip_that_is_none_is_refused_at_its_field(desk: DeskPage) -> None:
    desk.place(state="TX")
    desk.type("place.zip", "7520")
    expect(desk.page.locator("#f-place-zip-msg")).to_contain_text("“7520” is no ZIP. Accepted: five digits")
    expect(desk.field("place.zip")).to_have_value("7520")
    desk.type("place.zip", "75201-1234")
    expect(desk.page.locator("#f-place-zip-msg")).to_have_count(0)


@pytest.mark.parametrize("day", ["2022-12-31", "2031-01-01"])
@pytest.mark.parametrize("path", ["dates.delivery_date", "dates.title_date"])
def test_a_day_beyond_the_law_is_refused_where_no_rule_reads_it_too(desk: DeskPage, path: str, day: str) -> None:
    desk.place(state="TX")
    desk.type("selling_price", "40000")
    desk.type(path, day)
    said = desk.page.locator(f"#{desk.field(path).get_attribute('id')}-msg")
    expect(said).to_contain_text("a day from Jan 1, 2023 to Dec 31, 2030")
    expect(desk.figure("Payment a month")).to_have_text("—")
    expect(desk.page.locator("law-questions summary")).to_be_visible()
    desk.type(path, "")
    expect(said).to_have_count(0)
    expect(desk.figure("Payment a month")).to_contain_text("$")


def test_what_the_law_asks_stays_while_the_sale_date_is_wrong(desk: DeskPage) -> None:
    desk.place(state="TX")
    desk.type("selling_price", "40000")
    asked = desk.settled().page.locator("law-questions summary")
    before = asked.inner_text()
    desk.type("dates.sale_date", "2031-01-01")
    expect(desk.page.locator("#f-dates-sale_date-msg")).to_be_visible()
    expect(asked).to_have_text(before)
