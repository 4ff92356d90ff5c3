"""A visit on the pages, from the specialist's morning to its charge, in a browser for each side."""

import re
from datetime import timedelta

import pytest
from pages import BUYER, LANGUAGES, SELLER, look, named_fields, needs_a_browser, until
from selenium.webdriver.common.keys import Keys

pytestmark = needs_a_browser

WORDS = {
    "fi": {"there": "paikalla: 1", "gone": "ei paikalla", "charged": "käynti on veloitettu"},
    "sv": {"there": "på plats: 1", "gone": "inte på plats", "charged": "besöket är debiterat"},
    "en": {"there": "there now: 1", "gone": "not there", "charged": "the visit is charged"},
}


def report(browser, kind):
    """Presses the button that joins, stays or leaves."""
    return browser.go(f"form:has(input[value={kind}]) button")


def presence(browser):
    return browser.said_of("#live-presence")


def ready_to_join(trade):
    """A visit that is agreed on, ten minutes before its start; its page, and when that is."""
    booking, starts = trade.agreed()
    begun = starts - timedelta(minutes=10)
    trade.clock(begun)
    return f"/visits/{booking}", begun


def over(trade):
    """A visit of three minutes of which nobody has said anything; its page."""
    booking, starts = trade.agreed()
    trade.attend(booking, starts)
    return f"/visits/{booking}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_from_the_morning_to_the_charge(trade, visit, language):
    words = WORDS[language]
    page, begun = ready_to_join(trade)
    seller = visit(language).sign_in(SELLER, "specialist")
    buyer = visit(language).sign_in(BUYER, "specialist")

    def step(browser, name):
        assert browser.find("html").get_attribute("lang") == language
        for width in (320, 1280):
            browser.resize(width)
            look(browser, f"held-{name}-{language}-{width}")

    step(seller, "start")
    assert page in [
        each.get_dom_attribute("href") for each in seller.all(".tasks a")], "today's visit"
    seller.open("/day").go(f"a[href='{page}']")
    step(seller, "to-join")
    buyer.open(page).mark()
    report(seller, "join")
    step(seller, "joined")
    until(lambda: words["there"] in presence(buyer))
    assert buyer.is_marked, "the page was loaded again"
    seller.mark()
    report(buyer, "join")
    until(lambda: presence(seller).count(words["there"]) == 2)
    assert seller.is_marked
    trade.clock(begun + timedelta(minutes=1))
    for browser in (seller, buyer):
        report(browser, "heartbeat")
    trade.clock(begun + timedelta(minutes=2))
    buyer.mark()
    report(seller, "leave")
    until(lambda: words["gone"] in presence(buyer))
    assert buyer.is_marked
    seller.mark()
    report(buyer, "leave")
    # both are gone: the other's open page asks for its word
    until(lambda: seller.all("#live-minutes .figure-form"))
    assert seller.is_marked
    step(seller, "minutes")
    buyer.open(page).mark()
    seller.go(".figure-form button")
    assert seller.path == f"{page}?done=said"
    until(lambda: buyer.all("#live-minutes .said strong"))
    assert buyer.is_marked
    step(buyer, "other-attested")
    seller.mark()
    buyer.go(".figure-form button")
    assert words["charged"] in buyer.text
    step(buyer, "charged")
    until(lambda: words["charged"] in seller.said_of("#live-minutes"))
    assert seller.is_marked
    assert not seller.all(".figure-form") and not seller.all("#reason")
    # what it costs is for those who keep the books
    assert not seller.all("a[href^='/charges/']")
    found = trade.get(trade.seller["finance"], f"/v1/bookings{page.removeprefix('/visits')}/visit")
    assert 60 <= found["billable"]["seconds"] <= 150
    clerk = visit(language).sign_in(SELLER, "finance").open(page)
    clerk.go("a[href^='/charges/']")
    assert clerk.path == f"/charges/{found['charge']}"
    charge = trade.get(trade.seller["finance"], f"/v1{clerk.path}")
    assert re.sub(r"[^0-9]", "", charge["net"]) in re.sub(r"[^0-9]", "", clerk.text)
    step(clerk, "charge")


def test_an_open_page_says_every_minute_that_one_is_there(trade, visit):
    """Nobody presses anything; what the market has heard is asked of it."""
    page, _ = ready_to_join(trade)
    browsers = [visit().sign_in(side, "specialist").open(page) for side in (SELLER, BUYER)]
    for browser in browsers:
        report(browser, "join").mark()
    sheet = f"/v1/bookings{page.removeprefix('/visits')}/visit"

    def seen():
        return trade.get(trade.buyer["scheduler"], sheet)["billable"]["seconds"]

    assert seen() < 20, "so far each has only joined"
    until(lambda: seen() >= 55, seconds=90)
    for browser in browsers:
        until(lambda browser=browser: re.search(r"\b[1-9]\d* min", presence(browser)))
        assert browser.is_marked and presence(browser).count("there now: 1") == 2


