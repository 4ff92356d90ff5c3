"""Sixty-four clients on the time of ten specialists, through two servers of one database, each of
which is killed on the way, while the clock passes the end of holds and time is withdrawn."""

import json
import os
import threading
import time
from dataclasses import replace
from datetime import datetime, timedelta

from contention import HELSINKI, Client, Connection, History, Stretch
from running import Server, data_folder, run, said
from visits import Trade

SECONDS = 60 if os.environ.get("AIKATORI_TESTS") == "long" else 20
LIMITS = {"AIKATORI_REQUESTS_PER_TOKEN": "1000000", "AIKATORI_REQUESTS_PER_ADDRESS": "1000000"}
SELLER = "Example Hospital"
BUYERS = ("Example Health Centre North", "Example Health Centre South")


def ten_specialists(trade, days):
    """Their two mornings, of which only a few visits can be had."""
    admin, scheduler = trade.seller["admin"], trade.seller["scheduler"]
    unit = trade.get(admin, "/v1/units")["items"][0]["id"]
    made = []
    for number in range(10):
        made.append(trade.post(admin, "/v1/specialists", {
            "unit": unit, "label": f"Wanted {number}", "profession": "Specialist physician",
            "specialty": "70", "languages": ["fi"]})["id"])
        trade.post(admin, f"/v1/specialists/{made[-1]}/licences", {
            "authority": "Example authority", "number": f"EX-{number}",
            "valid_from": "2020-01-01", "valid_through": "2030-12-31"})
        for day in days:
            trade.post(scheduler, "/v1/availability", morning(made[-1], day))
    return made


def morning(specialist, day):
    return {"specialist": specialist, "pattern": {"kind": "once", "date": f"{day}"},
            "from": "09:00", "to": "11:00", "grid_minutes": 15, "shortest_minutes": 30,
            "longest_minutes": 90, "buffer_after_minutes": 5}


def open_and_close(connection, specialist, day, until, closed):
    """A third morning of one specialist comes and goes; `closed` notes when it is not on sale."""
    starts = datetime(day.year, day.month, day.day, 9, tzinfo=HELSINKI)
    stretch = Stretch(0)
    closed.append((specialist, starts, stretch))
    while time.monotonic() < until:
        status, published = connection.ask("POST", "/v1/availability", morning(specialist, day))
        assert status == 201, published
        stretch.ended = time.monotonic()
        time.sleep(0.3)
        stretch = Stretch(time.monotonic())
        closed.append((specialist, starts, stretch))
        status, gone = connection.ask("POST", f"/v1/availability/{published['id']}/withdraw")
        assert status == 200, gone
        time.sleep(0.1)


def killed(server, folder, port, **settings):
    """The server as it comes back, in the same place, after it was killed; what it did last, only
    the database knows."""
    server.process.kill()
    server.process.wait()
    return Server(folder, AIKATORI_PORT=str(port), **settings, **LIMITS).ready(120)


def sees_what_is_wrong(history, there):
    """What the checker is for: a booking that was lost, one that nobody was told of, one elsewhere,
    and two at one time."""
    last = {life.booking: life for life in history.lives}
    life = next(each for each in last.values() if each.state == "booked")
    state, specialist, starts = there[life.booking]
    rest = {key: value for key, value in there.items() if key != life.booking}
    lost = list(history.compare(rest))
    assert lost == [f"{life.booking} is None, and should be {{'booked'}}"], lost
    made = list(history.compare({**there, "booking_x": [state, specialist, starts]}))
    assert made == ["booking_x is there, and nobody was told"], made
    moved = list(history.compare(
        {**there, life.booking: [state, specialist, starts + timedelta(minutes=15)]}))
    assert len(moved) == 1 and moved[0].startswith(f"{life.booking} is at"), moved
    history.lives.append(replace(life, booking="booking_x"))
    assert [text for text in history.doubled() if "booking_x" in text]
    history.lives.pop()


def stored(trade):
    """The state, specialist and start of each booking of the two buyers."""
    states = {}
    for buyer in BUYERS:
        token, cursor = trade.tokens[buyer]["scheduler"], ""
        while cursor is not None:
            page = trade.get(token, f"/v1/bookings?limit=200{cursor and '&cursor=' + cursor}")
            states.update({
                each["id"]: [each["state"], each["specialist"],
                             datetime.fromisoformat(each["starts"])]
                for each in page["items"]})
            cursor = page["next"]
    return states


