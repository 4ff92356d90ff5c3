"""What the published contracts show: every member of the format, and every term of a template."""

import json
from pathlib import Path

import pytest

V1 = Path(__file__).resolve().parents[2] / "contracts" / "v1"
TEMPLATES = sorted((V1 / "templates").glob("*.json"))

# The line that shows a term of a service at work.
LINES = {
    "start_fee": "start_fee", "cap": "cap_reduction", "supplements": "supplement",
    "discounts": "discount", "overrun": "overrun", "preparation": "preparation",
    "record_writing": "record_writing", "capacity": "group_share",
}

# In a group's own examples these are within the share.
SHARED = set(LINES) - {"capacity"}


def load(path):
    return json.loads(path.read_text(encoding="utf-8"))


def members_of(value):
    """The name of every member, at any depth."""
    if isinstance(value, dict):
        yield from value
        for inner in value.values():
            yield from members_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from members_of(inner)


def described(schema):
    """The name of every member that the schema knows."""
    if isinstance(schema, dict):
        properties = schema.get("properties", {})
        yield from (name for name in properties if properties[name] is not False)
        for inner in schema.values():
            yield from described(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from described(inner)


def costs(bands):
    return any(float(band["fee_percent"]) > 0 for band in bands)


def expected_lines(contract):
    """The kinds of lines that this contract's terms can make."""
    for service in contract["services"]:
        group = service["kind"] == "group_session"
        for term, line in LINES.items():
            if term in service and not (group and term in SHARED):
                yield line
    if "commitment" in contract:
        yield "shortfall"
    for side, line in [("buyer", "late_cancellation"), ("seller", "seller_cancellation")]:
        if costs(contract["cancellation"][side]):
            yield line
    no_show = contract.get("no_show", {})
    for side, line in [("buyer", "no_show"), ("seller", "seller_no_show")]:
        if float(no_show.get(f"{side}_fee_percent", "0")) > 0:
            yield line
    if float(contract.get("late_start", {}).get("reduction_percent", "0")) > 0:
        yield "late_start_reduction"


def test_every_member_of_the_format_is_in_a_valid_contract():
    known = set(described(load(V1 / "contract.schema.json")))
    used = {
        name for path in (V1 / "examples" / "valid").glob("*.json")
        for name in members_of(load(path))}
    assert len(known) > 100
    assert known - used == {"template"}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_the_examples_of_a_template_show_its_own_terms(path):
    contract = load(path)
    examples = contract["worked_examples"]
    shown = {line["kind"] for example in examples for line in example["lines"]}
    assert set(expected_lines(contract)) - shown == set()
    codes = {line.get("code") for example in examples for line in example["lines"]}
    for service in contract["services"]:
        parts = service.get("supplements", []) + service.get("discounts", [])
        assert {part["code"] for part in parts} - codes == set()
    if "technical_failure" in contract:
        assert any("failed_after_seconds" in example.get("visit", {}) for example in examples)
    if contract.get("late_start", {}).get("waiting_is_billed"):
        waits = [example["visit"].get("waited", {}) for example in examples if "visit" in example]
        assert any(wait.get("by") == "seller" for wait in waits)
    if "sudden_absence" in contract:
        causes = [example.get("visit", {}).get("cancelled", {}) for example in examples]
        assert any(cancelled.get("cause") == "sudden_absence" for cancelled in causes)
