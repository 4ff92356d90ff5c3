"""The week as a calendar that one works in: marked by dragging, by keyboard, and by hand."""

import re
import time
from datetime import date, timedelta

import pytest
from pages import BUYER, LANGUAGES, SELLER, look, needs_a_browser, until
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

pytestmark = needs_a_browser


def monday(browser):
    browser.open("/calendar")
    return date.fromisoformat(browser.find("#week").get_attribute("value"))


def in_week(browser, day):
    specialist = browser.find("#specialist").get_attribute("value")
    return browser.open(f"/calendar?specialist={specialist}&week={day.isoformat()}")


def lane(browser, index):
    return browser.all(".timegrid .lane")[index]


def drag(browser, index, first, last):
    """From the middle of one half-hour of a day to that of another, counted from the top."""
    found = lane(browser, index)
    browser.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", found)
    hours = len(browser.find(".timegrid").get_attribute("data-hours").split())
    cell = found.rect["height"] / hours / 2
    top = -found.rect["height"] / 2

    def y(row):
        return round(top + cell * (row + 0.5))

    ActionChains(browser.driver).move_to_element_with_offset(found, 0, y(first)).click_and_hold(
    ).move_by_offset(0, 10).move_to_element_with_offset(found, 0, y(last)).release().perform()


def value(browser, field):
    return browser.find(f"#{field}").get_attribute("value")


def said(browser):
    return browser.said_of("[data-said]")


@pytest.mark.parametrize("language", LANGUAGES)
def test_by_dragging(browse, language):
    browser = browse(language).sign_in(SELLER, "scheduler")
    # Sundays, on which the demo sells nothing; another week for each language
    day = monday(browser) + timedelta(weeks=30 + LANGUAGES.index(language), days=6)
    in_week(browser, day)
    look(browser, f"week-{language}-1280")
    drag(browser, 6, 4, 8)
    assert (value(browser, "date"), value(browser, "from"), value(browser, "to")) == (
        day.isoformat(), "09:00", "11:30")
    assert re.search(r"0?9[.:]00–11[.:]30, 2 h 30 min", said(browser)), said(browser)
    assert [each.get_attribute("data-where") for each in browser.all("details[data-where][open]")
            ] == ["free"]
    look(browser, f"week-marked-{language}-1280")
    browser.go("[data-where=free] button[type=submit]")
    assert browser.all(".notice.good, .notice")
    shown = browser.all(".day")[6]
    assert re.search(r"0?9[.:]00–11[.:]30", shown.text), shown.text
    # a stretch of it comes off sale
    drag(browser, 6, 6, 7)
    assert (value(browser, "pause_date"), value(browser, "pause_from"),
            value(browser, "pause_to")) == (day.isoformat(), "10:00", "11:00")
    assert [each.get_attribute("data-where") for each in browser.all("details[data-where][open]")
            ] == ["window"]
    browser.go("[data-where=window] button[type=submit]")
    look(browser, f"pause-{language}-1280")
    browser.go("form[action='/sale-pauses'] button")
    assert browser.all(".day")[6].find_elements("css selector", ".entry.paused")
    assert len(browser.all(".day")[6].find_elements("css selector", ".window")) == 2
    look(browser, f"week-paused-{language}-1280")
    # and is for sale again
    browser.go(".entry.paused a")
    browser.go("form[action='/sale-pauses/end'] button")
    assert not browser.all(".entry.paused")
    assert len(browser.all(".day")[6].find_elements("css selector", ".window")) == 1
    # the whole window is withdrawn
    browser.go(".day:nth-child(7) .window a")
    browser.go("button.danger")
    in_week(browser, day)
    assert not browser.all(".day:nth-child(7) .window")


