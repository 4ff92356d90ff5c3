"""The command as a person uses it: started, tried, stopped, killed, and started again."""

import json
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import time

import pytest
from running import PROGRAM, Server, data_folder, postmaster, run, said, serving

HOSPITAL, NORTH = "Example Hospital", "Example Health Centre North"
CLINIC = "Example Clinic"
IS_ROOT = os.geteuid() == 0


@pytest.fixture(scope="module")
def folder(make_folder):
    return make_folder()


@pytest.fixture(scope="module")
def server(folder):
    with serving(folder) as server:
        yield server


def paste(command):
    """What a shell prints for it, as JSON."""
    done = subprocess.run(
        ["sh", "-c", command], capture_output=True, text=True, timeout=30, check=True)
    return json.loads(done.stdout)


# A life: the first start, what it tells to try, the stop, a kill, and starts again.


def test_a_life(make_folder):
    folder = make_folder()
    first = Server(folder).ready()
    assert len(first.tokens) == 4 * 6
    assert len(first.commands) == 3
    search, booking, bookings = (paste(command) for command in first.commands)
    assert search["items"] and all(item["price"] == "162.00" for item in search["items"])
    assert booking["state"] == "booked"
    assert [item["id"] for item in bookings["items"]] == [booking["id"]]
    assert paste(first.commands[1]) == booking, "the same key gives the first answer"
    pid = postmaster(folder)
    assert pid
    assert first.end(signal.SIGINT) == 0, first.said()
    assert first.lines[-1] == "Stopped."
    assert postmaster(folder) is None

    second = Server(folder).ready()
    assert second.tokens == first.tokens
    assert paste(second.commands[2])["items"] == bookings["items"]
    pid = postmaster(folder)
    second.process.kill()
    second.process.wait()
    assert postmaster(folder) == pid, "a kill leaves PostgreSQL behind"

    third = Server(folder).ready()
    assert f"PostgreSQL is still running (process {pid})" in third.lines
    assert third.tokens == first.tokens
    search, another, bookings = (paste(command) for command in third.commands)
    assert {item["id"] for item in bookings["items"]} == {booking["id"], another["id"]}
    assert third.end() == 0
    assert postmaster(folder) is None
    kept = data_folder(folder).parent
    for secret in ("master-key", "demo-tokens.json"):
        assert stat.S_IMODE((kept / secret).stat().st_mode) == 0o600


def test_a_first_start_that_is_killed(make_folder):
    folder = make_folder()
    first = Server(folder)
    first.wait_for("loading 4 demo organisations")
    first.process.kill()
    first.process.wait()
    second = Server(folder).ready()
    assert "loading 4 demo organisations" in second.lines
    assert len(second.tokens) == 4 * 6
    assert paste(second.commands[0])["items"]
    assert second.end() == 0
    assert postmaster(folder) is None


@pytest.mark.skipif(not IS_ROOT, reason="only root keeps others out of its folders")
def test_a_folder_that_nobody_else_may_enter(make_folder):
    folder = make_folder(mode=0o700)
    server = Server(folder).ready()
    said = next(line for line in server.lines if "cannot enter" in line)
    assert said.endswith(str(data_folder(folder).parent))
    assert paste(server.commands[0])["items"]
    assert server.end() == 0
    assert postmaster(folder) is None


@pytest.mark.skipif(not IS_ROOT, reason="only root becomes somebody else")
def test_an_ordinary_user(make_folder):
    folder = make_folder()
    shutil.chown(folder, "nobody")
    able = subprocess.run(["test", "-x", PROGRAM], user="nobody", check=False)
    if able.returncode != 0:
        pytest.skip("this checkout lies where others may not enter")
    server = Server(folder, user="nobody").ready()
    assert paste(server.commands[0])["items"]
    assert server.end() == 0
    assert postmaster(folder) is None


# While it serves.


