"""How fast entries are posted, against plain postings with cached balances."""

import statistics
import subprocess
import sys

from clusters import PROGRAMS
from data import Data

SIZE = 50  # entries a call, as an invoice run or an attested list has them


def measure(pgbench, shown, here, rounds, seconds):
    """Entries a second through `post`, two writers of `SIZE` a call, in a market whose visits are
    charged and not posted; a call holds entries of one seller."""
    data = Data({"specialists": 20, "days": 56})
    try:
        data.copy()
        done = subprocess.run(
            [PROGRAMS / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-v", f"size={SIZE}", "-v",
             "charges=280000", "-f", here / "ledger.sql", data.cluster.own_connection("aikatori")],
            capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.exit(done.stderr)
        # books that have lived: nobody posts into empty ones for long
        pgbench(data, "post.sql", 2, seconds)
        data.ask("vacuum analyze")
        figures = []
        for _ in range(rounds):
            plain = pgbench(data, "plain_post.sql", 16, seconds)
            calls = pgbench(data, "post.sql", 2, seconds)
            figures.append((calls * SIZE, plain))
        if data.ask("select last_value > (select count(*) from bench.posting_call)"
                    " from bench.next_posting_call") == "t":
            sys.exit("every charge is posted: nothing was left to measure with")
        posted = int(data.ask("select count(*) from entry"))
        sides = data.ask("select count(*) from (select entry, book from posting group by 1, 2"
                         " having sum(case side when 'debit' then amount else -amount end) <> 0) x")
        if posted < SIZE or sides != "0":
            sys.exit(f"{posted} entries are there, and {sides} books of one do not balance")
        speed, plain = (statistics.median(each[n] for each in figures) for n in range(2))
        shown("ledger entries of two books / two postings with balances",
              statistics.median(ours / theirs for ours, theirs in figures), ">= 1.8",
              f"{speed:.0f}/s of {plain:.0f}/s, {posted:,} entries")
    finally:
        data.cluster.stop()
