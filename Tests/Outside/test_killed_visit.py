"""The server is killed in the middle of a visit: what was told before stands, the same tokens go on
afterwards, and the minutes are those of the whole visit."""

import urllib.error
from datetime import timedelta

import pytest
from pages import BUYER, SELLER
from running import PROGRAM, Server
from visits import Trade, observation

pytestmark = pytest.mark.skipif(not PROGRAM.exists(), reason="nothing is built")

MINUTES = 8
KILLED_AFTER = 4


def test_the_minutes_stand(make_folder):
    folder = make_folder()
    settings = {"AIKATORI_TOKENS_FILE": str(folder / "tokens.json")}
    server = Server(folder, **settings).ready()
    try:
        trade = Trade(server, folder, SELLER, BUYER)
        booking, starts = trade.agreed()
        tokens = [
            trade.post(side["scheduler"], f"/v1/bookings/{booking}/join-tokens",
                       {"participant": "person", "label": "Person"})["token"]
            for side in (trade.seller, trade.buyer)]
        told = []
        for minute in range(MINUTES + 1):
            trade.clock(starts + timedelta(minutes=minute))
            kind = "join" if minute == 0 else "leave" if minute == MINUTES else "heartbeat"
            for token in tokens:
                told.append((token, {"observation": observation(), "kind": kind}))
                trade.post(token, "/v1/attendance", told[-1][1])
            if minute == KILLED_AFTER:
                server.process.kill()
                server.process.wait()
                with pytest.raises((urllib.error.URLError, ConnectionError)):
                    trade.post(tokens[0], "/v1/attendance", told[-2][1])
                port = server.address.rsplit(":", 1)[1]
                server = Server(folder, AIKATORI_PORT=port, **settings).ready()
                trade.server = server
                # whoever had no answer says the same again, which changes nothing
                for token, body in told[-2:]:
                    trade.post(token, "/v1/attendance", body)
        visit = trade.get(trade.seller["scheduler"], f"/v1/bookings/{booking}/visit")
        seconds = visit["billable"]["seconds"]
        assert len(visit["billable"]["intervals"]) == 1, visit["billable"]
        # the clock of the demo is set by a command, and goes on by itself in between
        assert abs(seconds - 60 * MINUTES) <= 5, visit["billable"]
        word = {"verdict": "attested", "billable_seconds": seconds}
        for side in (trade.seller, trade.buyer):
            trade.post(side["scheduler"], f"/v1/bookings/{booking}/attestations", word)
        charged = trade.get(trade.buyer["finance"], "/v1/charges?limit=200")["items"]
        own = [each["billable_seconds"] for each in charged if each["booking"] == booking]
        assert own == [seconds]
    finally:
        assert server.end() == 0, server.said()
