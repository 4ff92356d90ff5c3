"""What is put right, on pages: from a disputed line to a credit note."""

import pytest
from pages import BUYER, LANGUAGES, SELLER, look, needs_a_browser

pytestmark = needs_a_browser


@pytest.mark.parametrize("language", LANGUAGES)
def test_from_a_disputed_line_to_a_credit_note(trade, visit, language):
    trade.held()
    trade.held()
    trade.to_next_month()
    seller = visit(language).sign_in(SELLER, "finance")
    buyer = visit(language).sign_in(BUYER, "finance")

    def step(browser, name):
        for width in (320, 1280):
            browser.resize(width)
            look(browser, f"{name}-{language}-{width}")

    seller.open("/statements").go("main form button")
    statement = seller.path.split("?")[0]
    buyer.open(statement)
    step(buyer, "statement-to-dispute")
    buyer.go("main tbody td a")
    assert buyer.path.startswith(statement + "/disputes?charge=")
    step(buyer, "dispute-new")
    buyer.find("#figure").send_keys("much")
    buyer.go("main form button")
    step(buyer, "dispute-new-wrong")
    assert buyer.all(".errors")
    buyer.find("#figure").clear()
    buyer.find("#figure").send_keys("1,00")
    buyer.find("#words").send_keys("The line was down.")
    buyer.find("#evidence").send_keys("https://example.org/log")
    buyer.go("main form button")
    assert buyer.path.startswith("/disputes/dispute_")
    dispute = buyer.path.split("?")[0]
    step(buyer, "dispute-opened")
    seller.open(dispute)
    step(seller, "dispute-to-answer")
    seller.find("#words").send_keys("Our log says otherwise.")
    seller.go("main form button")
    step(seller, "dispute-answered")
    buyer.open("/disputes")
    step(buyer, "disputes")
    buyer.open(statement).go("main form button")
    step(buyer, "statement-accepted-disputed")
    seller.open(statement)
    step(seller, "statement-to-invoice-disputed")
    seller.go("main form button")
    invoice = seller.path.split("?")[0]
    seller.open(invoice + "/credit-notes")
    step(seller, "credit-new")
    seller.find("#reason").send_keys("Another price was agreed.")
    seller.go("main form button")
    assert seller.path.startswith("/credit-notes/creditnote_")
    step(seller, "credit-note")
    buyer.open("/credit-notes")
    step(buyer, "credit-notes")
    buyer.open(invoice)
    step(buyer, "invoice-credited")
