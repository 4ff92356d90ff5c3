"""A contract that is negotiated: one side proposes, the other sees what changes, and answers."""

import copy
import json
from datetime import datetime

import pytest
from pages import BUYER, LANGUAGES, SELLER, look, named_fields, needs_a_browser

pytestmark = needs_a_browser

SOUTH = "Example Health Centre South"
WORDS = {
    "fi": {"changes": "Katso, mikä muuttuu", "price": "Hinta minuutilta", "share": "(+4,2 %)",
           "visits": "Käynnit: helmikuu 2027", "evening": "Ilta"},
    "sv": {"changes": "Se vad som ändras", "price": "Pris per minut", "share": "(+4,2 %)",
           "visits": "Besök: februari 2027", "evening": "Kväll"},
    "en": {"changes": "See what changes", "price": "Price per minute, €", "share": "(+4.2%)",
           "visits": "Visits of February 2027", "evening": "Evening"},
}


def plain(text):
    return text.replace("\u00a0", " ")


def negotiated(browser):
    """The page of the contract of which a changed version is offered."""
    browser.open("/contracts")
    addresses = [each.get_dom_attribute("href") for each in browser.all("main th a")]
    for address in addresses:
        browser.open(address)
        if browser.all("a[href$='/changes']"):
            return address
    raise AssertionError("no contract is being negotiated")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_changes_is_read_in_words_and_in_euros(browse, language):
    words = WORDS[language]
    browser = browse(language).sign_in(SOUTH, "admin")
    negotiated(browser)
    assert words["changes"] in browser.text

    def step(name):
        assert browser.find("html").get_attribute("lang") == language
        for width in (320, 1280):
            browser.resize(width)
            look(browser, f"negotiation-{name}-{language}-{width}")

    step("contract")
    browser.go("a[href$='/changes']")
    text = plain(browser.text)
    for word in ("price", "share", "visits", "evening"):
        assert words[word] in text, words[word]
    assert len(browser.all("#visits-title ~ .table tbody tr")) >= 5
    step("changes")
    # a finance person reads it too
    finance = browse(language, 320).sign_in(SOUTH, "finance").open(browser.path)
    assert words["price"] in plain(finance.text)


def proposed(trade, contract, price, first_day="2027-06-01", **terms):
    """Another price of the contract's service, drafted by the seller; its examples go with it."""
    sheet = trade.get(trade.seller["admin"], f"/v1/contracts/{contract}")
    number = next(
        each["number"] for each in reversed(sheet["versions"]) if each["state"] == "signed")
    version = trade.get(trade.seller["admin"], f"/v1/contracts/{contract}/versions/{number}")
    document = copy.deepcopy(version["document"])
    document["services"][0]["price_per_minute"] = price
    checked = trade.post(trade.seller["admin"], "/v1/contract-checks", document)
    for example, computed in zip(
            document["worked_examples"], checked["worked_examples"], strict=True):
        example["total"] = computed["computed"]["total"]
        example["lines"] = [
            {key: value for key, value in line.items() if value is not None}
            for line in computed["computed"]["lines"]]
    document["validity"]["first_day"] = first_day
    document.update(terms)
    made = trade.post(trade.seller["admin"], f"/v1/contracts/{contract}/versions", document)
    return made["number"]