def test_who_finds_what(server):
    path = server.commands[0].split("'")[1].removeprefix(server.address)
    assert server.get(path, server.token(NORTH, "scheduler"))[1]["items"]
    assert server.get(path, server.token(CLINIC, "scheduler")) == (
        200, {"items": [], "next": None})
    assert server.get(path)[0] == 401


def test_tokens_file(server, folder):
    file = folder / "tokens.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    organisations = json.loads(file.read_text())["organisations"]
    assert len(organisations) == 4
    for organisation in organisations:
        roles = ["admin", "signatory", "scheduler", "specialist", "finance", "auditor"]
        assert list(organisation["tokens"]) == roles
        for role in roles:
            token = organisation["tokens"][role]
            assert token == server.token(organisation["name"], role)
            status, found = server.get("/v1/organisation", token)
            assert status == 200 and found["id"] == organisation["id"]
            assert found["is_example"] is True


def test_health(server):
    assert server.get("/healthz") == (200, {"status": "alive"})
    assert server.get("/readyz") == (200, {"status": "ready"})


def test_logs(server):
    booking = paste(server.commands[1])
    assert booking["state"] == "booked"
    lines = [json.loads(line) for line in server.logged().splitlines()]
    assert lines
    for line in lines:
        assert list(line)[:3] == ["time", "level", "message"]
    asked = [line for line in lines if line["message"] == "request"][-1]
    assert asked["operation"] == "bookTime" and asked["status"] == 201
    assert isinstance(asked["milliseconds"], float)
    assert re.fullmatch("[0-9a-f]{32}", asked["request"])
    assert "demo-patient-1" not in server.logged()


def test_organisation_add(server, folder):
    arguments = [
        "organisation", "add", "--name", "Example Care Home", "--business-id", "9000006-2",
        "--street", "Example alley 5", "--postal-code", "00100", "--city", "Example City",
        "--email", "office@home.example", "--admin-email", "admin@home.example",
    ]
    added = run(folder, *arguments)
    assert added.returncode == 0, said(added)
    token = re.search(r"aik_[A-Za-z0-9_-]{43}", added.stdout).group()
    status, found = server.get("/v1/organisation", token)
    assert status == 200 and found["name"] == "Example Care Home"
    assert found["id"] in added.stdout and found["is_example"] is True
    again = run(folder, *arguments)
    assert again.returncode != 0
    assert "9000006-2 is in the market already" in again.stderr


def test_organisation_token(server, folder):
    status, own = server.get("/v1/organisation", server.token(CLINIC, "admin"))
    assert status == 200
    for options in ([], ["--admin-email", "another.admin@clinic.example"]):
        made = run(folder, "organisation", "token", own["id"], *options)
        assert made.returncode == 0, said(made)
        token = re.search(r"aik_[A-Za-z0-9_-]{43}", made.stdout).group()
        status, found = server.get("/v1/members", token)
        assert status == 200
        if options:
            assert options[1] in [member["email"] for member in found["items"]]
    nobody = run(folder, "organisation", "token", "org_01h2xcejqtf2nbrexx3vqjhp41")
    assert nobody.returncode != 0
    assert "there is no organisation" in nobody.stderr
    assert run(folder, "organisation", "token", "clinic").returncode == 64


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--business-id", "9000006-3"), ("--vat-id", "90000062"), ("--ovt", "0037"),
        ("--iban", "FI2112345600000786"), ("--email", "nobody"), ("--time-zone", "Mars/Base"),
        ("--country", "fi"), ("--name", " "), ("--unit", ""), ("--admin-name", "a\nb"),
        ("--street", ""), ("--postal-code", "x" * 17), ("--city", ""),
    ])
def test_organisation_add_refuses(folder, option, value):
    good = {
        "--name": "Example Ward", "--business-id": "9000007-0", "--street": "Example alley 6",
        "--postal-code": "00100", "--city": "Example City", "--email": "office@ward.example",
        "--admin-email": "admin@ward.example",
    }
    options = [part for pair in {**good, option: value}.items() for part in pair]
    refused = run(folder, "organisation", "add", *options)
    assert refused.returncode == 64, said(refused)
    assert option in refused.stderr.splitlines()[0]