def test_by_keyboard_alone_the_focus_stays_and_news_comes(trade, visit):
    page, _ = ready_to_join(trade)
    browser = visit().sign_in(SELLER, "specialist").open("/day")
    name = browser.find(f"main a[href='{page}']").accessible_name
    browser.reach(re.escape(name))
    while browser.focused.get_dom_attribute("href") != page:
        browser.reach(re.escape(name))
    browser.enter()
    assert browser.path == page
    browser.reach("Join the visit").enter()
    browser.reach("Leave the visit").mark()
    leave = browser.focused
    report(visit().sign_in(BUYER, "specialist").open(page), "join")
    until(lambda: presence(browser).count("there now: 1") == 2)
    assert browser.is_marked and browser.focused == leave
    browser.enter()
    assert "not there" in presence(browser)


def test_without_script_and_by_keyboard_alone(trade, visit):
    page, begun = ready_to_join(trade)
    browsers = [
        visit(script=False).sign_in(side, "specialist").open(page) for side in (SELLER, BUYER)]
    for browser in browsers:
        browser.reach("Join the visit").enter()
        assert "there now: 1" in browser.text
    trade.clock(begun + timedelta(minutes=1))
    for browser in browsers:
        browser.reach("I am still here").enter()
    trade.clock(begun + timedelta(minutes=2))
    for browser in browsers:
        browser.reach("Leave the visit").enter()
    seller, buyer = browsers
    seller.open(page).reach("The time is wrong").press(" ")
    for field, typed in [("Minutes", "1"), ("Seconds", "30"), ("Why", "The line was down")]:
        seller.reach(field).press(Keys.CONTROL + "a", typed)
    seller.reach("Send your time").enter()
    assert "contests, and says 1 min 30 s" in seller.text
    buyer.open(page)
    assert "”The line was down”" in buyer.text
    buyer.reach("Agree to the other side's figure: 1.min 30.s").enter()
    assert "the visit is charged" in buyer.text


# Each field of a contest with each input that it cannot take, and what is said of it.
# among the other forms of the page
CONTEST = "main details:has(#minutes)"
BAD = [
    ("minutes", each) for each in ["", "ten", "-1", "1441", "1.5", "1,5"]
] + [("seconds", each) for each in ["", "60", "-1", "x"]] + [
    ("reason", each) for each in ["", "  ", "x" * 1001]]


@pytest.mark.parametrize("language", ["fi"])
def test_every_bad_input_of_a_contest_is_named(trade, visit, language):
    page = over(trade)
    browser = visit(language).sign_in(BUYER, "specialist")
    good = {"minutes": "1", "seconds": "30", "reason": "Linja katkesi: \"ääni\" <ei> kuulunut"}
    refused = [("minutes", "900"), ("minutes", None)]
    for field, bad in BAD + refused:
        browser.open(page).click(CONTEST + " > summary")
        typed = {**good, field: bad}
        if bad is None:  # the very time that was measured is no contest
            measured = {
                name: browser.find(f"#{name}").get_attribute("value")
                for name in ("minutes", "seconds")}
            typed = {**good, **measured}
        for name, text in typed.items():
            browser.driver.execute_script(
                "arguments[0].value = arguments[1]", browser.find(f"#{name}"), text)
        browser.go(CONTEST + " form button")
        assert named_fields(browser) == [field], bad
        assert browser.find(f"#{field}").get_attribute("aria-invalid") == "true"
        for name, text in typed.items():
            # white space around what was typed is no part of it
            kept = browser.find(f"#{name}").get_attribute("value")
            assert kept == text.strip(), (name, bad)
        browser.click(".errors a")
        assert browser.focused.get_attribute("id") == field
        for width in (320, 1280) if bad in ("ten", "900") else ():
            browser.resize(width)
            look(browser, f"held-error-{field}-{language}-{width}")
    browser.open(page).click(CONTEST + " > summary")
    for name, text in good.items():
        browser.type(f"#{name}", text)
    browser.go(CONTEST + " form button")
    assert good["reason"] in browser.text


def test_who_did_not_join_with_this_browser_is_told_so(trade, visit):
    """A way in belongs to the browser that joined, and to the member who did."""
    page, _ = ready_to_join(trade)
    browser = visit().sign_in(SELLER, "specialist").open(page)
    report(browser, "join")
    other = visit().sign_in(SELLER, "specialist").open(page)
    assert "there now: 1" in presence(other) and not other.all("input[value=heartbeat]")
    assert other.all("input[value=join]")
    nobody = visit().sign_in(BUYER, "finance").open(page)
    assert "there now: 1" in presence(nobody) and not nobody.all("#live-visit form")
    look(nobody, "held-read-en-1280")
