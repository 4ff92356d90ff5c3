"""One organisation's audit chain, taken home and checked by a stranger: by the rules of
docs/audit.md alone, and with the command."""

import hashlib
import json
import time
import urllib.request
import uuid

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pages import BUYER, SELLER
from running import run, said
from signatures import decoded


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def root(leaf, place, leaves, path):
    """RFC 9162, §2.1.3.2, by the tree's shape: which half the leaf is in, from the top down."""
    if leaves == 1:
        assert path == []
        return leaf
    half = 1 << (leaves - 1).bit_length() - 1
    if place < half:
        return sha256(b"\1", root(leaf, place, half, path[:-1]), path[-1])
    return sha256(b"\1", path[-1], root(leaf, place - half, leaves - half, path[:-1]))


def uuid_of(type_id):
    value = 0
    for letter in type_id.split("_")[1]:
        value = value << 5 | "0123456789abcdefghjkmnpqrstvwxyz".index(letter)
    return str(uuid.UUID(int=value))


def check(lines, keys):
    """The organisation's name, its last link, and the link that is under a signed root."""
    head, number, under, name = b"", 0, None, None
    for line in map(json.loads, lines):
        if line["kind"] == "organisation":
            assert line["after"] == number and line["hash"] == (head.hex() or None)
            organisation, name = uuid_of(line["organisation"]), line["name"]
        elif line["kind"] == "fact":
            number += 1
            assert line["number"] == number and organisation in line["fields"][1:3]
            head = sha256(head, "\x1f".join(line["fields"]).encode())
            assert line["hash"] == head.hex()
        else:
            entry, = line["jws"]["signatures"]
            key = keys[json.loads(decoded(entry["protected"]))["kid"]]
            assert key["organisation"] is None
            Ed25519PublicKey.from_public_bytes(decoded(key["x"])).verify(
                decoded(entry["signature"]),
                f"{entry['protected']}.{line['jws']['payload']}".encode())
            signed = json.loads(decoded(line["jws"]["payload"]))
            leaf = sha256(b"\0", f"{organisation}\x1f{line['number']}\x1f".encode(), head)
            path = [bytes.fromhex(each) for each in line["path"]]
            assert signed["root"] == root(leaf, line["place"], signed["leaves"], path).hex()
            under = line["number"]
    return name, number, under


@pytest.fixture(scope="module")
def home(trade, tmp_path_factory):
    """The files that an auditor keeps: a chain, in two portions, and the keys of everyone."""
    folder = tmp_path_factory.mktemp("home")
    end = time.monotonic() + 60
    while not trade.server.get("/v1/audit-checkpoints")[1]["items"]:
        assert time.monotonic() < end, "no checkpoint was made"
        time.sleep(0.5)
    token = trade.seller["admin"]
    for name, portion in ("1.ndjson", "limit=7"), ("2.ndjson", "after=7"):
        request = urllib.request.Request(
            f"{trade.server.address}/v1/audit-export?{portion}",
            headers={"Authorization": f"Bearer {token}"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            (folder / name).write_bytes(answer.read())
    (folder / "keys.json").write_text(
        json.dumps(trade.server.get("/.well-known/jwks.json")[1]), encoding="utf-8")
    return folder


def verify(home, *names, keys=True):
    options = ["--keys", str(home / "keys.json")] if keys else []
    done = run(home, "verify", "audit", *(str(home / name) for name in names), *options)
    return done.returncode, said(done)


def test_a_stranger_computes_it_again(home):
    keys = {each["kid"]: each for each in json.loads((home / "keys.json").read_text())["keys"]}
    lines = [line for name in ("1.ndjson", "2.ndjson")
             for line in (home / name).read_text(encoding="utf-8").splitlines()]
    name, number, under = check(lines, keys)
    assert name == SELLER and number > 7 and under is not None
    changed = [line.replace(SELLER, BUYER) if '"fact"' in line else line for line in lines]
    if changed != lines:
        with pytest.raises(AssertionError):
            check(changed, keys)


def test_the_command_checks_it_without_a_server(home):
    status, text = verify(home, "1.ndjson", "2.ndjson")
    assert status == 0, text
    assert "every link holds" in text and "under checkpoint" in text and SELLER in text
    status, text = verify(home, "1.ndjson", "2.ndjson", keys=False)
    assert status == 1 and "not checked" in text
    # the second portion alone says from where on
    status, text = verify(home, "2.ndjson")
    assert status == 0 and "What is before them was not checked" in text
    # in the wrong order, changed, or with a line less
    status, text = verify(home, "2.ndjson", "1.ndjson")
    assert status == 1 and "does not go on" in text
    lines = (home / "1.ndjson").read_text(encoding="utf-8").splitlines()
    for wrong, says in [
            ([*lines[:3], *lines[4:]], "link 3 is missing: link 4 is there"),
            ([*lines[:2], lines[2].replace('"fields":["', '"fields":["1'), *lines[3:]],
             "link 2, or one before it, was changed"),
            (lines[1:], "the first line says whose facts these are"),
            (["{}"], "an object with a kind")]:
        (home / "wrong.ndjson").write_text("\n".join(wrong), encoding="utf-8")
        status, text = verify(home, "wrong.ndjson")
        assert status == 1 and says in text, text
        assert "wrong.ndjson, line " in text


def test_checkpoints_follow_each_other(trade):
    items = trade.server.get("/v1/audit-checkpoints")[1]["items"]
    payloads = [decoded(each["jws"]["payload"]) for each in items]
    for each, payload in zip(items, payloads, strict=True):
        assert each["digest"] == hashlib.sha256(payload).hexdigest()
        assert each["root"] == json.loads(payload)["root"]
    assert json.loads(payloads[-1])["previous"] is None
