"""Every exchange over HTTP of the tests in Swift, held to api/openapi.yaml.

AIKATORI_EXCHANGES    folder of the exchanges, by default .build/outside/exchanges
"""

import copy
import json
from collections import Counter

import pytest
from description import Description
from exchanges import findings, folder, operation_of, read

SHOWN = 40


@pytest.fixture(scope="module")
def description():
    return Description.read()


@pytest.fixture(scope="module")
def exchanges():
    return list(read(folder()))


def test_there_are_exchanges(exchanges, capsys):
    assert exchanges, f"no exchange in {folder()}"
    statuses = Counter(exchange["status"] for _, exchange in exchanges)
    with capsys.disabled():
        print(f"\n{len(exchanges)} exchanges: ", end="")
        print(", ".join(f"{count} of {status}" for status, count in sorted(statuses.items())))


def test_every_exchange_is_as_the_document_says(description, exchanges):
    lines = []
    for place, exchange in exchanges:
        for finding in findings(description, exchange):
            lines.append(f"{place}: {exchange.get('method')} {exchange.get('target')} "
                         f"{exchange.get('status')}: {finding}")
    shown = "\n".join(lines[:SHOWN])
    assert not lines, f"{len(lines)} findings in {len(exchanges)} exchanges\n{shown}"


def test_every_operation_was_answered_with_success(description, exchanges):
    missing = {operation.id for operation in description.operations}
    for _, exchange in exchanges:
        operation, _ = operation_of(description, exchange)
        if operation and 200 <= exchange["status"] < 300:
            missing.discard(operation.id)
    assert not missing, f"never answered with 2xx: {', '.join(sorted(missing))}"


REQUEST_ID = "5d3c8f0a6b1e4f7d9a2c3b4e5f607182"
UNIT = {
    "id": "unit_01j0000000e008000000000011", "name": "Outpatient psychiatry",
    "time_zone": "Europe/Helsinki", "telephone": None, "revision": 1,
}
LIMITS = {
    "ratelimit-policy": '"address";q=12000;w=60, "token";q=6000;w=60',
    "ratelimit": '"address";r=11999;t=1, "token";r=0;t=60',
}
CREATED = {
    "method": "POST",
    "target": "/v1/units",
    "request_headers": {
        "authorization": "Bearer a-token", "content-type": "application/json",
        "idempotency-key": "key-1",
    },
    "request_body": '{"name": "Outpatient psychiatry", "time_zone": "Europe/Helsinki"}',
    "status": 201,
    "response_headers": {
        "content-type": "application/json", "etag": '"1"', "x-request-id": REQUEST_ID,
        "location": f"/v1/units/{UNIT['id']}", **LIMITS,
    },
    "response_body": json.dumps(UNIT),
}


def asked(method, target, status, body, **headers):
    return {
        "method": method, "target": target, "request_headers": CREATED["request_headers"],
        "request_body": None, "status": status,
        "response_headers": {
            "content-type": "application/json" if status < 400 else "application/problem+json",
            "x-request-id": REQUEST_ID, **LIMITS, **headers,
        },
        "response_body": None if body is None else json.dumps(body),
    }


def refused(method, target, status, code, **headers):
    body = {
        "type": f"/problems/{code}", "title": "A title", "status": status,
        "instance": f"urn:aikatori:request:{REQUEST_ID}", "code": code,
    }
    return asked(method, target, status, body, **headers)


LISTED = asked("GET", "/v1/units?limit=1", 200, {"items": [UNIT], "next": None})
NOT_FOUND = refused("GET", f"/v1/units/{UNIT['id']}", 404, "not_found")
UNCHANGED = {**asked("GET", f"/v1/units/{UNIT['id']}", 304, None, etag='"1"')}
UNCHANGED["response_headers"].pop("content-type")
GOOD = {
    "created": CREATED,
    "listed": LISTED,
    "not found": NOT_FOUND,
    "unchanged": UNCHANGED,
    "the head alone": asked("HEAD", "/v1/units", 200, None),
    "an unknown path": refused("GET", "/v1/nothing", 404, "path_unknown"),
    "a wrong method": refused("DELETE", "/v1/units", 405, "method_not_allowed",
                              allow="GET, HEAD, POST"),
}


