"""What waits for a seller's word, and every form of the handshake, in a real browser."""

from datetime import timedelta

import pytest
from pages import BUYER, LANGUAGES, SELLER, look, named_fields, needs_a_browser, set_value
from visits import HELSINKI

pytestmark = needs_a_browser

WORDS = {
    "fi": {"agreed": "Osapuolet ovat sopineet.", "declined": "Hylätty. Varaus on peruttu.",
           "ready": "valmiina", "not_ready": "ei valmiina"},
    "sv": {"agreed": "Parterna är överens.", "declined": "Avböjt. Bokningen är avbokad.",
           "ready": "redo", "not_ready": "inte redo"},
    "en": {"agreed": "Both sides have agreed.", "declined": "Declined. The booking is cancelled.",
           "ready": "ready", "not_ready": "not ready"},
}


def form(kind):
    return f"form:has(input[name=kind][value={kind}])"


def send(browser, kind):
    return browser.go(f"{form(kind)} button")


def unfold(browser, kind):
    """Opens what a form is folded into."""
    details = browser.find(f"details:has(input[name=kind][value={kind}])")
    if details.get_attribute("open") is None:
        details.find_element("css selector", "summary").click()
    return browser


def host(visit):
    """The seller hosts a Jitsi server and a video service of its own besides the built-in room."""
    admin = visit("en").sign_in(SELLER, "admin").open("/settings/rooms")
    for name, value in {
            "domain": "meet.example", "app_id": "aikatori", "secret": "s" * 40,
            "own_name": "Video", "own_address": "https://video.example/room/{visit}"}.items():
        set_value(admin, name, value)
    admin.go("form[action='/settings/rooms'] button")
    assert admin.path == "/settings/rooms?done=saved"
    look(admin, "room-settings-en-1280")


def booked(trade):
    """A booking of which nothing is agreed; its page, and when it starts by the wall clock."""
    booking, starts = trade.booked()
    return f"/bookings/{booking}", starts.astimezone(HELSINKI)


@pytest.mark.parametrize("language", LANGUAGES)
def test_from_the_list_to_an_agreement_and_to_being_ready(trade, visit, language):
    words = WORDS[language]
    seller = visit(language).sign_in(SELLER, "scheduler")
    buyer = visit(language).sign_in(BUYER, "scheduler")

    def step(browser, name):
        assert browser.find("html").get_attribute("lang") == language
        for width in (320, 1280):
            browser.resize(width)
            look(browser, f"handshake-{name}-{language}-{width}")

    host(visit)
    page, _ = booked(trade)
    seller.open("/proposals")
    step(seller, "list-open")
    seller.go(f"a[href='{page}']")
    unfold(seller, "propose")
    seller.choose("#room", "own_link").type("#link", "https://video.example/room/7")
    seller.click("input[name=needs][value=nurse_present]")
    step(seller, "to-propose")
    send(seller, "propose")
    assert seller.path == f"{page}?done=said"
    step(seller, "proposed")
    buyer.open("/proposals")
    step(buyer, "list-asked")
    buyer.go(f"a[href='{page}']")
    assert buyer.find("a[href='https://video.example/room/7']")
    unfold(buyer, "counter")
    # what was proposed is what the counter-proposal begins with
    assert buyer.find("#room").get_attribute("value") == "own_link"
    assert not buyer.all("#link"), "the address follows from what the seller has set up"
    assert [each.get_attribute("value") for each in buyer.all("input[name=needs]:checked")] == [
        "nurse_present"]
    buyer.choose("#room", "jitsi").click("input[name=needs][value=interpreter]")
    step(buyer, "to-counter")
    send(buyer, "counter")
    step(buyer, "countered")
    seller.open(page)
    step(seller, "to-accept")
    send(seller, "accept")
    assert words["agreed"] in seller.text
    step(seller, "agreed")
    buyer.open(page)
    for box in buyer.all("input[name=checks]"):
        box.click()
    step(buyer, "to-be-ready")
    send(buyer, "ready")
    assert words["ready"] in [each.text for each in buyer.all("#live-handshake .tag")]
    unfold(seller.open(page), "not_ready").type("#cause", "Kamera puuttuu")
    step(seller, "to-be-not-ready")
    send(seller, "not_ready")
    assert words["not_ready"] in [each.text for each in seller.all("#live-handshake .tag")]
    assert "”Kamera puuttuu”" in seller.text
    step(seller, "not-ready")


@pytest.mark.parametrize("language", LANGUAGES)
def test_declining(trade, visit, language):
    page, _ = booked(trade)
    seller = visit(language, 320).sign_in(SELLER, "scheduler").open(page)
    send(unfold(seller, "propose"), "propose")
    unfold(seller, "withdraw")
    look(seller, f"handshake-to-withdraw-{language}-320")
    buyer = visit(language, 320).sign_in(BUYER, "scheduler").open(page)
    unfold(buyer, "decline").type("#cause", "<b>Huone</b> \"7\" & suljettu")
    look(buyer, f"handshake-to-decline-{language}-320")
    send(buyer, "decline")
    assert WORDS[language]["declined"] in buyer.text
    assert "”<b>Huone</b> \"7\" & suljettu”" in buyer.text
    look(buyer, f"handshake-declined-{language}-320")
    assert not buyer.all("#live-handshake form")
    assert page not in [
        each.get_dom_attribute("href") for each in seller.open("/proposals").all("main a")]


