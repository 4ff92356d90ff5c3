"""api/openapi.yaml as the tests read it: its operations, references followed, and validators."""

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import yaml
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "api" / "openapi.yaml"
BASE = "urn:aikatori:openapi"
METHODS = ("get", "post", "put", "delete", "patch", "head", "options", "trace")


def pointer(*keys):
    """A JSON Pointer (RFC 6901) from the root of the document."""
    return "#" + "".join("/" + str(key).replace("~", "~0").replace("/", "~1") for key in keys)


@dataclass(frozen=True)
class Node:
    """A part of the document and where it stands; a reference's own description goes first."""

    value: dict = field(hash=False, compare=False)
    pointer: str

    def has(self, key):
        return key in self.value

    def child(self, *keys):
        value = self.value
        for key in keys:
            value = value[key]
        return Node(value, self.pointer + pointer(*keys)[1:])


@cache
def expression(template):
    """What the paths of a template look like."""
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(template)))


@dataclass(frozen=True)
class Operation:
    id: str
    method: str
    template: str
    node: Node
    path_item: Node

    @property
    def definition(self):
        return self.node.value

    def values(self, path):
        """The path parameters of a path that the template matches, else None."""
        found = expression(self.template).fullmatch(path)
        return {name: unquote(text) for name, text in found.groupdict().items()} if found else None


class Description:
    def __init__(self, document):
        self.document = document
        resource = Resource(contents=document, specification=DRAFT202012)
        self.registry = Registry().with_resource(BASE, resource)
        self.operations = [
            Operation(operation["operationId"], method, template, node, item)
            for template in document["paths"]
            for item in [Node(document["paths"][template], pointer("paths", template))]
            for method, operation in item.value.items()
            if method in METHODS
            for node in [item.child(method)]
        ]

    @classmethod
    @cache
    def read(cls):
        return cls(yaml.safe_load(FILE.read_text(encoding="utf-8")))

    def at(self, reference):
        """What a reference inside the document names."""
        value = self.document
        for key in reference.removeprefix("#/").split("/"):
            value = value[key.replace("~1", "/").replace("~0", "~")]
        return Node(value, reference)

    def follow(self, node):
        """The node that a reference object names; its own description and summary go first."""
        if "$ref" not in node.value:
            return node
        target = self.follow(self.at(node.value["$ref"]))
        own = {key: text for key, text in node.value.items() if key != "$ref"}
        return Node({**target.value, **own}, target.pointer)

    def parameters(self, operation):
        """Of the path and of the operation, with what each reference names."""
        nodes = []
        for owner in (operation.path_item, operation.node):
            for index in range(len(owner.value.get("parameters", []))):
                nodes.append(self.follow(owner.child("parameters", index)))
        return nodes

    def request_body(self, operation):
        if not operation.node.has("requestBody"):
            return None
        return self.follow(operation.node.child("requestBody"))

    def responses(self, operation):
        """By status."""
        return {
            int(status): self.follow(operation.node.child("responses", status))
            for status in operation.definition["responses"]
        }

    def security(self, operation):
        """The names of the schemes of which one must be satisfied; empty for none."""
        wanted = operation.definition.get("security", self.document.get("security", []))
        return {name for alternative in wanted for name in alternative}

    @cache
    def validator(self, reference):
        """For the schema at a pointer, with formats checked."""
        return Draft202012Validator(
            {"$ref": BASE + reference},
            registry=self.registry,
            format_checker=Draft202012Validator.FORMAT_CHECKER,
        )

    def mistakes(self, reference, value):
        """What the schema at a pointer says against a value, each with its place."""
        errors = self.validator(reference).iter_errors(value)
        return [f"at {error.json_path}: {error.message[:300]}" for error in errors]


def codes_named(response):
    """The stable codes that the description of a problem answer names."""
    return set(re.findall(r"`([a-z][a-z0-9_]+)`", response.value["description"]))
