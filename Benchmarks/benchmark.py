"""How near the server comes to what its database can do: ratios of one run, each the median of
interleaved rounds. `make benchmark` runs it; docs/speed.md says what they mean."""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
os.environ.setdefault("AIKATORI_PROGRAM", str(ROOT / ".build" / "release" / "aikatori"))
sys.path.insert(0, str(ROOT / "Tests" / "Outside"))

from clusters import PROGRAMS
from data import Data
from running import Server
import ledger
import live_visits
import machine

HERE = Path(__file__).resolve().parent


def type_id(prefix, text):
    """A UUID as the API writes it: Crockford's base 32 after the kind."""
    bits = int(text.replace("-", ""), 16)
    digits = "0123456789abcdefghjkmnpqrstvwxyz"
    return prefix + "_" + "".join(digits[bits >> 5 * place & 31] for place in range(25, -1, -1))


def pgbench(data, script, clients, seconds, nearest=8, farthest=40):
    """Transactions a second; searches begin so many days ahead."""
    done = subprocess.run(
        [PROGRAMS / "pgbench", "-n", "-M", "prepared", "-c", str(clients), "-j", "2", "-T",
         str(seconds), "-D", f"nearest={nearest}", "-D", f"farthest={farthest}",
         "-f", HERE / script, data.cluster.own_connection("aikatori", "aikatori_app")],
        capture_output=True, text=True, check=False)
    found = re.search(r"tps = ([0-9.]+)", done.stdout)
    if not found or "number of failed transactions: 0 " not in done.stdout:
        sys.exit(done.stdout + done.stderr)
    return float(found.group(1))


def growth(seconds):
    """How long one search takes alone, as the market grows; the largest has one week of data."""
    sizes = ((20, 56, 8, 40), (200, 56, 8, 40), (2_000, 7, 1, 3))
    for specialists, days, nearest, farthest in sizes:
        data = Data({"specialists": specialists, "days": days})
        try:
            data.copy()
            for _ in range(2):  # the first warms up
                speed = pgbench(data, "search.sql", 1, seconds, nearest, farthest)
            starts = data.ask("select count(*) from start_time")
            print(f"{50 * specialists:8,} specialists, {int(starts):10,} starts:"
                  f" {1000 / speed:5.2f} ms a search", flush=True)
        finally:
            data.cluster.stop()


class Measure:
    """One server on a fresh copy of the data, and the two generators of load."""

    def __init__(self, data, seconds):
        self.data, self.seconds = data, seconds
        data.copy()
        app = data.cluster.own_connection("aikatori", "aikatori_app")
        self.server = Server(
            data.cluster.folder, DATABASE_URL=app,
            AIKATORI_MASTER_KEY=data.cluster.settings()["AIKATORI_MASTER_KEY"],
            AIKATORI_REQUESTS_PER_TOKEN="1000000", AIKATORI_REQUESTS_PER_ADDRESS="1000000",
            AIKATORI_LOG_LEVEL="warning").ready()
        self.at_rest = self.memory()
        self.files = data.cluster.folder
        self.searches = self._searches()

    def memory(self, key="VmRSS"):
        """MiB of the server's process: now, or `VmHWM` at its highest."""
        status = Path(f"/proc/{self.server.process.pid}/status").read_text()
        return int(re.search(rf"{key}:\s+(\d+) kB", status).group(1)) / 1024

    def pgbench(self, script, clients):
        return pgbench(self.data, script, clients, self.seconds)

    def wrk(self, lines, clients):
        """Answers a second, and the 50th and 99th percentile of their milliseconds."""
        done = subprocess.run(
            ["wrk", "-t2", f"-c{clients}", f"-d{self.seconds}s", "-s", HERE / "load.lua",
             self.server.address, "--", lines, "2"],
            capture_output=True, text=True, check=False)
        found = re.search(
            r"answered (\d+) other (\d+) seconds (\S+) p50 (\S+) p99 (\S+)", done.stdout)
        if not found or found.group(2) != "0":
            sys.exit(done.stdout + done.stderr + self.server.logged()[-2000:])
        count, _, seconds, middle, slow = (float(each) for each in found.groups())
        return count / seconds, middle, slow

    def bookings(self, clients):
        """Books over HTTP what was not booked yet, and checks that all of it is in the database."""
        most = self.seconds * 18_000
        first = int(self.data.ask("select nextval('bench.next')"))
        self.data.ask(f"select setval('bench.next', {first + most})")
        rows = self.data.ask(
            "select n, token, contract, service, specialist, starts at time zone 'UTC'"
            f" from bench.target where n between {first} and {first + most} order by n")
        if not rows:
            sys.exit("every free start is booked: nothing is left to measure with")
        path = self.files / "bookings"
        with open(path, "w", encoding="utf-8") as file:
            for row in rows.splitlines():
                n, token, contract, service, specialist, starts = row.split("|")
                body = json.dumps({
                    "contract": type_id("contract", contract), "service": service,
                    "specialist": type_id("specialist", specialist),
                    "starts": starts.replace(" ", "T") + "Z", "minutes": 30})
                file.write(f"POST\t/v1/bookings\t{token}\tload-{n}\t{body}\n")
        before = self._booked()
        figures = self.wrk(path, clients)
        made = self._booked() - before
        if made < figures[0] * self.seconds * 0.99:
            sys.exit(f"{figures[0] * self.seconds:.0f} were answered, and {made} are there")
        return figures

    def _booked(self):
        return int(self.data.ask("select count(*) from idempotency"))

    def _searches(self):
        """The questions of search.sql, as requests."""
        rows = self.data.ask(
            "select token, 100 + kind, to_char(date_trunc('hour', now()) + make_interval(days =>"
            " ahead), 'YYYY-MM-DD\"T\"HH24:00:00\"Z\"'), to_char(date_trunc('hour', now()) +"
            " make_interval(days => ahead + 14), 'YYYY-MM-DD\"T\"HH24:00:00\"Z\"')"
            " from bench.asker, generate_series(1, 9) kind, generate_series(8, 40, 4) ahead"
            " order by random()")
        path = self.files / "searches"
        with open(path, "w", encoding="utf-8") as file:
            for row in rows.splitlines():
                token, kind, start, end = row.split("|")
                file.write(f"GET\t/v1/times?from={start}&until={end}&minutes=30"
                           f"&specialty={kind}&limit=50\t{token}\tread\t\n")
        return path


