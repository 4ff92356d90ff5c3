"""Busy times of calendars against `recurring-ical-events`, the calendar library that others use.

Calendars in the shapes of Outlook, Exchange and Google, written for this test, and many random
ones: the merged busy times in UTC must be the same. A seed says which; AIKATORI_SEED repeats it.
"""

import json
import os
import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import recurring_ical_events
from icalendar import Calendar
from running import run, said

CALENDARS = 2_000 if os.environ.get("AIKATORI_TESTS") == "long" else 120
SEED = int(os.environ.get("AIKATORI_SEED", "20270301"))
HELSINKI = ZoneInfo("Europe/Helsinki")
FROM = datetime(2027, 3, 1, tzinfo=UTC)
UNTIL = datetime(2027, 6, 1, tzinfo=UTC)

OUTLOOK = """BEGIN:VCALENDAR
METHOD:PUBLISH
PRODID:Microsoft Exchange Server 2010
VERSION:2.0
X-WR-CALNAME:Kalenteri
BEGIN:VTIMEZONE
TZID:FLE Standard Time
BEGIN:STANDARD
DTSTART:16010101T040000
TZOFFSETFROM:+0300
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0300
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VEVENT
RRULE:FREQ=WEEKLY;UNTIL=20270430T050000Z;INTERVAL=1;BYDAY=MO,WE;WKST=MO
EXDATE;TZID=FLE Standard Time:20270310T080000,20270405T080000
UID:040000008200E00074C5B7101A82E00800000000A0
SUMMARY:Varattu
DTSTART;TZID=FLE Standard Time:20270301T080000
DTEND;TZID=FLE Standard Time:20270301T093000
CLASS:PUBLIC
TRANSP:OPAQUE
STATUS:CONFIRMED
X-MICROSOFT-CDO-BUSYSTATUS:BUSY
BEGIN:VALARM
DESCRIPTION:REMINDER
TRIGGER;RELATED=START:-PT15M
ACTION:DISPLAY
END:VALARM
END:VEVENT
BEGIN:VEVENT
UID:040000008200E00074C5B7101A82E00800000000A0
RECURRENCE-ID;TZID=FLE Standard Time:20270317T080000
SUMMARY:Varattu
DTSTART;TZID=FLE Standard Time:20270317T130000
DTEND;TZID=FLE Standard Time:20270317T140000
TRANSP:OPAQUE
X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE
END:VEVENT
BEGIN:VEVENT
UID:040000008200E00074C5B7101A82E00800000000B1
SUMMARY:Kokop\u00e4iv\u00e4inen tapahtuma\\, jonka kuvaus on pitk\u00e4 ja jatkuu seur
 aavalla rivill\u00e4 DTSTART:19990101T000000
DTSTART;VALUE=DATE:20270402
DTEND;VALUE=DATE:20270404
TRANSP:OPAQUE
X-MICROSOFT-CDO-BUSYSTATUS:OOF
END:VEVENT
BEGIN:VEVENT
UID:free
DTSTART;TZID=FLE Standard Time:20270308T120000
DTEND;TZID=FLE Standard Time:20270308T150000
TRANSP:TRANSPARENT
X-MICROSOFT-CDO-BUSYSTATUS:FREE
END:VEVENT
END:VCALENDAR
"""

GOOGLE = """BEGIN:VCALENDAR
PRODID:-//Google Inc//Google Calendar 70.9054//EN
VERSION:2.0
CALSCALE:GREGORIAN
X-WR-TIMEZONE:Europe/Helsinki
BEGIN:VEVENT
DTSTART;TZID=Europe/Helsinki:20270302T090000
DTEND;TZID=Europe/Helsinki:20270302T100000
RRULE:FREQ=DAILY;INTERVAL=3;COUNT=20
DTSTAMP:20270201T080000Z
UID:a1@google.com
SEQUENCE:1
STATUS:CONFIRMED
SUMMARY:Busy
END:VEVENT
BEGIN:VEVENT
DTSTART:20270309T130000Z
DTEND:20270309T140000Z
UID:a2@google.com
STATUS:CANCELLED
END:VEVENT
BEGIN:VEVENT
DTSTART:20270309T150000Z
DURATION:PT1H30M
UID:a3@google.com
STATUS:TENTATIVE
END:VEVENT
BEGIN:VEVENT
DTSTART;TZID="Europe/Helsinki":20270415T220000
DTEND;TZID=Europe/Helsinki:20270416T060000
RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=TH;WKST=SU
RDATE;TZID=Europe/Helsinki:20270505T220000
UID:a4@google.com
END:VEVENT
END:VCALENDAR
"""


