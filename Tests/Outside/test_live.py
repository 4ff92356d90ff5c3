"""Open pages that hear of what the other side does, in two browsers at once."""

import time

from pages import BUYER, SELLER, look, needs_a_browser, until

pytestmark = needs_a_browser


def booked(browser):
    """A time that the buyer has booked; where its page is."""
    browser.open("/find?service=psychiatrist-visit&minutes=30")
    browser.go("a.time").go("main form button").go(".actions button")
    return browser.path.split("?")[0]


def propose(browser):
    browser.click("main details summary").go("main details form button")


def test_what_the_seller_accepts_the_buyers_open_page_shows(browse):
    buyer = browse().sign_in(BUYER, "scheduler")
    booking = booked(buyer)
    propose(buyer)
    buyer.open(booking)
    buyer.mark()
    seller = browse("fi").sign_in(SELLER, "scheduler").open(booking)
    accepted = time.monotonic()
    seller.go("section form button")
    until(lambda: "Both sides have agreed." in buyer.text)
    assert time.monotonic() - accepted < 8
    assert buyer.is_marked, "the page was loaded again"
    assert buyer.find("#live-status").text == "This page was just updated."
    assert buyer.all("#live-handshake[data-fresh]")
    look(buyer, "live-en-1280")
    buyer.resize(320)
    look(buyer, "live-en-320")
    # and the list, where a cancelled booking moves
    buyer.open("/bookings")
    buyer.mark()
    seller.go(f"a[href='{booking}/cancel']").type("#reason", "The room is closed")
    seller.go("button.danger")
    until(lambda: buyer.all(f"#live-bookings a[href='{booking}']")[0]
          .find_element("xpath", "./ancestor::tr").text.count("Cancelled"))
    assert buyer.is_marked


def test_what_is_being_written_is_left_alone(browse):
    buyer = browse().sign_in(BUYER, "scheduler")
    booking = booked(buyer)
    seller = browse().sign_in(SELLER, "scheduler").open(booking)
    buyer.open(booking).click("#live-handshake details summary")
    field = buyer.find("#live-handshake details input[type=time]")
    typed = "09:00" if field.get_attribute("value") != "09:00" else "09:15"
    buyer.driver.execute_script("arguments[0].value = arguments[1]", field, typed)
    buyer.mark()
    propose(seller)
    waiting = "There is something new here."
    until(lambda: buyer.find("#live-status").text.startswith(waiting))
    assert field.get_attribute("value") == typed, "what was typed is lost"
    look(buyer, "live-waiting-en-1280")
    # what is put back is no longer being written, and the news comes when the focus leaves
    buyer.driver.execute_script("arguments[0].value = arguments[0].defaultValue", field)
    buyer.driver.execute_script("arguments[0].focus(); arguments[0].blur()", field)
    until(lambda: "Your answer is needed by" in buyer.text)
    assert buyer.is_marked


def test_what_has_the_focus_stays(browse):
    buyer = browse().sign_in(BUYER, "scheduler")
    booking = booked(buyer)
    seller = browse().sign_in(SELLER, "scheduler").open(booking)
    buyer.open("/bookings")
    link = buyer.find(f"a[href='{booking}']")
    buyer.driver.execute_script("arguments[0].focus()", link)
    seller.go(f"a[href='{booking}/cancel']").go("button.danger")
    until(lambda: buyer.find("#live-status").text.startswith("There is something new here."))
    assert buyer.focused == link
    buyer.driver.execute_script("arguments[0].blur()", link)
    until(lambda: "Cancelled" in buyer.find(f"a[href='{booking}']")
          .find_element("xpath", "./ancestor::tr").text)


def test_a_hidden_page_has_no_stream_and_catches_up(browse):
    buyer = browse().sign_in(BUYER, "scheduler")
    booking = booked(buyer)
    seller = browse().sign_in(SELLER, "scheduler").open(booking)
    buyer.open(booking)
    buyer.mark()
    own = buyer.driver.current_window_handle
    buyer.driver.switch_to.new_window("tab")
    propose(seller)
    time.sleep(2)
    buyer.driver.switch_to.window(own)
    until(lambda: "Your answer is needed by" in buyer.text)
    assert buyer.is_marked


def test_without_script_the_same_page_asks_when_it_is_loaded(browse):
    buyer = browse(script=False).sign_in(BUYER, "scheduler")
    booking = booked(buyer)
    propose(buyer)
    seller = browse().sign_in(SELLER, "scheduler").open(booking)
    seller.go("section form button")
    assert "Both sides have agreed." in buyer.open(booking).text
