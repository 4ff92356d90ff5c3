"""Visits as iCalendar, read by `icalendar` and `recurring-ical-events`: every message of a real
exchange between two organisations, and a private feed."""

import urllib.error
import urllib.request
import uuid
from datetime import UTC, datetime, timedelta
from email.message import Message

import pytest
import recurring_ical_events
from icalendar import Calendar
from running import PROGRAM

pytestmark = pytest.mark.skipif(not PROGRAM.exists(), reason="nothing is built")

# What RFC 5546 §3.2 wants exactly once in each kind of message.
WANTED = {
    "REQUEST": ["DTSTAMP", "DTSTART", "ORGANIZER", "SEQUENCE", "SUMMARY", "UID"],
    "REPLY": ["ATTENDEE", "DTSTAMP", "ORGANIZER", "SEQUENCE", "UID"],
    "COUNTER": ["DTSTAMP", "DTSTART", "ORGANIZER", "SEQUENCE", "SUMMARY", "UID"],
    "DECLINECOUNTER": ["DTSTAMP", "ORGANIZER", "SEQUENCE", "UID"],
    "CANCEL": ["DTSTAMP", "ORGANIZER", "SEQUENCE", "UID"],
}


def read(trade, path, token=None, **headers):
    """The answer's headers and bytes."""
    request = urllib.request.Request(trade.server.address + path, headers=headers)
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.headers, answer.read()


def parsed(data):
    """One iCalendar object, of lines that are short enough and whole characters."""
    assert data.endswith(b"END:VCALENDAR\r\n")
    for line in data.split(b"\r\n"):
        assert len(line) <= 75 and b"\n" not in line
        line.decode()
    calendar = Calendar.from_ical(data)
    assert [each.errors for each in calendar.walk()] == [[] for _ in calendar.walk()]
    return calendar


def newest(trade, side, booking):
    """The newest message for a side, as its calendar would take it."""
    headers, data = read(
        trade, f"/v1/bookings/{booking}/calendar?language=fi", side["scheduler"])
    calendar = parsed(data)
    told = Message()
    told["Content-Type"] = headers["Content-Type"]
    assert told.get_content_type() == "text/calendar"
    assert told.get_param("charset") == "utf-8"
    method = str(calendar["METHOD"])
    assert told.get_param("method") == method
    [event] = calendar.events
    for name in WANTED[method]:
        assert name in event and not isinstance(event[name], list), (method, name)
    if method in ("REQUEST", "COUNTER", "CANCEL"):
        assert len(event["ATTENDEE"]) == 2
    assert str(event["UID"]) == booking
    assert b"PT-" not in data and "€" not in data.decode()
    return method, event


def expect(trade, booking, seller, buyer):
    """`seller` and `buyer`: method, sequence, status and start of what each side gets."""
    found = []
    for side in (trade.seller, trade.buyer):
        method, event = newest(trade, side, booking)
        found.append((method, int(event["SEQUENCE"]), str(event["STATUS"]), event.start))
    assert found == [seller, buyer]


def say(trade, side, booking, sequence, kind, starts=None):
    message = {"kind": kind, "sequence": sequence, "cause": "Käy paremmin."}
    if starts:
        message["offer"] = {"starts": stamp(starts), "room": {"provider": "built_in"},
                            "needs": [], "deadline": stamp(starts)}
    return trade.post(
        side["scheduler"], f"/v1/bookings/{booking}/handshake/messages", message)


def stamp(instant):
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def other_starts(trade, booking, count):
    """Other free starts of the booking's specialist, none of which overlaps it or another."""
    sheet = trade.get(trade.buyer["scheduler"], f"/v1/bookings/{booking}")
    starts = datetime.fromisoformat(sheet["starts"])
    query = (
        f"/v1/times?from={stamp(starts + timedelta(hours=20))}"
        f"&until={stamp(starts + timedelta(days=21))}&minutes=45&specialty=70&limit=200"
        f"&specialist={sheet['specialist']}&contract={sheet['contract']}")
    chosen = []
    for found in trade.get(trade.buyer["scheduler"], query)["items"]:
        start = datetime.fromisoformat(found["starts"])
        if not chosen or start - chosen[-1] >= timedelta(hours=3):
            chosen.append(start)
    assert len(chosen) >= count
    return chosen[:count]


