"""The built-in room in real browsers, with the cameras and microphones that Chromium makes up."""

import time
from datetime import timedelta
from io import BytesIO

import pytest
import zxingcpp
from browser import Browser
from pages import BUYER, SELLER, look, needs_a_browser, until
from PIL import Image

pytestmark = [*needs_a_browser, pytest.mark.alone]

# A camera and a microphone that are always there; lines over loopback; tabs that do not sleep.
DEVICES = [
    "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required", "--allow-loopback-in-peer-connection",
    "--disable-background-timer-throttling", "--disable-renderer-backgrounding",
    "--disable-backgrounding-occluded-windows"]

# Whether the picture of the first of the others moves: two looks at it differ.
MOVING = """
const done = arguments[arguments.length - 1];
const video = document.querySelector('.other video');
if (!video || !video.videoWidth) { done(false); return; }
const look = () => {
  const canvas = document.createElement('canvas');
  canvas.width = 64; canvas.height = 48;
  const paper = canvas.getContext('2d');
  paper.drawImage(video, 0, 0, 64, 48);
  return paper.getImageData(0, 0, 64, 48).data.join();
};
const before = look();
setTimeout(() => done(look() !== before), 700);
"""
# The loudest that is heard of the first of the others, within the time of two beeps.
SOUND = """
const done = arguments[arguments.length - 1];
const track = document.querySelector('.other video')?.srcObject.getAudioTracks()[0];
if (!track) { done(0); return; }
const context = new AudioContext();
const ear = context.createAnalyser();
context.createMediaStreamSource(new MediaStream([track])).connect(ear);
const wave = new Float32Array(ear.fftSize);
const end = performance.now() + 2500;
const listen = () => {
  ear.getFloatTimeDomainData(wave);
  const loudest = Math.max(...wave.map(Math.abs));
  if (loudest < 0.01 && performance.now() < end) { setTimeout(listen, 20); return; }
  context.close();
  done(loudest);
};
listen();
"""


class Person:
    """Somebody of one side, on the page of a visit, who is in it."""

    def __init__(self, browser, side, page, role="specialist", loses=None):
        self.browser = browser.sign_in(side, role).open(page)
        if loses is not None:
            self.loses(loses)
        self.browser.go("form:has(input[value=join]) button")
        self.joined = time.monotonic()

    def loses(self, percent):
        """So much of what is sent and comes; a line is only interfered with that was from its
        beginning."""
        self.browser.driver.execute_cdp_cmd("Network.enable", {})
        self.browser.driver.execute_cdp_cmd("Network.emulateNetworkConditions", {
            "offline": False, "latency": 1, "downloadThroughput": -1, "uploadThroughput": -1,
            "packetLoss": percent, "packetQueueLength": 10000, "packetReordering": False})

    @property
    def state(self):
        return self.browser.driver.execute_script(
            "return document.getElementById('room')?.dataset.state")

    @property
    def quality(self):
        return self.browser.driver.execute_script(
            "return document.getElementById('room').dataset.quality")

    def sees(self):
        return self.browser.driver.execute_async_script(MOVING)

    def hears(self):
        return self.browser.driver.execute_async_script(SOUND) > 0.01

    def others(self):
        return [each.text for each in self.browser.all(".other figcaption")]


def agreed(trade):
    """A visit that is agreed on, ten minutes before its start: its booking and its page."""
    booking, starts = trade.agreed()
    trade.clock(starts - timedelta(minutes=10))
    return booking, f"/visits/{booking}"


@pytest.fixture
def person(visit):
    """Puts somebody of a side into a visit."""
    def enter(side, page, role="specialist", loses=None):
        return Person(visit(extra=DEVICES), side, page, role, loses)
    return enter


def test_two_see_and_hear_each_other_and_the_minutes_are_right(trade, person):
    booking, page = agreed(trade)
    seller = person(SELLER, page)
    assert until(lambda: "Waiting" in seller.browser.said_of("#room-status"))
    buyer = person(BUYER, page)
    for each in (seller, buyer):
        until(each.sees, 40)
        until(each.hears, 40)
        assert each.state == "connected"
        assert len(each.others()) == 1
        assert not each.browser.find("#room-listen").is_displayed()
    look(seller.browser, "room-1280")
    buyer.browser.resize(320)
    look(buyer.browser, "room-320")
    assert "€" not in seller.browser.said_of("#room")
    # the tab is killed, and comes back
    buyer.browser.driver.refresh()
    until(buyer.sees, 40)
    until(seller.sees, 40)
    assert len(seller.others()) == 1, "the page that is gone is still shown"
    until(lambda: time.monotonic() > buyer.joined + 12, 15)
    seller.browser.go("form:has(input[value=leave]) button")
    left = time.monotonic()
    until(lambda: not buyer.others(), 40)
    buyer.browser.go("form:has(input[value=leave]) button")
    visit = trade.get(trade.seller["scheduler"], f"/v1/bookings/{booking}/visit")
    assert abs(visit["billable"]["seconds"] - (left - buyer.joined)) <= 2


