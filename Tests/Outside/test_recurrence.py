"""Patterns of time against `recurring-ical-events`, the calendar library that others use.

Each pattern is written twice: as what a seller publishes, which the program expands, and as an
iCalendar event (RFC 5545) for each part of the day between pauses, which the library expands. The
windows in UTC must be the same. A seed says which; AIKATORI_SEED repeats it.

One thing differs on purpose. An edge in the hour that does not exist is, by RFC 5545, an hour
later on the clock; here it is the instant at which that hour would have begun, so that 03:30 to
05:00 gives the hour from 04:00 on and not half of it. What the library has in that hour is brought
to that instant before the two are compared.
"""

import json
import os
import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar
from running import run, said

PATTERNS = 50_000 if os.environ.get("AIKATORI_TESTS") == "long" else 3_000
SEED = int(os.environ.get("AIKATORI_SEED", "20261025"))
FIRST, LAST = date(2026, 1, 1), date(2027, 12, 31)
ZONES = ["Europe/Helsinki"] * 6 + ["America/New_York", "Australia/Lord_Howe", "UTC"]
WEEKDAYS = {"MO": "monday", "TU": "tuesday", "WE": "wednesday", "TH": "thursday", "FR": "friday",
            "SA": "saturday", "SU": "sunday"}
# the days on which Helsinki's clocks change, of which most patterns are asked
CHANGES = [date(2026, 3, 29), date(2026, 10, 25), date(2027, 3, 28), date(2027, 10, 31)]
# Finland's public holidays of the two years
HOLIDAYS = {date.fromisoformat(day) for day in [
    "2026-01-01", "2026-01-06", "2026-04-03", "2026-04-05", "2026-04-06", "2026-05-01",
    "2026-05-14", "2026-05-24", "2026-06-20", "2026-10-31", "2026-12-06", "2026-12-25",
    "2026-12-26", "2027-01-01", "2027-01-06", "2027-03-26", "2027-03-28", "2027-03-29",
    "2027-05-01", "2027-05-06", "2027-05-16", "2027-06-26", "2027-11-06", "2027-12-06",
    "2027-12-25", "2027-12-26"]}


def clock(minute):
    return f"{minute // 60 % 24:02}:{minute % 60:02}"


def random_pattern(chance):
    """What a seller publishes, and the same in minutes of the day: the parts between pauses."""
    start = chance.choice([0, 60, 150, 180, 195, 210, 480, 1320, chance.randrange(0, 1440, 5)])
    length = chance.choice([30, 45, 90, 240, 480, 1440, chance.randrange(15, 1441, 5)])
    pauses, parts, free = [], [], start
    for _ in range(chance.choice([0, 0, 0, 1, 1, 2])):
        begins = free + chance.randrange(5, 200, 5)
        ends = begins + chance.randrange(5, 90, 5)
        if ends >= start + length:
            break
        pauses.append({"from": clock(begins), "to": clock(ends)})
        parts.append((free, begins))
        free = ends
    parts.append((free, start + length))
    offered = {
        "specialist": "specialist_01j0000000e008000000000014", "from": clock(start),
        "to": clock(start + length), "pauses": pauses, "grid_minutes": 5, "shortest_minutes": 1,
        "longest_minutes": 60, "buffer_after_minutes": 0}
    near = chance.choice(CHANGES) + timedelta(days=chance.randrange(-80, 10))
    if chance.random() < 0.15:
        day = chance.choice([*CHANGES, near])
        return {**offered, "pattern": {"kind": "once", "date": f"{day}"}}, parts
    pattern = {
        "kind": "weekly", "starts_on": f"{near}", "interval_weeks": chance.choice([1, 1, 2, 3, 4]),
        "weekdays": chance.sample(list(WEEKDAYS.values()), chance.choice([1, 1, 2, 3, 7])),
        "except_holidays": chance.random() < 0.3}
    end = chance.random()
    if end < 0.4:
        pattern["until"] = f"{near + timedelta(days=chance.randrange(0, 200))}"
    elif end < 0.8:
        pattern["count"] = chance.randrange(1, 40)
    days = {near + timedelta(days=chance.randrange(0, 200)) for _ in range(8)}
    split = chance.randrange(0, 8)
    pattern["exceptions"] = [f"{day}" for day in sorted(days)[:split]]
    pattern["extra"] = [f"{day}" for day in sorted(days)[split:]] if chance.random() < 0.5 else []
    return {**offered, "pattern": pattern}, parts


def first_named(pattern):
    """The day with which the event begins: the library counts the first day of an event always,
    also where the rule does not name it."""
    day = date.fromisoformat(pattern["starts_on"])
    week = day - timedelta(days=day.weekday())
    while True:
        monday = day - timedelta(days=day.weekday())
        if (monday - week).days // 7 % pattern["interval_weeks"] == 0 and (
                list(WEEKDAYS.values())[day.weekday()] in pattern["weekdays"]):
            return day
        day += timedelta(days=1)


