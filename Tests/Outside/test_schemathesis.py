"""schemathesis (PyPI) against the built server: whatever the document allows, and what it forbids.

How it asks is in api/schemathesis.toml. Each run has a server of its own, on the demo
organisations, since it leaves little as it was.
"""

import json
import os
import subprocess
import sys
import tempfile
import urllib.request
import uuid
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from description import ROOT
from running import Server, remove

ROLES = ["scheduler", "specialist", "finance", "admin", "signatory", "auditor"]


class Asker:
    """Someone with a token."""

    def __init__(self, address, token):
        self.address, self.token = address, token

    def ask(self, path, body=None):
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json",
                   "Idempotency-Key": str(uuid.uuid4())}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.address + path, data=data, headers=headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)


def free_time(buyer, now):
    """The first time that the buyer can book from tomorrow on."""
    wish = f"from={now + timedelta(days=1):%FT%TZ}&until={now + timedelta(days=15):%FT%TZ}"
    for minutes in (45, 30, 60, 20, 15):
        found = buyer.ask(f"/v1/times?{wish}&minutes={minutes}&limit=1")["items"]
        if found:
            return found[0]
    raise AssertionError("the demo has no free time")


def join_token(seller, buyer, now):
    """The way into a visit that both have agreed on, for the seller's side."""
    time = free_time(buyer, now)
    wanted = {name: time[name] for name in
              ("contract", "service", "specialist", "starts", "minutes")}
    booking = buyer.ask("/v1/bookings", wanted)["id"]
    handshake = f"/v1/bookings/{booking}/handshake"
    if buyer.ask(handshake)["state"] == "none":
        offer = {"starts": time["starts"], "room": {"provider": "built_in"},
                 "deadline": time["starts"]}
        seller.ask(f"{handshake}/messages", {"kind": "propose", "sequence": 1, "offer": offer})
        buyer.ask(f"{handshake}/messages", {"kind": "accept", "sequence": 2})
    details = {"participant": "specialist-1", "label": "Specialist 1"}
    return seller.ask(f"/v1/bookings/{booking}/join-tokens", details)["token"]


@pytest.fixture
def folder():
    folder = Path(tempfile.mkdtemp(prefix="aikatori-schemathesis-"))
    yield folder
    remove(folder)


@pytest.fixture
def server(folder):
    # It tries wrong tokens without end, and is not to be stopped.
    server = Server(folder, AIKATORI_TOKENS_FILE=str(folder / "tokens.json"),
                    AIKATORI_REQUESTS_PER_TOKEN="1000000",
                    AIKATORI_REQUESTS_PER_ADDRESS="1000000")
    try:
        yield server.ready()
    finally:
        status = server.end()
    assert status == 0, server.said()


@pytest.fixture
def organisations(folder, server):
    """The demo's: the first sells to the second."""
    return json.loads((folder / "tokens.json").read_text(encoding="utf-8"))["organisations"]


@pytest.mark.parametrize("place", [0, 1], ids=["seller", "buyer"])
def test_schemathesis_finds_nothing(server, organisations, place, tmp_path):
    def asker(place, role):
        return Asker(server.address, organisations[place]["tokens"][role])

    clock = asker(place, "auditor").ask("/v1/ledger/trial-balance")["as_of"]
    way_in = join_token(
        asker(0, "scheduler"), asker(1, "scheduler"), datetime.fromisoformat(clock))
    issued = asker(place, "admin").ask(
        "/v1/credentials", {"label": "Schemathesis", "roles": ROLES})
    result = subprocess.run(
        [Path(sys.executable).parent / "schemathesis", "--no-color",
         "--config-file", ROOT / "api/schemathesis.toml", "run", ROOT / "api/openapi.yaml",
         "--url", server.address, "--checks", "all",
         "--phases", "examples,coverage,fuzzing,stateful"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT / "Tests/Outside"),
             "AIKATORI_TOKEN": issued["token"], "AIKATORI_CREDENTIAL": issued["id"],
             "AIKATORI_JOIN_TOKEN": way_in})
    print(result.stdout[-4000:])
    assert result.returncode == 0, result.stdout + result.stderr + server.logged()[-20_000:]
    # it was let in to the end
    assert Asker(server.address, issued["token"]).ask("/v1/organisation")["id"]
