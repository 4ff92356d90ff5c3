"""Visits that are live at once on one server: each has a person of both sides with its page open,
who joins, listens in the room, says something there and gives signs of life."""

import asyncio
import hashlib
import json
import re
import resource
import statistics
import tempfile
import time
import uuid
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta, timezone
from pathlib import Path
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from clusters import OwnCluster
from data import Party, add_organisation
from running import Server

SERVICE = "psychiatrist-visit"
# of the length of an offer of a browser (SDP), which is what is said most
SAID = json.dumps({"description": {"type": "offer", "sdp": "a=candidate " * 250}})


class Line:
    """One kept connection to the server (HTTP/1.1), with a browser's cookies."""

    def __init__(self, port, login):
        self.port, self.cookies = port, {"aikatori_login": login}
        self.reader = self.writer = None

    async def ask(self, method, path, form=None):
        """Status and body. Of a stream, the status and no more: `lines` goes on."""
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        body = urlencode(form).encode() if form else b""
        cookies = "; ".join(f"{key}={value}" for key, value in self.cookies.items())
        head = (f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nCookie: {cookies}\r\n"
                "Content-Type: application/x-www-form-urlencoded\r\n"
                f"Content-Length: {len(body)}\r\n\r\n")
        self.writer.write(head.encode() + body)
        await self.writer.drain()
        status = int((await self.reader.readline()).split()[1])
        length, chunked, streamed = 0, False, False
        while (line := await self.reader.readline()) != b"\r\n":
            name, value = line.decode().rstrip("\r\n").split(":", 1)
            name, value = name.lower(), value.strip()
            if name == "content-length":
                length = int(value)
            elif name == "transfer-encoding":
                chunked = value == "chunked"
            elif name == "content-type":
                streamed = value.startswith("text/event-stream")
            elif name == "set-cookie":
                key, kept = value.split(";", 1)[0].split("=", 1)
                self.cookies[key] = kept
        if streamed:
            return status, b""
        if not chunked:
            return status, await self.reader.readexactly(length)
        parts = []
        while part := await self.chunk():
            parts.append(part)
        return status, b"".join(parts)

    async def chunk(self):
        size = int((await self.reader.readline()) or b"0", 16)
        part = await self.reader.readexactly(size)
        await self.reader.readline()
        return part

    def close(self):
        if self.writer:
            self.writer.close()


class Person:
    """Somebody on the page of a visit."""

    def __init__(self, port, login, visit):
        self.page, self.stream = Line(port, login), Line(port, login)
        self.visit, self.session = f"/visits/{visit}", uuid.uuid4().hex
        self.seal, self.heard, self.times, self.refused = None, 0, [], 0

    async def say(self, place, **fields):
        status, _ = await self.page.ask("POST", f"{self.visit}/{place}", {
            "seal": self.seal, "key": uuid.uuid4().hex, **fields})
        return status

    async def join(self):
        status, page = await self.page.ask("GET", self.visit)
        found = re.search(rb'name="seal" value="([0-9a-f]{64})"', page)
        assert status == 200 and found, (status, page[:500])
        self.seal = found.group(1).decode()
        assert await self.say("attendance", kind="join") == 303
        assert "aikatori_join" in self.page.cookies
        self.stream.cookies = dict(self.page.cookies)
        status, _ = await self.stream.ask("GET", f"{self.visit}/room?session={self.session}")
        assert status == 200, status
        self.listening = asyncio.create_task(self.listen())

    async def listen(self):
        """Counts what is heard, each once: a signal is told in one `data:` line."""
        text = b""
        while part := await self.stream.chunk():
            text += part
            *whole, text = text.split(b"\n\n")
            self.heard += sum(b"\ndata: " in event or event.startswith(b"data: ")
                              for event in whole)

    async def speak(self):
        assert await self.say("room", session=self.session, body=SAID) == 204

    async def live(self, seconds, every, offset):
        """Signs of life, timed each, at even times whatever the answers take."""
        start = time.monotonic() + offset
        for number in range(int(seconds / every)):
            await asyncio.sleep(max(0, start + number * every - time.monotonic()))
            begun = time.monotonic()
            status = await self.say("attendance", kind="heartbeat")
            if status == 303:
                self.times.append(1000 * (time.monotonic() - begun))
            else:
                self.refused += 1

    async def leave(self):
        assert await self.say("attendance", kind="leave") == 303
        self.listening.cancel()
        self.page.close()
        self.stream.close()