def test_an_exchange(trade):
    booking, first = trade.booked()
    second, third = other_starts(trade, booking, 2)
    seller, buyer = trade.seller, trade.buyer

    say(trade, seller, booking, 1, "propose", first)
    both = ("REQUEST", 0, "TENTATIVE", first)
    expect(trade, booking, both, both)
    say(trade, buyer, booking, 2, "counter", second)
    both = ("COUNTER", 0, "TENTATIVE", second)
    expect(trade, booking, both, both)
    say(trade, seller, booking, 3, "accept")
    both = ("REQUEST", 1, "CONFIRMED", second)
    expect(trade, booking, both, both)
    deadline = min(third, second)
    trade.post(seller["scheduler"], f"/v1/bookings/{booking}/handshake/messages", {
        "kind": "counter", "sequence": 4, "offer": {
            "starts": stamp(third), "room": {"provider": "built_in"}, "needs": [],
            "deadline": stamp(deadline)}})
    both = ("COUNTER", 1, "TENTATIVE", third)
    expect(trade, booking, both, both)
    say(trade, buyer, booking, 5, "decline")
    both = ("DECLINECOUNTER", 1, "CONFIRMED", second)
    expect(trade, booking, both, both)

    sheet = trade.get(buyer["scheduler"], f"/v1/bookings/{booking}")
    trade.ask(buyer["scheduler"], "POST", f"/v1/bookings/{booking}/move",
              {"starts": stamp(third)}, revision=sheet["revision"])
    both = ("REQUEST", 2, "TENTATIVE", third)
    expect(trade, booking, both, both)
    path = f"/v1/bookings/{booking}"
    cost = trade.get(buyer["scheduler"], f"{path}/cancellation-cost")
    trade.post(buyer["scheduler"], f"{path}/cancel", {"expected_fee": cost["fee"]})
    both = ("CANCEL", 3, "CANCELLED", third)
    expect(trade, booking, both, both)


def test_an_answer(trade):
    booking, starts = trade.booked()
    say(trade, trade.buyer, booking, 1, "propose", starts)
    say(trade, trade.seller, booking, 2, "accept")
    expect(trade, booking, ("REQUEST", 0, "CONFIRMED", starts),
           ("REPLY", 0, "CONFIRMED", starts))
    _, reply = newest(trade, trade.buyer, booking)
    assert reply["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED"
    assert str(reply["ORGANIZER"]) != str(reply["ATTENDEE"])
    declined, starts = trade.booked()
    say(trade, trade.buyer, declined, 1, "propose", starts)
    say(trade, trade.seller, declined, 2, "decline")
    # it leaves the calendar of who proposed it, too
    both = ("CANCEL", 1, "CANCELLED", starts)
    expect(trade, declined, both, both)


def test_a_feed(trade):
    booking, starts = trade.agreed()
    sheet = trade.get(trade.seller["scheduler"], f"/v1/bookings/{booking}")
    feed = trade.post(trade.seller["scheduler"], "/v1/calendar-feeds",
                      {"specialist": sheet["specialist"], "language": "fi"})
    path = "/calendars/" + feed["address"].rsplit("/", 1)[1]
    headers, data = read(trade, path)
    calendar = parsed(data)
    assert "METHOD" not in calendar
    now = trade.now()
    shown = {
        str(each["UID"]): (each.start, each.end, str(each["STATUS"]))
        for each in recurring_ical_events.of(calendar).between(
            now - timedelta(days=29), now + timedelta(days=89))}
    booked = {}
    for state in ("booked", "closed", "cancelled"):
        cursor = ""
        while cursor is not None:
            query = (
                f"/v1/bookings?state={state}&limit=200&from={stamp(now - timedelta(days=29))}"
                f"&until={stamp(now + timedelta(days=89))}")
            page = trade.get(
                trade.seller["scheduler"], query + (f"&cursor={cursor}" if cursor else ""))
            for each in page["items"]:
                if each["specialist"] == sheet["specialist"]:
                    booked[each["id"]] = each
            cursor = page["next"]
    live = {key for key, each in booked.items() if each["state"] != "cancelled"}
    assert booking in live
    assert {key for key, each in shown.items() if each[2] != "CANCELLED"} == live
    for key, (begins, ends, _) in shown.items():
        assert stamp(begins) == booked[key]["starts"] and stamp(ends) == booked[key]["ends"]
    [event] = [each for each in calendar.events if str(each["UID"]) == booking]
    assert str(event["STATUS"]) == "CONFIRMED" and event.start == starts
    assert "ä" in str(event["SUMMARY"]), "the service by its Finnish name"
    with pytest.raises(urllib.error.HTTPError) as same:
        read(trade, path, **{"If-None-Match": headers["ETag"]})
    assert same.value.code == 304

    trade.post(trade.seller["scheduler"], f"/v1/calendar-feeds/{feed['id']}/revoke")
    answers = []
    for gone in (path, f"/calendars/{uuid.uuid4().hex}{'A' * 11}.ics"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            read(trade, gone)
        answers.append((refused.value.code, refused.value.read()))
    assert answers[0] == answers[1] and answers[0][0] == 404