def test_by_keyboard(browse):
    browser = browse().sign_in(SELLER, "scheduler")
    day = monday(browser) + timedelta(weeks=40, days=6)
    in_week(browser, day)
    browser.reach("Mark time in the week")
    browser.press(*[Keys.ARROW_RIGHT] * 6)
    assert said(browser) == f"Sunday {day.day} {day:%b} 09:00"
    for _ in range(3):
        browser.press(Keys.SHIFT + Keys.ARROW_DOWN)
    assert said(browser) == f"Sunday {day.day} {day:%b} 09:00–11:00, 2 h"
    browser.press(Keys.ESCAPE)
    assert browser.find(".stretch").get_attribute("hidden")
    assert browser.focused.get_attribute("role") == "application"
    browser.press(Keys.ARROW_UP, Keys.ENTER)
    assert "10:00–10:30, 30 min" in said(browser)
    browser.press(Keys.SHIFT + Keys.ARROW_DOWN)
    browser.press(Keys.ENTER)
    assert browser.focused.get_attribute("id") == "from"
    assert value(browser, "from") == "10:00" and value(browser, "to") == "11:00"
    browser.reach("Publish the time")
    browser.enter()
    assert "Published." in browser.text
    assert "10:00–11:00" in browser.all(".day")[6].text
    # what stands in a cell is said, and a stretch of it can be paused
    browser.reach("Mark time in the week")
    browser.press(*[Keys.ARROW_RIGHT] * 6, Keys.ARROW_DOWN, Keys.ARROW_DOWN)
    assert "Free" in said(browser)
    browser.press(Keys.ENTER, Keys.ENTER)
    assert browser.focused.get_attribute("id") == "pause_date"
    # a second Escape leaves
    browser.find(".surface").send_keys(Keys.ESCAPE, Keys.ESCAPE)
    assert browser.focused.tag_name == "body"


@pytest.mark.parametrize("width", [320, 1280])
def test_without_script(browse, width):
    browser = browse(width=width, script=False).sign_in(SELLER, "scheduler")
    day = monday(browser) + timedelta(weeks=44 + (width == 320), days=6)
    in_week(browser, day)
    assert not browser.all(".surface")
    browser.click("[data-where=free] > summary")
    for field, typed in [("date", day.isoformat()), ("from", "12:00"), ("to", "14:00")]:
        type_time(browser, field, typed)
    browser.go("[data-where=free] button[type=submit]")
    assert "12:00–14:00" in browser.all(".day")[6].text
    browser.click("[data-where=window] > summary")
    for field, typed in [("pause_date", day.isoformat()), ("pause_from", "12:00"),
                         ("pause_to", "13:00")]:
        type_time(browser, field, typed)
    browser.go("[data-where=window] button[type=submit]")
    assert "Nothing is held or booked there." in browser.text
    browser.go("form[action='/sale-pauses'] button")
    assert "12:00–13:00" in browser.all(".entry.paused")[0].text


def type_time(browser, field, typed):
    """As it is typed into a field for a date or a time of an English browser."""
    found = browser.find(f"#{field}")
    if "-" in typed:
        year, month, day = typed.split("-")
        found.send_keys(month, day, year)
    else:
        hour = int(typed[:2])
        found.send_keys(f"{(hour - 1) % 12 + 1:02}", typed[3:], "PM" if hour >= 12 else "AM")
    assert found.get_attribute("value") == typed


def last_sunday(year, month):
    day = date(year, month, 31)
    return day - timedelta(days=(day.weekday() + 1) % 7)


def all_hours(browser, day):
    specialist = browser.find("#specialist").get_attribute("value")
    browser.open(f"/calendar?specialist={specialist}&week={day.isoformat()}&hours=all")
    # all of the day is on the screen
    browser.resize(1280, 2400)


def test_the_day_with_23_hours(browse):
    browser = browse().sign_in(SELLER, "scheduler")
    # the coming one is other tests'
    day = last_sunday(monday(browser).year + 1, 3)
    all_hours(browser, day)
    look(browser, "week-23-hours-en-1280")
    browser.resize(1280, 2400)
    assert len(browser.all(".gap")) == 1
    # from two to five are two hours
    drag(browser, 6, 4, 9)
    assert value(browser, "from") == "02:00" and value(browser, "to") == "05:00"
    assert said(browser).endswith("02:00–05:00, 2 h")
    # what is skipped cannot be marked
    drag(browser, 6, 6, 7)
    browser.go("[data-where=free] button[type=submit]")
    assert browser.all(".errors") or "02:00" in browser.all(".day")[6].text