def asked(tmp_path, text, zone="Europe/Helsinki"):
    file = tmp_path / "calendar.ics"
    file.write_bytes(text.replace("\r\n", "\n").replace("\n", "\r\n").encode())
    process = run(tmp_path, "availability", "busy", str(file), "--zone", zone,
                  "--from", f"{FROM:%Y-%m-%dT%H:%M:%SZ}", "--until", f"{UNTIL:%Y-%m-%dT%H:%M:%SZ}")
    assert process.returncode == 0, said(process)
    answer = json.loads(process.stdout)
    return [(slot["from"], slot["until"]) for slot in answer["busy"]], answer["unread"]


def moment(value):
    """In UTC; a day begins at its midnight, and what names no zone is Helsinki's."""
    if not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)
    if value.tzinfo is None:
        value = value.replace(tzinfo=HELSINKI)
    return value.astimezone(UTC)


def expected(text):
    found = []
    calendar = Calendar.from_ical(text.replace("\n", "\r\n"))
    for event in recurring_ical_events.of(calendar).between(
            FROM - timedelta(days=3), UNTIL + timedelta(days=3)):
        if event.get("TRANSP") == "TRANSPARENT" or event.get("STATUS") == "CANCELLED":
            continue
        starts, ends = max(moment(event.start), FROM), min(moment(event.end), UNTIL)
        if starts < ends:
            found.append([starts, ends])
    merged = []
    for starts, ends in sorted(found):
        if merged and starts <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], ends)
        else:
            merged.append([starts, ends])
    return [tuple(f"{edge:%Y-%m-%dT%H:%M:%SZ}" for edge in slot) for slot in merged]


@pytest.mark.parametrize("text", [OUTLOOK, GOOGLE], ids=["outlook", "google"])
def test_real_shapes(tmp_path, text):
    busy, unread = asked(tmp_path, text)
    assert unread == 0
    assert busy == expected(text)
    assert len(busy) > 10


def test_free_busy_times(tmp_path):
    """What Exchange publishes of somebody whose events nobody may see."""
    busy, unread = asked(tmp_path, """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Example//Exchange//EN
BEGIN:VFREEBUSY
DTSTART:20270301T000000Z
DTEND:20270401T000000Z
FREEBUSY;FBTYPE=BUSY:20270301T080000Z/20270301T090000Z,20270302T080000Z/PT45M
FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20270301T085000Z/20270301T100000Z
FREEBUSY;FBTYPE=FREE:20270303T080000Z/20270303T120000Z
FREEBUSY:20270304T080000Z/20270304T083000Z
END:VFREEBUSY
END:VCALENDAR
""")
    assert unread == 0
    assert busy == [("2027-03-01T08:00:00Z", "2027-03-01T10:00:00Z"),
                    ("2027-03-02T08:00:00Z", "2027-03-02T08:45:00Z"),
                    ("2027-03-04T08:00:00Z", "2027-03-04T08:30:00Z")]


def test_what_cannot_be_read_is_counted(tmp_path):
    """Never silently free: the first time of an event is busy, and the event is counted."""
    event = """BEGIN:VEVENT
UID:{0}
DTSTART;TZID={1}:20270309T100000
DURATION:PT1H
{2}
END:VEVENT
"""
    busy, unread = asked(tmp_path, "BEGIN:VCALENDAR\n" + "".join([
        event.format(1, "Europe/Helsinki", "RRULE:FREQ=MONTHLY;BYDAY=2TU"),
        event.format(2, "Nowhere/At all", "SUMMARY:x"),
        event.format(3, "Europe/Helsinki", "RRULE:FREQ=WEEKLY;BYSETPOS=1"),
    ]) + "END:VCALENDAR\n")
    assert unread == 3
    assert busy == [("2027-03-09T08:00:00Z", "2027-03-09T09:00:00Z")]


