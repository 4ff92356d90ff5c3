"""api/openapi.yaml as strangers read it: valid, complete, and true to its own examples."""

import copy
import hashlib
import json
import re

import pytest
from description import ROOT, Description, Node, codes_named, pointer
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

DESCRIPTION = Description.read()
OPERATIONS = [pytest.param(operation, id=operation.id) for operation in DESCRIPTION.operations]

# Objects whose members the document leaves open, and says so.
OPEN = {
    "#/components/schemas/APIDescription",
    "#/components/schemas/APIDescription/properties/info",
    "#/components/schemas/APIDescription/properties/paths",
    "#/components/schemas/ContractDocument",
    "#/components/schemas/ContractTemplate",
    "#/components/schemas/Problem/properties/figures",
    "#/components/schemas/VisitRefusal/properties/figures",
    "#/components/schemas/WordRefusal/properties/figures",
    "#/components/schemas/ReadyRefusal/properties/figures",
    "#/components/schemas/Event/properties/data",
    "#/components/schemas/AuditFact/properties/facts",
}
# Codes that belong to no operation, and one that only the clock hears.
OF_NO_OPERATION = {"path_unknown", "method_not_allowed", "hold_not_expired",
    # what only the pages of guests and rooms can be refused
    "guest_link_not_open", "guest_link_in_use", "room_page_taken"}


def nodes(value, place="#"):
    """Every object of the document with its pointer; the values of examples are not entered."""
    if isinstance(value, dict):
        yield Node(value, place)
        for key, inner in value.items():
            if key not in ("value", "example", "examples") or place.endswith("/components"):
                yield from nodes(inner, place + pointer(key)[1:])
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from nodes(inner, f"{place}/{index}")


ALL = list(nodes(DESCRIPTION.document))


def test_it_is_openapi_3_1():
    assert list(OpenAPIV31SpecValidator(DESCRIPTION.document).iter_errors()) == []


def test_every_component_is_used_and_every_reference_leads_somewhere():
    references = set(re.findall(r"#/components/[A-Za-z0-9/]+", json.dumps(DESCRIPTION.document)))
    for reference in references:
        assert DESCRIPTION.at(reference).value is not None
    components = {
        pointer("components", kind, name)
        for kind, named in DESCRIPTION.document["components"].items() for name in named
    }
    schemes = {
        pointer("components", "securitySchemes", name)
        for operation in DESCRIPTION.operations for name in DESCRIPTION.security(operation)
    }
    assert components == references | schemes


def test_every_operation_has_a_name_of_its_own_and_a_tag_that_is_explained():
    names = [operation.id for operation in DESCRIPTION.operations]
    assert len(names) == len(set(names)) > 60
    explained = [tag["name"] for tag in DESCRIPTION.document["tags"] if tag["description"]]
    used = [operation.definition["tags"] for operation in DESCRIPTION.operations]
    assert all(len(tags) == 1 for tags in used)
    # in the order in which the paths tell the story
    assert list(dict.fromkeys(tag for tags in used for tag in tags)) == explained


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_is_explained(operation):
    assert 3 < len(operation.definition["summary"]) < 70
    assert not operation.definition["summary"].endswith(".")
    assert operation.definition["description"].endswith(".")
    for parameter in DESCRIPTION.parameters(operation):
        assert parameter.value["description"].endswith(".")
    in_path = {parameter.value["name"] for parameter in DESCRIPTION.parameters(operation)
               if parameter.value["in"] == "path"}
    assert in_path == set(re.findall(r"{(\w+)}", operation.template))


@pytest.mark.parametrize("operation", OPERATIONS)
def test_success_is_described_whole(operation):
    responses = DESCRIPTION.responses(operation)
    [success] = [status for status in responses if status < 300]
    response = responses[success]
    headers = response.value["headers"]
    [media] = response.value["content"]
    assert media in (
        "application/json", "application/xml", "application/yaml", "application/jose+json",
        "application/jwk-set+json", "application/pdf", "application/x-ndjson", "text/csv",
        "text/calendar")
    assert response.value["content"][media]["examples"]
    assert {"X-Request-Id", "RateLimit", "RateLimit-Policy"} <= headers.keys()
    assert ("Location" in headers) <= (success == 201)
    asks = {parameter.value["name"] for parameter in DESCRIPTION.parameters(operation)}
    is_cached = operation.method == "get" and "ETag" in headers
    assert (304 in responses) == is_cached == ("If-None-Match" in asks)
    assert "X-Request-Id" in asks


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_problem_that_can_come_is_described(operation):
    asks = {parameter.value["name"] for parameter in DESCRIPTION.parameters(operation)}
    body = DESCRIPTION.request_body(operation)
    schemes = DESCRIPTION.security(operation)
    wanted = {400, 429, 500, 503}
    wanted |= {401, 403} if schemes else set()
    wanted |= {404} if "{" in operation.template else set()
    wanted |= {408} if operation.method != "get" else set()
    wanted |= {413, 415} if body else set()
    wanted |= {409, 422} if "Idempotency-Key" in asks else set()
    wanted |= {412, 422, 428} if "If-Match" in asks else set()
    responses = DESCRIPTION.responses(operation)
    problems = {status for status in responses if status >= 400}
    assert wanted <= problems
    assert problems - wanted <= {404, 409, 422}
    for status in problems:
        content = responses[status].value["content"]
        assert content.keys() == {"application/problem+json"}
        schema = content["application/problem+json"]["schema"]
        assert schema == {"$ref": "#/components/schemas/Problem"}
        assert codes_named(responses[status]), status
    generic = {409: "idempotency_key_in_progress", 422: "idempotency_key_reused"}
    for status, code in generic.items():
        if "Idempotency-Key" in asks:
            assert code in codes_named(responses[status])
    has_json = body is not None and "application/json" in body.value["content"]
    if has_json and operation.id != "checkContract":
        assert "invalid_input" in codes_named(responses[422])


