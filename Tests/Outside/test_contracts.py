"""The contract format as strangers read it: the schema, the examples, and what visits cost."""

import json
from functools import reduce
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from rating_oracle import answer

V1 = Path(__file__).resolve().parents[2] / "contracts" / "v1"

# Where each broken example is broken: the rule, and the JSON Pointer of what breaks it.
POINTERS = V1 / "examples" / "pointers.json"

# Not JSON, or not to be seen in what a JSON reader makes of it.
UNREADABLE = {"malformed_json", "duplicate_key"}

# What a schema cannot say: check digits, the calendar, order, and values that must fit each other.
BEYOND_THE_SCHEMA = {
    "bands_order", "block_of_sessions", "block_service", "business_id", "code_twice", "date",
    "discount_days",
    "example_block", "example_differs", "example_length", "example_period", "example_service",
    "example_share",
    "hours_order", "iban", "internal_settlement", "notice_beyond_horizon",
    "party_identifiers_differ", "payment_days_public", "planned_minutes", "same_organisation",
    "service_twice", "tiers_order", "time_zone", "validity_order",
}


def load(path):
    return json.loads(path.read_text(encoding="utf-8"))


def files(folder):
    found = sorted((V1 / folder).glob("*.json"))
    assert found
    return [pytest.param(path, id=path.stem) for path in found]


@pytest.fixture(scope="module")
def validator():
    schema = load(V1 / "contract.schema.json")
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def objects_of(schema):
    """Every subschema that describes an object by its properties."""
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            yield schema
        for value in schema.values():
            yield from objects_of(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from objects_of(value)


def test_every_object_is_closed_and_every_property_described():
    schema = load(V1 / "contract.schema.json")
    definitions = schema["$defs"]
    objects = list(objects_of(schema))
    assert len(objects) > 15
    for node in objects:
        assert node["additionalProperties"] is False
        for name, value in node["properties"].items():
            target = value.get("$ref", "").removeprefix("#/$defs/")
            assert "description" in value or "description" in definitions.get(target, {}), name


@pytest.mark.parametrize("path", files("examples/valid") + files("templates"))
def test_valid(path, validator):
    assert list(validator.iter_errors(load(path))) == []


@pytest.mark.parametrize("path", files("examples/invalid"))
def test_invalid(path, validator):
    rule = path.stem
    if rule == "malformed_json":
        with pytest.raises(json.JSONDecodeError):
            load(path)
    elif rule == "duplicate_key":
        with pytest.raises(ValueError):
            json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=without_duplicates)
    elif rule in BEYOND_THE_SCHEMA:
        assert not list(validator.iter_errors(load(path)))
    elif rule == "template_unfilled":
        # To the schema it is the parties that are too much, to whoever reads it the word template.
        assert list(validator.iter_errors(load(path)))
    else:
        contract = load(path)
        errors = list(validator.iter_errors(contract))
        pointed = {place for error in errors for place in places(contract, error)}
        assert load(POINTERS)[rule] in pointed


def places(contract, error):
    """JSON Pointers of what an error of the schema is about."""
    path = list(error.absolute_path)
    names = []
    if error.validator == "required":
        names = [name for name in error.validator_value if name not in error.instance]
    elif error.validator == "additionalProperties":
        names = [name for name in error.instance if name not in error.schema["properties"]]
    elif error.validator == "uniqueItems":
        items = error.instance
        names = [place for place, item in enumerate(items) if item in items[:place]]
    elif error.validator is None:
        # A member whose schema is false: the error has the path of the object around it.
        around = reduce(lambda value, part: value[part], path, contract)
        names = [name for name, value in around.items() if value is error.instance]
    for place in [[*path, name] for name in names] or [path]:
        yield "".join(f"/{part}" for part in place)


def without_duplicates(pairs):
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a key is there twice")
    return members


def test_every_rule_has_an_example_and_a_pointer():
    rules = {path.stem for path in (V1 / "examples" / "invalid").glob("*.json")}
    assert UNREADABLE | BEYOND_THE_SCHEMA <= rules
    assert rules == set(load(POINTERS))


@pytest.mark.parametrize("path", files("templates"))
def test_every_template_is_used_by_a_valid_example(path):
    template = load(path)
    assert template["template"] == path.stem
    contract = load(V1 / "examples" / "valid" / path.name)
    assert contract["services"] == template["services"]


@pytest.mark.parametrize("path", files("templates"))
@pytest.mark.parametrize("member", ["seller", "buyer", "validity"])
def test_a_contract_needs_what_a_template_lacks(path, member, validator):
    template = load(path)
    assert member not in template
    example = load(V1 / "examples" / "valid" / "psychiatrist-remote-visit.json")
    lacking = ["seller", "buyer", "validity"]
    contract = {key: value for key, value in template.items() if key != "template"}
    contract |= {key: example[key] for key in lacking}
    contract["billing"]["buyer_reference"] = example["billing"]["buyer_reference"]
    assert not list(validator.iter_errors(contract))
    del contract[member]
    assert list(validator.iter_errors(contract))
    template[member] = example[member]
    assert list(validator.iter_errors(template))


def vectors():
    file = load(V1 / "rating-vectors.json")
    assert file["format"] == "aikatori.rating-vectors/1"
    assert len(file["vectors"]) >= 160
    for vector in file["vectors"]:
        contract = file["contracts"][vector["contract"]]
        yield pytest.param(contract, vector, id=vector["title"])


@pytest.mark.parametrize("contract, vector", list(vectors()))
def test_rating_vector(contract, vector):
    expected = {"lines": vector["lines"], "total": vector["total"]}
    assert answer(contract, vector) == expected


@pytest.mark.parametrize("name", load(V1 / "rating-vectors.json")["contracts"])
def test_the_contracts_of_the_vectors_are_contracts(name, validator):
    example = load(V1 / "examples" / "valid" / "psychiatrist-remote-visit.json")
    parts = load(V1 / "rating-vectors.json")["contracts"][name]
    assert not list(validator.iter_errors(example | parts))


@pytest.mark.parametrize("path", files("examples/valid") + files("templates"))
def test_worked_examples(path):
    contract = load(path)
    services = {service["code"] for service in contract["services"]}
    assert len(services) == len(contract["services"])
    for example in contract["worked_examples"]:
        expected = {"lines": example["lines"], "total": example["total"]}
        assert answer(contract, example) == expected, example["title"]
