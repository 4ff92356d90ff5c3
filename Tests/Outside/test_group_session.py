"""A group session in real browsers: patients are given places by keyboard, and the people of three
organisations meet in one room."""

from datetime import datetime, timedelta

import pytest
from conftest import browsers
from living_demo import NORTH, NOW, PHYSICIANS
from pages import look, needs_a_browser, until
from running import serving
from selenium.webdriver.common.keys import Keys
from test_room import DEVICES, Person
from visits import Trade

pytestmark = [*needs_a_browser, pytest.mark.alone]

ISLAND = "Example Island Clinic"


@pytest.fixture(scope="module")
def gathering(make_folder):
    """A full demo of this file's own, whose clock the tests move on."""
    folder = make_folder()
    with serving(folder, timeout=240, AIKATORI_DEMO="full") as server:
        yield Trade(server, folder, PHYSICIANS, NORTH)


@pytest.fixture
def visit(gathering):
    yield from browsers(gathering.server)


def coming(gathering):
    """The first session to come in which there are places left, as the first buyer sees it."""
    items = gathering.get(gathering.buyer["scheduler"], "/v1/group-sessions?limit=200")["items"]
    return next(
        each for each in items if each["starts"] > NOW and each["taken"] < each["places"])


def test_places_are_given_by_keyboard(gathering, visit):
    session = coming(gathering)
    browser = visit().sign_in(NORTH, "scheduler").open(f"/sessions/{session['id']}")
    places = browser.all("#places-title ~ form tbody tr")
    columns = len(places[0].find_elements("css selector", "input"))
    assert len(places) >= 2 and columns >= 1
    places[0].find_element("css selector", "input").click()
    # from cell to cell by TAB
    for patient in ("NC-771", "131052-308T"):
        for column in range(columns):
            browser.press(patient if column == 0 else f"A {column}", Keys.TAB)
    browser.go("#places-title ~ form button[type=submit]")
    # an identity code books nothing, and nothing that was typed is lost
    assert browser.all(".errors a") and "NC-771" in browser.driver.page_source
    assert gathering.get(
        gathering.buyer["scheduler"], f"/v1/group-sessions/{session['id']}"
    )["taken"] == session["taken"]
    wrong = browser.find("#places-title ~ form input[aria-invalid=true]")
    wrong.click()
    browser.press(Keys.CONTROL + "a", "NC-772").enter()
    assert "NC-771" in browser.text and "NC-772" in browser.text
    assert gathering.get(
        gathering.buyer["scheduler"], f"/v1/group-sessions/{session['id']}"
    )["taken"] == session["taken"] + 2
    look(browser, "session-placed")


def test_three_organisations_meet_in_one_room(gathering, visit):
    session = coming(gathering)
    bookings = {}
    for buyer in (NORTH, ISLAND):
        token = gathering.tokens[buyer]["scheduler"]
        found = gathering.get(token, "/v1/bookings?state=booked&limit=200")["items"]
        own = [each["id"] for each in found if each["group_session"] == session["id"]]
        if own:
            bookings[buyer] = own[0]
    assert len(bookings) == 2, "the demo's session has places of two buyers"
    gathering.clock(datetime.fromisoformat(session["starts"]) - timedelta(minutes=10))
    people = [
        Person(visit(extra=DEVICES), PHYSICIANS, f"/visits/{bookings[NORTH]}"),
        Person(visit(extra=DEVICES), NORTH, f"/visits/{bookings[NORTH]}", "scheduler"),
        Person(visit(extra=DEVICES), ISLAND, f"/visits/{bookings[ISLAND]}", "scheduler")]
    for person in people:
        until(lambda: len(person.others()) == 2, 120)
        until(person.sees, 120)
        until(person.hears, 120)
        # nobody learns of patients of others, nor of prices
        shown = person.browser.said_of("body")
        assert "€" not in person.browser.said_of("#room")
        assert "NC-77" not in shown or person is people[1], "another's patient is shown"
    look(people[0].browser, "session-room")
    people[2].browser.go("form:has(input[value=leave]) button")
    for person in people[:2]:
        until(lambda: len(person.others()) == 1, 60)
