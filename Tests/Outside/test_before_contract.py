"""Before a contract, in a browser: a profile, a request, a need with its answers, and a choice."""

import pytest
from pages import BUYER, LANGUAGES, SELLER, look, named_fields, needs_a_browser, set_value
from selenium.webdriver.common.keys import Keys

pytestmark = needs_a_browser

CLINIC = "Example Clinic"
SOUTH = "Example Health Centre South"
PSYCHIATRY = "specialty 1.2.246.537.6.24 70"
TEMPLATE = "psychiatrist-remote-visit"
WORDS = {
    "fi": {"priced": "Noin 3,60 € minuutilta", "fits": "Sopii profiiliinne",
           "asked": "Pyyntö on lähetetty", "waits": "Odottaa vastaustanne",
           "chosen": "Valittu", "decided": "Päätetty", "one": "1 vastaus"},
    "sv": {"priced": "Cirka 3,60 € per minut", "fits": "Passar er profil",
           "asked": "Begäran är skickad", "waits": "Väntar på ert svar",
           "chosen": "Vald", "decided": "Avgjort", "one": "1 svar"},
    "en": {"priced": "About €3.60 a minute", "fits": "Fits your profile",
           "asked": "The request is sent", "waits": "Waits for your answer",
           "chosen": "Chosen", "decided": "Decided", "one": "1 answer"},
}


def see(browser, name, language):
    """The page as it is on a telephone and on a table."""
    assert browser.find("html").get_attribute("lang") == language
    for width in (320, 1280):
        browser.resize(width)
        look(browser, f"before-{name}-{language}-{width}")


def submit(browser, action):
    return browser.go(f"form[action='{action}'] button[type='submit']")


def tick(browser, *boxes):
    for box in boxes:
        if not browser.find(f"[id='{box}']").is_selected():
            browser.click(f"[id='{box}']")


def fill_beginning(browser):
    browser.choose("#template", TEMPLATE).type("#buyer_reference", "REMOTE-2027")
    set_value(browser, "first_day", "2027-06-01")
    set_value(browser, "last_day", "2028-05-31")


def fill_profile(browser):
    browser.choose("#field_1", PSYCHIATRY).type("#price_1", "3,60")
    browser.type("#description_fi", "Psykiatrin etävastaanottoja arkiaamuisin.")
    tick(browser, "languages_1", "regions", "published")
    browser.type("#email", "contracts@hospital.example")


def fill_need(browser, title):
    browser.type("#title", title).choose("#field", PSYCHIATRY).type("#minutes", "240")
    tick(browser, "languages", "regions-10")
    browser.type("#words", "Two mornings a week.")
    for field, day in [("starts_on", "2027-06-01"), ("ends_on", "2028-05-31"),
                       ("answer_by", "2027-03-20")]:
        set_value(browser, field, day)


def put_account(trade, organisation, iban):
    """The token of its administrator, after its account is this one, or none."""
    token = trade.tokens[organisation]["admin"]
    entry = trade.get(token, "/v1/organisation")
    kept = {key: entry[key] for key in ("name", "vat_id", "ovt", "address", "email")}
    trade.put(token, "/v1/organisation", {**kept, "iban": iban}, entry["revision"])
    return token


@pytest.fixture(scope="module")
def clinic(trade):
    """Another seller: it has an account, and no profile."""
    return put_account(trade, CLINIC, "FI7412345600000801")


