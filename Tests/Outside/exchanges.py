"""Exchanges over HTTP, held to api/openapi.yaml.

The tests in Swift write each request with its answer as one JSON object a line, in files
`*.jsonl`: `method`, `target` (path with query), `request_headers` and `response_headers` (names in
lower case), `request_body` and `response_body` (text or null), `status`.
"""

import json
import os
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import yaml
from description import ROOT, codes_named

MEMBERS = {
    "method", "target", "request_headers", "request_body", "status", "response_headers",
    "response_body",
}


def folder():
    return Path(os.environ.get("AIKATORI_EXCHANGES") or ROOT / ".build/outside/exchanges")


def read(folder):
    """Every exchange with the place where it is written."""
    for path in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
            if line:
                yield f"{path.name}:{number}", json.loads(line)


def operation_of(description, exchange):
    """The operation that is asked for, and the methods that its path has."""
    path = urlsplit(exchange["target"]).path
    here = [operation for operation in description.operations
            if operation.values(path) is not None]
    # a path of words goes before one with a parameter in the same place
    literal = [operation for operation in here if "{" not in operation.template]
    here = literal or here
    asked = "get" if exchange["method"] == "HEAD" else exchange["method"].lower()
    found = next((operation for operation in here if operation.method == asked), None)
    methods = {operation.method.upper() for operation in here}
    return found, methods | ({"HEAD"} if "GET" in methods else set())


def findings(description, exchange):
    """Whatever about an exchange is not as the document says."""
    if exchange.keys() != MEMBERS:
        return [f"an exchange has the members {sorted(MEMBERS)}"]
    operation, methods = operation_of(description, exchange)
    if operation is None:
        return outside(description, exchange, methods)
    found = answer(description, exchange, operation)
    if exchange["status"] < 400:
        found += request(description, exchange, operation)
    return found


def outside(description, exchange, methods):
    """A path or a method that the document does not have."""
    status, code = exchange["status"], members_of(exchange["response_body"]).get("code")
    if status == 429:
        return problem(description, exchange, {"too_many_requests"})
    if not methods:
        if (status, code) != (404, "path_unknown"):
            return [f"a path that is not in the document was answered with {status} {code}"]
        return problem(description, exchange, {"path_unknown"})
    allowed = exchange["response_headers"].get("allow", "")
    if status != 405 or set(allowed.split(", ")) != methods:
        return [f"a method that its path does not have was answered with {status}, "
                f"Allow: {allowed!r} for {sorted(methods)}"]
    return problem(description, exchange, {"method_not_allowed"})


def answer(description, exchange, operation):
    status, headers = exchange["status"], exchange["response_headers"]
    response = description.responses(operation).get(status)
    if response is None:
        return [f"the status {status} is not documented"]
    found = []
    for name, definition in response.value.get("headers", {}).items():
        header = description.follow(response.child("headers", name))
        text = headers.get(name.lower())
        if text is None:
            if header.value.get("required"):
                found.append(f"the header {name} is missing")
            continue
        schema = description.follow(header.child("schema")).value
        found += [f"the header {name} {mistake}" for mistake in description.mistakes(
            header.pointer + "/schema", typed(text, schema))]
    return found + body_of_answer(description, exchange, response)


def body_of_answer(description, exchange, response):
    body, media = exchange["response_body"], media_type(exchange["response_headers"])
    content = response.value.get("content")
    if content is None:
        return ["there is a body, and none is documented"] if body else []
    if media not in content:
        return [f"the media type {media!r} is not documented"]
    if exchange["method"] == "HEAD":
        return ["an answer to HEAD has a body"] if body else []
    if media == "application/problem+json":
        return problem(description, exchange, codes_named(response))
    value = read_as(media, body)
    reference = response.child("content", media, "schema").pointer
    return [f"the body {mistake}" for mistake in description.mistakes(reference, value)]


def problem(description, exchange, codes):
    """A problem is of its form, is about its request, and has one of these codes."""
    if media_type(exchange["response_headers"]) != "application/problem+json":
        return ["a problem is not of the media type application/problem+json"]
    if exchange["method"] == "HEAD":
        return []
    value = members_of(exchange["response_body"])
    found = [f"the problem {mistake}" for mistake in description.mistakes(
        "#/components/schemas/Problem", value)]
    if value.get("code") not in codes:
        found.append(f"the code {value.get('code')} is not named at the status "
                     f"{exchange['status']}")
    if value.get("status") != exchange["status"]:
        found.append("the problem names another status than the answer has")
    if value.get("type") != f"/problems/{value.get('code')}":
        found.append("the problem's type is not that of its code")
    request_id = exchange["response_headers"].get("x-request-id")
    if value.get("instance") != f"urn:aikatori:request:{request_id}":
        found.append("the problem's instance is not its request")
    return found


def request(description, exchange, operation):
    """What was answered with success must have been a request as the document wants it."""
    url = urlsplit(exchange["target"])
    query = dict(parse_qsl(url.query, keep_blank_values=True))
    given = {"path": operation.values(url.path), "query": query,
             "header": exchange["request_headers"]}
    found, known = [], set()
    for parameter in description.parameters(operation):
        name, place = parameter.value["name"], parameter.value["in"]
        if place == "query":
            known.add(name)
        text = given[place].get(name.lower() if place == "header" else name)
        if text is None:
            if parameter.value.get("required"):
                found.append(f"it succeeded without the {place} parameter {name}")
            continue
        schema = description.follow(parameter.child("schema")).value
        found += [f"the {place} parameter {name} {mistake}" for mistake in description.mistakes(
            parameter.pointer + "/schema", typed(text, schema))]
    found += [f"it succeeded with the query parameter {name}" for name in query.keys() - known]
    if description.security(operation) and not given["header"].get(
        "authorization", ""
    ).lower().startswith("bearer "):
        found.append("it succeeded without a bearer token")
    return found + body_of_request(description, exchange, operation)


def body_of_request(description, exchange, operation):
    definition, body = description.request_body(operation), exchange["request_body"]
    if definition is None:
        return ["it succeeded with a body"] if body and operation.method != "get" else []
    media = media_type(exchange["request_headers"])
    if media not in definition.value["content"]:
        return [f"it succeeded with a body of the media type {media!r}"]
    value = read_as(media, body)
    reference = definition.child("content", media, "schema").pointer
    return [f"the body that succeeded {mistake}"
            for mistake in description.mistakes(reference, value)]


def media_type(headers):
    return headers.get("content-type", "").split(";")[0].strip().lower()


def typed(text, schema):
    """The text of a parameter or header as the type that its schema has."""
    if schema.get("type") == "integer" and text.removeprefix("-").isdecimal():
        return int(text)
    return text


def read_as(media, text):
    """The value of a body; text where it is of another kind of document."""
    if media == "application/json" or media.endswith("+json"):
        return json_of(text)
    return yaml.safe_load(text or "") if media == "application/yaml" else text or ""


def json_of(text):
    """None for what is no JSON: no schema of an answer takes null."""
    try:
        return json.loads(text or "")
    except ValueError:
        return None


def members_of(text):
    value = json_of(text)
    return value if isinstance(value, dict) else {}
