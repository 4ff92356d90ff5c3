"""A contract is written by a form, in a real browser: by whoever is no programmer."""

import json

import pytest
from pages import BUYER, LANGUAGES, SELLER, look, needs_a_browser, set_value, until

pytestmark = needs_a_browser

TEMPLATES = [
    "county-units", "dermatologist-consultation", "geriatrician-remote-round",
    "home-care-physician-on-demand", "neurologist-remote-visit", "physician-remote-reception",
    "physiotherapist-beside-physician", "psychiatrist-professional-consultation",
    "psychiatrist-remote-visit", "psychologist-series", "regional-chat-duty",
    "rehabilitation-group", "speech-therapist-series"]
PARTS = ["parties", "services", "planning", "exceptions", "records", "billing", "examples",
         "document"]
SUPPLEMENT = "/services/0/supplements/0"
TIER = "/services/0/tiers/steps/0"
# A price of a minute as each language writes it, and what 17 minutes of it come to.
WORDS = {
    "fi": {"price": "4,25", "total": "72,25 €", "kept": "4,25", "saved": "Tallennettu luonnoksena"},
    "sv": {"price": "4,25", "total": "72,25 €", "kept": "4,25", "saved": "Sparat som utkast"},
    "en": {"price": "4.25", "total": "€72.25", "kept": "4.25", "saved": "Saved as a draft"},
}


def field(pointer):
    """A field by the place in the document that it is about."""
    return f"[id='{pointer}']"


def button(action):
    return f"button[name=do][value='{action}']"


def other(browser, name):
    """The identifier of an organisation that can be chosen."""
    options = browser.all("#with option")
    return next(each.get_dom_attribute("value") for each in options if each.text == name)


def begin(browser, template, name=BUYER):
    """The form of a new contract with all that is asked before."""
    browser.open("/contracts").go("main a[href='/contracts/new']")
    browser.find(f"input[name=template][value={template}]").click()
    browser.choose("#with", other(browser, name))
    set_value(browser, "first_day", "2027-04-01")
    set_value(browser, "last_day", "2028-03-31")
    browser.type("#buyer_reference", "HC-2027")
    return browser.go("form[action='/contracts/new/form'] button")


def document(browser):
    """The document that the page holds."""
    return json.loads(browser.find("[name=document]").get_attribute("value"))


def fill(browser, pointer, text):
    browser.type(field(pointer), text)


def add_supplement_and_tier(browser, words):
    browser.go(button("section:services"))
    browser.go(button("add:/services/0/supplements"))
    focused = browser.focused.get_attribute("id")
    assert focused.startswith(SUPPLEMENT), "the new term has the focus"
    for language, name in (("fi", "Lauantailisä"), ("sv", "Lördagstillägg"), ("en", "Saturday")):
        fill(browser, f"{SUPPLEMENT}/name/{language}", name)
    fill(browser, f"{SUPPLEMENT}/percent", "25")
    browser.go(button("add:/services/0/tiers"))
    fill(browser, f"{TIER}/from_minutes", "600")
    fill(browser, f"{TIER}/price_per_minute", words["price"])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("script", [True, False])
def test_from_a_template_to_a_draft(browse, language, script):
    words = WORDS[language]
    browser = browse(language, script=script).sign_in(SELLER, "admin")

    def step(name):
        assert browser.find("html").get_attribute("lang") == language
        if script:
            for width in (320, 1280):
                browser.resize(width)
                look(browser, f"contract-form-{name}-{language}-{width}")

    browser.open("/contracts/new")
    step("choose")
    if not script:
        other_id = other(browser, BUYER)
        browser.open(
            f"/contracts/new/form?template=psychiatrist-remote-visit&side=seller&with={other_id}"
            "&first_day=2027-04-01&last_day=2028-03-31&buyer_reference=HC-2027")
    else:
        begin(browser, "psychiatrist-remote-visit")
    step("parties")
    add_supplement_and_tier(browser, words)
    fill(browser, "/services/0/price_per_minute", words["price"])
    if script:
        until(lambda: words["total"] in browser.said_of("#beside-state"))
    else:
        browser.go("form.writing .terms .actions button[value=compute]")
        assert words["total"] in browser.said_of("#beside-state")
    step("services")
    assert document(browser)["services"][0]["price_per_minute"] == "4.25"
    browser.go(button("take"))
    assert not browser.all("button[value^='take']"), "every example comes to what it should"
    assert browser.find(field("/services/0/price_per_minute")).get_attribute(
        "value") == words["kept"]
    browser.go(button("save"))
    assert words["saved"] in browser.text
    assert "25" in browser.text and words["price"] in browser.text
    step("saved")


def test_language_and_back_lose_nothing(browse):
    """Another language comes back with what was typed; Back shows the step before, no error."""
    browser = begin(browse("en").sign_in(SELLER, "admin"), "psychiatrist-remote-visit")
    browser.go(button("section:services"))
    fill(browser, "/services/0/price_per_minute", "4.25")
    browser.go(button("section:billing"))
    browser.driver.back()
    until(lambda: browser.all(field("/services/0/price_per_minute")))
    browser.driver.forward()
    until(lambda: browser.all(field("/billing/payment_days")))
    browser.go("header " + button("language:fi"))
    assert browser.find("html").get_attribute("lang") == "fi"
    assert document(browser)["services"][0]["price_per_minute"] == "4.25"
    for width in (320, 1280):
        browser.resize(width)
        look(browser, f"contract-form-language-{width}")
    browser.go(button("section:services"))
    price = browser.find(field("/services/0/price_per_minute"))
    assert price.get_attribute("value") == "4,25"


