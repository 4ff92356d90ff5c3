"""The seller's scheduler in a real browser: the calendar, publishing time, taking it off sale."""

import re
from datetime import date, timedelta

import pytest
from pages import LANGUAGES, SELLER, look, needs_a_browser
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

pytestmark = needs_a_browser

WORDS = {
    "fi": {"calendar": "Kalenteri", "published": "Julkaistu.", "gone": "ei ole enää tarjolla",
           "kept": "Siitä ei ole varattu mitään."},
    "sv": {"calendar": "Kalender", "published": "Publicerad.", "gone": "inte längre till salu",
           "kept": "Inget är bokat i den."},
    "en": {"calendar": "Calendar", "published": "Published.", "gone": "no longer for sale",
           "kept": "Nothing is booked in it."},
}


def sunday(browser, weeks):
    """A Sunday so many weeks ahead of the demo's day: the demo sells nothing on Sundays."""
    browser.open("/calendar")
    monday = date.fromisoformat(browser.find("#week").get_attribute("value"))
    return monday + timedelta(days=6, weeks=weeks)


def set_value(browser, selector, value):
    """As a field for a date or a time gives it, whatever the browser's own language types."""
    browser.driver.execute_script(
        "arguments[0].value = arguments[1]", browser.find(selector), str(value))


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sellers_time(browse, language, width):
    words = WORDS[language]
    browser = browse(language, width)

    def step(name):
        assert browser.find("html").get_attribute("lang") == language
        look(browser, f"seller-{name}-{language}-{width}")

    browser.sign_in(SELLER, "scheduler")
    # a Sunday of its own for each, since the tests share one demo
    day = sunday(browser, 2 + 2 * LANGUAGES.index(language) + (width == 320))
    assert browser.heading == words["calendar"]
    assert len(browser.all(".day")) == 7
    step("calendar")
    set_value(browser, "#week", day)
    browser.go("form.question button")
    step("later-week")
    browser.go(f"a[href$='&date={day.isoformat()}'][href*='kind=once']")
    step("publish-day")
    browser.go(".tabs a:not([aria-current])")
    assert len(browser.all("input[name=weekdays]")) == 7
    browser.click("main details summary")
    step("publish-weekly")
    browser.find("#buffer_after_minutes").clear()
    browser.type("#longest_minutes", "ten").type("#exceptions", "24.12.2026, never")
    browser.go("main form button")
    links = [each.get_attribute("href").split("#")[1] for each in browser.all(".errors a")]
    assert links == ["longest_minutes", "buffer_after_minutes", "exceptions"]
    assert browser.find("#longest_minutes").get_attribute("value") == "ten"
    assert browser.find("#exceptions").get_attribute("value") == "24.12.2026, never"
    step("publish-error")
    browser.click(".errors a")
    assert browser.focused.get_attribute("id") == "longest_minutes"
    for box in browser.all("input[name=weekdays]:checked"):
        box.click()
    browser.click("input[value=sunday]")
    set_value(browser, "#starts_on", day)
    set_value(browser, "#until", day)
    set_value(browser, "#from", "09:00")
    set_value(browser, "#to", "15:00")
    browser.type("#exceptions", "24.12.2026").type("#longest_minutes", "60")
    browser.type("#buffer_after_minutes", "15").go("main form button")
    assert words["published"] in browser.text
    step("published")
    window = browser.all(".day")[6].find_element(By.CSS_SELECTOR, ".window a")
    assert re.search(r"0?9[.:]00–15[.:]00", window.text)
    pattern = window.get_attribute("href").removeprefix(browser.address)
    browser.open(pattern)
    assert words["kept"] in browser.text
    step("pattern")
    browser.go("button.danger")
    assert words["gone"] in browser.text
    browser.open(pattern)
    assert not browser.all("button.danger")
    step("withdrawn")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_bad_input_is_named(browse, language):
    """Each field of the form, one after the other; the browser's own checks are left out."""
    browser = browse(language).sign_in(SELLER, "scheduler").open("/availability/new")
    browser.click("main details summary")
    bad = [("from", ""), ("to", ""), ("starts_on", ""), ("shortest_minutes", "0"),
           ("longest_minutes", "1441"), ("buffer_after_minutes", "x"), ("exceptions", "31.2.2027")]
    for field, typed in bad:
        if typed:
            browser.type(f"#{field}", typed)
        else:
            set_value(browser, f"#{field}", "")
    for box in browser.all("input[name=weekdays]:checked"):
        box.click()
    browser.go("main form button")
    links = {each.get_attribute("href").split("#")[1] for each in browser.all(".errors a")}
    assert links == {"weekdays", *(field for field, _ in bad)}
    for field, typed in bad:
        assert browser.find(f"#{field}").get_attribute("value") == typed
        described = browser.find(f"#{field}").get_attribute("aria-describedby")
        assert f"{field}-error" in described
    look(browser, f"seller-publish-all-errors-{language}-1280")


def test_time_that_is_there_already(browse):
    browser = browse().sign_in(SELLER, "scheduler").open("/availability/new").go("main form button")
    assert "already has published time" in browser.find(".errors").text
    assert browser.find(".errors a").get_attribute("href").endswith("#from")


def test_with_the_keyboard_alone(browse):
    browser = browse(script=False).sign_in(SELLER, "scheduler")
    day = date.fromisoformat(
        browser.open("/calendar").find("#week").get_attribute("value")) + timedelta(weeks=20)

    saturday = day + timedelta(days=5)
    browser.open(f"/availability/new?date={saturday.isoformat()}")
    browser.reach("Specialist")
    browser.press("P")
    chosen = Select(browser.find("#specialist")).first_selected_option.text
    for name in ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]:
        browser.reach(name)
        browser.press(Keys.SPACE)
    assert [box.get_attribute("value") for box in browser.all("input[name=weekdays]:checked")] == [
        "saturday"]
    browser.reach("Publish the time")
    browser.enter()
    assert "Published." in browser.text and chosen in browser.find("h2").text
    browser.reach("For sale")
    browser.enter()
    browser.reach("Take the time off sale")
    browser.enter()
    assert "no longer for sale" in browser.text


def test_others_have_no_calendar(browse):
    browser = browse("fi", 320).sign_in("Example Clinic", "scheduler").open("/calendar")
    assert "ei ole asiantuntijoita" in browser.text
    look(browser, "seller-calendar-none-fi-320")