def contracts(trade):
    """What each buyer books under: the hospital's contract with it, and two rooms of its own."""
    for buyer in BUYERS:
        token = trade.tokens[buyer]["scheduler"]
        unit = trade.get(token, "/v1/units")["items"][0]["id"]
        rooms = [
            trade.post(token, "/v1/resources", {
                "unit": unit, "kind": "room", "name": f"Wanted {number}"})["id"]
            for number in range(2)]
        found = trade.get(token, "/v1/contracts?state=active")["items"]
        version = next(
            shown for each in found
            for shown in [trade.get(token, f"/v1/contracts/{each['id']}/versions/1")]
            if shown["document"]["services"][0].get("specialty", {}).get("code") == "70")
        yield token, {"contract": version["contract"],
                      "service": version["document"]["services"][0]["code"]}, rooms


def test_many_want_the_same_time(make_folder):
    folder, place = make_folder(), make_folder()
    first = Server(folder, AIKATORI_TOKENS_FILE=str(folder / "tokens.json"), **LIMITS).ready(120)
    sockets = (data_folder(folder) / "postmaster.pid").read_text().splitlines()[4]
    database = f"host='{sockets}' dbname=aikatori user=aikatori_app"
    key = next(folder.rglob("master-key"))
    own = {"DATABASE_URL": database, "AIKATORI_MASTER_KEY_FILE": str(key)}
    second = Server(place, **own, **LIMITS).ready()
    trade = Trade(first, folder, SELLER, BUYERS[0])
    monday = trade.now().astimezone(HELSINKI).date() + timedelta(days=6)
    days = [monday, monday + timedelta(days=1)]
    specialists = ten_specialists(trade, days)
    third = monday + timedelta(days=2)
    starts = [
        datetime(day.year, day.month, day.day, 9, tzinfo=HELSINKI) + timedelta(minutes=15 * n)
        for day in days for n in range(6)]
    comes_and_goes = [each + timedelta(days=2) for each in starts if each.date() == monday]
    before = stored(trade).keys()
    until = time.monotonic() + SECONDS
    ports = [first.port, second.port]
    clients = []
    for token, offer, rooms in contracts(trade):
        for _ in range(32):
            number = len(clients)
            # every eighth goes after the morning that comes and goes
            wanted = (comes_and_goes, specialists[:1]) if number % 8 == 0 else (starts, specialists)
            # every fourth needs one of its buyer's few rooms
            few = rooms if number % 4 == 1 else ()
            clients.append(Client(number, Connection(ports, token), offer, *wanted, until, few))
    closed = []
    scheduler = Connection(ports, trade.seller["scheduler"])
    seller = threading.Thread(
        target=open_and_close, args=(scheduler, specialists[0], third, until, closed),
        daemon=True)
    for thread in (*clients, seller):
        thread.start()
    time.sleep(SECONDS / 3)
    moved = Stretch(time.monotonic())
    trade.clock(trade.now() + timedelta(minutes=11))
    moved.ended = time.monotonic()
    time.sleep(SECONDS / 6)
    second = killed(second, place, ports[1], **own)
    time.sleep(SECONDS / 6)
    # the database of both is its own, and stays
    first = killed(first, folder, ports[0])
    for thread in (*clients, seller):
        thread.join(SECONDS + 120)
        assert not thread.is_alive()
    history = History(clients, moved, closed)
    there = {key: state for key, state in stored(trade).items() if key not in before}
    codes = {refusal.code for refusal in history.refusals}
    moves = sum(client.moved for client in clients)
    print(len(history.lives) - moves, "booked,", moves, "moved,", len(history.refusals),
          "refused:", codes)
    problems = [*history.problems(), *history.compare(there)]
    assert problems == [], json.dumps(problems[:10], indent=2)
    sees_what_is_wrong(history, there)
    assert len(history.lives) - moves > 60 and moves > 8
    assert codes >= {"taken", "outside_availability", "resource_taken"}
    assert second.end() == 0
    checked = run(folder, "verify")
    assert checked.returncode == 0, said(checked)
    assert first.end() == 0