@pytest.mark.parametrize("script", [True, False])
def test_back_shows_what_was_typed(browse, script):
    """What was typed before a step was taken is there again, and not what the page began with."""
    browser = browse("en", script=script).sign_in(SELLER, "admin")
    browser.open("/contracts/new")
    other_id = other(browser, BUYER)
    browser.open(
        f"/contracts/new/form?template=psychiatrist-remote-visit&side=seller&with={other_id}"
        "&first_day=2027-04-01&last_day=2028-03-31&buyer_reference=HC-2027")
    browser.go(button("section:services"))
    begun_with = browser.find(field("/services/0/price_per_minute")).get_attribute("value")
    fill(browser, "/services/0/price_per_minute", "4.25")
    browser.choose(field("/services/0/modality"), "telephone")
    browser.go(button("section:billing"))
    browser.driver.back()
    until(lambda: browser.all(field("/services/0/price_per_minute")))
    price = browser.find(field("/services/0/price_per_minute"))
    assert begun_with != "4.25" and price.get_attribute("value") == "4.25"
    assert browser.find(field("/services/0/modality")).get_attribute("value") == "telephone"
    if script:
        until(lambda: WORDS["en"]["total"] in browser.said_of("#beside-state"))
    browser.go(button("section:billing"))
    service = document(browser)["services"][0]
    assert service["price_per_minute"] == "4.25" and service["modality"] == "telephone"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_part_of_the_fullest_template(browse, language):
    browser = begin(browse(language).sign_in(SELLER, "admin"), "home-care-physician-on-demand")
    for part in PARTS:
        browser.go(button(f"section:{part}"))
        for width in (320, 1280):
            browser.resize(width)
            look(browser, f"contract-part-{part}-{language}-{width}")
    browser.go(button("section:examples"))
    browser.go(button("open:/worked_examples/4"))
    browser.resize(320)
    look(browser, f"contract-example-{language}-320")
    browser.go(button("section:services"))
    browser.go(button("open:/services/0/supplements/1"))
    look(browser, f"contract-supplement-{language}-320")


@pytest.mark.parametrize("template", TEMPLATES)
def test_each_template_is_complete_and_light(browse, template):
    browser = begin(browse("en").sign_in(SELLER, "admin"), template)
    if template != "county-units":
        # two organisations are no units of one: the form says so, and goes there
        assert "Complete." in browser.text, template
    for part in PARTS:
        browser.go(button(f"section:{part}"))
        assert browser.weight() < 100_000, (template, part)
        assert not browser.scrolls_sideways(), (template, part)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_typed_stays_when_it_is_wrong(browse, language):
    browser = begin(browse(language).sign_in(SELLER, "admin"), "psychiatrist-remote-visit")
    browser.go(button("section:services"))
    fill(browser, "/services/0/price_per_minute", "3 <b>\"euro\"</b>")
    browser.go("form.writing .terms .actions button[value=compute]")
    link = browser.find(".errors a")
    assert link.get_attribute("href").endswith("#/services/0/price_per_minute")
    link.click()
    assert browser.focused.get_attribute("id") == "/services/0/price_per_minute"
    assert browser.focused.get_attribute("value") == "3 <b>\"euro\"</b>"
    assert browser.focused.get_attribute("aria-describedby").endswith(
        "/services/0/price_per_minute-error")
    for width in (320, 1280):
        browser.resize(width)
        look(browser, f"contract-form-error-{language}-{width}")


def test_a_document_goes_in_and_comes_out(browse):
    browser = begin(browse("en").sign_in(SELLER, "admin"), "physician-remote-reception")
    before = document(browser)
    browser.go(button("section:document"))
    text = browser.find("#pasted").get_attribute("value")
    assert json.loads(text) == before
    browser.driver.execute_script(
        "document.getElementById('pasted').value = arguments[0]", text[:-20])
    browser.go("form.writing .terms .actions button[value=compute]")
    assert browser.find(".errors a").get_attribute("href").endswith("#pasted")
    assert browser.find("#pasted").get_attribute("value").rstrip() == text[:-20].rstrip()
    look(browser, "contract-document-error")
    changed = dict(before, title="By <another> name")
    browser.driver.execute_script(
        "document.getElementById('pasted').value = arguments[0]", json.dumps(changed))
    browser.go("form.writing .terms .actions button[value=compute]")
    assert document(browser) == changed


def test_with_the_keyboard_alone_and_without_script(browse):
    browser = browse(script=False).sign_in(SELLER, "admin")
    browser.open("/contracts/new")
    other_id = other(browser, BUYER)
    browser.open(
        f"/contracts/new/form?template=psychiatrist-remote-visit&side=seller&with={other_id}"
        "&first_day=2027-04-01&last_day=2028-03-31&buyer_reference=HC-2027")
    browser.reach("Services and prices").enter()
    browser.reach("Add: Supplement").enter()
    assert browser.focused.accessible_name == "In Finnish"
    browser.press("Lauantailisä")
    browser.reach("In Swedish").press("Lördagstillägg")
    browser.reach("In English").press("Saturday")
    browser.reach("Addition, %").press("25")
    browser.enter()
    assert "now come to something else: 2 of 7" in browser.text, "ENTER in a field computes"
    browser.reach("Take all computed results").enter()
    assert "Complete." in browser.text
    browser.reach("Save as a draft").enter()
    assert "Saved as a draft" in browser.text
    assert "Saturday" in browser.text
