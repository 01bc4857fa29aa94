"""Processes that upsert runs into a store, forked from a server that has imported everything already."""

import multiprocessing
from datetime import UTC, datetime
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path

import pyarrow as pa
import pytest

from shared.datasets import WORKFLOW_RUNS
from shared.lake.opening import open_lake
from shared.settings import Settings

ROOT = Path(__file__).parents[2]

MONTHS = (datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))


def forks() -> ForkServerContext:
    """Starts processes without importing or compiling anything anew, so that dozens of them fit into a test."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.contract.writer_ready"])
    # Python 3.11's fork server takes its module path from the environment alone.
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        forkserver.ensure_running()
    return context


def start_writer(
    settings: dict[str, str], cache: Path, first: int, upserts: int, size: int = 1
) -> tuple[ForkServerProcess, Connection]:
    """A process that stores `upserts` batches of `size` runs; the connection tells "ready", then each batch stored."""
    context = forks()
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_write, args=(settings, cache, first, upserts, size, there), daemon=True)
    process.start()
    there.close()
    return process, here


def rows(first: int, count: int) -> pa.Table:
    """Runs with the ids first … first+count-1, half of them in each of two months."""
    return WORKFLOW_RUNS.table(
        [
            {
                "run_id": first + number,
                "run_attempt": 1,
                "repo": "octo/robot",
                "org": "octo",
                "created_at": MONTHS[number % 2],
                "updated_at": MONTHS[1],
                "collected_at": MONTHS[1],
                "conclusion": "success",
                "source": "github",
            }
            for number in range(count)
        ]
    )


def _write(settings: dict[str, str], cache: Path, first: int, upserts: int, size: int, told: Connection) -> None:
    lake = open_lake(Settings(**settings, FETTLE_CACHE=cache))  # type: ignore[arg-type]
    told.send("ready")
    for number in range(upserts):
        lake.upsert(WORKFLOW_RUNS, rows(first + number * size, size))
        told.send(first + number * size)