@pytest.fixture(scope="module")
def published(trade):
    """The seller's profile is published, however the tests are chosen."""
    token = trade.seller["admin"]
    profile = trade.get(token, "/v1/profile")
    if not profile["published"]:
        trade.put(token, "/v1/profile", {
            "published": True, "description": {"fi": "Psykiatrin etävastaanottoja."},
            "services": [{
                "kind": "patient_visit", "modality": "video", "languages": ["fi"],
                "specialty": {"system": "1.2.246.537.6.24", "code": "70"},
                "price_per_minute": "3.60"}],
            "regions": ["FI"], "email": "contracts@hospital.example"}, profile["revision"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_profile_is_written_and_found(visit, language):
    words = WORDS[language]
    seller = visit(language).sign_in(SELLER, "admin").open("/profile")
    see(seller, "profile", language)
    for field in ("description_fi", "description_sv", "description_en", "price_1"):
        seller.type(f"#{field}", "")
    seller.choose("#field_1", "").type("#email", "nobody@localhost")
    for box in seller.all("[name='regions']:checked, [name='languages_1']:checked"):
        box.click()
    submit(seller, "/profile")
    assert named_fields(seller) == ["description_fi", "field_1", "regions", "email"]
    assert seller.find("#email").get_attribute("value") == "nobody@localhost"
    fill_profile(seller)
    seller.type("#price_1", "3.60001").type("#description_en", "Call 131052-308T")
    submit(seller, "/profile")
    assert set(named_fields(seller)) == {"description_en", "price_1"}
    assert seller.find("#price_1").get_attribute("value") == "3.60001"
    see(seller, "profile-wrong", language)
    seller.type("#description_en", "Psychiatrists' remote visits on weekday mornings.")
    fill_profile(seller)
    submit(seller, "/profile")
    assert seller.path == "/profile?done=saved"
    see(seller, "profile-saved", language)

    buyer = visit(language).sign_in(BUYER, "scheduler").open("/sellers")
    buyer.choose("#field", PSYCHIATRY).choose("#region", "21")
    buyer.go("form[action='/sellers'] button")
    assert words["priced"] in buyer.text
    see(buyer, "sellers", language)
    buyer.type("#text", "nobody says this").go("form[action='/sellers'] button")
    assert not buyer.all("main h3")
    see(buyer, "sellers-none", language)
    buyer.open("/sellers").go("main h3 a")
    assert buyer.heading == SELLER
    assert not buyer.all("a[href$='/ask']"), "a scheduler asks for no contract"
    see(buyer, "seller", language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_contract_is_asked_for_and_answered(trade, published, visit, language):
    words = WORDS[language]
    buyer = visit(language).sign_in(BUYER, "admin").open("/sellers").go("main h3 a")
    buyer.go("a[href$='/ask']")
    see(buyer, "asking", language)
    action = buyer.path
    buyer.type("#words", "Patient 131052-308T")
    set_value(buyer, "last_day", "2026-01-01")
    submit(buyer, action)
    assert set(named_fields(buyer)) == {"template", "last_day", "buyer_reference", "words"}
    assert "131052-308T" in buyer.find("#words").get_attribute("value")
    see(buyer, "asking-wrong", language)
    note = f"Two mornings a week ({language})."
    buyer.type("#words", note)
    fill_beginning(buyer)
    submit(buyer, action)
    assert words["asked"] in buyer.text and note in buyer.text
    see(buyer, "requests-buyer", language)

    seller = visit(language).sign_in(SELLER, "admin")
    assert seller.all(".tasks a[href='/contract-requests']")
    seller.open("/contract-requests")
    assert words["waits"] in seller.text and note in seller.text
    see(seller, "requests-seller", language)
    seller.go("section.card h2 a")
    assert seller.path.startswith("/contracts/contract_")
    # the seller may turn it down on the contract's own page
    seller.go("a[href*='/decline']").type("#reason", "No time.").go("main form button")
    requests = trade.get(trade.buyer["admin"], "/v1/contract-requests")["items"]
    mine = next(each for each in requests if each["words"] == note)
    assert mine["awaits_seller"] is False


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_need_is_posted_answered_and_decided(trade, clinic, published, visit, language):
    words, title = WORDS[language], f"A psychiatrist ({language})"
    buyer = visit(language).sign_in(BUYER, "admin").open("/needs")
    buyer.go("a[href='/needs/new']")
    see(buyer, "need-new", language)
    buyer.type("#minutes", "0").choose("#shown_to", "some")
    for field, day in [("ends_on", "2026-01-01"), ("answer_by", "2026-01-01")]:
        set_value(buyer, field, day)
    submit(buyer, "/needs")
    assert set(named_fields(buyer)) == {
        "title", "field", "minutes", "ends_on", "answer_by", "regions", "words", "sellers"}
    see(buyer, "need-new-wrong", language)
    fill_need(buyer, title)
    buyer.choose("#shown_to", "all")
    submit(buyer, "/needs")
    address = buyer.path.removesuffix("?done=posted")
    assert buyer.heading == title
    see(buyer, "need-posted", language)

    seller = visit(language).sign_in(SELLER, "admin")
    assert seller.all(".tasks a[href^='/needs']")
    seller.open("/needs")
    assert words["fits"] in seller.text
    see(seller, "needs", language)
    seller.open(address)
    see(seller, "need-answering", language)
    seller.type("#price", "cheap")
    submit(seller, f"{address}/answers")
    assert named_fields(seller) == ["words", "price"]
    assert seller.find("#price").get_attribute("value") == "cheap"
    see(seller, "need-answer-wrong", language)
    seller.type("#words", "The same physician each time.").type("#price", "2,4533")
    submit(seller, f"{address}/answers")
    assert not seller.all(f"form[action='{address}/answers']")
    need = address.removeprefix("/needs/")
    other = trade.post(clinic, f"/v1/needs/{need}/answers", {"words": "From May on."})
    assert [each["words"] for each in other["answers"]] == ["From May on."]
    assert "From May on." not in seller.open(address).text
    see(seller, "need-answered", language)

    buyer.open(address)
    assert "The same physician" in buyer.text and "From May on." in buyer.text
    see(buyer, "need-answers", language)
    buyer.go("a[href*='/accept?answer=']")
    see(buyer, "accept", language)
    submit(buyer, f"{address}/accept")
    assert set(named_fields(buyer)) == {"template", "buyer_reference"}
    fill_beginning(buyer)
    submit(buyer, f"{address}/accept")
    assert words["asked"] in buyer.text
    assert words["decided"] in buyer.open(address).text and words["chosen"] in buyer.text
    see(buyer, "need-decided", language)
    assert words["chosen"] in seller.open(address).text
    told = trade.get(clinic, f"/v1/needs/{need}")
    assert told["state"] == "closed" and told["accepted"] is None


def test_an_answer_comes_to_the_open_page_by_itself(trade, clinic, published, visit):
    buyer = visit("en").sign_in(BUYER, "admin").open("/needs/new")
    fill_need(buyer, "A psychiatrist, at once")
    submit(buyer, "/needs")
    need = buyer.path.removesuffix("?done=posted").removeprefix("/needs/")
    buyer.mark()
    trade.post(clinic, f"/v1/needs/{need}/answers", {"words": "From June on."})
    buyer.wait_for("#live-answers h3")
    assert "From June on." in buyer.said_of("#live-answers") and buyer.is_marked


def test_a_need_is_withdrawn_without_script(trade, visit):
    browser = visit("sv", 320, script=False).sign_in(BUYER, "admin").open("/needs/new")
    browser.type("#title", "En psykiater").choose("#field", PSYCHIATRY).type("#minutes", "60")
    tick(browser, "languages", "regions")
    browser.type("#words", "Varje vecka.")
    submit(browser, "/needs")
    assert browser.heading == "En psykiater"
    address = browser.path.removesuffix("?done=posted")
    submit(browser, f"{address}/withdraw")
    assert "Återkallat" in browser.text
    assert not browser.all(f"form[action='{address}/withdraw']")


def test_a_need_is_answered_by_keyboard_alone(trade, published, visit):
    buyer = visit("en").sign_in(BUYER, "admin").open("/needs/new")
    fill_need(buyer, "A psychiatrist, by keyboard")
    submit(buyer, "/needs")
    seller = visit("en").sign_in(SELLER, "admin").open("/needs")
    seller.reach("A psychiatrist, by keyboard").enter()
    seller.reach("Answer").press("We can.").reach("Indicative price").press("3.60")
    seller.reach("Send the answer").press(Keys.NULL).enter()
    assert "The answer is sent" in seller.text


def test_who_lacks_an_account_is_told_so(trade, visit):
    put_account(trade, SOUTH, None)
    south = visit("en").sign_in(SOUTH, "admin").open("/profile")
    fill_profile(south)
    submit(south, "/profile")
    assert named_fields(south) == ["published"]
    assert "account number" in south.text
    look(south, "before-profile-no-account")