@pytest.mark.parametrize("text", [
    "", "no calendar", "BEGIN:VCALENDAR\n", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR\n",
    "BEGIN:VEVENT\nDTSTART:20270309T100000Z\nEND:VEVENT\n"])
def test_what_is_no_calendar_is_refused(tmp_path, text):
    file = tmp_path / "calendar.ics"
    file.write_text(text)
    process = run(tmp_path, "availability", "busy", str(file),
                  "--from", "2027-03-01T00:00:00Z", "--until", "2027-06-01T00:00:00Z")
    assert process.returncode == 1
    assert "noCalendar" in process.stdout + process.stderr


def random_event(chance, number):
    zone = chance.choice([HELSINKI, HELSINKI, ZoneInfo("America/New_York"), UTC])
    first = date(2027, 1, 4) + timedelta(days=chance.randrange(0, 130))
    # not in the hours in which clocks change
    start = datetime(first.year, first.month, first.day, chance.randrange(6, 20),
                     chance.choice([0, 15, 30, 50]))
    length = timedelta(minutes=chance.choice([15, 45, 60, 90, 240, 1500]))

    def stamp(moment):
        if zone is UTC:
            return f":{moment:%Y%m%dT%H%M%SZ}"
        return f";TZID={zone.key}:{moment:%Y%m%dT%H%M%S}"

    lines = ["BEGIN:VEVENT", f"UID:{number}", "DTSTAMP:20270101T000000Z", f"DTSTART{stamp(start)}",
             f"DTEND{stamp(start + length)}" if chance.random() < 0.7 else
             f"DURATION:PT{int(length.total_seconds()) // 60}M"]
    repeats = chance.random()
    if repeats < 0.7:
        names = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
        interval = chance.choice([1, 1, 2, 3, 5])
        if repeats < 0.2:
            rule = f"RRULE:FREQ=DAILY;INTERVAL={interval}"
        else:
            days = {names[start.weekday()], *chance.sample(names, chance.choice([0, 1, 2]))}
            rule = (f"RRULE:FREQ=WEEKLY;INTERVAL={interval};BYDAY={','.join(sorted(days))}"
                    f";WKST={chance.choice(['MO', 'SU'])}")
        end = chance.random()
        if end < 0.4:
            rule += f";COUNT={chance.randrange(1, 60)}"
        elif end < 0.7:
            last = start + timedelta(days=chance.randrange(0, 100))
            rule += f";UNTIL={last.replace(tzinfo=zone).astimezone(UTC):%Y%m%dT%H%M%SZ}"
        lines.append(rule)
        if chance.random() < 0.4:
            gone = start + timedelta(days=chance.randrange(0, 4) * 7 * interval)
            lines.append(f"EXDATE{stamp(gone)}")
        if chance.random() < 0.2:
            lines.append(f"RDATE{stamp(start + timedelta(days=chance.randrange(1, 60)))}")
    lines.append(chance.choice(["TRANSP:OPAQUE", "TRANSP:OPAQUE", "TRANSP:TRANSPARENT",
                                "STATUS:CANCELLED", "STATUS:TENTATIVE"]))
    return [*lines, "END:VEVENT"]


def test_program_and_library_agree_on_random_calendars(tmp_path):
    chance = random.Random(SEED)
    stretches = 0
    for _ in range(CALENDARS):
        lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:test"]
        for number in range(chance.randrange(1, 8)):
            lines += random_event(chance, number)
        text = "\n".join([*lines, "END:VCALENDAR", ""])
        busy, unread = asked(tmp_path, text)
        assert unread == 0, text
        assert busy == expected(text), f"seed {SEED}: {text}"
        stretches += len(busy)
    assert stretches > CALENDARS * 5
