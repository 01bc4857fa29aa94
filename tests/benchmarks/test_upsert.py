"""Upserting a thousand runs into a month of 850 000, beside the same by pandas; `make bench` prints the figures."""

from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from shared.datasets import WORKFLOW_RUNS
from shared.lake.tables import Lake
from tests.benchmarks.measure import compare

MONTH_ROWS = 850_000
CHANGED_ROWS = 1_000

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]


def month_of_runs() -> pa.Table:
    """A month of runs with the columns that take most of the space."""
    dice = np.random.default_rng(7)
    created = np.datetime64("2026-03-01", "us") + np.sort(dice.integers(0, 30 * 86_400, MONTH_ROWS)).astype("m8[s]")
    columns = {
        "run_id": np.arange(MONTH_ROWS),
        "run_attempt": np.ones(MONTH_ROWS, "int32"),
        "repo": np.char.add("acme/service-", dice.integers(0, 200, MONTH_ROWS).astype(str)),
        "head_sha": np.char.mod("%040x", np.arange(MONTH_ROWS) * 2_654_435_761),
        "conclusion": dice.choice(["success", "failure", "cancelled"], MONTH_ROWS),
        "created_at": created,
        "updated_at": created,
        "duration_s": dice.lognormal(5, 1, MONTH_ROWS),
        "source": np.full(MONTH_ROWS, "github"),
    }
    empty = dict.fromkeys(WORKFLOW_RUNS.schema.names, None)
    frame = pd.DataFrame({**empty, **columns})
    return pa.Table.from_pandas(frame, schema=WORKFLOW_RUNS.schema, preserve_index=False)


def changed_runs(month: pa.Table, hour: int) -> pa.Table:
    """The first runs of a month with a newer version."""
    times = pa.array([datetime(2026, 4, 1, hour % 24, tzinfo=UTC)] * CHANGED_ROWS, pa.timestamp("us", "UTC"))
    return month.slice(0, CHANGED_ROWS).set_column(month.schema.get_field_index("updated_at"), "updated_at", times)


def test_upsert_beside_pandas(lake: Lake, tmp_path: Path) -> None:
    month = month_of_runs()
    lake.upsert(WORKFLOW_RUNS, month)
    plain = tmp_path / "plain.parquet"
    month.to_pandas().to_parquet(plain, compression="zstd")
    hours = count(1)

    def by_pandas() -> None:
        both = pd.concat([pd.read_parquet(plain), changed_runs(month, next(hours)).to_pandas()])
        kept = both.drop_duplicates(["run_id", "run_attempt"], keep="last")
        kept.sort_values(["created_at", "run_id"]).to_parquet(plain, compression="zstd")

    found = compare(lambda: lake.upsert(WORKFLOW_RUNS, changed_runs(month, next(hours))), by_pandas, times=3)
    print(f"\nupsert of {CHANGED_ROWS:,} into {MONTH_ROWS:,} runs: {found}")
    assert lake.tables()["workflow_runs"].count().to_pyarrow().as_py() == MONTH_ROWS
