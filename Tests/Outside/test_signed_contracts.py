"""Signed contracts checked by strangers: with another library, and with the command, from files."""

import copy
import hashlib
import json
import time

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from running import run, said
from signatures import canonical, check, decoded, encoded, thumbprint


class OwnKey:
    """A key that an organisation keeps to itself."""

    def __init__(self):
        self.private = Ed25519PrivateKey.generate()
        public = self.private.public_key().public_bytes_raw()
        self.jwk = {"crv": "Ed25519", "kty": "OKP", "x": encoded(public)}
        self.kid = thumbprint(self.jwk)

    def sign(self, payload, at):
        """An entry of a JWS in general JSON form."""
        protected = encoded(canonical({"alg": "EdDSA", "iat": at, "kid": self.kid}))
        message = f"{protected}.{encoded(payload)}".encode()
        return {"protected": protected, "signature": encoded(self.private.sign(message))}

    def addition(self, organisation, at):
        text = f"aikatori signing key of {organisation}".encode()
        return {"jwk": self.jwk, "proof": self.sign(text, at)}


class Desk:
    """Where somebody checks contracts: files, and the command without any server."""

    def __init__(self, folder):
        self.folder = folder

    def verify(self, signed, keys=None):
        path = self.folder / "contract.jws.json"
        path.write_text(json.dumps(signed), encoding="utf-8")
        options = []
        if keys is not None:
            (self.folder / "keys.json").write_text(json.dumps(keys), encoding="utf-8")
            options = ["--keys", str(self.folder / "keys.json")]
        done = run(self.folder, "verify", "contract", str(path), *options)
        return done.returncode, said(done)


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def published(trade):
    """The keys of everyone, asked for by nobody in particular."""
    status, keys = trade.server.get("/.well-known/jwks.json")
    assert status == 200
    return keys


def in_force(trade):
    """A contract of the two that both have signed: its path, and its newest version."""
    contract = trade.get(trade.buyer["admin"], "/v1/contracts?state=active")["items"][0]
    path = f"/v1/contracts/{contract['id']}/versions/1"
    return path, trade.get(trade.buyer["admin"], path)


def second(instant):
    """Of the market's clock."""
    return int(instant.timestamp())


def test_a_stranger_checks_what_both_signed(trade, desk):
    path, version = in_force(trade)
    signed = trade.get(trade.buyer["signatory"], f"{path}/jws")
    assert signed == version["jws"]
    keys = published(trade)
    headers = check(signed, keys["keys"])
    assert len(headers) == 2 and all(set(each) == {"alg", "iat", "kid"} for each in headers)
    assert canonical(version["document"]) == decoded(signed["payload"])
    owners = {key["kid"]: key["organisation"] for key in keys["keys"]}
    document = version["document"]
    assert {owners[each["kid"]] for each in headers} == {
        document["seller"]["organisation"], document["buyer"]["organisation"]}

    status, words = desk.verify(signed, keys)
    assert status == 0, words
    assert "Both parties signed, and both signatures are good." in words
    for side in ("seller", "buyer"):
        assert f"Signed by {document[side]['name']}, the {side}, at " in words
    assert f"SHA-256 {version['digest']}" in words

    status, words = desk.verify(signed)
    assert status == 1 and words.count("Claims to be signed with the key") == 2
    assert "This was not checked" in words


def test_what_is_not_so_is_said(trade, desk):
    path, version = in_force(trade)
    signed, keys = version["jws"], published(trade)
    document = copy.deepcopy(version["document"])
    document["title"] += "!"
    changed = {**signed, "payload": encoded(canonical(document))}
    with pytest.raises(InvalidSignature):
        check(changed, keys["keys"])
    loose = {**signed, "payload": encoded(json.dumps(version["document"]).encode())}
    first = json.loads(decoded(signed["signatures"][0]["protected"]))["kid"]
    without = {"keys": [key for key in keys["keys"] if key["kid"] != first]}
    stranger = [
        {**key, "organisation": "org_00000000000000000000000001"} if key["kid"] == first else key
        for key in keys["keys"]]
    retired = [
        {**key, "retired_at": "2020-01-01T00:00:00Z"} if key["kid"] == first else key
        for key in keys["keys"]]
    bare = [{name: key[name] for name in ("kty", "crv", "x")} for key in keys["keys"]]
    for jws, trusted, expected in [
        (changed, keys, "is wrong"),
        (loose, keys, "another document was signed"),
        ({**signed, "signatures": []}, keys, "there is one signature, or two"),
        ({**signed, "signatures": signed["signatures"][:1]}, keys,
         "The other party has not signed"),
        (signed, without, f"the key {first} is not a trusted one"),
        (signed, {"keys": stranger}, f"the key {first} is of neither party"),
        (signed, {"keys": retired}, f"the key {first} was retired before it signed"),
        (signed, {"keys": bare}, "whose they are, these keys do not say"),
        (signed, {"keys": keys["keys"] * 2}, "is there twice"),
        (signed, [], "a JWK set has a member keys"),
        ({"payload": 1}, keys, "a JWS has a payload and signatures"),
    ]:
        status, words = desk.verify(jws, trusted)
        assert status == 1 and expected in words, words
        assert "Both parties signed" not in words
    status, words = desk.verify(["no contract"], keys)
    assert status == 1 and "Traceback" not in words


def test_who_signs_elsewhere_and_whose_key_changes(trade, desk):
    path, version = in_force(trade)
    old = version["jws"]
    seller, buyer = trade.seller, trade.buyer
    organisation = trade.get(buyer["admin"], "/v1/organisation")["id"]
    now = second(trade.now())

    own = OwnKey()
    added = trade.post(buyer["admin"], "/v1/organisation/keys", own.addition(organisation, now))
    assert added["kid"] == own.kid and added["held_by"] == "organisation"
    made = trade.post(seller["admin"], "/v1/organisation/keys", {})
    assert made["held_by"] == "market"
    keys = published(trade)
    assert sum(key["retired_at"] is not None for key in keys["keys"]) == 2
    status, words = desk.verify(old, keys)
    assert status == 0, words

    document = {**version["document"], "title": "Signed elsewhere"}
    draft = trade.post(seller["admin"], "/v1/contracts", document)
    there = f"/v1/contracts/{draft['id']}/versions/1"
    digest = {"digest": draft["versions"][0]["digest"]}
    assert digest["digest"] == hashlib.sha256(canonical(document)).hexdigest()
    trade.post(seller["signatory"], f"{there}/signatures", digest)
    with pytest.raises(AssertionError, match="signature_missing"):
        trade.post(buyer["signatory"], f"{there}/signatures", digest)
    with pytest.raises(AssertionError, match="role_not_allowed"):
        trade.post(buyer["admin"], f"{there}/signatures", digest)
    signature = own.sign(canonical(document), now)
    signed = trade.post(
        buyer["signatory"], f"{there}/signatures", {**digest, "signature": signature})
    assert signed["jws"]["signatures"][1] == signature
    status, words = desk.verify(signed["jws"], published(trade))
    assert status == 0, words

    time.sleep(1)
    trade.post(buyer["admin"], f"/v1/organisation/keys/{own.kid}/retire")
    keys = published(trade)
    late = copy.deepcopy(signed["jws"])
    late["signatures"][1] = own.sign(canonical(document), second(trade.now()) + 2)
    assert desk.verify(signed["jws"], keys)[0] == 0
    status, words = desk.verify(late, keys)
    assert status == 1 and "was retired before it signed" in words
