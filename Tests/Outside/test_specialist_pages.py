"""A specialist's day in a real browser: the list, the visit's page, and its minutes."""

import pytest
from pages import BUYER, LANGUAGES, SELLER, look, needs_a_browser

pytestmark = needs_a_browser


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_day_and_its_visits(browse, language, width):
    browser = browse(language, width).sign_in(SELLER, "specialist").open("/day")
    look(browser, f"specialist-day-{language}-{width}")
    visits = [each.get_attribute("href") for each in browser.all("#live-day .visit a")]
    assert visits, "the demo has visits today"
    browser.go("#live-day .visit a")
    look(browser, f"specialist-visit-{language}-{width}")
    browser.open("/day").go(".weeks li:last-child a")
    assert "date=" in browser.path
    buyer = browse(language, width).sign_in(BUYER, "scheduler").open("/day")
    look(buyer, f"specialist-day-of-the-buyer-{language}-{width}")


def waiting(browser):
    """A visit whose minutes this side may still attest; nothing where there is none."""
    browser.open("/day")
    for address in [each.get_attribute("href") for each in browser.all("#live-day .visit a")]:
        browser.open(address.removeprefix(browser.address))
        if browser.all("form.figure-form"):
            return browser.path
    raise AssertionError("no minutes wait")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_bad_input_of_a_contest_is_named(browse, language):
    browser = browse(language).sign_in(BUYER, "specialist")
    waiting(browser)
    browser.click("main details summary")
    browser.type("#minutes", "ten").type("#seconds", "60").go("main details form button")
    links = {each.get_attribute("href").split("#")[1] for each in browser.all(".errors a")}
    assert links == {"minutes", "seconds", "reason"}
    assert browser.find("#minutes").get_attribute("value") == "ten"
    look(browser, f"specialist-contest-error-{language}-1280")
