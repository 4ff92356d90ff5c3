"""The built program, run as a person would run it: in folders of its own, on a free port."""

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("AIKATORI_PROGRAM", ROOT / ".build" / "debug" / "aikatori"))


def environment(folder, **settings):
    """Nothing that this machine has set for itself, the small demo, and what the test sets."""
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("AIKATORI_", "PG")) and not key.endswith("DATABASE_URL")
    }
    return {
        **kept, "AIKATORI_VAR": str(folder), "AIKATORI_PORT": "0", "AIKATORI_DEMO": "small",
        **settings}


def run(folder, *arguments, timeout=60, **settings):
    """A command that ends by itself."""
    return subprocess.run(
        [PROGRAM, *arguments], env=environment(folder, **settings), cwd=ROOT, timeout=timeout,
        capture_output=True, text=True, check=False)


def said(process):
    """Everything that a command wrote."""
    return process.stdout + process.stderr


class Server:
    """`aikatori serve`, from its first line to its end."""

    def __init__(self, folder, user=None, **settings):
        self.lines = []
        self.log = tempfile.TemporaryFile(mode="w+")
        self.process = subprocess.Popen(
            [PROGRAM, "serve"], env=environment(folder, **settings), user=user, cwd="/",
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.listens = threading.Event()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            if line.startswith("Listening on "):
                self.listens.set()
        self.listens.set()

    def ready(self, timeout=60):
        """Waits until it listens; an end before that is an error with what it said."""
        assert self.listens.wait(timeout), self.said()
        assert self.process.poll() is None, self.said()
        return self

    def wait_for(self, start, timeout=60):
        """Waits for a line that begins so."""
        end = time.monotonic() + timeout
        while not any(line.startswith(start) for line in self.lines):
            assert time.monotonic() < end and self.process.poll() is None, self.said()
            time.sleep(0.005)

    def said(self):
        return "\n".join(self.lines) + "\n" + self.logged()

    def logged(self):
        self.log.seek(0)
        return self.log.read()

    @property
    def address(self):
        return next(
            re.match(r"Listening on (http://[^;]+);", line).group(1)
            for line in self.lines if line.startswith("Listening on "))

    @property
    def port(self):
        return int(self.address.rsplit(":", 1)[1])

    @property
    def tokens(self):
        return re.findall(r"aik_[A-Za-z0-9_-]{43}$", "\n".join(self.lines), re.MULTILINE)

    @property
    def commands(self):
        return [line for line in self.lines if line.startswith("curl ")]

    def token(self, organisation, role):
        """The one that is printed below an organisation's name."""
        start = next(i for i, line in enumerate(self.lines) if f"  {organisation} " in line)
        line = next(line for line in self.lines[start:] if line.split()[:1] == [role])
        return line.split()[1]

    def get(self, path, token=None):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        request = urllib.request.Request(self.address + path, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refusal:
            return refusal.code, json.load(refusal)

    def end(self, signal_number=signal.SIGTERM, timeout=60):
        if self.process.poll() is None:
            self.process.send_signal(signal_number)
        status = self.process.wait(timeout)
        self.reader.join(timeout)
        return status


@contextmanager
def serving(folder, timeout=60, **settings):
    """A server whose demo's tokens are in `tokens.json`; it must end well, too."""
    server = Server(
        folder, AIKATORI_TOKENS_FILE=str(folder / "tokens.json"), **settings).ready(timeout)
    yield server
    assert server.end() == 0, server.said()


def data_folder(folder):
    """Where the cluster's data really lies: elsewhere when PostgreSQL's user cannot enter."""
    near = Path(folder) / "postgres" / "data"
    if near.exists():
        return near
    key = 0xCBF29CE484222325
    for byte in str(Path(folder) / "postgres").encode():
        key = (key ^ byte) * 0x100000001B3 % 2**64
    return Path("/var/lib/aikatori") / f"{key:016x}" / "data"


def postmaster(folder):
    """The process id of the cluster's server while it runs."""
    try:
        pid = int((data_folder(folder) / "postmaster.pid").read_text().split()[0])
        os.kill(pid, 0)
    except (FileNotFoundError, IndexError, ProcessLookupError):
        return None
    return pid


def remove(folder):
    """The folder with all that is in it; a server of PostgreSQL that was left is ended first."""
    pid = postmaster(folder)
    if pid:
        os.kill(pid, signal.SIGINT)
        for _ in range(200):
            if postmaster(folder) is None:
                break
            time.sleep(0.05)
    data = data_folder(folder)
    if data.parent.parent == Path("/var/lib/aikatori"):
        shutil.rmtree(data.parent, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)
