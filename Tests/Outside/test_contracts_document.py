"""The figures of docs/contracts.md are true: its tables, its sums, and its example."""

import json
import re
from decimal import ROUND_HALF_UP, Decimal

import pytest
from rating_oracle import answer, holidays
from running import ROOT

TEXT = (ROOT / "docs" / "contracts.md").read_text(encoding="utf-8")
EXAMPLE = ROOT / "contracts" / "v1" / "examples" / "valid" / "psychiatrist-remote-visit.json"
LENGTH = re.compile(r"(?:(\d+) min)? ?(?:(\d+) s)?")
TUESDAY = "2027-03-09"


def contract(**terms):
    """The psychiatrist's contract without its minimum, and with other terms of the service."""
    found = json.loads(EXAMPLE.read_text(encoding="utf-8"))
    found["services"][0] |= {"minimum_seconds": 0, **terms}
    return found


def rate(terms, **facts):
    visit = {"starts": f"{TUESDAY}T09:00", "planned_minutes": 30, **facts}
    return answer(terms, {"service": "psychiatrist-visit", "visit": visit})


def table(heading):
    """The rows of the table whose first column has this heading."""
    lines = TEXT.splitlines()
    start = next(place for place, line in enumerate(lines) if line.startswith(f"| {heading} |"))
    rows = []
    for line in lines[start + 2:]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    assert rows
    return rows


@pytest.mark.parametrize("row", table("`first_seconds` / `next_seconds`"))
def test_steps(row):
    first, following = (int(part) for part in row[0].split("/"))
    minutes, seconds = LENGTH.fullmatch(row[1]).groups(default="0")
    terms = contract(
        price_per_minute="2.4533",
        increment={"first_seconds": first, "next_seconds": following})
    rated = rate(terms, billable_seconds=int(minutes) * 60 + int(seconds))
    assert rated["total"] == row[3]
    assert f"{rated['lines'][0]['minutes']} min" == row[2]


@pytest.mark.parametrize("row", table("`kind` | lines"))
def test_tiers(row):
    steps = [
        {"from_minutes": 600, "price_per_minute": "3.00"},
        {"from_minutes": 1200, "price_per_minute": "2.50"}]
    terms = contract(tiers={"kind": row[0].strip("`"), "steps": steps})
    rated = rate(terms, billable_seconds=1800, seconds_before=590 * 60)
    assert rated["total"] == row[2]
    parts = re.findall(r"(\d+) min × (\d\.\d\d)", row[1])
    assert [line["minutes"] for line in rated["lines"]] == [minutes for minutes, _ in parts]
    assert sum(int(minutes) * Decimal(price) for minutes, price in parts) == Decimal(row[2])


@pytest.mark.parametrize("row", table("cancelled"))
def test_cancellation(row):
    day, clock = row[0].split()
    date = {"Monday": "2027-03-08", "Tuesday": TUESDAY}[day]
    at = f"{date}T{clock.zfill(8) if clock.count(':') == 2 else clock.zfill(5)}"
    rated = rate(contract(), planned_minutes=45, cancelled={"by": row[1], "at": at})
    assert rated["total"] == row[2].replace("nothing", "0.00")


def test_the_worked_example():
    example = json.loads(re.search(r"```json\n(.*?)```", TEXT, re.DOTALL).group(1))
    rated = answer(contract(), example)
    assert rated == {"lines": example["lines"], "total": example["total"]}


def test_supplement_from_ten_to_six():
    supplement = {
        "code": "evening", "name": {"fi": "Ilta", "sv": "Kväll", "en": "Evening"},
        "days": ["tuesday"], "from": "18:00", "until": "24:00", "percent": "50"}
    rated = rate(
        contract(supplements=[supplement]), starts=f"{TUESDAY}T17:50", billable_seconds=1800)
    said = re.findall(r"^(\d+) min × [\d.]+ = +([\d.]+)$", TEXT, re.MULTILINE)
    assert said == [(line["minutes"], line["amount"]) for line in rated["lines"]]
    assert len(said) == 2


def test_every_product_comes_out():
    """Whatever the document multiplies, rounded to the decimals that it shows."""
    unit = r"(?: min| minutes| euros)?"
    products = re.findall(
        rf"([\d.]+){unit} × ([\d.]+){unit} (?:=|are) +(\d+\.\d+)", TEXT)
    assert len(products) >= 7
    for first, second, result in products:
        exact = Decimal(first) * Decimal(second)
        shown = Decimal(result)
        assert exact.quantize(shown, rounding=ROUND_HALF_UP) == shown, (first, second, result)


def test_the_group_shares():
    first, second, third = re.search(
        r"100\.00 by three places: ([\d.]+), ([\d.]+), ([\d.]+)\.", TEXT).groups()
    terms = contract(kind="group_session", capacity=3, price_per_minute="1")
    for before, said in enumerate([first, second, third]):
        share = {"places": 1, "places_before": before, "places_in_all": 3}
        rated = rate(terms, planned_minutes=90, billable_seconds=6000, share=share)
        assert rated["total"] == said


def test_thirteen_holidays_are_named():
    named = re.search(r"The public holidays are (.*?)\. The eves", TEXT).group(1)
    assert len(re.split(r", and |, | and (?=Monday|the day)", named)) == len(holidays(2027)) == 13
