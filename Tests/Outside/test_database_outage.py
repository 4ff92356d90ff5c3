"""A database that hangs, goes away and comes back while requests run: every answer that was given
holds, whatever was not answered can be repeated, and everything goes on by itself."""

import json
import signal
import threading
import time
import urllib.error
import urllib.request
import uuid

import pytest
from clusters import PROGRAMS, OwnCluster
from running import PROGRAM, Server, run, said

pytestmark = [
    pytest.mark.skipif(not PROGRAM.exists(), reason="nothing is built"),
    pytest.mark.skipif(PROGRAMS is None, reason="there is no PostgreSQL"),
]

# The codes with which a request may be turned away meanwhile.
UNAVAILABLE = {"database_unavailable", "deadline_exceeded", "outcome_unknown"}


@pytest.fixture
def cluster():
    cluster = OwnCluster()
    yield cluster
    cluster.remove()


def ask(server, token, path, body=None, key=None):
    """The status, the headers and the answer; a connection that ends is no answer at all."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    if body is not None:
        headers["Idempotency-Key"] = key or str(uuid.uuid4())
    request = urllib.request.Request(
        server.address + path, headers=headers,
        data=None if body is None else json.dumps(body).encode())
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.headers, json.load(answer)
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.headers, json.load(refusal)


class Asker(threading.Thread):
    """Makes units, one after the other, each under a key of its own; a unit that was refused for
    want of the database is asked for again with the same key, as a program should."""

    def __init__(self, server, token, number):
        super().__init__(daemon=True)
        self.server, self.token, self.number = server, token, number
        self.ends = threading.Event()
        self.answers = {}
        self.refusals = []
        self.faults = []

    def run(self):
        made = 0
        while not self.ends.is_set():
            key = f"unit-{self.number}-{made}"
            body = {"name": f"Unit {self.number} {made}", "time_zone": "Europe/Helsinki"}
            began = time.monotonic()
            status, headers, answer = ask(self.server, self.token, "/v1/units", body, key)
            if status == 201:
                self.answers[key] = (body, answer)
                made += 1
                continue
            self.refusals.append((answer.get("code"), time.monotonic() - began))
            if status != 503 or answer["code"] not in UNAVAILABLE or not headers["Retry-After"]:
                if answer.get("code") != "idempotency_key_in_progress":
                    self.faults.append((status, answer))
                    return
            time.sleep(float(headers["Retry-After"] or 0.2))


def wait_ready(server, seconds=30):
    """How long it takes until the server says that it is ready."""
    began = time.monotonic()
    while server.get("/readyz")[0] != 200:
        assert time.monotonic() - began < seconds, server.logged()[-5_000:]
        time.sleep(0.2)
    return time.monotonic() - began


def outage(cluster, server, token, happens, comes_back):
    """Requests run while it happens, while it lasts and after it has come back."""
    askers = [Asker(server, token, number) for number in range(6)]
    for asker in askers:
        asker.start()
    time.sleep(1)
    happens()
    time.sleep(1)
    began = time.monotonic()
    status, answer = server.get("/readyz")
    assert (status, answer["code"]) == (503, "database_unavailable")
    assert time.monotonic() - began < 5
    assert server.get("/healthz")[0] == 200
    time.sleep(6)
    comes_back()
    recovered = wait_ready(server)
    before = sum(len(asker.answers) for asker in askers)
    time.sleep(4)
    for asker in askers:
        asker.ends.set()
    for asker in askers:
        asker.join(60)
        assert not asker.is_alive()
    assert [asker.faults for asker in askers if asker.faults] == [], server.logged()[-5_000:]
    refusals = [refusal for asker in askers for refusal in asker.refusals]
    answers = {key: answer for asker in askers for key, answer in asker.answers.items()}
    print(f"{len(answers)} answered, {len(refusals)} turned away ({refusals[:3]}), "
          f"ready {recovered:.1f} s after it was back")
    assert refusals, "nobody noticed"
    assert all(seconds < 5 for _, seconds in refusals)
    assert len(answers) > before, "nothing was made after it came back"
    return answers


def names(server, token):
    """The names of all units."""
    found, cursor = [], ""
    while cursor is not None:
        page = ask(server, token, f"/v1/units?limit=200{cursor}")[2]
        found += [unit["name"] for unit in page["items"]]
        cursor = page["next"] and f"&cursor={page['next']}"
    return found


@pytest.mark.parametrize("kind", ["hangs", "goes away"])
def test_an_outage_leaves_nothing_half_done(cluster, make_folder, kind):
    place = make_folder()
    cluster.start()
    cluster.make_market(place)
    settings = cluster.settings()
    added = run(
        place, "organisation", "add", "--name", "Own Hospital", "--business-id", "9000008-9",
        "--street", "Own street 1", "--postal-code", "00100", "--city", "Own City", "--email",
        "office@own.example", "--admin-email", "admin@own.example", **settings)
    assert added.returncode == 0, said(added)
    token = next(word for word in added.stdout.split() if word.startswith("aik_"))
    # Less than the outage lasts: else every request would only wait.
    server = Server(place, AIKATORI_REQUEST_DEADLINE="3s", **settings).ready()
    if kind == "hangs":
        answers = outage(
            cluster, server, token, lambda: cluster.signal_all(signal.SIGSTOP),
            lambda: cluster.signal_all(signal.SIGCONT))
    else:
        answers = outage(
            cluster, server, token, lambda: cluster.stop(signal.SIGQUIT), cluster.start)
    there = names(server, token)
    assert len(there) == len(set(there)), "something was done twice"
    assert {body["name"] for body, _ in answers.values()} <= set(there), "an answer was lost"
    # Whatever was asked for last may have been made without being answered, and nothing else.
    assert len(there) - len(answers) <= 7
    for key, (body, first) in list(answers.items())[::7]:
        status, _, again = ask(server, token, "/v1/units", body, key)
        assert (status, again) == (201, first)
    assert server.end() == 0
    verified = run(place, "verify", **settings)
    assert verified.returncode == 0, said(verified)
    assert "Everything is as it must be." in verified.stdout