def test_the_newer_of_ones_own_pages_has_the_room(trade, person):
    """Another tab of the same person takes the room over; the others see that person once."""
    _, page = agreed(trade)
    seller, buyer = person(SELLER, page), person(BUYER, page)
    until(seller.sees, 40)
    driver = buyer.browser.driver
    older = driver.current_window_handle
    driver.switch_to.new_window("tab")
    buyer.browser.open(page)
    until(buyer.sees, 40)
    assert len(buyer.others()) == 1, "one hears oneself"
    until(lambda: len(seller.others()) == 1, 40)
    until(seller.sees, 40)
    driver.switch_to.window(older)
    assert until(lambda: "open elsewhere" in buyer.browser.said_of("#room-status"))
    assert not buyer.others()


def test_a_third_joins(trade, person):
    _, page = agreed(trade)
    people = [person(SELLER, page), person(BUYER, page), person(BUYER, page, "scheduler")]
    for each in people:
        until(lambda each=each: len(each.others()) == 2, 40)
        until(each.sees, 40)
    people[1].browser.go("form:has(input[value=leave]) button")
    until(lambda: len(people[0].others()) == 1, 40)
    until(people[2].sees, 40)


def test_a_guest_waits_is_let_in_and_sees_both(trade, person, visit):
    """A patient comes by the link of a printed sheet, without an account, and is let in."""
    _, page = agreed(trade)
    buyer = person(BUYER, page, "scheduler")
    desk = visit().sign_in(BUYER, "scheduler").open(page + "/guests")
    desk.go("main form[action$='/guests'] button")
    look(desk, "guest-link-1280")
    link = desk.find("#guest-link").text.removeprefix(desk.address)
    code = zxingcpp.read_barcodes(Image.open(BytesIO(
        desk.find("svg.qr").screenshot_as_png)))
    assert [each.text for each in code] == [desk.find("#guest-link").text]

    guest = visit(extra=DEVICES, width=320).open(link)
    look(guest, "join-320")
    guest.go("main form button")
    look(guest, "join-waiting-320")
    assert not guest.all("#room")
    # the door is on the page of whoever is in the visit, without a reload
    until(lambda: buyer.browser.all("#live-door select"), 40)
    look(buyer.browser, "visit-door-1280")
    # who lets in stays in the call
    buyer.browser.mark()
    buyer.browser.choose("#live-door select", "identity_document")
    buyer.browser.click("#live-door button[value=let_in]")
    # the page of the guest goes on by itself
    until(lambda: guest.all("#room"), 40)
    seller = person(SELLER, page)
    patient = Person.__new__(Person)
    patient.browser = guest
    for each in (patient, seller, buyer):
        until(lambda each=each: len(each.others()) == 2, 40)
        until(each.sees, 40)
    assert "Patient" in seller.others() and "Patient" in buyer.others()
    assert "identity document shown" in seller.browser.said_of("#live-door")
    look(guest, "join-room-320")
    assert buyer.browser.is_marked
    # put out by the other side, it is in no more
    seller.browser.click("#live-door button[value=put_out]")
    until(lambda: "taken out" in guest.text, 40)
    until(lambda: len(buyer.others()) == 1, 40)
    assert not guest.all("#room")


def test_a_poor_line_leaves_the_sound(trade, person):
    """By hand at once; by itself when the line loses much of what is sent."""
    _, page = agreed(trade)
    seller, buyer = person(SELLER, page), person(BUYER, page, loses=1)
    for each in (seller, buyer):
        until(each.sees, 40)
    seller.browser.choose("#room-quality", "sound")
    assert until(lambda: seller.quality == "sound")
    until(lambda: not buyer.sees(), 40)
    until(buyer.hears, 40)
    seller.browser.choose("#room-quality", "automatic")
    until(buyer.sees, 40)
    buyer.loses(40)
    until(lambda: "sound" in (seller.quality, buyer.quality), 60)


def test_without_a_camera_one_still_hears(trade, person, visit):
    """Who lets the browser use nothing hears and sees the others all the same."""
    _, page = agreed(trade)
    seller = person(SELLER, page)
    shy = [each for each in DEVICES if "use-fake" not in each]
    buyer = Person(visit(extra=[*shy, "--deny-permission-prompts"]), BUYER, page)
    assert isinstance(buyer.browser, Browser)
    until(buyer.sees, 40)
    assert buyer.browser.find("#room-blocked").is_displayed()
    assert len(seller.others()) == 1