@pytest.mark.parametrize("exchange", [pytest.param(GOOD[name], id=name) for name in GOOD])
def test_the_checker_finds_nothing_in_a_good_exchange(description, exchange):
    assert findings(description, exchange) == []


def changed(exchange, *keys, to):
    copied = copy.deepcopy(exchange)
    inner = copied
    for key in keys[:-1]:
        inner = inner[key]
    if to is None:
        del inner[keys[-1]]
    else:
        inner[keys[-1]] = to
    return copied


def answered(exchange, **members):
    """The same with other members in the answer's body; None leaves one out."""
    body = {**json.loads(exchange["response_body"]), **members}
    kept = {name: value for name, value in body.items() if value is not None}
    return {**exchange, "response_body": json.dumps(kept)}


BAD = [
    ({"method": "GET"}, "an exchange has the members"),
    (changed(CREATED, "status", to=202), "the status 202 is not documented"),
    (changed(CREATED, "response_headers", "location", to=None), "the header Location is missing"),
    (changed(CREATED, "response_headers", "etag", to="1"), "the header ETag at $"),
    (changed(CREATED, "response_headers", "x-request-id", to=None), "X-Request-Id is missing"),
    (changed(CREATED, "response_headers", "content-type", to="text/plain"),
     "the media type 'text/plain' is not documented"),
    (changed(CREATED, "response_body", to="{"), "the body at $"),
    (answered(CREATED, revision=None), "'revision' is a required property"),
    (answered(CREATED, revision="1"), "the body at $.revision"),
    (answered(CREATED, extra=1), "('extra' was unexpected)"),
    (answered(CREATED, id="unit_1"), "the body at $.id"),
    (answered(LISTED, items=[{**UNIT, "more": 1}]), "the body at $.items[0]"),
    (changed(CREATED, "request_headers", "authorization", to=None), "without a bearer token"),
    (changed(CREATED, "request_headers", "idempotency-key", to=None),
     "without the header parameter Idempotency-Key"),
    (changed(CREATED, "request_headers", "idempotency-key", to="two words"),
     "the header parameter Idempotency-Key at $"),
    (changed(CREATED, "request_headers", "content-type", to="text/plain"),
     "a body of the media type 'text/plain'"),
    (changed(CREATED, "request_body", to='{"name": "A", "time_zone": "Europe/Helsinki", "x": 1}'),
     "the body that succeeded at $"),
    (changed(LISTED, "target", to="/v1/units?limit=201"), "the query parameter limit at $"),
    (changed(LISTED, "target", to="/v1/units?state=open"), "with the query parameter state"),
    (changed(NOT_FOUND, "target", to="/v1/units"), "the status 404 is not documented"),
    (answered(NOT_FOUND, code="invented"), "the problem at $.code"),
    (answered(NOT_FOUND, code="taken", type="/problems/taken"), "taken is not named at"),
    (answered(NOT_FOUND, status=400), "another status"),
    (answered(NOT_FOUND, type="/problems/other"), "not that of its code"),
    (answered(NOT_FOUND, instance="urn:aikatori:request:another-one"), "is not its request"),
    (answered(NOT_FOUND, secret="x"), "('secret' was unexpected)"),
    (changed(NOT_FOUND, "response_headers", "content-type", to="application/json"),
     "the media type 'application/json' is not documented"),
    (changed(UNCHANGED, "response_body", to="{}"), "there is a body"),
    (changed(GOOD["the head alone"], "response_body", to="{}"), "to HEAD has a body"),
    (changed(LISTED, "target", to="/v1/nothing"), "was answered with 200 None"),
    (changed(GOOD["a wrong method"], "response_headers", "allow", to="GET, POST"), "Allow:"),
    (changed(CREATED, "method", to="PUT"), "a method that its path does not have"),
]


@pytest.mark.parametrize("exchange, finding", BAD)
def test_the_checker_finds_what_it_looks_for(description, exchange, finding):
    assert finding in "\n".join(findings(description, exchange))


def test_exchanges_are_read_line_by_line(tmp_path):
    lines = [json.dumps(LISTED), "", json.dumps(NOT_FOUND)]
    (tmp_path / "a.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "b.txt").write_text("no exchange", encoding="utf-8")
    assert list(read(tmp_path)) == [("a.jsonl:1", LISTED), ("a.jsonl:3", NOT_FOUND)]