class Market:
    """A seller with a specialist for each visit, a buyer, and the visits, which begin now."""

    def __init__(self, count):
        self.count = count
        self.cluster = OwnCluster(None)
        self.cluster.start(max_connections=120)
        self.place = Path(tempfile.mkdtemp(prefix="aikatori-visits-"))
        self.cluster.make_market(self.place)
        settings = self.cluster.settings()
        tokens = [add_organisation(self.place, settings, *each) for each in (
            ("Seller 1", "9000001-1", "--vat-id", "FI90000011", "--ovt", "003790000011",
             "--iban", "FI2112345600000785"),
            ("Buyer 1", "9000008-9", "--ovt", "003790000089"))]
        self.server = Server(
            self.place, AIKATORI_REQUESTS_PER_TOKEN="1000000",
            AIKATORI_REQUESTS_PER_ADDRESS="1000000", AIKATORI_LOG_LEVEL="warning",
            **settings).ready()
        self.seller, self.buyer = (Party(self.server, token) for token in tokens)
        self.contract = self.seller.agree(self.buyer, {
            "limits": {"minimum_notice_minutes": 0},
            "handshake": {"accepted_in_advance": True}})
        self.visits = self._booked()
        self.logins = {side: self._people(party)
                       for side, party in (("seller", self.seller), ("buyer", self.buyer))}

    def _booked(self):
        """Half an hour each, which begins in five to ten minutes: their rooms are open. Agreed in
        advance."""
        now = datetime.now(timezone.utc)
        starts = now.replace(second=0, microsecond=0) + timedelta(minutes=10)
        starts -= timedelta(minutes=starts.minute % 5)
        local = starts.astimezone(ZoneInfo("Europe/Helsinki"))
        unit = self.seller.ask("GET", "/v1/units")["items"][0]["id"]
        self.arranging, booking = (party.credential("scheduler")
                                   for party in (self.seller, self.buyer))
        visits = []
        for number in range(self.count):
            specialist = self.seller.ask("POST", "/v1/specialists", {
                "unit": unit, "label": f"Specialist {number}", "profession": "physician",
                "specialty": "70", "languages": ["fi"]}, self.arranging)["id"]
            self.seller.ask("POST", f"/v1/specialists/{specialist}/licences", {
                "authority": "Example authority", "number": f"L-{number}",
                "valid_from": "2020-01-01", "valid_through": "2039-12-31"})
            self.seller.ask("POST", "/v1/availability", {
                "specialist": specialist, "pattern": {"kind": "once", "date": f"{local.date()}"},
                "from": f"{local:%H:%M}", "to": f"{local + timedelta(hours=1):%H:%M}",
                "grid_minutes": 5, "shortest_minutes": 10, "longest_minutes": 60,
                "buffer_after_minutes": 0}, self.arranging)
            visits.append(self.buyer.ask("POST", "/v1/bookings", {
                "contract": self.contract, "service": SERVICE, "specialist": specialist,
                "starts": f"{starts:%Y-%m-%dT%H:%M:%SZ}", "minutes": 30,
                "patient_reference": f"P-{number}", "authorisation_reference": "A 1",
                "diary_reference": "D 1"}, booking)["id"])
        return visits

    def _people(self, party):
        """A member for each visit, and the login of its browser: signing in is not measured."""
        own = party.ask("GET", "/v1/organisation")["business_id"]
        logins = ["aik_" + urlsafe_b64encode(
            hashlib.sha256(f"{own} {number}".encode()).digest()).decode().rstrip("=")
            for number in range(self.count)]
        listed = ", ".join(f"('{token}')" for token in logins)
        self.cluster.psql("aikatori", f"""
            with own as (select id from organisation where business_id = '{own}'),
            token as (select gen_random_uuid() as member, t.text
                from (values {listed}) t (text)),
            made as (insert into member (id, organisation, name, email, roles)
                select t.member, o.id, 'Person', t.text || '@example.com', '{{specialist}}'
                from token t, own o)
            insert into credential (id, organisation, member, label, digest, roles, expires_at,
                idle_until)
            select gen_random_uuid(), o.id, t.member, 'Sign-in on the pages',
                sha256(convert_to(t.text, 'UTF8')), '{{specialist}}',
                clock_timestamp() + interval '10 hours', clock_timestamp() + interval '1 hour'
            from token t, own o""")
        return logins

    def memory(self):
        """MiB of the server's process."""
        status = Path(f"/proc/{self.server.process.pid}/status").read_text(encoding="utf-8")
        return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) / 1024

    def stored(self, kind):
        return int(self.cluster.psql(
            "aikatori", f"select count(*) from observation where kind = '{kind}'"))

    def end(self):
        self.server.end()
        self.cluster.remove()


