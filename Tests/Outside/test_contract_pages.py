"""What a visit would cost under a contract, asked in a real browser."""

import re

import pytest
from pages import BUYER, LANGUAGES, look, named_fields, needs_a_browser, set_value

pytestmark = needs_a_browser

WORDS = {
    "fi": {"link": "Laske, mitä käynti maksaisi", "line": "Käynti", "total": "82,80 €",
           "free": "Tämä ei maksa mitään.", "day": "la 13.3.2027 klo 18.40–19.10"},
    "sv": {"link": "Räkna ut vad ett besök skulle kosta", "line": "Besök", "total": "82,80 €",
           "free": "Det här kostar inget.", "day": "lör 13.3.2027 kl. 18.40–19.10"},
    "en": {"link": "Work out what a visit would cost", "line": "Visit", "total": "€82.80",
           "free": "This costs nothing.", "day": "Sat 13 Mar 2027, 18:40–19:10"},
}


def contract_in_force(browser):
    """The page of a contract on psychiatrists' visits at 3.60 euros a minute, in force."""
    browser.open("/contracts")
    addresses = [each.get_dom_attribute("href") for each in browser.all("main td a, main th a")]
    for address in addresses:
        browser.open(f"{address}/price")
        if browser.all("#service option[value=psychiatrist-visit]"):
            browser.open(address)
            if re.search(r"3[,.]60", browser.text):
                return address
    raise AssertionError("there is no such contract")


def ask_for_saturday(browser):
    """23 minutes on Saturday at 18.40."""
    browser.choose("#service", "psychiatrist-visit").choose("#minutes", "30")
    set_value(browser, "date", "2027-03-13")
    set_value(browser, "time", "18:40")
    browser.type("#present_minutes", "23")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_price_is_worked_out(browse, language):
    words = WORDS[language]
    browser = browse(language).sign_in(BUYER, "scheduler")

    def step(name):
        assert browser.find("html").get_attribute("lang") == language
        for width in (320, 1280):
            browser.resize(width)
            look(browser, f"price-{name}-{language}-{width}")

    address = contract_in_force(browser)
    assert words["link"] in browser.text
    browser.go(f"a[href='{address}/price']")
    step("empty")
    ask_for_saturday(browser)
    browser.go("main form button")
    assert words["day"] in browser.text and words["total"] in browser.text
    assert browser.find("#answer tbody th").text == words["line"]
    assert browser.all("#answer .trace li")
    step("answer")
    # the address is the question: it can be sent to somebody else
    again = browse(language, 320).sign_in(BUYER, "finance").open(browser.path)
    assert words["total"] in again.text
    browser.click("main details summary")
    browser.choose("#outcome", "cancelled_buyer").type("#hours", "48")
    browser.go("main form button")
    assert words["free"] in browser.text
    assert browser.find("main details").get_attribute("open") is not None
    step("cancelled")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_typed_stays_when_it_is_wrong(browse, language):
    browser = browse(language, 320).sign_in(BUYER, "scheduler")
    browser.open(f"{contract_in_force(browser)}/price")
    ask_for_saturday(browser)
    browser.type("#present_minutes", "a <b>23</b>").type("#present_seconds", "60")
    browser.click("main details summary")
    browser.type("#waited_minutes", "5").type("#before_minutes", "-3")
    browser.go("main form button")
    assert named_fields(browser) == [
        "present_minutes", "present_seconds", "waited_by", "before_minutes"]
    kept = {"date": "2027-03-13", "time": "18:40", "present_minutes": "a <b>23</b>",
            "present_seconds": "60", "waited_minutes": "5", "before_minutes": "-3"}
    for field, value in kept.items():
        assert browser.find(f"#{field}").get_attribute("value") == value
    browser.click(".errors a[href='#before_minutes']")
    assert browser.focused.get_attribute("id") == "before_minutes"
    for width in (320, 1280):
        browser.resize(width)
        look(browser, f"price-error-{language}-{width}")


def test_with_the_keyboard_alone_and_without_script(browse):
    browser = browse(script=False).sign_in(BUYER, "scheduler")
    browser.open(contract_in_force(browser))
    browser.reach("Work out what a visit would cost").enter()
    browser.reach("Minutes in which both are present").press("23")
    browser.reach("And seconds").press("1")
    browser.reach("Work out the price").enter()
    assert "Both sides are present for 23 min 1 s." in browser.text
    assert "€86.40" in browser.text, "the second begins the 24th minute"
