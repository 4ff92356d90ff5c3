"""JSON Web Signatures, Keys and their thumbprints (RFC 7515, 7517, 7638), read with a library of
others, as whoever checks a signed contract would."""

import base64
import hashlib
import json

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def encoded(data):
    """Base64url without its padding (RFC 7515)."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def decoded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def canonical(value):
    """RFC 8785, for objects whose names are ASCII and whose numbers are integers."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def thumbprint(key):
    """RFC 7638."""
    members = {name: key[name] for name in ("crv", "kty", "x")}
    return encoded(hashlib.sha256(canonical(members)).digest())


def check(signed, keys):
    """The headers of a JWS whose signatures all hold; raises where one is not of its key."""
    known = {thumbprint(key): Ed25519PublicKey.from_public_bytes(decoded(key["x"])) for key in keys}
    headers = []
    for entry in signed["signatures"]:
        header = json.loads(decoded(entry["protected"]))
        assert header["alg"] == "EdDSA"
        message = f"{entry['protected']}.{signed['payload']}".encode()
        known[header["kid"]].verify(decoded(entry["signature"]), message)
        headers.append(header)
    return headers
