"""What schemathesis is told about the requests that it makes up."""

import os
import re
from itertools import count

import schemathesis

KEY = re.compile(r"[!#-~]{1,200}")
IDENTIFIER = re.compile(r"([a-z]+)_[0-7][0-9a-hjkmnp-tv-z]{25}")
OWN_CREDENTIAL = os.environ.get("AIKATORI_CREDENTIAL")

keys = count(1)
# The identifiers that answers have shown, by what they name.
known = {}


@schemathesis.hook
def before_call(context, case, kwargs):
    """A key of its own for each request, since two with one key would be a repeat; and in place
    of an identifier that was made up, one of something that is there."""
    key = (case.headers or {}).get("Idempotency-Key")
    if isinstance(key, str) and KEY.fullmatch(key):
        case.headers["Idempotency-Key"] = f"made-up-{next(keys)}"
    if isinstance(case.path_parameters, dict):
        case.path_parameters = real(case.path_parameters)
    if isinstance(case.query, dict):
        case.query = real(case.query)
    if isinstance(case.body, dict):
        case.body = real(case.body)


@schemathesis.hook
def after_call(context, case, response):
    for found in IDENTIFIER.finditer(response.text):
        # Whoever asks does not take its own token away, and goes on asking.
        if found[0] != OWN_CREDENTIAL:
            known[found[1]] = found[0]


def real(value):
    if isinstance(value, dict):
        return {key: real(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [real(inner) for inner in value]
    found = IDENTIFIER.fullmatch(value) if isinstance(value, str) else None
    return known.get(found[1], value) if found else value