def shown(name, ratio, target, figures):
    print(f"{name:58} {ratio:5.2f}   target {target:>7}   {figures}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--growth", action="store_true",
                        help="how search time grows with the market, and nothing else")
    parser.add_argument("--visits", action="store_true",
                        help="200 visits live at once on one server, and nothing else")
    parser.add_argument("--ledger", action="store_true",
                        help="how fast entries are posted, and nothing else")
    asked = parser.parse_args()
    print(f"On {machine.figures()}", flush=True)
    if asked.visits:
        live_visits.measure()
        return
    if asked.growth:
        growth(asked.seconds)
        return
    if asked.ledger:
        ledger.measure(pgbench, shown, HERE, asked.rounds, asked.seconds)
        return
    data = Data()
    measure = None
    try:
        measure = Measure(data, asked.seconds)
        rounds = []
        for number in range(asked.rounds):
            print(f"Round {number + 1} of {asked.rounds}", flush=True)
            rounds.append({
                "book": measure.pgbench("book.sql", 16),
                "book 16": measure.bookings(16),
                "book 64": measure.bookings(64),
                "search": measure.pgbench("search.sql", 8),
                "search 64": measure.wrk(measure.searches, 64),
            })
        report(rounds, measure)
    finally:
        if measure:
            measure.server.end()
        data.cluster.stop()
    ledger.measure(pgbench, shown, HERE, asked.rounds, asked.seconds)
    live_visits.measure()


def report(rounds, measure):
    """Each ratio within its round; the median of the rounds."""
    for name, key, base, target in (
            ("HTTP bookings, 16 clients / pgbench one a call, 16", "book 16", "book", ">= 0.85"),
            ("HTTP bookings, 64 clients / the same", "book 64", "book", ">= 1.3"),
            ("HTTP search, 64 clients / pgbench, 8", "search 64", "search", ">= 0.75")):
        ratios = [each[key][0] / each[base] for each in rounds]
        speed, middle, slow = (statistics.median(each[key][n] for each in rounds) for n in range(3))
        limit = statistics.median(each[base] for each in rounds)
        shown(name, statistics.median(ratios), target,
              f"{speed:.0f}/s of {limit:.0f}/s, p50 {middle:.1f} ms, p99 {slow:.1f} ms")
    print(f"Memory of the server: {measure.at_rest:.0f} MiB at rest (target <= 60),"
          f" {measure.memory('VmHWM'):.0f} MiB at most (target <= 150)")


if __name__ == "__main__":
    main()