def offers(starts, now, kind):
    """Each field of an offer with each input that it cannot take. A field that names another one
    is refused for what both say together. Only the seller, who proposes, gives an address."""
    before, after = now - timedelta(days=1), starts + timedelta(days=1)
    return [
        ("date", {"date": ""}), ("time", {"time": ""}),
        ("answer_date", {"answer_date": ""}), ("answer_time", {"answer_time": ""}),
        ("answer_date", {"date": f"{before:%Y-%m-%d}"}),
        ("answer_date", {"answer_date": f"{before:%Y-%m-%d}"}),
        ("answer_date", {"answer_date": f"{after:%Y-%m-%d}"}),
    ] + [
        ("link", {"room": "own_link", "link": each})
        for each in ["video.example/7", "http://video.example/7", "javascript:alert(1)",
                     "https://a@video.example/7", "https://video.example/ä",
                     "https://video.example/" + "x" * 500] if kind == "propose"]


@pytest.mark.parametrize(("language", "kind"), [("fi", "propose"), ("sv", "counter")])
def test_every_bad_input_of_an_offer_is_named(trade, visit, language, kind):
    host(visit)
    page, starts = booked(trade)
    browser = visit(language).sign_in(SELLER, "scheduler").open(page)
    if kind == "counter":
        send(unfold(browser, "propose"), "propose")
        browser = visit(language).sign_in(BUYER, "scheduler").open(page)
    for field, bad in offers(starts, trade.now().astimezone(HELSINKI), kind):
        unfold(browser.open(page), kind)
        wanted = {
            name: browser.find(f"#{name}").get_attribute("value")
            for name in ("date", "time", "answer_date", "answer_time", "room")} | bad
        browser.choose("#room", wanted["room"])
        for name in wanted.keys() - {"room"}:
            set_value(browser, name, wanted[name])
        browser.click("input[name=needs][value=interpreter]")
        send(browser, kind)
        assert named_fields(browser) == [field], bad
        assert browser.find(f"#{field}").get_attribute("aria-invalid") == "true"
        for name, value in wanted.items():
            assert browser.find(f"#{name}").get_attribute("value") == value, (name, bad)
        assert browser.find("input[name=needs][value=interpreter]").is_selected()
        browser.click(".errors a")
        assert browser.focused.get_attribute("id") == field
    for width in (320, 1280):
        browser.resize(width)
        look(browser, f"handshake-{kind}-error-{language}-{width}")


@pytest.mark.parametrize("language", ["en"])
def test_every_bad_input_of_the_other_forms_is_named(trade, visit, language):
    page, _ = booked(trade)
    seller = visit(language).sign_in(SELLER, "scheduler").open(page)
    buyer = visit(language).sign_in(BUYER, "scheduler")
    send(unfold(seller, "propose"), "propose")

    def refuses(browser, kind):
        """No reason, or one that is too long, is named; what was typed stays."""
        for typed in ("", " \t ", "ä" * 501):
            unfold(browser.open(page), kind)
            set_value(browser, "cause", typed)
            send(browser, kind)
            assert named_fields(browser) == ["cause"]
            assert browser.find("#cause").get_attribute("value") == typed.strip()
            browser.click(".errors a")
            assert browser.focused.get_attribute("id") == "cause"
        look(browser, f"handshake-{kind}-error-{language}-1280")

    refuses(seller, "withdraw")
    refuses(buyer, "decline")
    send(buyer.open(page), "accept")
    refuses(buyer, "not_ready")
    buyer.open(page).click("input[name=checks][value=line]")
    send(buyer, "ready")
    assert named_fields(buyer) == ["checks"]
    assert [each.get_attribute("value") for each in buyer.all("input[name=checks]:checked")] == [
        "line"], "what was checked stays so"
    buyer.click(".errors a")
    assert buyer.focused.get_attribute("id") == "checks"
    buyer.resize(320)
    look(buyer, f"handshake-ready-error-{language}-320")


def test_what_the_other_side_said_first_is_not_overrun(trade, visit):
    """An answer to what is not there any more is refused in words."""
    page, _ = booked(trade)
    seller = visit().sign_in(SELLER, "scheduler").open(page)
    send(unfold(seller, "propose"), "propose")
    buyer = visit(script=False).sign_in(BUYER, "scheduler").open(page)
    unfold(seller.open(page), "withdraw").type("#cause", "The room is closed")
    send(seller, "withdraw")
    send(buyer, "accept")
    assert buyer.all(".errors li") and "Both sides have agreed." not in buyer.text
    assert "Withdrawn. The booking is cancelled." in buyer.text


def test_with_the_keyboard_alone_and_without_script(trade, visit):
    page, starts = booked(trade)
    seller = visit(script=False).sign_in(SELLER, "scheduler").open("/proposals")
    day = f"{starts.day}.{starts:%b}.{starts.year}"
    seller.reach(rf"\w{{3}}.{day}, {starts:%H:%M}").enter()
    assert seller.path == page
    seller.reach("Propose the visit").press(" ")
    seller.reach("a nurse").press(" ")
    seller.reach("Send the proposal").enter()
    assert "The other side must answer by" in seller.text
    buyer = visit(script=False).sign_in(BUYER, "scheduler").open(page)
    buyer.reach("Accept the proposal").enter()
    assert "Both sides have agreed." in buyer.text
    seller.open(page)
    names = [each.accessible_name for each in seller.all("input[name=checks]")]
    for name in names:
        seller.reach(name.split(",")[0]).press(" ")
    seller.reach("We are ready").enter()
    assert "ready" in [each.text for each in seller.all("#live-handshake .tag")]
    seller.reach("We are not ready").press(" ")
    seller.reach("Why").press("No camera")
    seller.reach("We are not ready").enter()
    assert "”No camera”" in seller.text
