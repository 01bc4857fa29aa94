"""Deliveries under load while processes are killed and the store goes away: what was acknowledged is stored, once."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from backend.ingest.fold import fold
from shared.lake.azure import AzureStore
from shared.lake.inbox import INBOX
from shared.lake.local import LocalStore
from shared.lake.quarantine import quarantine_counts
from shared.lake.store import Store
from shared.lake.tables import Lake
from tests.benchmarks.deliveries import LAST, SECRET, Told
from tests.benchmarks.webhook_load import Answers, answers_of, begin_load
from tests.conftest import NOW
from tests.contract.delivering import Api, running
from tests.standins.azurite import ACCOUNT, KEY, Azurite, free_port
from tests.standins.gate import Mode, gate_to

TABLES = {
    "workflow_run": ("workflow_runs", "run_id", "status", "completed"),
    "workflow_job": ("workflow_jobs", "job_id", "status", "completed"),
    "pull_request": ("pull_requests", "number", "state", "closed"),
    "dependabot_alert": ("alerts", "number", "state", "fixed"),
}
"""By event the table, what identifies a row, and what the second delivery about it says."""

DUPLICATES = 0.2
KILLS = 5
UNDER_LOAD_S = 5

pytestmark = pytest.mark.slow


def test_a_process_killed_five_times_loses_nothing_that_it_acknowledged(tmp_path: Path) -> None:
    port = free_port()
    load = begin_load(port, 3_600, duplicates=DUPLICATES, connections=16)
    try:
        for _ in range(KILLS):
            with api(tmp_path, port) as server:
                time.sleep(UNDER_LOAD_S)
                server.process.kill()
                server.process.wait()
        with api(tmp_path, port):
            time.sleep(UNDER_LOAD_S)
            load.terminate()
            answers = answers_of(load)
    finally:
        load.kill()
    assert answers.broken
    check_stored(LocalStore(tmp_path / "store"), tmp_path, answers)


def test_what_is_sent_to_two_replicas_at_once_is_stored_once(tmp_path: Path) -> None:
    second = {"FETTLE_CACHE": f"{tmp_path}/other-cache"}
    with api(tmp_path, free_port()) as one, api(tmp_path, free_port(), **second) as other:
        loads = [begin_load(server.port, 10, duplicates=DUPLICATES, connections=8) for server in (one, other)]
        answers = [answers_of(load) for load in loads]
    check_stored(LocalStore(tmp_path / "store"), tmp_path, answers[0] + answers[1])


@pytest.mark.parametrize("mode", ["refusing", "hanging"])
def test_while_azure_is_away_all_is_answered_in_time_and_stored_once_later(tmp_path: Path, mode: Mode) -> None:
    with Azurite.start() as azurite, gate_to(azurite.port) as gate:
        settings = {
            "FETTLE_STORE": "az://fettle",
            "AZURE_STORAGE_CONNECTION_STRING": connection_string(gate.port),
            "FETTLE_SPOOL_LIMIT": "4000000000",  # a load without pauses fills the usual quarter of a gigabyte
        }
        with api(tmp_path, free_port(), **settings) as server:
            load = begin_load(server.port, 40, duplicates=DUPLICATES, connections=16)
            time.sleep(8)
            gate.set(mode)
            time.sleep(20)
            gate.set("open")
            answers = answers_of(load)
            wait_for_empty(tmp_path / "cache" / "spool")
            assert "Traceback" not in server.said
        assert (set(answers.statuses), answers.broken) == ({202}, 0)
        assert max(answers.latencies) < 5_000
        check_stored(AzureStore("fettle", connection_string=azurite.connection_string), tmp_path, answers)


@contextmanager
def api(folder: Path, port: int, **settings: str) -> Iterator[Api]:
    with running(folder, port, GITHUB_WEBHOOK_SECRET=SECRET, **settings) as server:
        yield server


def connection_string(port: int) -> str:
    endpoint = f"http://127.0.0.1:{port}/{ACCOUNT}"
    return f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};BlobEndpoint={endpoint};"


def wait_for_empty(spool: Path) -> None:
    deadline = time.monotonic() + 240  # twenty seconds at full speed are a gigabyte
    while list(spool.glob("*/*/*.ndjson")):
        assert time.monotonic() < deadline, "the spool is not flushed"
        time.sleep(0.2)


def check_stored(store: Store, folder: Path, answers: Answers) -> None:
    """Every acknowledged delivery is in the tables exactly once, and the later one about a thing counts."""
    assert answers.acknowledged
    lake = Lake(store, folder / "reading", lambda: NOW)
    fold(lake)
    assert list(store.list(INBOX)) == []
    assert quarantine_counts(store) == {}
    acknowledged = {Told(number, step) for number, step in answers.acknowledged}
    for event, (name, identity, column, final) in TABLES.items():
        rows: list[dict[str, Any]] = lake.tables("real")[name].to_pyarrow().to_pylist()
        stored = {row[identity]: row for row in rows}
        assert len(stored) == len(rows)
        told = [one for one in acknowledged if one.event == event]
        assert {one.number for one in told} <= stored.keys()
        assert {stored[one.number][column] for one in told if one.step == LAST} == {final}
    happened = lake.tables("real")["alert_events"].to_pyarrow().to_pylist()
    counts = Counter((row["number"], row["action"]) for row in happened)
    alerts = [one for one in acknowledged if one.event == "dependabot_alert"]
    assert {counts[one.number, ("created", "fixed")[one.step]] for one in alerts} == {1}
    assert set(counts.values()) == {1}
    lake.close()
