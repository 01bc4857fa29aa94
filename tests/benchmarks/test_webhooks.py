"""Deliveries beside a bare handler that only checks the signature; `make bench` prints the table.

FETTLE_BENCH_WEBHOOK_SECONDS is how long each side is under load, in rounds that take turns.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from backend.demo.load import load_demo
from backend.demo.size import DemoSize
from backend.ingest.fold import fold
from shared.lake.inbox import INBOX
from shared.lake.local import LocalStore
from shared.lake.tables import Lake
from tests.benchmarks.busy_sessions import begin_visits
from tests.benchmarks.deliveries import EVENTS, SECRET
from tests.benchmarks.report import write_section
from tests.benchmarks.webhook_load import Answers, answers_of, begin_load
from tests.benchmarks.webhook_table import Measured, section, table
from tests.conftest import NOW, ROOT
from tests.contract.delivering import running
from tests.standins.azurite import free_port

SECONDS = float(os.environ.get("FETTLE_BENCH_WEBHOOK_SECONDS", "60"))
ROUNDS = 3
CONNECTIONS = 64
SESSIONS = 2
TABLES = {
    "workflow_run": ("workflow_runs", "run_id"),
    "workflow_job": ("workflow_jobs", "job_id"),
    "pull_request": ("pull_requests", "number"),
    "dependabot_alert": ("alerts", "number"),
}

pytestmark = [pytest.mark.bench, pytest.mark.timeout(3_600)]


@pytest.fixture(scope="module")
def measured() -> Iterator[list[Measured]]:
    """What was measured; the section of the documentation is written of it, where no test's environment hides how."""
    found: list[Measured] = []
    yield found
    if found and SECONDS >= 60:
        write_section(section(found, CONNECTIONS, SECONDS))


def test_deliveries_beside_a_bare_handler(tmp_path: Path, measured: list[Measured]) -> None:
    measured += [side_by_side(tmp_path / "quiet", 0), side_by_side(tmp_path / "busy", SESSIONS)]
    print(f"\n{table(measured)}")


def side_by_side(folder: Path, sessions: int) -> Measured:
    """Both under load in turn, while so many visitors open pages; then all that was acknowledged is looked for."""
    folder.mkdir()
    store = LocalStore(folder / "store")
    lake = Lake(store, folder / "reading", lambda: NOW)
    load_demo(lake, DemoSize(repos=24, days=365, runs=20_000))
    ours, bare = Answers(), Answers()
    with running(folder, GITHUB_WEBHOOK_SECRET=SECRET) as api, bare_handler() as port, busy_pages(folder, sessions):
        for number in range(ROUNDS):
            bare += under_load(port, number)
            ours += under_load(api.port, number)
            began = time.perf_counter()
            while any(True for _ in store.list(INBOX)):
                time.sleep(0.1)
            folded_s = time.perf_counter() - began
    fold(lake)
    stored = {name: set(lake.tables("real")[name][key].to_pyarrow().to_pylist()) for name, key in TABLES.values()}
    missing = [n for n, _ in ours.acknowledged if n not in stored[TABLES[EVENTS[n % len(EVENTS)]][0]]]
    lake.close()
    assert missing == []
    assert set(ours.statuses) == set(bare.statuses) == {202}
    return Measured(sessions, ours, bare, folded_s)


def under_load(port: int, number: int) -> Answers:
    load = begin_load(port, SECONDS / ROUNDS, CONNECTIONS, first=1 + number * 10_000_000)
    return answers_of(load)


@contextmanager
def bare_handler() -> Iterator[int]:
    """A server that only checks signatures; gives its port."""
    port = free_port()
    command = ["tests.benchmarks.bare_webhook:app", "--port", str(port), "--log-level", "warning", "--no-access-log"]
    with served(["-m", "uvicorn", *command], f"http://127.0.0.1:{port}/", {}):
        yield port


@contextmanager
def busy_pages(folder: Path, sessions: int) -> Iterator[None]:
    """The pages, with visitors who never pause; nothing where there are none."""
    if not sessions:
        yield
        return
    port = free_port()
    environment = {"FETTLE_STORE": f"file://{folder}/store", "FETTLE_CACHE": f"{folder}/ui-cache"}
    command = ["-m", "backend", "serve", "ui", "--ui-port", str(port)]
    with served(command, f"http://127.0.0.1:{port}/_stcore/health", environment):
        visitors = begin_visits(port, sessions)
        try:
            time.sleep(5)  # the first visits of all are slow
            yield
            assert visitors.poll() is None
        finally:
            visitors.terminate()
            print(f"pages opened: {visitors.communicate()[0].strip()}")


@contextmanager
def served(command: list[str], address: str, environment: dict[str, str]) -> Iterator[None]:
    process = subprocess.Popen([sys.executable, *command], cwd=ROOT, env={**os.environ, **environment})
    try:
        wait_for(address)
        yield
    finally:
        process.terminate()
        process.wait(20)


def wait_for(address: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            httpx.get(address, timeout=5, trust_env=False)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"{address} does not answer")