def test_verify(server, folder):
    time.sleep(1)
    checked = run(folder, "verify")
    assert checked.returncode == 0, said(checked)
    lines = checked.stdout.splitlines()
    assert lines[-1] == "Everything is as it must be."
    assert re.match(r"ok +\d+ windows of time", lines[11])
    assert int(lines[11].split()[1]) > 100
    ledger = run(folder, "verify", "ledger")
    assert ledger.returncode == 0, said(ledger)
    lines = ledger.stdout.splitlines()
    # no terminal: a line for each rule and tenth, and no bar
    assert "\r" not in ledger.stdout and "100 % audit_chain" in lines
    assert lines[-1] == "The ledger is as it must be."
    assert re.match(r"ok +\d+ entries balance", lines[lines.index("100 % audit_chain") + 1])


def test_clock(server, folder):
    def shown(*arguments):
        done = run(folder, "clock", *arguments)
        assert done.returncode == 0, said(done)
        return done.stdout.split()[-1]

    assert shown("--set", "2027-03-28T00:30:00Z").startswith("2027-03-28T00:30:0")
    assert shown("--advance", "30d").startswith("2027-04-27T00:3")
    assert shown().startswith("2027-04-27T00:3")
    assert run(folder, "clock", "--advance", "soon").returncode == 64


def test_one_cluster_has_one_server(server, folder):
    second = Server(folder)
    assert second.process.wait(30) == 1
    assert f"in use by another program, process {server.process.pid}" in second.logged()
    assert server.get("/readyz")[0] == 200


# Stopping.


@pytest.fixture(scope="module")
def stopping(make_folder):
    """A folder whose servers come and go."""
    return make_folder()


def test_answers_under_way_are_finished(stopping):
    server = Server(stopping).ready()
    body = b'{"format": "aikatori.contract/1"}'
    head = (
        f"POST /v1/contract-checks HTTP/1.1\r\nHost: localhost:{server.port}\r\n"
        f"Authorization: Bearer {server.token(HOSPITAL, 'admin')}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n").encode()
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(head + body[:10])
        time.sleep(0.3)
        server.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", server.port), timeout=1).close()
            except ConnectionRefusedError:
                break
            time.sleep(0.05)
        else:
            pytest.fail("new connections are still taken")
        assert server.process.poll() is None
        connection.sendall(body[10:])
        answer = connection.recv(65536)
    assert answer.startswith(b"HTTP/1.1 200 "), answer
    assert server.end() == 0


def test_a_stop_waits_no_longer_than_it_may(stopping):
    server = Server(stopping, AIKATORI_DRAIN="500ms").ready()
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(b"POST /v1/contract-checks HTTP/1.1\r\nHost: localhost\r\n")
        connection.sendall(b"Authorization: Bearer x\r\nContent-Length: 10\r\n\r\n")
        time.sleep(0.3)
        started = time.monotonic()
        assert server.end() == 0, server.said()
        assert time.monotonic() - started < 10


def test_a_second_interrupt_waits_for_nothing(stopping):
    server = Server(stopping, AIKATORI_DRAIN="60s").ready()
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(b"POST /v1/contract-checks HTTP/1.1\r\nHost: localhost\r\n")
        connection.sendall(
            f"Authorization: Bearer {server.token(HOSPITAL, 'admin')}\r\n".encode()
            + b"Content-Type: application/json\r\nContent-Length: 10\r\n\r\n")
        time.sleep(0.3)
        server.process.send_signal(signal.SIGINT)
        server.wait_for("Stopping: ")
        assert server.end(signal.SIGINT, timeout=5) == 130
    assert postmaster(stopping), "PostgreSQL is left to the next start"
    again = Server(stopping).ready()
    assert again.tokens == server.tokens
    assert again.end() == 0
