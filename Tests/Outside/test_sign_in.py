"""Signing in, in a real browser: at an organisation's own provider, by a link in a mail, and with a
second factor."""

import base64
import hmac
import struct
import time

import pytest
from browser import Browser
from pages import BUYER, LANGUAGES, SELLER, look, needs_a_browser
from provider import CLIENT, EMAIL, GROUP, PASSWORD, PERSON, SECRET, Provider
from running import serving
from selenium.webdriver.common.keys import Keys
from visits import Trade

pytestmark = needs_a_browser

SOUTH = "Example Health Centre South"


@pytest.fixture(scope="module")
def server(make_folder):
    """A small demo of its own: how its members sign in is changed here."""
    folder = make_folder()
    with serving(folder, timeout=120, AIKATORI_DEMO="small") as running:
        running.folder = folder
        yield running


@pytest.fixture(scope="module")
def trade(server):
    return Trade(server, server.folder, SELLER, BUYER)


@pytest.fixture(scope="module")
def south(server):
    """Of the organisation that has a provider of its own."""
    return Trade(server, server.folder, SELLER, SOUTH)


@pytest.fixture
def visit(server):
    """Opens a browser on the demo; it is closed when the test ends."""
    open_browsers = []

    def make(*arguments, **settings):
        browser = Browser(server.address, *arguments, **settings)
        open_browsers.append(browser)
        return browser

    yield make
    for browser in open_browsers:
        browser.close()


def member(trade, email):
    """A new member of the buyer's, who publishes and books time."""
    return trade.post(trade.buyer["admin"], "/v1/members", {
        "name": "Booking desk 7", "email": email, "roles": ["scheduler"]})


def newest_link(browser):
    """The address in the newest mail of the demo, without the host."""
    browser.open("/mail")
    return browser.find("section.card a").get_attribute("href").removeprefix(browser.address)


def ask_for_link(browser, email):
    browser.open("/sign-in")
    browser.type("#email", email)
    browser.go("form[action='/sign-in/address'] button")
    return browser


