"""Processes of their own for what is measured: what each took, and the GitHub stand-in that they talk to."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.conftest import ROOT

LOOK_AGAIN_S = 0.02
_PEAK = re.compile(r"VmHWM:\s+(\d+) kB")


@dataclass(frozen=True)
class Spent:
    """What a process took. cpu_s: of all its threads; peak_mb: the most memory it held at a time."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    exit_code: int
    said: str


def run_measured(command: Sequence[str], environment: Mapping[str, str], log: Path) -> Spent:
    """Runs Python with these arguments until it ends; what it says goes to the file `log`."""
    began = time.perf_counter()
    peak_kb = 0
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, *command], env={**os.environ, **environment}, cwd=ROOT, stdout=output, stderr=output
        )
        # The peak that the system reports with the end counts what the process was before it became Python.
        while not (ended := os.wait4(process.pid, os.WNOHANG))[0]:
            peak_kb = max(peak_kb, _peak_kb(process.pid))
            time.sleep(LOOK_AGAIN_S)
    wall_s = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(ended[1])
    cpu_s = ended[2].ru_utime + ended[2].ru_stime
    return Spent(wall_s, cpu_s, peak_kb / 1_024, process.returncode, log.read_text())


@dataclass(frozen=True)
class Standin:
    """A GitHub stand-in in its own process."""

    url: str
    token: str
    org: str

    def asked(self) -> dict[str, float]:
        """The figures of its log, and its processor time."""
        return dict(self._door("GET", "log"))

    def targets(self) -> list[str]:
        """What was asked for since the log began."""
        return list(self._door("GET", "targets"))

    def lists(self) -> dict[str, int]:
        """How many items there are on each list."""
        return dict(self._door("GET", "lists", org=self.org))

    def clear(self) -> dict[str, float]:
        """Begins a new log."""
        return dict(self._door("POST", "clear"))

    def new_runs(self) -> int:
        """One new run in each repository; returns how many."""
        return len(self._door("POST", "new_runs", org=self.org))

    def _door(self, method: str, name: str, **query: str) -> Any:
        answer = requests.request(method, f"{self.url}/_standin/{name}", params=query, timeout=120)
        answer.raise_for_status()
        return answer.json()


@contextmanager
def standin(org: str, log: Path, **options: float) -> Iterator[Standin]:
    """A stand-in whose organisation has synthetic repositories; `options` are those of its command line."""
    told = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
    command = [sys.executable, "-m", "tests.standins.github", f"--org={org}", *told]
    with (
        log.open("w") as errors,
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True) as process,
    ):
        try:
            first = process.stdout.readline() if process.stdout else ""
            found = re.fullmatch(r"GITHUB_API_URL=(\S+) GITHUB_TOKEN=(\S+)\s*", first)
            if found is None:
                raise RuntimeError(f"the stand-in did not start: {first}{log.read_text()}")
            yield Standin(found[1], found[2], org)
        finally:
            process.terminate()


def _peak_kb(pid: int) -> int:
    try:
        found = _PEAK.search(Path(f"/proc/{pid}/status").read_text())
    except (FileNotFoundError, ProcessLookupError):
        return 0
    # A process that has ended but was not waited for has no memory.
    return int(found[1]) if found else 0
