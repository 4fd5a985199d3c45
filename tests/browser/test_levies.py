"""Local levies by hand: one rate in the simple case, several on rows of their own, each with its tax line."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.desk_page import DeskPage

DAY = "2026-11-22"


def rows(desk: DeskPage) -> Locator:
    return desk.page.get_by_role("group", name=re.compile(r"^Local levy \d"))


def california(desk: DeskPage) -> None:
    desk.place(state="CA", date=DAY)
    desk.type("selling_price", "40000")
    desk.expect_tax("2,900.00", "0.00 to 1,600.00")


def several(desk: DeskPage) -> None:
    desk.page.get_by_role("button", name="Several levies").focus()
    desk.page.keyboard.press("Enter")


def fill(desk: DeskPage, *texts: str) -> None:
    """Type a row by keyboard alone, from where the focus is."""
    for text in texts:
        desk.page.keyboard.type(text)
        desk.page.keyboard.press("Enter")


def levy_lines(desk: DeskPage) -> Locator:
    return desk.page.locator("worksheet-panel .group.tax > tax-line").filter(has_text=re.compile("Alpha|Beta"))


def test_several_levies_by_keyboard_each_with_its_own_line(desk: DeskPage) -> None:
    california(desk)
    several(desk)
    expect(rows(desk)).to_have_count(2)
    fill(desk, "county", "Alpha", "1", "")
    fill(desk, "district", "Beta", ".5", "")
    desk.expect_tax("2,900.00", "400.00", "200.00")
    expect(levy_lines(desk)).to_contain_text(["Alpha", "Beta"])
    expect(desk.page.locator("place-picker .warnline")).to_have_count(0)
    desk.page.get_by_role("button", name="Another levy").click()
    expect(rows(desk)).to_have_count(3)
    desk.expect_tax("2,900.00", "400.00", "200.00")
    desk.page.get_by_role("button", name="Take local levy 1 away").click()
    desk.expect_tax("2,900.00", "200.00")
    desk.page.locator("h1").click()
    desk.page.keyboard.press("Control+z")
    desk.expect_tax("2,900.00", "400.00", "200.00")


def test_the_one_rate_becomes_the_first_row_and_the_last_row_gone_brings_it_back(desk: DeskPage) -> None:
    california(desk)
    desk.type("place.local_rate", "1.25")
    desk.expect_tax("2,900.00", "500.00")
    several(desk)
    expect(rows(desk).nth(0).get_by_label("Rate")).to_have_value("1.25")
    desk.expect_tax("2,900.00", "500.00")
    for _ in range(2):
        desk.page.get_by_role("button", name="Take local levy 1 away").click()
    expect(rows(desk)).to_have_count(0)
    expect(desk.field("place.local_rate")).to_have_value("")
    desk.expect_tax("2,900.00", "0.00 to 1,600.00")


def test_no_local_levy_here_is_said_by_one_press(desk: DeskPage) -> None:
    california(desk)
    desk.page.get_by_role("button", name="No local levy here").click()
    desk.expect_tax("2,900.00")
    expect(desk.page.locator("place-picker .levies")).to_contain_text("no local levy here")


@pytest.mark.parametrize(("part", "bad"), [("Rate", "lots"), ("Rate", "101"), ("On no more than", "-5")])
def test_a_bad_levy_is_refused_beside_its_field(desk: DeskPage, part: str, bad: str) -> None:
    california(desk)
    several(desk)
    fill(desk, "county", "Alpha", "1", "")
    desk.expect_tax("2,900.00", "400.00")
    field = rows(desk).nth(0).get_by_label(part)
    field.fill(bad)
    field.press("Enter")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(desk.page.locator(f"#{field.get_attribute('id')}-msg")).to_contain_text(f"“{bad}” is")
    expect(field).to_have_value(bad)
    expect(desk.figure("Out the door")).to_have_text("—")


def test_a_levy_without_a_rate_is_waited_for(desk: DeskPage) -> None:
    california(desk)
    several(desk)
    fill(desk, "county", "Alpha")
    expect(desk.page.locator("worksheet-panel .group.tax")).to_contain_text("waits for the local rate")


def test_rows_are_usable_on_a_phone(desk: DeskPage) -> None:
    california(desk)
    several(desk)
    desk.page.set_viewport_size({"width": 390, "height": 844})
    fill(desk, "county", "Alpha", "1", "")
    desk.expect_tax("2,900.00", "400.00")
    assert desk.page.evaluate("() => document.documentElement.scrollWidth") <= 390
    for button in desk.page.locator(".levies button").all():
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 40
    desk.page.set_viewport_size({"width": 1600, "height": 1000})


def test_where_the_law_has_no_local_levies_none_are_asked(desk: DeskPage) -> None:
    desk.place(state="TX", date=DAY)
    expect(desk.page.locator("place-picker .levies")).to_have_count(0)