def test_each_code_has_one_status_and_is_named_where_it_can_come():
    statuses = {}
    for operation in DESCRIPTION.operations:
        for status, response in DESCRIPTION.responses(operation).items():
            for code in codes_named(response) if status >= 400 else ():
                statuses.setdefault(code, set()).add(status)
    codes = DESCRIPTION.at("#/components/schemas/ProblemCode").value["enum"]
    assert len(codes) == len(set(codes))
    assert set(codes) - OF_NO_OPERATION == statuses.keys()
    assert [code for code, found in statuses.items() if len(found) > 1] == []


@pytest.mark.parametrize("operation", OPERATIONS)
def test_changes_can_be_repeated_and_edits_name_their_revision(operation):
    asks = {parameter.value["name"] for parameter in DESCRIPTION.parameters(operation)}
    changes = operation.method == "post" and operation.id not in (
        "checkContract", "priceVisit", "previewSeries", "findTimesTogether",
        "recordAttendance", "previewAvailabilityChange", "previewRoster", "previewCallLog",
        "enterRoom")
    assert ("Idempotency-Key" in asks) == changes
    edits = operation.method == "put" or operation.id == "moveBooking"
    assert ("If-Match" in asks) == edits


def test_the_roles_are_those_of_the_database():
    in_database = {}
    for path in sorted((ROOT / "Sources/Storage/Migrations").glob("*/up.sql")):
        for statement in re.findall(
            r"insert into operation_role \(operation, roles\) values(.*?);", path.read_text(), re.S
        ):
            rows = re.findall(r"\('(\w+)',\s*array\[([^\]]*)\]\)", statement)
            assert len(rows) == statement.count("array[")
            for operation, roles in rows:
                in_database[operation] = set(re.findall(r"'(\w+)'", roles))
    documented = {
        operation.id: set(operation.definition["x-roles"])
        for operation in DESCRIPTION.operations if "token" in DESCRIPTION.security(operation)
    }
    assert documented == in_database
    for operation in DESCRIPTION.operations:
        assert ("x-roles" in operation.definition) == (operation.id in in_database)


def is_closed(schema):
    return (
        schema.get("additionalProperties", True) is not True
        or schema.get("unevaluatedProperties") is False
    )


def test_every_object_refuses_members_that_are_not_described():
    """Closed by itself, or a common part of objects that are each closed as a whole."""
    is_part = {
        node.value["$ref"]: True for node in ALL if "$ref" in node.value
        and "schemas" in node.value["$ref"] and node.value.get("unevaluatedProperties") is False
    }
    for node in ALL:
        if "$ref" in node.value and node.value["$ref"] in is_part:
            assert node.value.get("unevaluatedProperties") is False, node.pointer
        if node.value.get("type") == "object" and node.pointer not in OPEN:
            assert is_closed(node.value) or node.pointer in is_part, node.pointer
            for name in node.value.get("required", []):
                assert name in node.value["properties"], f"{node.pointer}: {name}"


def test_every_member_of_an_answer_is_there():
    """Null where there is nothing to say: no member of an answer is left out."""
    seen, waiting = set(), []
    for operation in DESCRIPTION.operations:
        for status, response in DESCRIPTION.responses(operation).items():
            if status < 300:
                for media in response.value["content"]:
                    waiting.append(response.child("content", media, "schema"))
    while waiting:
        node = waiting.pop()
        if node.pointer in seen:
            continue
        seen.add(node.pointer)
        properties = node.value.get("properties", {})
        own = set(node.value.get("required", []))
        # these say what there is of several things, each of which may be left out
        optional = (
            "WeeklyPattern", "RoleValues", "Description", "OfferedService", "NeededService")
        if node.pointer.removeprefix("#/components/schemas/") not in optional:
            assert properties.keys() <= own, node.pointer
        if "$ref" in node.value:
            waiting.append(DESCRIPTION.at(node.value["$ref"]))
        waiting += [node.child("properties", name) for name in properties]
        waiting += [node.child("oneOf", index) for index in range(len(node.value.get("oneOf", [])))]
        if isinstance(node.value.get("items"), dict):
            waiting.append(node.child("items"))


