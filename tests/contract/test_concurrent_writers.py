"""Promises that only several processes and sudden death can break, checked on both stores."""

import random
import time
from multiprocessing.connection import Connection
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from shared.datasets import WORKFLOW_RUNS
from shared.lake.tables import Lake
from tests.contract.conftest import named_store
from tests.contract.writer import rows, start_writer

KILLED_ROWS = 40


@pytest.fixture(params=["local", "azure"])
def store_settings(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    return named_store(request, tmp_path)


def stored_ids(lake: Lake) -> list[int]:
    return sorted(lake.tables()["workflow_runs"].run_id.to_pyarrow().to_pylist())


def told(connection: Connection) -> list[int]:
    """What a writer said it had stored, up to its end."""
    found = []
    try:
        while True:
            found.append(connection.recv())
    except EOFError:
        return [message for message in found if message != "ready"]


@pytest.mark.parametrize(("count", "upserts"), [(3, 2), pytest.param(8, 50, marks=pytest.mark.slow)])
def test_no_row_is_lost_when_many_processes_upsert_the_same_partition(
    store_settings: dict[str, str], lake: Lake, tmp_path: Path, count: int, upserts: int
) -> None:
    writers = [start_writer(store_settings, tmp_path / "writers", number * 1000, upserts) for number in range(count)]
    for number, (process, connection) in enumerate(writers):
        assert told(connection) == [number * 1000 + upsert for upsert in range(upserts)]
        process.join()
        assert process.exitcode == 0
    assert stored_ids(lake) == [writer * 1000 + upsert for writer in range(count) for upsert in range(upserts)]
    assert [blob.name for blob in lake.snapshot().blobs] == ["tables/workflow_runs/month=2026-03/part.parquet"]


@pytest.mark.parametrize("kills", [2, pytest.param(30, marks=pytest.mark.slow)])
def test_killed_writers_leave_whole_blobs_lose_nothing_acknowledged_and_can_run_again(
    store_settings: dict[str, str], lake: Lake, tmp_path: Path, kills: int
) -> None:
    dice = random.Random(20261121)
    acknowledged: list[int] = []
    for kill in range(kills):
        process, connection = start_writer(store_settings, tmp_path / "writers", kill * 10_000, 100, KILLED_ROWS)
        assert connection.recv() == "ready"
        if kill % 2:  # every other one has stored something, however slow the machine is
            acknowledged.append(connection.recv())
        time.sleep(dice.uniform(0.0, 0.4))
        process.kill()
        acknowledged += told(connection)
    for blob in lake.store.list("tables/"):
        lake.store.download(blob.name, tmp_path / "whole.parquet")
        assert pq.read_table(tmp_path / "whole.parquet").schema.names == WORKFLOW_RUNS.schema.names
    found = set(stored_ids(lake))
    assert found >= {first + row for first in acknowledged for row in range(KILLED_ROWS)}

    for kill in range(kills):
        lake.upsert(WORKFLOW_RUNS, rows(kill * 10_000, KILLED_ROWS))
    complete = {kill * 10_000 + row for kill in range(kills) for row in range(KILLED_ROWS)}
    assert stored_ids(lake) == sorted(found | complete)