def test_an_offer_is_declined_and_the_next_one_signed(trade, visit):
    contract = next(
        each["id"] for each in trade.get(trade.buyer["admin"], "/v1/contracts")["items"]
        if each["state"] == "active")
    address = f"/contracts/{contract}"
    seller = visit("fi").sign_in(SELLER, "admin")
    buyer = visit("sv", 320).sign_in(BUYER, "admin")

    def step(browser, name):
        for width in (320, 1280):
            browser.resize(width)
            look(browser, f"negotiation-{name}-{width}")

    # a draft is the seller's own, until it is offered on the page
    number = proposed(trade, contract, "3.90")
    buyer.open(address)
    assert not buyer.all("a[href$='/changes']")
    assert "404" in str(trade.server.get(
        f"/v1/contracts/{contract}/versions/{number}", trade.buyer["admin"])[0])
    seller.open(address)
    assert not seller.all(f"form[action='{address}/offer']"), "the page opens on what is in force"
    seller.go(f"main a[href='{address}?version={number}']")
    step(seller, "draft")
    seller.go(f"form[action='{address}/offer'] button")
    assert "Tarjottu" in seller.text

    # the buyer sees what changes, and declines; without a reason it is asked for one
    buyer.open("/")
    step(buyer, "waiting")
    buyer.go(f"main a[href='{address}?version={number}']")
    step(buyer, "offered")
    buyer.go("a[href$='/changes']")
    assert "+8,3 %" in plain(buyer.text)
    buyer.go(f"a[href^='{address}?version=']")
    buyer.go(f"a[href^='{address}/decline']")
    step(buyer, "decline")
    buyer.go("main form button")
    assert named_fields(buyer) == ["reason"]
    step(buyer, "decline-wrong")
    buyer.type("#reason", "För dyrt för oss.").go("main form button")
    assert "Avböjd" in buyer.text
    seller.open(address)
    assert "För dyrt för oss." in seller.text
    step(seller, "declined")

    # the next offer is signed by both, by keyboard
    second = proposed(trade, contract, "3.70")
    seller.open(f"{address}?version={second}").go(f"form[action='{address}/offer'] button")
    seller.open("/contracts")
    step(seller, "list")
    for organisation in (BUYER, SELLER):
        browser = visit("en").sign_in(organisation, "signatory").open("/")
        browser.go(f"main a[href='{address}?version={second}']")
        browser.click("#read")
        browser.go(f"form[action='{address}/signatures'] button")
    states = {
        each["number"]: each["state"] for each in
        trade.get(trade.buyer["admin"], f"/v1/contracts/{contract}")["versions"]}
    assert states[number] == "declined" and states[second] == "signed"

    # bookings are suspended, and only who did it allows them again
    buyer.open(address).go(f"a[href='{address}/suspend']")
    step(buyer, "suspend")
    buyer.type("#reason", "Mottagningen är stängd.").go("main form button")
    seller.open("/")
    step(seller, "told-of-suspension")
    seller.go(f"main a[href='{address}']")
    assert "Mottagningen är stängd." in seller.text
    assert not seller.all(f"form[action='{address}/resume']")
    step(seller, "suspended")
    step(buyer, "suspended-own")
    buyer.go(f"form[action='{address}/resume'] button")
    assert "I kraft" in buyer.text


def test_notice_shows_its_end_before_the_button(trade, visit):
    seller = trade.seller["admin"]
    contract = next(
        each["id"] for each in trade.get(seller, "/v1/contracts")["items"]
        if each["state"] == "active"
        and each["id"] not in json.dumps(trade.get(trade.buyer["admin"], "/v1/contracts")))
    address = f"/contracts/{contract}"
    buyer = visit("en", 320).sign_in(SOUTH, "admin").open(address)
    assert not buyer.all(f"a[href='{address}/notice']")
    buyer.open(f"{address}/notice")
    assert "does not say that one side can end it" in buyer.text
    look(buyer, "negotiation-notice-refused")

    # terms that both sign let either side end the contract: the day of the notice is not counted
    number = proposed(
        trade, contract, "3.60", "2027-03-10", termination={"notice_days": 30})
    version = trade.get(seller, f"/v1/contracts/{contract}/versions/{number}")
    trade.post(
        trade.seller["signatory"],
        f"/v1/contracts/{contract}/versions/{number}/signatures",
        {"digest": version["digest"]})
    signatory = visit("en", 320).sign_in(SOUTH, "signatory").open(f"{address}?version={number}")
    signatory.click("#read").go(f"form[action='{address}/signatures'] button")
    # the version that rules when the notice is given says how long it is
    assert "rules from Wed 10 Mar 2027" in plain(buyer.open(f"{address}/notice").text)
    trade.clock(datetime.fromisoformat("2027-03-10T09:00:00+02:00"))
    buyer = visit("en", 320).sign_in(SOUTH, "admin").open(address)
    buyer.go(f"a[href='{address}/notice']")
    assert "Fri 9 Apr 2027" in plain(buyer.text)
    for width in (1280, 320):
        buyer.resize(width)
        look(buyer, f"negotiation-notice-{width}")
    buyer.go("main form button")
    assert named_fields(buyer) == ["reason"]
    buyer.type("#reason", "We have our own.").go("main form button")
    assert "Notice is given" in buyer.text
    assert "The last day on which visits can start is Fri 9 Apr 2027" in plain(buyer.text)
    assert not buyer.all(f"a[href='{address}/notice']")
    look(buyer, "negotiation-noticed")
    shown = trade.get(seller, f"/v1/contracts/{contract}")
    assert shown["state"] == "active"
    assert shown["notice"]["side"] == "buyer"
    assert shown["notice"]["ends_at"] == "2027-04-09T21:00:00Z"
