"""The market that is measured: made once, kept under var/benchmark, and copied for each run."""

import hashlib
import json
import re
import subprocess
import sys
import urllib.error
import urllib.request
import uuid
from datetime import date, timedelta
from pathlib import Path

from clusters import PROGRAMS, OwnCluster
from running import ROOT, Server, run, said

SIZES = {"sellers": 50, "buyers": 150, "contracts": 200, "specialists": 200, "days": 56,
         "targets": 1_200_000}
SETTINGS = {"shared_buffers": "6GB", "max_wal_size": "16GB", "checkpoint_timeout": "1h",
            "maintenance_work_mem": "512MB", "max_connections": "120"}


def folder():
    """Where the data stays: PostgreSQL's own user must be able to enter it."""
    near = ROOT / "var" / "benchmark"
    near.mkdir(parents=True, exist_ok=True)
    asked = subprocess.run(["test", "-x", near], user=OwnCluster.superuser(), check=False)
    far = Path("/var/lib/aikatori/benchmark")
    if asked.returncode != 0:
        far.mkdir(parents=True, exist_ok=True)
    return near if asked.returncode == 0 else far


class Data:
    """A cluster with the loaded database `loaded`; `copy` makes another of it."""

    def __init__(self, sizes=None):
        self.sizes = {**SIZES, **(sizes or {})}
        self.cluster = OwnCluster(folder())
        self.name = "loaded_" + "_".join(str(size) for size in self.sizes.values())
        self.cluster.start(**SETTINGS)
        try:
            self._make_sure()
        except BaseException:
            self.cluster.stop()
            raise

    def _make_sure(self):
        """Loads the data unless it is there and as it would be now."""
        made = f"select shobj_description(oid, 'pg_database') from pg_database" \
            f" where datname = '{self.name}'"
        if self.ask(made, "postgres") != self.origin():
            self._load()
            self.ask(f"comment on database {self.name} is '{self.origin()}'", "postgres")

    @staticmethod
    def origin():
        """What the data depends on: the week whose coming ones are sold, the schema, the load."""
        week = date.today() - timedelta(days=date.today().weekday())
        digest = hashlib.sha256((ROOT / "Benchmarks" / "load.sql").read_bytes())
        for path in sorted((ROOT / "Sources" / "Storage" / "Migrations").rglob("*.sql")):
            digest.update(path.read_bytes())
        return f"week of {week}, {digest.hexdigest()}"

    def copy(self):
        """A fresh `aikatori` with the loaded data."""
        for sql in ("drop database if exists aikatori (force)",
                    f"create database aikatori template {self.name} strategy file_copy"
                    " owner aikatori_owner", "checkpoint"):
            self.ask(sql, "postgres")

    def ask(self, sql, database="aikatori"):
        return self.cluster.psql(database, sql, timeout=600)

    def _load(self):
        print("Loading the data, once: some minutes", flush=True)
        self.ask(f"drop database if exists {self.name} (force)", "postgres")
        self.ask("drop database if exists aikatori (force)", "postgres")
        place = self.cluster.folder
        self.cluster.make_market(place)
        self._make_contract(place)
        words = [f"--set={key}={value}" for key, value in self.sizes.items()]
        done = subprocess.run(
            [PROGRAMS / "psql", "-X", "-q", *words, "-f", ROOT / "Benchmarks" / "load.sql",
             self.cluster.own_connection("aikatori")],
            capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.exit(done.stderr)
        self.ask("vacuum (freeze, analyze)")
        self.ask(f"alter database aikatori rename to {self.name}", "postgres")

    def _make_contract(self, place):
        """A seller, a buyer and the contract that both sign, by the program's own rules."""
        settings = self.cluster.settings()
        tokens = [add_organisation(place, settings, *each) for each in (
            ("Seller 1", "9000001-1", "--vat-id", "FI90000011", "--ovt", "003790000011",
             "--iban", "FI2112345600000785"),
            ("Buyer 1", "9000008-9", "--ovt", "003790000089"))]
        server = Server(place, **settings).ready()
        try:
            parties = [Party(server, token) for token in tokens]
            parties[0].agree(parties[1])
        finally:
            server.end()


def add_organisation(place, settings, name, business_id, *options):
    """By the command line; the token of its administrator."""
    added = run(
        place, "organisation", "add", "--name", name, "--business-id", business_id,
        "--street", "Example street 1", "--postal-code", "00100", "--city", "Example City",
        "--email", "office@example.com", "--admin-email", "admin@example.com", "--example",
        *options, **settings)
    assert added.returncode == 0, said(added)
    return re.search(r"aik_[A-Za-z0-9_-]{43}", added.stdout).group()


class Party:
    """An organisation through the API."""

    def __init__(self, server, token):
        self.server, self.token = server, token
        self.signing = self.credential("signatory")

    def credential(self, role):
        return self.ask("POST", "/v1/credentials", {"label": role, "roles": [role]})["token"]

    def ask(self, method, path, body=None, token=None):
        headers = {"Authorization": f"Bearer {token or self.token}",
                   "Idempotency-Key": str(uuid.uuid4()), "Content-Type": "application/json"}
        request = urllib.request.Request(
            self.server.address + path, method=method, headers=headers,
            data=None if body is None else json.dumps(body).encode())
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refusal:
            sys.exit(f"{method} {path}: {refusal.read().decode()}")

    def as_party(self):
        own = self.ask("GET", "/v1/organisation")
        named = ("name", "business_id", "vat_id", "ovt", "address", "iban", "email")
        return {"organisation": own["id"],
                **{key: own[key] for key in named if own.get(key) is not None}}

    def agree(self, buyer, changed=None):
        """The psychiatrist's remote visits, from today on, with money for all that is booked; the
        contract's identifier. `changed` are other values of members of its parts."""
        template = ROOT / "contracts" / "v1" / "templates" / "psychiatrist-remote-visit.json"
        document = json.loads(template.read_text(encoding="utf-8"))
        del document["template"]
        document["seller"], document["buyer"] = self.as_party(), buyer.as_party()
        document["validity"] = {"first_day": f"{date.today()}",
                                "last_day": f"{date.today() + timedelta(days=365)}"}
        document["limits"]["budget_ceiling"] = "90000000.00"
        document["billing"]["buyer_reference"] = "LOAD"
        document["worked_examples"] = document["worked_examples"][:1]
        for part, values in (changed or {}).items():
            document[part].update(values)
        drafted = self.ask("POST", "/v1/contracts", document)
        version = f"/v1/contracts/{drafted['id']}/versions/1"
        digest = self.ask("GET", version)["digest"]
        for party in (self, buyer):
            party.ask("POST", f"{version}/signatures", {"digest": digest}, party.signing)
        return drafted["id"]