def code(key, step=0):
    """What an app shows (RFC 6238), so many steps from now."""
    counter = struct.pack(">Q", int(time.time()) // 30 + step)
    digest = hmac.digest(base64.b32decode(key.replace(" ", "")), counter, "sha1")
    number = struct.unpack_from(">I", digest, digest[-1] & 15)[0] & 0x7FFFFFFF
    return f"{number % 10**6:06}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_at_the_organisations_own_provider(visit, server, south, language):
    provider = Provider(server.address + "/sign-in/return")
    browser = visit(language)
    try:
        browser.sign_in(SOUTH, "admin")
        browser.open("/settings/sign-in")
        browser.find("main details > summary").click()
        for field, text in {
            "by": "provider", "issuer": provider.issuer, "client_id": CLIENT,
            "client_secret": SECRET, "domains": "health.example", "scopes": "groups",
            "roles_from": "claim", "claim": "groups", "values_scheduler": GROUP,
        }.items():
            element = browser.find(f"#{field}")
            if element.tag_name == "select":
                element.find_element("css selector", f"option[value={text}]").click()
            else:
                browser.type(f"#{field}", text)
        assert server.address + "/sign-in/return" in browser.text
        browser.go("main form > button")
        assert browser.path == "/settings/sign-in?done=saved"
        browser.go("header form button")

        browser.open("/bookings")
        browser.type("#email", EMAIL)
        browser.go("form[action='/sign-in/address'] button")
        look(browser, f"provider-{language}-1280")
        assert SOUTH in browser.heading
        browser.go("main a.button")
        assert browser.driver.current_url.startswith(provider.issuer)
        browser.find("[name=login]").send_keys(PERSON)
        browser.press(Keys.ENTER)
        browser.wait_for("[name=password]").send_keys(PASSWORD)
        browser.press(Keys.ENTER)
        browser.wait_for("header.bar .person")
        assert browser.path == "/bookings"
        # made from the claims, with the role that the group gives
        people = south.get(south.buyer["admin"], "/v1/members?limit=200")["items"]
        person = next(each for each in people if each["email"] == EMAIL)
        assert person["roles"] == ["scheduler"] and person["name"] == "A. Person"
        # the provider's own pages are not ours to judge
        assert not [each for each in browser.complaints() if server.address in each]
    finally:
        provider.close()
    # it is away: a page says so, and nobody is signed in
    browser.go("header form button")
    browser.open("/sign-in/provider?domain=health.example")
    settings = south.get(south.buyer["admin"], "/v1/organisation/sign-in")
    put_settings(south, settings["revision"], issuer="http://127.0.0.1:9/")
    browser.go("main a.button")
    look(browser, f"provider-away-{language}-1280")
    assert browser.all("a[href='/sign-in']")
    put_settings(south, settings["revision"] + 1)


def put_settings(trade, revision, issuer=None):
    """Sets how the members sign in; by mail where there is no issuer."""
    body = {"domains": [], "requires_second_factor": False}
    if issuer:
        body["provider"] = {"issuer": issuer, "client_id": CLIENT, "scopes": []}
        body["domains"] = ["health.example"]
    trade.put(trade.buyer["admin"], "/v1/organisation/sign-in", body, revision)


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("language", LANGUAGES)
def test_by_a_link(visit, trade, language, width):
    email = f"desk-{language}-{width}@clinic.example"
    member(trade, email)
    browser = visit(language, width)
    browser.open("/sign-in")
    look(browser, f"sign-in-{language}-{width}")
    browser.type("#email", "nobody")
    browser.driver.execute_script("document.querySelector('#email').form.noValidate = true")
    browser.go("form[action='/sign-in/address'] button")
    look(browser, f"sign-in-wrong-{language}-{width}")
    assert browser.find(".errors a").get_attribute("href").endswith("#email")
    assert browser.find("#email").get_attribute("value") == "nobody"
    ask_for_link(browser, email)
    assert browser.path == "/sign-in/sent"
    look(browser, f"mail-sent-{language}-{width}")
    link = newest_link(browser)
    look(browser, f"mail-{language}-{width}")
    browser.open(link)
    look(browser, f"link-{language}-{width}")
    assert "Booking desk 7" in browser.text
    browser.go("main form button")
    assert browser.path == "/" and browser.all(".person")
    browser.open("/account")
    look(browser, f"account-{language}-{width}")
    assert email in browser.text
    browser.open(link)
    look(browser, f"link-used-{language}-{width}")


def test_without_script_and_by_keyboard(visit, trade):
    member(trade, "keys@clinic.example")
    browser = visit(script=False)
    browser.open("/sign-in")
    browser.find("#email").click()
    browser.press("keys@clinic.example").enter()
    browser.open(newest_link(browser))
    for _ in range(12):
        browser.press(Keys.TAB)
        if browser.focused.tag_name == "button" and browser.focused.get_attribute(
                "class") != "plain":
            break
    browser.enter()
    assert browser.all(".person")


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_second_factor(visit, trade, language, width):
    email = f"factor-{language}-{width}@clinic.example"
    member(trade, email)
    browser = visit(language, width)
    ask_for_link(browser, email).open(newest_link(browser)).go("main form button")
    browser.open("/account").go("form[action='/account/second-factor'] button")
    look(browser, f"second-factor-{language}-{width}")
    key = browser.find(".key").text
    browser.type("#code", "000000").go("main form button")
    look(browser, f"second-factor-wrong-{language}-{width}")
    assert browser.find(".errors a").get_attribute("href").endswith("#code")
    used = code(key)
    browser.type("#code", used).go("main form button")
    look(browser, f"recovery-codes-{language}-{width}")
    recovery = [item.text for item in browser.all(".codes li")]
    assert len(set(recovery)) == 10
    browser.go("main a.button")
    look(browser, f"account-with-factor-{language}-{width}")

    browser.go("header form button")
    ask_for_link(browser, email).open(newest_link(browser))
    look(browser, f"link-with-code-{language}-{width}")
    browser.type("#code", used).go("main form button")
    assert browser.all(".errors"), "a code counts once"
    browser.type("#code", code(key, step=1)).go("main form button")
    assert browser.path == "/"
    browser.go("header form button")
    ask_for_link(browser, email).open(newest_link(browser))
    browser.type("#code", recovery[0]).go("main form button")
    assert browser.path == "/"


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("language", LANGUAGES)
def test_settings(visit, language, width):
    browser = visit(language, width)
    browser.sign_in("Example Clinic", "admin")
    browser.open("/settings/sign-in")
    look(browser, f"settings-{language}-{width}")
    browser.find("main details > summary").click()
    browser.find("#by option[value=provider]").click()
    browser.find("#roles_from option[value=claim]").click()
    browser.type("#issuer", "login.clinic.example").type("#values_admin", "it support")
    browser.go("main form > button")
    look(browser, f"settings-wrong-{language}-{width}")
    targets = {link.get_attribute("href").split("#")[1] for link in browser.all(".errors a")}
    assert targets == {"client_id", "domains", "claim"}
    assert browser.find("#values_admin").get_attribute("value") == "it support"
    for field, text in {"client_id": "aikatori", "domains": "clinic.example",
                        "claim": "groups"}.items():
        browser.type(f"#{field}", text)
    browser.go("main form > button")
    assert browser.find(".errors a").get_attribute("href").endswith("#issuer")


def test_a_required_second_factor(visit, trade):
    trade.put(trade.seller["admin"], "/v1/organisation/sign-in",
              {"domains": [], "requires_second_factor": True}, 0)
    browser = visit()
    browser.sign_in(SELLER, "scheduler")
    assert browser.path == "/account/second-factor"
    look(browser, "second-factor-required")
    browser.go("main form button")
    browser.type("#code", code(browser.find(".key").text)).go("main form button")
    browser.open("/")
    assert browser.path == "/"