async def held(market, seconds, every):
    """Everybody joins, speaks once, lives for so long, and leaves."""
    people = [Person(market.server.port, login, visit)
              for logins in market.logins.values()
              for login, visit in zip(logins, market.visits)]
    for start in range(0, len(people), 16):
        await asyncio.gather(*(each.join() for each in people[start:start + 16]))
    for start in range(0, len(people), 16):
        await asyncio.gather(*(each.speak() for each in people[start:start + 16]))
    await asyncio.gather(*(
        each.live(seconds, every, every * place / len(people))
        for place, each in enumerate(people)))
    memory = market.memory()
    heard = [each.heard for each in people]
    alone = [visit for visit in market.visits if not together(market, visit)]
    for start in range(0, len(people), 16):
        await asyncio.gather(*(each.leave() for each in people[start:start + 16]))
    return people, heard, alone, memory


def together(market, visit):
    """Whether the server sees one of each side in a visit."""
    sides = market.seller.ask(
        "GET", f"/v1/bookings/{visit}/visit", token=market.arranging)["present"]
    return [len(sides[side]) for side in ("seller", "buyer")] == [1, 1]


def measure(count=200, seconds=120, every=10):
    """Prints the heartbeats' times and the memory of a visit; ends where anything was lost."""
    # two connections of each person, here and at the server
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 16_384), most))
    market = Market(count)
    try:
        at_rest = market.memory()
        people, heard, alone, memory = asyncio.run(held(market, seconds, every))
        times = [each for person in people for each in person.times]
        refused = sum(person.refused for person in people)
        stored = {kind: market.stored(kind) for kind in ("join", "heartbeat", "leave")}
        cuts = statistics.quantiles(times, n=100, method="inclusive")
        print(f"{count} visits live at once, {len(people)} open pages, each with a sign of life"
              f" every {every} s for {seconds} s:\n"
              f"  heartbeats: {len(times)} acknowledged, {refused} refused, {stored['heartbeat']}"
              f" stored; p50 {cuts[49]:.1f} ms, p99 {cuts[98]:.1f} ms, max {max(times):.1f} ms\n"
              f"  signals: {len(people)} said, {sum(heard)} heard by the other side's page\n"
              f"  memory: {at_rest:.0f} MiB before, {memory:.0f} MiB with all of them,"
              f" {1024 * (memory - at_rest) / count:.0f} KiB a live visit", flush=True)
        lost = (refused or stored["heartbeat"] != len(times) or alone
                or stored["join"] != len(people) or stored["leave"] != len(people)
                or heard != [1] * len(people))
        if lost:
            raise SystemExit(f"something was lost: {stored}, {len(alone)} visits not together,"
                             f" heard {sorted(set(heard))}\n{market.server.logged()[-2000:]}")
    finally:
        market.end()