def examples():
    """Each example with the pointer of its schema."""
    for node in ALL:
        schema = node.pointer + "/schema"
        if "schema" in node.value and "example" in node.value:
            yield node.pointer, schema, node.value["example"]
        if "schema" in node.value and "examples" in node.value:
            for name in node.value["examples"]:
                example = DESCRIPTION.follow(node.child("examples", name))
                assert example.value["summary"]
                yield f"{node.pointer}/examples/{name}", schema, example.value["value"]
        if node.pointer.startswith("#/components/schemas/") and isinstance(
            node.value.get("examples"), list
        ):
            for index, value in enumerate(node.value["examples"]):
                yield f"{node.pointer}/examples/{index}", node.pointer, value


EXAMPLES = [pytest.param(schema, value, id=place) for place, schema, value in examples()]


@pytest.mark.parametrize("schema, value", EXAMPLES)
def test_an_example_is_as_its_schema_says(schema, value):
    assert DESCRIPTION.mistakes(schema, value) == []


BODIES = [
    pytest.param(operation, id=operation.id) for operation in DESCRIPTION.operations
    if (body := DESCRIPTION.request_body(operation)) and "application/json" in body.value["content"]
]


def with_one_member_more(value):
    """The value with a member that nobody knows, in every object of it, one after another."""
    if isinstance(value, dict):
        yield {**value, "unknown_member": 1}
        for key in value:
            for inner in with_one_member_more(value[key]):
                yield {**copy.deepcopy(value), key: inner}
    elif isinstance(value, list):
        for index, element in enumerate(value):
            for inner in with_one_member_more(element):
                yield value[:index] + [inner] + value[index + 1:]


@pytest.mark.parametrize("operation", BODIES)
def test_a_body_with_an_unknown_member_is_refused(operation):
    body = DESCRIPTION.request_body(operation)
    assert body.value["required"] is True
    content = body.child("content", "application/json")
    examples = [DESCRIPTION.follow(content.child("examples", name)).value["value"]
                for name in content.value["examples"]]
    assert examples
    schema = content.child("schema").pointer
    if operation.id in ("checkContract", "draftContract", "amendContract"):
        schema_of_contracts = json.loads(
            (ROOT / "contracts/v1/contract.schema.json").read_text(encoding="utf-8"))
        is_valid = Draft202012Validator(schema_of_contracts).is_valid
    else:
        is_valid = DESCRIPTION.validator(schema).is_valid
    for example in examples:
        assert is_valid(example)
        for wrong in with_one_member_more(example):
            assert not is_valid(wrong), wrong


@pytest.mark.parametrize("schema, value", [
    ("Date", "2027-02-30"), ("Instant", "2027-02-30T08:00:00Z"), ("Email", "no address"),
    ("Period", "0000-01"), ("UnitID", "unit_81j0000000e008000000000011"), ("Money", "1.2"),
])
def test_formats_and_patterns_are_checked(schema, value):
    assert DESCRIPTION.mistakes(f"#/components/schemas/{schema}", value) != []


def test_the_example_of_a_contract_is_that_of_the_contracts():
    path = ROOT / "contracts/v1/examples/valid/psychiatrist-remote-visit.json"
    example = DESCRIPTION.at("#/components/examples/Contract").value["value"]
    assert example == json.loads(path.read_text(encoding="utf-8"))


def digests(value):
    """Every value of a member `digest`, however deep."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from [inner] if key == "digest" and inner else digests(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from digests(inner)


def test_the_digests_of_contracts_are_those_of_the_example():
    contract = DESCRIPTION.at("#/components/examples/Contract").value["value"]
    # RFC 8785 for members that are all ASCII, and without fractions
    canonical = json.dumps(contract, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    examples = DESCRIPTION.document["components"]["examples"]
    found = {
        name: set(digests(example["value"])) for name, example in examples.items()
        if not name.startswith(
                ("AuditCheckpoint", "Charge", "Absence", "Availability", "Roster"))}
    shown = {name: values for name, values in found.items() if values}
    assert {"ContractSigning", "ContractVersion", "DraftedContract", "OwnSignature"} <= set(shown)
    assert all(values == {digest} for values in shown.values()), (digest, shown)
    words = (ROOT / "docs/contracts.md").read_text(encoding="utf-8")
    assert f"SHA-256 {digest[:16]}…" in words
