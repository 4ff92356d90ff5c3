"""The command as a person uses it: started, tried, stopped, killed, and started again."""

import json
import os
import re
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import time
from base64 import b64encode
from pathlib import Path

import pytest
from running import PROGRAM, ROOT, Server, data_folder, postmaster, remove, run

EXAMPLES = ROOT / "contracts" / "v1" / "examples"
HOSPITAL, NORTH = "Example Hospital", "Example Health Centre North"
CLINIC = "Example Clinic"
IS_ROOT = os.geteuid() == 0

pytestmark = pytest.mark.skipif(not PROGRAM.exists(), reason="nothing is built")


@pytest.fixture(scope="module")
def make_folder():
    """Folders that PostgreSQL's own user may enter, with a blank in their names."""
    made = []

    def make(mode=0o755):
        folder = Path(tempfile.mkdtemp(prefix="aikatori var "))
        folder.chmod(mode)
        made.append(folder)
        return folder

    yield make
    for folder in made:
        remove(folder)


@pytest.fixture(scope="module")
def folder(make_folder):
    return make_folder()


@pytest.fixture(scope="module")
def server(folder):
    server = Server(folder, AIKATORI_TOKENS_FILE=str(folder / "tokens.json")).ready()
    yield server
    assert server.end() == 0, server.said()


def paste(command):
    """What a shell prints for it, as JSON."""
    done = subprocess.run(
        ["sh", "-c", command], capture_output=True, text=True, timeout=30, check=True)
    return json.loads(done.stdout)


def names(process):
    return process.stdout + process.stderr


# A life: the first start, what it tells to try, the stop, a kill, and starts again.


def test_a_life(make_folder):
    folder = make_folder()
    first = Server(folder).ready()
    assert len(first.tokens) == 4 * 5
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
    first.wait_for("loading the demo organisations")
    first.process.kill()
    first.process.wait()
    second = Server(folder).ready()
    assert "loading the demo organisations" in second.lines
    assert len(second.tokens) == 4 * 5
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
        roles = ["admin", "scheduler", "specialist", "finance", "auditor"]
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
    assert added.returncode == 0, names(added)
    token = re.search(r"aik_[A-Za-z0-9_-]{43}", added.stdout).group()
    status, found = server.get("/v1/organisation", token)
    assert status == 200 and found["name"] == "Example Care Home"
    assert found["id"] in added.stdout and found["is_example"] is True
    again = run(folder, *arguments)
    assert again.returncode != 0
    assert "9000006-2 is in the market already" in again.stderr


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
    assert refused.returncode == 64, names(refused)
    assert option in refused.stderr.splitlines()[0]


def test_verify(server, folder):
    time.sleep(1)
    checked = run(folder, "verify")
    assert checked.returncode == 0, names(checked)
    lines = checked.stdout.splitlines()
    assert lines[-1] == "Everything is as it must be."
    assert re.match(r"ok +\d+ windows of time", lines[7])
    assert int(lines[7].split()[1]) > 100


def test_clock(server, folder):
    def shown(*arguments):
        done = run(folder, "clock", *arguments)
        assert done.returncode == 0, names(done)
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


# Settings.


def settings_in_document():
    text = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    return re.findall(r"^\| `([A-Z_]+)` \|", text, re.MULTILINE)


def test_help_lists_every_setting(folder):
    shown = run(folder, "serve", "--help")
    assert shown.returncode == 0
    documented = settings_in_document()
    assert len(documented) > 10
    assert set(re.findall(r"^ *([A-Z]+_[A-Z_]+)$", shown.stdout, re.MULTILINE)) == set(documented)


@pytest.mark.parametrize(
    ("name", "value", "form"),
    [
        ("AIKATORI_PORT", "eighty", "from 0 to 65535"),
        ("AIKATORI_PORT", "65536", "from 0 to 65535"),
        ("AIKATORI_REQUEST_DEADLINE", "15", "a time from 1s to 10m"),
        ("AIKATORI_IDLE_TIMEOUT", "0s", "a time from 1s to 1h"),
        ("AIKATORI_DRAIN", "forever", "a time from 0s to 10m"),
        ("AIKATORI_LOG_LEVEL", "loud", "trace, debug, info"),
        ("AIKATORI_POOL_CONNECTIONS", "0", "from 1 to 200"),
        ("AIKATORI_PIPELINE_CONNECTIONS", "-1", "from 1 to 64"),
        ("AIKATORI_MASTER_KEY", "c2hvcnQ=", "32 bytes in base64"),
    ])
def test_bad_setting(folder, name, value, form):
    refused = run(folder, "serve", **{name: value})
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert name in refused.stderr and form in refused.stderr
    assert (value in refused.stderr) == (name != "AIKATORI_MASTER_KEY")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# fine\n\nAIKATORI_PROT=1\n", ":3: AIKATORI_PROT is no setting"),
        ("AIKATORI_PORT 1\n", ":1: a line must be KEY=VALUE"),
        ("AIKATORI_PORT=1\nAIKATORI_PORT=2\n", ":2: AIKATORI_PORT is there twice"),
        ("AIKATORI_DRAIN=\"long\"\n", ":1: AIKATORI_DRAIN is \"long\", and must be"),
    ])
def test_bad_file(tmp_path, text, said):
    file = tmp_path / "settings"
    file.write_text(text)
    refused = run(tmp_path, "serve", "--config", str(file))
    assert refused.returncode == 1
    assert f"{file}{said}" in refused.stderr


