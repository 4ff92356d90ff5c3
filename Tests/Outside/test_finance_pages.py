"""The finance pages in a real browser: from attested visits to a paid invoice, as the two who keep
the books meet them."""

import hashlib
import re
from decimal import Decimal
from pathlib import Path

import pytest
from bank import bank_file
from pages import BUYER, LANGUAGES, PICTURES, SELLER, look, needs_a_browser

pytestmark = needs_a_browser
# The seller's, on which its invoices are paid.
ACCOUNT = "FI2112345600000785"


@pytest.mark.parametrize("language", LANGUAGES)
def test_from_visits_to_a_paid_invoice(trade, visit, tmp_path, language):
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

    # the money comes, with a payment that belongs to no invoice
    found = trade.get(trade.seller["finance"], "/v1" + invoice)
    day = f"{trade.now():%Y-%m-%d}"
    name = f"DAY-{language}"
    written = bank_file(name, ACCOUNT, day, [
        (found["total"], found["reference"], "Example Health Centre North"),
        ("45.00", None, "Example Association")])
    # a blank, quotes, a semicolon and letters beyond ASCII in the file's name
    path = tmp_path / f'tiliote "äö"; {language}.xml'
    path.write_bytes(written)
    seller.open("/bank-files")
    step(seller, "bank-files")
    seller.find("#file").send_keys(str(path))
    seller.go("main form button")
    assert seller.path.startswith("/bank-files/bankfile_")
    step(seller, "bank-file")
    stored = trade.get(trade.seller["finance"], "/v1" + seller.path.split("?")[0])
    assert stored["sha256"] == hashlib.sha256(written).hexdigest(), "byte for byte"
    assert stored["matched"]["count"] == 1 and stored["waiting"]["count"] == 1
    assert found["number"] in seller.text and seller.all(".tag.live") and seller.all(".tag.late")
    for browser in (seller, buyer):
        browser.open(invoice)
        assert browser.all(".tag.live"), "paid"
        step(browser, f"invoice-paid-{'seller' if browser is seller else 'buyer'}")
        browser.open("/trial-balance")
        step(browser, f"trial-balance-{'seller' if browser is seller else 'buyer'}")
        browser.open("/open-amounts")
        assert found["number"] not in browser.text
        the_ledger(browser, step, "seller" if browser is seller else "buyer")
        step(browser, f"open-amounts-{'seller' if browser is seller else 'buyer'}")
    assert "Example Association" in seller.text
    seller.open("/")
    step(seller, "start-finance")
    assert "/bank-entries" in [
        link.get_attribute("href").removeprefix(trade.server.address)
        for link in seller.all(".tasks a")]


def the_ledger(browser, step, side):
    """A month's accounts, one of them, what was open at a past day, and a month closed."""
    month = browser.open("/periods").find("main h2").text
    assert month
    step(browser, f"periods-{side}")
    browser.go("main form button")
    assert browser.all(".notice.good"), "the month is closed"
    step(browser, f"periods-closed-{side}")
    browser.go("#closed-title + .table a")
    assert browser.path.startswith("/month?month=")
    step(browser, f"month-{side}")
    browser.go("main tbody th a")
    assert browser.path.startswith("/account-statement?")
    step(browser, f"account-statement-{side}")
    browser.open("/ageing?on=2027-02-28")
    step(browser, f"ageing-{side}")
    browser.open("/open-amounts")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_bad_file_is_named_at_its_field(trade, visit, tmp_path, language):
    browser = visit(language).sign_in(SELLER, "finance")
    for content in (None, b"", b"<a/>", b"<a>\n<b>\n</a>", b"\xff\xfe"):
        browser.open("/bank-files")
        if content is not None:
            path = tmp_path / "bad.xml"
            path.write_bytes(content)
            browser.find("#file").send_keys(str(path))
        browser.go("main form button")
        link = browser.find(".errors a")
        assert link.get_attribute("href").endswith("#file"), content
        assert browser.find("#file").get_attribute("aria-invalid") == "true"
        assert browser.find("#file-error").text == link.text
        look(browser, f"bank-file-bad-{language}")
        link.click()
        assert browser.focused.get_attribute("id") == "file"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_day_that_is_none_is_named_and_kept(trade, visit, language):
    browser = visit(language, script=False).sign_in(SELLER, "finance")
    browser.open("/trial-balance?on=2027-02-29")
    assert browser.find(".errors a").get_attribute("href").endswith("#on")
    # as it was sent; what the browser makes of a day that is none is its own matter
    assert browser.find("#on").get_dom_attribute("value") == "2027-02-29"


def test_a_statement_of_nothing_is_named_at_its_field(trade, visit):
    trade.held()
    trade.to_next_month()
    browser = visit("en").sign_in(SELLER, "finance").open("/statements")
    choices = browser.all("#of option")
    assert choices, "the demo has something to state"
    assert all(re.search(r", [A-Z][a-z]+\s20[0-9]{2}$", each.text) for each in choices)
    browser.driver.execute_script("document.getElementById('of').options[0].value = 'odd'")
    browser.go("main form button")
    assert browser.find(".errors a").get_attribute("href").endswith("#of")
    assert browser.find("#of").get_attribute("aria-invalid") == "true"
    look(browser, "statements-bad")


def test_each_account_with_several_others_is_summed(browse):
    browser = browse("en").sign_in(SELLER, "finance").open("/trial-balance")

    def balance(row):
        text = row.find_elements("css selector", "td.figure")[2].text
        return Decimal(text.replace(",", "").replace("\u2212", "-"))

    accounts = {}
    for row in browser.all("main tbody tr"):
        name = row.find_element("css selector", "th").text
        if name.endswith(", total"):
            rows = accounts[name.removesuffix(", total")]
            assert len(rows) > 1 and balance(row) == sum(rows), name
        else:
            accounts.setdefault(name, []).append(balance(row))
    names = {row.text for row in browser.all("main tbody tr.sum th")}
    several = {f"{name}, total" for name, rows in accounts.items() if len(rows) > 1}
    assert names == several and "Bank, total" in names


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
