"""The finance pages in a real browser: from attested visits to a paid invoice, as the two who keep
the books meet them."""

from pathlib import Path

import pytest
from browser import Browser
from pages import BUYER, LANGUAGES, PICTURES, SELLER, look, needs_a_browser
from running import Server
from visits import Trade

pytestmark = needs_a_browser


@pytest.fixture(scope="module")
def trade(make_folder):
    """A demo of its own, whose clock these tests move on; it has two visits to bill."""
    folder = make_folder()
    server = Server(folder, AIKATORI_TOKENS_FILE=str(folder / "tokens.json")).ready()
    yield Trade(server, folder, SELLER, BUYER)
    assert server.end() == 0, server.said()


@pytest.fixture
def visit(trade):
    """Opens a browser on that demo; it is closed when the test ends."""
    open_browsers = []

    def make(*arguments, **settings):
        browser = Browser(trade.server.address, *arguments, **settings)
        open_browsers.append(browser)
        return browser

    yield make
    for browser in open_browsers:
        browser.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_from_visits_to_a_paid_invoice(trade, visit, language):
    trade.held()
    trade.held()
    trade.to_next_month()
    seller = visit(language).sign_in(SELLER, "finance")
    buyer = visit(language).sign_in(BUYER, "finance")

    def step(browser, name):
        assert browser.find("html").get_attribute("lang") == language
        for width in (320, 1280):
            browser.resize(width)
            look(browser, f"{name}-{language}-{width}")

    seller.open("/statements")
    step(seller, "statements")
    seller.go("main form button")
    assert seller.path.startswith("/statements/statement_")
    step(seller, "statement-made")
    statement = seller.path.split("?")[0]
    buyer.open(statement)
    step(buyer, "statement-to-accept")
    buyer.go("main tbody a")
    step(buyer, "charge")
    buyer.open(statement).go("main form button")
    step(buyer, "statement-accepted")
    seller.open(statement)
    step(seller, "statement-to-invoice")
    seller.go("main form button")
    assert seller.path.startswith("/invoices/invoice_")
    step(seller, "invoice")
    invoice = seller.path.split("?")[0]
    buyer.open("/invoices")
    step(buyer, "invoices")
    buyer.open(invoice)
    step(buyer, "invoice-received")


def test_an_invoice_on_paper(trade, visit):
    browser = visit("fi").sign_in(BUYER, "finance").open("/invoices").go("main tbody a")
    pages = browser.print_to(PICTURES and Path(PICTURES) / "invoice.pdf")
    assert pages.startswith(b"%PDF-") and pages.count(b"/Type /Page\n") == 1
    browser.emulate_print()
    for gone in ("header.bar", "nav.pages", "aside.demo", "footer", ".on-screen"):
        assert not any(each.is_displayed() for each in browser.all(gone)), gone
    printed = browser.text
    invoice = trade.get(trade.buyer["finance"], "/v1" + browser.path)
    for wanted in (invoice["number"], "9000001-1", "9000003-8", "FI90000011", "Example street 1",
                   "Example road 2", "FI21 1234 5600 0007 85", "VATEX-EU-132-1B", "Eräpäivä"):
        assert wanted in printed, wanted
    assert invoice["reference"] in printed.replace(" ", "")
