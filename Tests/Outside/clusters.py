"""A PostgreSQL server of a test's own, apart from the program: with TLS, hung, or gone."""

import getpass
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from base64 import b64encode
from pathlib import Path

from running import run, said

PROGRAMS = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"))), None)
ACCESS = "local all all trust\nhost all all 127.0.0.1/32 trust\n"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class OwnCluster:
    """Reached by TCP on loopback as `localhost`, and by its socket. As root, PostgreSQL runs as
    the user `postgres`."""

    def __init__(self, folder=None):
        """In a folder of its own, or in one that stays, with the data that is in it."""
        self.folder = folder or Path(tempfile.mkdtemp(prefix="aikatori-own-"))
        self.data, self.port = self.folder / "data", free_port()
        self.user = self.superuser()
        self.process = None
        if self.data.exists():
            return
        self.own(self.folder)
        self._call("initdb", "--no-sync", "--encoding=UTF8", "--locale=C", "--auth=trust",
                   f"--username={self.user or getpass.getuser()}", f"--pgdata={self.data}")
        (self.data / "pg_hba.conf").write_text(ACCESS)

    @staticmethod
    def superuser():
        """The user of this machine that PostgreSQL runs as; None for whoever asks."""
        return "postgres" if os.geteuid() == 0 else None

    def own(self, *paths):
        """Makes the paths PostgreSQL's own."""
        for path in paths if self.user else ():
            shutil.chown(path, self.user, self.user)

    def _call(self, program, *arguments):
        done = subprocess.run(
            [PROGRAMS / program, *arguments], user=self.user, cwd="/", capture_output=True,
            text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self, **parameters):
        """Starts the server, and returns when it takes connections."""
        words = {"port": self.port, "unix_socket_directories": self.folder,
                 "listen_addresses": "127.0.0.1", **parameters}
        options = [word for key, value in words.items() for word in ("-c", f"{key}={value}")]
        self.log = open(self.folder / "log", "a", encoding="utf-8")
        self.process = subprocess.Popen(
            [PROGRAMS / "postgres", "-D", self.data, *options], user=self.user, cwd="/",
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        for _ in range(300):
            ready = subprocess.run(
                [PROGRAMS / "pg_isready", "-q", "-h", self.folder, "-p", str(self.port)],
                timeout=30, check=False)
            if ready.returncode == 0:
                return self
            assert self.process.poll() is None, (self.folder / "log").read_text()
            time.sleep(0.1)
        raise AssertionError((self.folder / "log").read_text())

    def stop(self, signal_number=signal.SIGINT):
        """SIGINT ends it in order, SIGQUIT at once, as a crash does."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal_number)
            self.process.wait(60)
        self.log.close()

    def processes(self):
        """The server, and every process that it has started."""
        found = [self.process.pid]
        for path in Path("/proc").glob("[0-9]*/stat"):
            try:
                parent = path.read_text().rsplit(")", 1)[1].split()[1]
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(parent) == self.process.pid:
                found.append(int(path.parent.name))
        return found

    def signal_all(self, signal_number):
        for pid in self.processes():
            try:
                os.kill(pid, signal_number)
            except ProcessLookupError:
                pass

    def own_connection(self, database, user=None):
        """By the socket, as the superuser unless told otherwise."""
        user = user or self.user or getpass.getuser()
        return f"host='{self.folder}' port={self.port} dbname={database} user={user}"

    def psql(self, database, sql, timeout=60):
        done = subprocess.run(
            [PROGRAMS / "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", sql,
             self.own_connection(database)],
            capture_output=True, text=True, timeout=timeout, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def connection(self, role, **words):
        """A connection string for a role of the market."""
        given = {"host": "localhost", "port": self.port, "dbname": "aikatori",
                 "user": f"aikatori_{role}", **words}
        return " ".join(f"{key}={value}" for key, value in given.items())

    def settings(self, **words):
        """The settings with which the program serves and verifies this database."""
        return {
            "DATABASE_URL": self.connection("app", **words),
            "READER_DATABASE_URL": self.connection("reader", **words),
            "MIGRATION_DATABASE_URL": self.connection("owner", **words),
            "AIKATORI_MASTER_KEY": b64encode(secrets.token_bytes(32)).decode(),
        }

    def make_market(self, place, **words):
        """The roles, the database and its schema, by the steps of docs/operating.md."""
        self.psql("postgres", run(place, "roles").stdout)
        self.psql("postgres", "create database aikatori owner aikatori_owner")
        done = run(place, "migrate", timeout=120,
                   MIGRATION_DATABASE_URL=self.connection("owner", **words))
        assert done.returncode == 0, said(done)

    def remove(self):
        if self.process and self.process.poll() is None:
            self.signal_all(signal.SIGCONT)
            self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)
