"""The pages in a real browser, as their users meet them: the buyer's path, and the frame."""

import re

import pytest
from pages import BUYER, LANGUAGES, SELLER, look, needs_a_browser
from selenium.webdriver.common.keys import Keys

pytestmark = needs_a_browser

# What the pages of the path say, so that each language is really there.
WORDS = {
    "fi": {"find": "Etsi aika", "booked": "Varattu", "cost": "54,00 €", "gone": "Peruttu"},
    "sv": {"find": "Sök tid", "booked": "Bokad", "cost": "54,00 €", "gone": "Avbokad"},
    "en": {"find": "Find time", "booked": "Booked", "cost": "€54.00", "gone": "Cancelled"},
}


def hold(browser, minutes="30"):
    """The first time of a search, on hold; where that is."""
    browser.open(f"/find?service=psychiatrist-visit&minutes={minutes}")
    browser.go("a.time").go("main form button")
    assert browser.path.startswith("/bookings/booking_")
    return browser.path


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_buyers_path(browse, language, width):
    words = WORDS[language]
    browser = browse(language, width)

    def step(name):
        assert browser.find("html").get_attribute("lang") == language
        look(browser, f"{name}-{language}-{width}")

    browser.open("/")
    step("sign-in")
    browser.sign_in(BUYER, "scheduler")
    step("start")
    browser.go("main a.button")
    assert browser.heading == words["find"]
    step("find")
    browser.go("form.question button")
    assert browser.all("a.time"), "the question as it stands at first has no answer"
    browser.choose("#service", "psychiatrist-visit").choose("#minutes", "").go(
        "form.question button")
    step("found")
    browser.go("a.time")
    step("time")
    browser.type("#patient_reference", "131052-308T").go("main form button")
    assert browser.find(".errors a").get_attribute("href").endswith("#patient_reference")
    assert browser.find("#patient_reference").get_attribute("value") == "131052-308T"
    step("time-error")
    browser.click(".errors a")
    assert browser.focused.get_attribute("id") == "patient_reference"
    browser.type("#patient_reference", "PT-1042").go("main form button")
    step("held")
    browser.go(".actions button")
    assert words["booked"] in browser.text and "PT-1042" in browser.text
    step("booked")
    booking = browser.path.split("?")[0]
    browser.open("/bookings")
    step("bookings")
    browser.go(f"a[href='{booking}']")
    browser.click("main details summary").go("main details form button")
    assert browser.path == f"{booking}?done=said"
    step("proposed")
    browser.go(f"a[href='{booking}/cancel']").click("main details summary")
    assert browser.find("#cost").text.replace("\u00a0", " ") in (words["cost"], "0,00 €", "€0.00")
    step("cancel")
    browser.type("#reason", "The room is closed").go("button.danger")
    assert words["gone"] in browser.text and "The room is closed" in browser.text
    step("cancelled")
    browser.open("/components")
    step("components")
    browser.open("/nothing")
    step("nothing")


def test_both_sides_agree(browse):
    buyer = browse().sign_in(BUYER, "scheduler")
    booking = hold(buyer)
    buyer.go(".actions button")
    buyer.click("main details summary").go("main details form button")
    assert "The other side must answer by" in buyer.text
    seller = browse().sign_in(SELLER, "scheduler").open(booking)
    assert "Your answer is needed by" in seller.text
    look(seller, "asked-en-1280")
    seller.go("section form button")
    assert "Both sides have agreed." in seller.text
    assert "Both sides have agreed." in buyer.open(booking).text


def test_two_browsers_one_time(browse):
    first, second = browse().sign_in(BUYER, "scheduler"), browse().sign_in(BUYER, "scheduler")
    first.open("/find?service=psychiatrist-visit&minutes=45").go("a.time")
    second.open(first.path)
    first.go("main form button")
    second.go("main form button")
    assert first.path.startswith("/bookings/booking_")
    assert "Somebody else has just taken this time" in second.text
    look(second, "taken-en-1280")


def test_with_the_keyboard_alone(browse):
    browser = browse().open("/sign-in")
    browser.press(Keys.TAB)
    assert browser.focused.get_attribute("class") == "skip"
    browser.press(Keys.ENTER)
    for _ in range(40):
        browser.press(Keys.TAB)
        if browser.focused.accessible_name == f"Scheduler, {BUYER}":
            break
    browser.enter()
    assert browser.heading == "Start"

    browser.open("/find?service=physician-visit")
    browser.reach("Search").enter()
    browser.reach(r"\d\d:\d\d–\d\d:\d\d").enter()
    # what the physicians' contract asks for, in the order of the form
    browser.reach("Patient reference").press("PT-1042")
    browser.reach("Diary number").press("HC/1042/2027")
    browser.reach("Hold this time").enter()
    browser.reach("Confirm the booking").enter()
    assert "Booked" in browser.text


def test_without_script(browse):
    browser = browse(script=False).sign_in(BUYER, "scheduler")
    hold(browser, minutes="60")
    browser.go(".actions button")
    assert "Booked" in browser.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_contracts_are_read(browse, language):
    browser = browse(language, 320).sign_in(BUYER, "admin").open("/contracts")
    look(browser, f"contracts-{language}-320")
    browser.go("main table a")
    for each in browser.all("summary"):
        each.click()
    look(browser, f"contract-{language}-320")
    browser.resize(1280)
    look(browser, f"contract-{language}-1280")
    assert len(browser.all("ol.trace")) > 3


def test_the_language_is_chosen_by_a_link(browse):
    browser = browse("en").open("/sign-in")
    browser.go("nav.languages a[lang=sv]")
    assert browser.heading == "Vem är du?" and browser.path == "/sign-in"
    assert browser.open("/nothing").find("html").get_attribute("lang") == "sv"
