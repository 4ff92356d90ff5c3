"""What a shared group, a month's agreed capacity and a sudden absence would cost, in a browser."""

import pytest
from pages import LANGUAGES, SELLER, look, needs_a_browser, set_value
from test_contract_form import begin, button, field

pytestmark = needs_a_browser

WORDS = {
    "fi": {"second": "2. ostaja, paikat: 2/7", "shares": ["17,14", "34,28", "68,58", "120,00"],
           "month": "260,00 €", "unit": "Sopimuksessa on sovittu"},
    "sv": {"second": "Köpare 2, platser: 2 av 7", "shares": ["17,14", "34,28", "68,58", "120,00"],
           "month": "260,00 €", "unit": "I avtalet finns"},
    "en": {"second": "Buyer 2, places: 2 of 7", "shares": ["17.14", "34.28", "68.58", "120.00"],
           "month": "€260.00", "unit": "The contract agrees on"},
}


def drafted(browser, template):
    """The page for prices of a draft from a template."""
    begin(browser, template)
    browser.go(button("save"))
    return browser.go("main a[href*='/price']")


def shown(browser, name, language):
    assert browser.find("html").get_attribute("lang") == language
    for width in (320, 1280):
        browser.resize(width)
        look(browser, f"price-{name}-{language}-{width}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_group_and_a_month(browse, language):
    words = WORDS[language]
    browser = drafted(browse(language).sign_in(SELLER, "admin"), "rehabilitation-group")
    browser.choose("#minutes", "60")
    set_value(browser, "date", "2027-04-08")
    browser.type("#present_minutes", "60")
    browser.find("form.question details summary").click()
    browser.type("#places", "1, 2, 4")
    browser.go("form.question button")
    text = browser.text.replace("\u00a0", " ")
    assert words["second"] in text
    for amount in words["shares"]:
        assert amount in text, amount
    shown(browser, "group", language)

    browser = drafted(browser, "physiotherapist-beside-physician")
    assert words["unit"] in browser.text
    browser.type("#month_minutes", "1000")
    browser.go("form:has(#month_minutes) button")
    assert words["month"] in browser.text.replace("\u00a0", " ")
    shown(browser, "month", language)


def test_all_that_is_wrong_is_named(browse):
    """The summary names every problem with its party; prices stay beside it."""
    browser = begin(browse("en").sign_in(SELLER, "admin"), "psychiatrist-remote-visit")
    for place in ("/seller/iban", "/buyer/email", "/buyer/address/street"):
        browser.type(field(place), "")
    browser.go(button("section:billing"))
    browser.type(field("/billing/payment_days"), "99")
    browser.go("form.writing .terms .actions button[value=compute]")
    summary = browser.find(".errors").text
    for words in ("Seller: Bank account", "Buyer: Shared e-mail", "Buyer: Street",
                  "Invoice is due"):
        assert words in summary, words
    assert "€61.20" in browser.said_of("#beside-state")
    for width in (320, 1280):
        browser.resize(width)
        look(browser, f"contract-form-all-problems-{width}")