def test_the_usual_file(tmp_path):
    (tmp_path / "aikatori.conf").write_text("AIKATORI_PORT=http\n")
    refused = run(tmp_path, "serve", AIKATORI_PORT="")
    assert refused.returncode == 1
    assert f"{tmp_path}/aikatori.conf:1: AIKATORI_PORT" in refused.stderr
    missing = run(tmp_path, "serve", "--config", str(tmp_path / "none"))
    assert missing.returncode == 1
    assert f"{tmp_path}/none cannot be read" in missing.stderr


def test_a_key_that_others_can_read(tmp_path):
    file = tmp_path / "key"
    file.write_text(b64encode(secrets.token_bytes(32)).decode())
    file.chmod(0o644)
    refused = run(
        tmp_path, "serve", DATABASE_URL="host=/none", AIKATORI_MASTER_KEY_FILE=str(file))
    assert refused.returncode == 1
    assert f"{file} must be" in refused.stderr and "chmod 600" in refused.stderr


def test_commands_without_a_database(tmp_path):
    for arguments in (["verify"], ["clock"]):
        refused = run(tmp_path / "none", *arguments)
        assert refused.returncode == 1
        assert "run `aikatori serve` once" in refused.stderr
    refused = run(tmp_path, "migrate")
    assert refused.returncode == 1 and "MIGRATION_DATABASE_URL" in refused.stderr


# A database of one's own, by the steps of docs/operating.md.


def test_a_database_of_ones_own(server, folder, make_folder):
    sockets = (data_folder(folder) / "postmaster.pid").read_text().splitlines()[4]

    def connection(user):
        return f"host='{sockets}' dbname=own user={user}"

    def psql(database, sql):
        done = subprocess.run(
            ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", sql,
             f"host='{sockets}' dbname={database} user=postgres"],
            capture_output=True, text=True, timeout=30, check=False)
        assert done.returncode == 0, done.stderr

    place = make_folder()
    key = {"AIKATORI_MASTER_KEY": b64encode(secrets.token_bytes(32)).decode()}
    app = {"DATABASE_URL": connection("aikatori_app"), **key}
    owner = {"MIGRATION_DATABASE_URL": connection("aikatori_owner")}
    roles = run(place, "roles")
    psql("postgres", roles.stdout)
    psql("postgres", "create database own owner aikatori_owner")

    unmigrated = run(place, "serve", **app)
    assert unmigrated.returncode == 1 and "aikatori migrate" in unmigrated.stderr
    wrong = run(place, "migrate", MIGRATION_DATABASE_URL=connection("aikatori_app"))
    assert wrong.returncode == 1 and "must be as aikatori_owner" in wrong.stderr
    migrated = run(place, "migrate", **owner)
    assert migrated.returncode == 0, names(migrated)
    keyless = run(place, "serve", DATABASE_URL=connection("aikatori_app"))
    assert keyless.returncode == 1 and "AIKATORI_MASTER_KEY" in keyless.stderr
    wrong = run(place, "serve", **key, DATABASE_URL=connection("postgres"))
    assert wrong.returncode == 1 and "must be as aikatori_app" in wrong.stderr

    added = run(
        place, "organisation", "add", "--name", "Own Hospital", "--business-id", "9000008-9",
        "--street", "Own street 1", "--postal-code", "00100", "--city", "Own City", "--email",
        "office@own.example", "--admin-email", "admin@own.example", **owner)
    assert added.returncode == 0, names(added)
    token = re.search(r"aik_[A-Za-z0-9_-]{43}", added.stdout).group()
    taken = run(place, "serve", **{**app, "AIKATORI_PORT": str(server.port)})
    assert taken.returncode == 1
    assert "Address already in use" in taken.stderr and "AIKATORI_PORT" in taken.stderr
    own = Server(place, **app).ready()
    status, found = own.get("/v1/organisation", token)
    assert status == 200 and found["is_example"] is False
    assert len(own.lines) == 1 and not own.tokens
    refused = run(place, "clock", "--advance", "1d", **owner)
    assert refused.returncode == 1 and "no demo clock" in refused.stderr
    unread = run(place, "verify", **app)
    assert unread.returncode == 1 and "READER_DATABASE_URL" in unread.stderr
    checked = run(place, "verify", READER_DATABASE_URL=connection("aikatori_reader"))
    assert checked.returncode == 0, names(checked)
    assert own.end() == 0
    assert not (place / "postgres").exists()


# Contracts as files.


@pytest.mark.parametrize("file", sorted((EXAMPLES / "valid").glob("*.json")), ids=lambda f: f.stem)
def test_contract_check_passes(tmp_path, file):
    checked = run(tmp_path, "contract", "check", str(file))
    assert checked.returncode == 0, names(checked)
    count = len(json.loads(file.read_text())["worked_examples"])
    assert f"{count} of {count} worked examples hold." in checked.stdout


@pytest.mark.parametrize(
    ("name", "pointer"),
    [
        ("example_differs", "example_differs at /worked_examples/0"),
        ("iban", "iban at /seller/iban"),
        ("duplicate_key", "duplicate_key at "),
        ("template_unfilled", "template_unfilled at /template"),
    ])
def test_contract_check_names_the_place(tmp_path, name, pointer):
    refused = run(tmp_path, "contract", "check", str(EXAMPLES / "invalid" / f"{name}.json"))
    assert refused.returncode == 1
    assert pointer in refused.stdout


def test_contract_templates(tmp_path):
    listed = run(tmp_path, "contract", "templates").stdout.splitlines()
    for name in (line.split()[0] for line in listed):
        printed = run(tmp_path, "contract", "templates", name)
        file = ROOT / "contracts" / "v1" / "templates" / f"{name}.json"
        assert printed.stdout == file.read_text(encoding="utf-8")
    assert len(listed) == 2
    assert run(tmp_path, "contract", "templates", "none").returncode == 64
