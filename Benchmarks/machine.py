"""What the figures were measured on, for the head of a run."""

import os
import platform
import re
import subprocess
from pathlib import Path

from clusters import PROGRAMS


def figures():
    """Cores and their model, memory, kernel, and PostgreSQL's version."""
    cores = len(os.sched_getaffinity(0))
    processor = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    model = re.search(r"^model name\s*: (.+)$", processor, re.MULTILINE)
    memory = re.search(
        r"MemTotal:\s+(\d+) kB", Path("/proc/meminfo").read_text(encoding="utf-8"))
    database = subprocess.run(
        [PROGRAMS / "postgres", "--version"], capture_output=True, text=True, check=True)
    return (f"{cores} cores ({model.group(1).strip() if model else platform.machine()}),"
            f" {int(memory.group(1)) / 2**20:.0f} GiB, Linux {platform.release()},"
            f" {database.stdout.strip()}")
