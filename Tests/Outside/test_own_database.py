"""A database of one's own, by the steps of docs/operating.md."""

import re
import secrets
import subprocess
from base64 import b64encode

from running import Server, data_folder, run, said


def test_a_database_of_ones_own(make_folder):
    folder = make_folder()
    server = Server(folder).ready()
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
    assert migrated.returncode == 0, said(migrated)
    keyless = run(place, "serve", DATABASE_URL=connection("aikatori_app"))
    assert keyless.returncode == 1 and "AIKATORI_MASTER_KEY" in keyless.stderr
    wrong = run(place, "serve", **key, DATABASE_URL=connection("postgres"))
    assert wrong.returncode == 1 and "must be as aikatori_app" in wrong.stderr

    added = run(
        place, "organisation", "add", "--name", "Own Hospital", "--business-id", "9000008-9",
        "--street", "Own street 1", "--postal-code", "00100", "--city", "Own City", "--email",
        "office@own.example", "--admin-email", "admin@own.example", **owner)
    assert added.returncode == 0, said(added)
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
    assert checked.returncode == 0, said(checked)
    assert own.end() == 0
    assert not (place / "postgres").exists()
    assert server.end() == 0
