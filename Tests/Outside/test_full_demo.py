"""The full demo: what lies behind it and ahead, that it adds up, and that it is always the same."""

import json
import re

import pytest
from running import PROGRAM, Server, run, said

pytestmark = pytest.mark.skipif(not PROGRAM.exists(), reason="nothing is built")

SELLERS = ["Example Hospital", "Example University Hospital", "Example Remote Physicians"]
BUYERS = ["Example Health Centre North", "Example Health Centre South", "Example Care Home",
          "Example Island Clinic"]
NOW = "2027-03-09T05:30:00Z"


class Demo:
    """A full demo of its own, and what its organisations are told."""

    def __init__(self, folder):
        self.folder = folder
        self.server = Server(
            folder, AIKATORI_DEMO="full", AIKATORI_TOKENS_FILE=str(folder / "tokens.json")
        ).ready(timeout=240)
        organisations = json.loads((folder / "tokens.json").read_text())["organisations"]
        self.tokens = {each["name"]: each["tokens"] for each in organisations}

    def all(self, organisation, role, path):
        """Every item of a list, page after page."""
        items, cursor = [], ""
        while True:
            mark = "&" if "?" in path else "?"
            status, page = self.server.get(
                f"{path}{mark}limit=200{cursor}", self.tokens[organisation][role])
            assert status == 200, page
            items += page["items"]
            if not page["next"]:
                return items
            cursor = f"&cursor={page['next']}"

    def past(self):
        """What cannot change any more, without the names that are new in every database."""
        told = []
        for seller in SELLERS:
            told += sorted(
                (booking["starts"], booking["service"], booking["state"], booking["quote"])
                for booking in self.all(seller, "scheduler", f"/v1/bookings?until={NOW}"))
            told += sorted(
                (invoice["number"], invoice["total"], invoice["state"])
                for invoice in self.all(seller, "finance", "/v1/invoices"))
        return told


@pytest.fixture(scope="module")
def demo(make_folder):
    demo = Demo(make_folder())
    yield demo
    assert demo.server.end() == 0, demo.server.said()


def test_it_tells_what_it_does(demo):
    lines = demo.server.lines
    months = [line.split()[-1] for line in lines if line.startswith("  living through")]
    assert months == ["2026-12", "2027-01", "2027-02", "2027-03"]
    assert any(re.match(r"the demo took \d+\.\d s$", line) for line in lines)
    assert any("2027-03-09T05:30:" in line for line in lines)


def test_eight_organisations_and_forty_specialists(demo):
    assert len(demo.tokens) == 8
    specialists = [each for seller in SELLERS
                   for each in demo.all(seller, "admin", "/v1/specialists")]
    assert len(specialists) == 40


def test_every_stage_of_a_sold_minute_is_there(demo):
    bookings = [each for seller in SELLERS
                for each in demo.all(seller, "scheduler", "/v1/bookings")]
    # what is held is held for who waits
    assert {each["state"] for each in bookings} == {"held", "booked", "cancelled", "closed"}
    waiting = [each["state"] for buyer in BUYERS
               for each in demo.all(buyer, "scheduler", "/v1/waiting-list")]
    assert sorted(waiting) == ["offered", "waiting", "waiting"]
    assert sum(each["starts"] > NOW for each in bookings) > 40
    assert sum(each["state"] == "closed" for each in bookings) > 90
    today = [each for each in bookings if each["starts"].startswith("2027-03-09")]
    assert {each["seller"] for each in today} == {each["seller"] for each in bookings}
    statements = [each for seller in SELLERS
                  for each in demo.all(seller, "finance", "/v1/statements")]
    assert {each["state"] for each in statements} == {"open", "accepted"}
    invoices = [each for seller in SELLERS
                for each in demo.all(seller, "finance", "/v1/invoices")]
    assert {each["state"] for each in invoices} >= {"issued", "partly_paid", "paid"}
    contracts = demo.all("Example Health Centre South", "admin", "/v1/contracts")
    assert {each["state"] for each in contracts} == {"active", "offered"}


def test_it_adds_up(demo):
    verified = run(demo.folder, "verify", timeout=120)
    assert verified.returncode == 0, said(verified)
    assert verified.stdout.endswith("Everything is as it must be.\n")


def test_it_is_the_same_every_time(demo, make_folder):
    other = Demo(make_folder())
    past = demo.past()
    assert len(past) > 120
    assert other.past() == past
    assert other.server.end() == 0
