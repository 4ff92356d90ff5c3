"""Visits held through the API, as the programs of two organisations would, while the clock of a
demo is moved on."""

import json
import time
import urllib.error
import urllib.request
import uuid
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from running import run

HELSINKI = ZoneInfo("Europe/Helsinki")
PRESENT_MINUTES = 3


def observation():
    """A new identifier for what a visit's participant reports (TypeID: a UUIDv7 in Crockford's
    base 32)."""
    bits = int(time.time() * 1000) << 80 | 7 << 76 | uuid.uuid4().int & (1 << 76) - 1
    bits = bits & ~(3 << 62) | 2 << 62
    digits = "0123456789abcdefghjkmnpqrstvwxyz"
    return "observation_" + "".join(digits[bits >> 5 * place & 31] for place in range(25, -1, -1))


class Trade:
    """A seller and a buyer of a running demo, and its clock."""

    def __init__(self, server, folder, seller, buyer):
        self.server, self.folder = server, folder
        named = json.loads((folder / "tokens.json").read_text())["organisations"]
        self.tokens = {each["name"]: each["tokens"] for each in named}
        self.seller, self.buyer = self.tokens[seller], self.tokens[buyer]

    def ask(self, token, method, path, body=None, file=None, revision=None):
        """One request, which must succeed; its answer."""
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid.uuid4())}
        if revision is not None:
            headers["If-Match"] = f'"{revision}"'
        data = file
        if body is not None:
            data = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        elif file is not None:
            headers["Content-Type"] = "application/xml"
        request = urllib.request.Request(
            self.server.address + path, data=data, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refusal:
            raise AssertionError(f"{method} {path}: {refusal.read().decode()}") from refusal

    def get(self, token, path):
        return self.ask(token, "GET", path)

    def post(self, token, path, body=None):
        return self.ask(token, "POST", path, body)

    def put(self, token, path, body, revision):
        return self.ask(token, "PUT", path, body, revision=revision)

    def clock(self, instant):
        """The demo's clock shows this instant from now on."""
        moved = run(self.folder, "clock", "--set", instant.isoformat())
        assert moved.returncode == 0, moved.stderr

    def now(self):
        shown = run(self.folder, "clock")
        assert shown.returncode == 0, shown.stderr
        return datetime.fromisoformat(shown.stdout.split("shows ")[1].strip().rstrip("."))

    def held(self, minutes=45):
        """A visit, booked, agreed on, held for three minutes and attested by both; its booking."""
        booking, starts = self.agreed(minutes)
        self.attend(booking, starts)
        buyer, seller = self.buyer["scheduler"], self.seller["scheduler"]
        visit = self.get(seller, f"/v1/bookings/{booking}/visit")
        word = {"verdict": "attested", "billable_seconds": visit["billable"]["seconds"]}
        for side in (seller, buyer):
            self.post(side, f"/v1/bookings/{booking}/attestations", word)
        return self.get(buyer, f"/v1/bookings/{booking}")

    def agreed(self, minutes=45):
        """A visit, booked and agreed on; its booking, and when it starts."""
        booking, starts = self.booked(minutes)
        self.agree(booking, starts.isoformat().replace("+00:00", "Z"))
        return booking, starts

    def booked(self, minutes=45):
        """A visit of which nothing is agreed; its booking, and when it starts."""
        buyer = self.buyer["scheduler"]
        start = self.now() + timedelta(days=3)
        query = (
            f"/v1/times?from={start:%Y-%m-%dT%H:%M:%SZ}"
            f"&until={start + timedelta(days=14):%Y-%m-%dT%H:%M:%SZ}"
            f"&minutes={minutes}&specialty=70&limit=1")
        found = self.get(buyer, query)["items"][0]
        wanted = {key: found[key] for key in ("contract", "service", "specialist", "starts")}
        booking = self.post(buyer, "/v1/bookings", {**wanted, "minutes": minutes})["id"]
        return booking, datetime.fromisoformat(found["starts"])

    def agree(self, booking, starts):
        path = f"/v1/bookings/{booking}/handshake/messages"
        offer = {"starts": starts, "room": {"provider": "built_in"}, "needs": [],
                 "deadline": starts}
        proposal = {"kind": "propose", "sequence": 1, "offer": offer}
        answer = self.post(self.buyer["scheduler"], path, proposal)
        if answer["state"] != "agreed":
            self.post(self.seller["scheduler"], path, {"kind": "accept", "sequence": 2})

    def attend(self, booking, starts):
        keys = [
            self.post(side["scheduler"], f"/v1/bookings/{booking}/join-tokens",
                      {"participant": "person", "label": "Person"})["token"]
            for side in (self.seller, self.buyer)]
        for minute in range(PRESENT_MINUTES + 1):
            self.clock(starts + timedelta(minutes=minute))
            kind = "join" if minute == 0 else "leave" if minute == PRESENT_MINUTES else "heartbeat"
            for key in keys:
                self.post(key, "/v1/attendance", {"observation": observation(), "kind": kind})

    def to_next_month(self):
        """The first morning after the month that the clock shows."""
        now = self.now().astimezone(HELSINKI)
        first = (now.replace(day=1) + timedelta(days=32)).replace(
            day=1, hour=9, minute=0, second=0, microsecond=0)
        self.clock(first)
