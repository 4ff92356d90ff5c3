"""Many clients that want the same time, what each was told, and whether that can be true."""

import http.client
import json
import random
import threading
import time
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

HELSINKI = ZoneInfo("Europe/Helsinki")
MINUTES, BUFFER = 30, 5
FOREVER = float("inf")


class Connection:
    """Requests to one of several servers, repeated with the same key until one answers."""

    def __init__(self, ports, token):
        self.ports, self.token = ports, token
        self.http = None

    def ask(self, method, path, body=None, key=None, revision=None):
        """The status and the answer. A server that is gone, or that cannot say, is asked again."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        if method == "POST":
            headers["Idempotency-Key"] = key or str(uuid.uuid4())
        if revision is not None:
            headers["If-Match"] = f'"{revision}"'
        data = None if body is None else json.dumps(body)
        for _ in range(400):
            try:
                if self.http is None:
                    port = random.choice(self.ports)
                    self.http = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
                self.http.request(method, path, data, headers)
                answer = self.http.getresponse()
                read = json.loads(answer.read())
            except (OSError, http.client.HTTPException, ValueError):
                self.http = None
                time.sleep(0.05)
                continue
            if answer.status < 500 and read.get("code") != "idempotency_key_in_progress":
                return answer.status, read
            time.sleep(0.05)
        raise AssertionError(f"{method} {path} was never answered")


@dataclass
class Life:
    """A booking that was acknowledged at one place, by the times of this process. It lived there
    for certain from `told` to `ending`, and perhaps from `asked` to `ended`. One that moved has a
    life at each place."""

    booking: str
    specialist: str
    starts: datetime
    asked: float
    told: float
    state: str
    revision: int
    ending: float = FOREVER
    ended: float = FOREVER
    room: str | None = None

    def overlaps(self, specialist, starts):
        needed = timedelta(minutes=MINUTES + BUFFER)
        return self.specialist == specialist and abs(self.starts - starts) < needed

    def shares(self, room, starts):
        """Whether it needs the same room at a time that overlaps; a room has no buffer."""
        needed = timedelta(minutes=MINUTES)
        return room is not None and self.room == room and abs(self.starts - starts) < needed


@dataclass
class Refused:
    """A booking that was refused."""

    specialist: str
    starts: datetime
    asked: float
    told: float
    code: str
    room: str | None = None


@dataclass
class Stretch:
    """When something outside of the clients happened: the clock moved, or time was not on sale."""

    begun: float
    ended: float = FOREVER


class Client(threading.Thread):
    """Books, holds, confirms, releases, moves, cancels and repeats itself at random until told to
    stop."""

    def __init__(self, number, connection, offer, starts, specialists, until, rooms=()):
        super().__init__(daemon=True)
        self.rooms = rooms
        self.random = random.Random(number)
        self.connection, self.offer, self.until = connection, offer, until
        self.starts, self.specialists = starts, specialists
        self.lives, self.refusals, self.broken = [], [], []
        self.sent = []
        self.moved = 0

    def run(self):
        try:
            while time.monotonic() < self.until:
                open_lives = [life for life in self.lives if life.ending == FOREVER]
                dice = self.random.random()
                booked = [life for life in open_lives if life.state == "booked"]
                if open_lives and dice < 0.3:
                    self.end(self.random.choice(open_lives))
                elif booked and dice < 0.5:
                    self.move(self.random.choice(booked))
                elif self.sent and dice < 0.55:
                    self.repeat(*self.random.choice(self.sent))
                else:
                    self.book()
        except Exception as error:
            self.broken.append(repr(error))

    def book(self):
        specialist, starts = self.random.choice(self.specialists), self.random.choice(self.starts)
        wanted = {**self.offer, "specialist": specialist, "starts": starts.isoformat(),
                  "minutes": MINUTES, "hold": self.random.random() < 0.3}
        room = self.random.choice(self.rooms) if self.rooms else None
        if room:
            wanted["resources"] = [room]
        key = str(uuid.uuid4())
        asked = time.monotonic()
        status, answer = self.connection.ask("POST", "/v1/bookings", wanted, key)
        told = time.monotonic()
        if status == 201:
            self.lives.append(
                Life(answer["id"], specialist, starts, asked, told, answer["state"],
                     answer["revision"], room=room))
            self.sent.append((wanted, key, answer["id"]))
        else:
            self.refusals.append(
                Refused(specialist, starts, asked, told, answer["code"], room))

    def move(self, life):
        """To any time of any specialist, which costs nothing yet; refused, it is where it was."""
        specialist, starts = self.random.choice(self.specialists), self.random.choice(self.starts)
        asked = time.monotonic()
        status, answer = self.connection.ask(
            "POST", f"/v1/bookings/{life.booking}/move",
            {"starts": starts.isoformat(), "specialist": specialist}, revision=life.revision)
        told = time.monotonic()
        if status != 200:
            self.refusals.append(
                Refused(specialist, starts, asked, told, answer["code"], life.room))
            return
        life.ending, life.ended = asked, told
        self.lives.append(Life(
            life.booking, specialist, starts, asked, told, "booked", answer["revision"],
            room=life.room))
        self.moved += 1

    def repeat(self, wanted, key, booking):
        status, answer = self.connection.ask("POST", "/v1/bookings", wanted, key)
        if status != 201 or answer["id"] != booking:
            self.broken.append(f"the key of {booking} was answered {status} {answer}")

    def end(self, life):
        """A hold is confirmed or released; what is booked is cancelled, which costs nothing yet."""
        path = f"/v1/bookings/{life.booking}"
        if life.state == "held" and self.random.random() < 0.5:
            status, answer = self.connection.ask("POST", f"{path}/confirm")
            self.note(life, status, answer, "booked")
            return
        asked = time.monotonic()
        if life.state == "held":
            status, answer = self.connection.ask("POST", f"{path}/release")
        else:
            body = {"expected_fee": "0.00"}
            status, answer = self.connection.ask("POST", f"{path}/cancel", body)
        if self.note(life, status, answer, "released" if life.state == "held" else "cancelled"):
            life.ending, life.ended = asked, time.monotonic()

    def note(self, life, status, answer, state):
        if status in (200, 201):
            life.state, life.revision = state, answer["revision"]
            return True
        if life.state == "held" and answer["code"] in ("hold_expired", "illegal_transition"):
            life.state, life.ending = "expired", life.told
            return False
        self.broken.append(f"{life.booking} to {state}: {status} {answer}")
        life.ending = life.told
        return False


class History:
    """Everything that the clients were told."""

    def __init__(self, clients, clock_moved, closed):
        self.lives = [life for client in clients for life in client.lives]
        self.refusals = [refusal for client in clients for refusal in client.refusals]
        self.broken = [text for client in clients for text in client.broken]
        self.clock_moved, self.closed = clock_moved, closed
        for life in self.lives:
            # a hold that nobody ended has run out when the clock was moved past its end
            moved = self.clock_moved.begun
            if life.state in ("held", "expired") and life.asked < self.clock_moved.ended:
                life.ending = min(life.ending, max(life.told, moved))

    def problems(self):
        return [*self.broken, *self.doubled(), *self.refused_without_cause()]

    def doubled(self):
        """Two that surely lived at the same moment, on overlapping time of one specialist or in one
        room."""
        for place, one in enumerate(self.lives):
            for other in self.lives[place + 1:]:
                both = min(one.ending, other.ending) - max(one.told, other.told)
                if both > 0 and (one.overlaps(other.specialist, other.starts)
                                 or one.shares(other.room, other.starts)):
                    yield f"{one} and {other} lived together"

    def refused_without_cause(self):
        for refusal in self.refusals:
            if refusal.code in ("taken", "resource_taken"):
                has_cause = any(
                    (life.overlaps(refusal.specialist, refusal.starts)
                     if refusal.code == "taken" else life.shares(refusal.room, refusal.starts))
                    and life.asked <= refusal.told and refusal.asked <= life.ended
                    for life in self.lives)
            else:
                has_cause = refusal.code == "outside_availability" and any(
                    specialist == refusal.specialist and starts.date() == refusal.starts.date()
                    and stretch.begun <= refusal.told and refusal.asked <= stretch.ended
                    for specialist, starts, stretch in self.closed)
            if not has_cause:
                yield f"{refusal} had no cause"

    def compare(self, stored):
        """With what the market has: `stored` has state, specialist and start of each booking."""
        # of one that moved, the last place
        told = {life.booking: life for life in self.lives}
        for booking in stored.keys() - told.keys():
            yield f"{booking} is there, and nobody was told"
        for booking, life in told.items():
            expected = {life.state}
            if life.state == "held" and life.asked < self.clock_moved.ended:
                expected.add("expired")
            state, *place = stored.get(booking, [None])
            if state not in expected:
                yield f"{booking} is {state}, and should be {expected}"
            if state and place != [life.specialist, life.starts]:
                yield f"{booking} is at {place}, and should be at {life.starts}"