def test_the_day_with_25_hours(browse):
    browser = browse().sign_in(SELLER, "scheduler")
    first = monday(browser)
    day = last_sunday(first.year, 10)
    if day < first:
        day = last_sunday(first.year + 1, 10)
    all_hours(browser, day)
    look(browser, "week-25-hours-en-1280")
    browser.resize(1280, 2400)
    hours = browser.find(".timegrid").get_attribute("data-hours").split()
    assert hours[:6] == ["0", "1", "2", "3", "3", "4"]
    # the second three o'clock has the name of the first: both are sold
    drag(browser, 6, 8, 9)
    assert value(browser, "from") == "03:00" and value(browser, "to") == "04:00"
    assert said(browser).endswith("03:00–04:00, 2 h")
    browser.go("[data-where=free] button[type=submit]")
    all_hours(browser, day)
    shown = browser.all(".day")[6].find_element("css selector", ".window")
    assert shown.rect["height"] == pytest.approx(2 * 3.6 * 18, abs=2)
    # on any other day there is one of them
    drag(browser, 5, 6, 9)
    assert said(browser).endswith("03:00–04:00, 1 h")


def test_a_finger_scrolls_and_a_resting_one_marks(browse):
    browser = browse().sign_in(SELLER, "scheduler")
    in_week(browser, monday(browser) + timedelta(weeks=47))
    found = lane(browser, 6)

    def place():
        return browser.driver.execute_script(
            "arguments[0].scrollIntoView({block: 'center'});"
            "const box = arguments[0].getBoundingClientRect();"
            "return [box.left + box.width / 2, box.top + 200, scrollY]", found)

    def touch(kind, *at):
        points = [{"x": at[0], "y": at[1]}] if at else []
        browser.driver.execute_cdp_cmd(
            "Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    browser.driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": True})
    x, y, before = place()
    touch("touchStart", x, y)
    touch("touchMove", x, y + 40)
    touch("touchMove", x, y + 120)
    touch("touchEnd")
    until(lambda: browser.driver.execute_script("return scrollY") < before)
    assert not [box for box in browser.all(".stretch") if box.is_displayed()]
    # until the page stands still again
    time.sleep(1.5)
    x, y, before = place()
    touch("touchStart", x, y)
    time.sleep(0.6)
    touch("touchMove", x, y + 40)
    touch("touchMove", x, y + 80)
    touch("touchEnd")
    assert browser.find(".stretch").is_displayed()
    assert value(browser, "date")
    assert browser.driver.execute_script("return scrollY") == before


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_units_week(browse, language, width):
    browser = browse(language, width).sign_in(SELLER, "scheduler").open("/calendar")
    browser.go("a[href^='/calendar?unit=']")
    look(browser, f"unit-week-{language}-{width}")
    assert browser.all(".unit-week svg")
    browser.go(".unit-week td a")
    assert "specialist=" in browser.path and len(browser.all(".day")) == 7


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_free_as_a_week(browse, language, width):
    browser = browse(language, width).sign_in(BUYER, "scheduler")
    browser.open("/find").go("main form button")
    browser.go(".tabs a:not([aria-current])")
    look(browser, f"find-week-{language}-{width}")
    if not browser.all(".found-week td a"):
        browser.go(".weeks li:last-child a")
    browser.go(".found-week td a")
    look(browser, f"find-hour-{language}-{width}")
    assert browser.all("a.time")
    browser.go("a.time")
    assert browser.all("main form")


def test_limits(browse):
    browser = browse().sign_in(SELLER, "scheduler").open("/calendar")
    browser.go("a[href^='/working-limits']")
    look(browser, "limits-en-1280")
    browser.type("#daily_minutes", "300").go("main form.card button")
    assert "saved" in browser.text