def events(pattern, part, zone):
    """The event of one part of the day."""
    start, end = part

    def moment(day, minute):
        return datetime(day.year, day.month, day.day) + timedelta(minutes=minute)

    def stamp(day, minute):
        return f";TZID={zone.key}:{moment(day, minute):%Y%m%dT%H%M%S}"

    def stamps(days):
        moments = (f"{moment(day, start):%Y%m%dT%H%M%S}" for day in days)
        return f";TZID={zone.key}:{','.join(moments)}"

    if pattern["kind"] == "once":
        first, lines = date.fromisoformat(pattern["date"]), []
    else:
        first = first_named(pattern)
        # a part after midnight is of the day before, and so are its weeks
        codes = list(WEEKDAYS)
        later = codes[start // 1440:] + codes[:start // 1440]
        days = [later[place] for place, word in enumerate(WEEKDAYS.values())
                if word in pattern["weekdays"]]
        rule = (f"RRULE:FREQ=WEEKLY;WKST={later[0]};INTERVAL={pattern['interval_weeks']}"
                f";BYDAY={','.join(days)}")
        if "until" in pattern:
            last = date.fromisoformat(pattern["until"])
            until = moment(last, start).replace(tzinfo=zone).astimezone(UTC)
            rule += f";UNTIL={until:%Y%m%dT%H%M%SZ}"
            # an event has its first day always
            if last < first:
                rule = ""
        if "count" in pattern:
            rule += f";COUNT={pattern['count']}"
        extra = [date.fromisoformat(day) for day in pattern["extra"]]
        gone = {date.fromisoformat(day) for day in pattern["exceptions"]}
        if pattern["except_holidays"]:
            gone |= HOLIDAYS - set(extra)
        if not rule:
            gone |= {first} - set(extra)
        lines = [rule] if rule else []
        lines += [f"RDATE{stamps(extra)}"] if extra else []
        lines += [f"EXDATE{stamps(sorted(gone))}"] if gone else []
    return "\r\n".join([
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:test", "BEGIN:VEVENT", "UID:1",
        "DTSTAMP:20260101T000000Z", f"DTSTART{stamp(first, start)}",
        f"DTEND{stamp(first, end)}", *lines, "END:VEVENT", "END:VCALENDAR", ""])


def instant(found):
    """What the library found, in UTC; in an hour that is not on the clock, where it would begin."""
    told = found.astimezone(UTC)
    if told.astimezone(found.tzinfo).replace(tzinfo=None) == found.replace(tzinfo=None):
        return told
    # the change lies between the two: before it the offset is the one that the library took
    low, high = told - timedelta(hours=3), told
    before = low.astimezone(found.tzinfo).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low).total_seconds() // 2)
        if middle.astimezone(found.tzinfo).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high


def expected(offered, parts, zone):
    windows = []
    for part in parts:
        calendar = Calendar.from_ical(events(offered["pattern"], part, zone))
        found = recurring_ical_events.of(calendar).between(
            FIRST - timedelta(days=2), LAST + timedelta(days=3))
        for event in found:
            # a part after midnight is of the day before
            day = event["DTSTART"].dt.replace(tzinfo=None) - timedelta(minutes=part[0])
            starts, ends = (instant(event[key].dt) for key in ("DTSTART", "DTEND"))
            if starts < ends and FIRST <= day.date() <= LAST:
                windows.append((f"{starts:%Y-%m-%dT%H:%M:%SZ}", f"{ends:%Y-%m-%dT%H:%M:%SZ}"))
    return sorted(windows)


def test_program_and_library_agree_on_random_patterns(tmp_path):
    chance = random.Random(SEED)
    asked = []
    while len(asked) < PATTERNS:
        zone = chance.choice(ZONES)
        asked.append((zone, *random_pattern(chance)))
    file = tmp_path / "patterns.jsonl"
    file.write_text("".join(
        json.dumps({"time_zone": zone, "offered": offered}) + "\n" for zone, offered, _ in asked))
    process = run(tmp_path, "availability", "windows", str(file), "--first", f"{FIRST}",
                  "--last", f"{LAST}", timeout=600)
    assert process.returncode == 0, said(process)
    answers = [json.loads(line) for line in process.stdout.splitlines()]
    assert len(answers) == len(asked)
    windows = changed = 0
    for (zone, offered, parts), answer in zip(asked, answers, strict=True):
        found = sorted((window["from"], window["until"]) for window in answer)
        wanted = expected(offered, parts, ZoneInfo(zone))
        assert found == wanted, f"seed {SEED}: {zone} {json.dumps(offered)}"
        windows += len(found)
        changed += sum(start.startswith(tuple(f"{day}" for day in CHANGES)) for start, _ in found)
    assert windows > PATTERNS * 10
    assert changed > PATTERNS / 10
