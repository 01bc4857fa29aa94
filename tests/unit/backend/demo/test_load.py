"""Loading and clearing: idempotent, and apart from real rows."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from backend.demo.load import clear_demo, demo_tables, load_demo, regenerate_demo
from backend.demo.size import DemoSize
from shared.datasets import ALERTS, DATASETS, REPOSITORIES, WORKFLOW_RUNS
from shared.lake.reading import Rows
from shared.lake.tables import Lake

SMALL = DemoSize(repos=3, days=30, runs=150)


def _held(lake: Lake, rows: Rows) -> dict[str, pa.Table]:
    tables = lake.tables(rows)
    return {name: tables[name].order_by(list(DATASETS[name].key)).to_pyarrow() for name in DATASETS}


def _counts(lake: Lake) -> dict[str, int]:
    """How many rows the sample has in each dataset that it fills."""
    return {name: table.num_rows for name, table in _held(lake, "demo").items() if table.num_rows}


def _put_real_rows(lake: Lake) -> None:
    """Real rows in partitions that the sample has rows in too."""
    now = lake.clock()
    real: dict[str, Any] = {
        "repo": "acme/shop",
        "org": "acme",
        "source": "github",
        "collected_at": now,
        "updated_at": now,
    }
    runs = [
        {
            **real,
            "run_id": number,
            "run_attempt": 1,
            "created_at": now - timedelta(days=number),
            "conclusion": "success",
        }
        for number in range(1, 35)
    ]
    lake.upsert(WORKFLOW_RUNS, WORKFLOW_RUNS.table(runs))
    lake.upsert(
        REPOSITORIES,
        REPOSITORIES.table([{key: real[key] for key in ("repo", "org", "source", "collected_at")}]),
    )
    lake.upsert(
        ALERTS,
        ALERTS.table([{**real, "kind": "dependabot", "number": 1, "state": "open", "created_at": now}]),
    )


@pytest.mark.slow
def test_loading_reports_the_rows_it_put_there(lake: Lake) -> None:
    loaded = load_demo(lake, SMALL)

    assert loaded.rows == _counts(lake)
    assert loaded.rows["workflow_runs"] == SMALL.runs


def test_loading_twice_changes_nothing(lake: Lake) -> None:
    first = load_demo(lake, SMALL)
    version = lake.snapshot().version

    assert load_demo(lake, SMALL) == first
    assert lake.snapshot().version == version


@pytest.mark.slow
def test_loading_within_the_same_minute_changes_nothing(lake: Lake) -> None:
    load_demo(lake, SMALL)
    version = lake.snapshot().version
    now = lake.clock()
    lake.clock = lambda: now + timedelta(seconds=59, microseconds=7)
    load_demo(lake, SMALL)

    assert lake.snapshot().version == version


def test_another_sample_replaces_the_one_that_is_there(lake: Lake) -> None:
    load_demo(lake, SMALL)
    other = DemoSize(repos=2, days=20, runs=90, seed=9)
    loaded = load_demo(lake, other)

    assert _counts(lake) == loaded.rows


def test_a_killed_load_is_completed_by_the_next(lake: Lake) -> None:
    def die(done: int, steps: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load_demo(lake, SMALL, die)
    loaded = load_demo(lake, SMALL)

    assert _counts(lake) == loaded.rows


def test_a_killed_load_leaves_nothing_behind_in_another_sample(lake: Lake) -> None:
    def die(done: int, steps: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load_demo(lake, SMALL, die)
    loaded = load_demo(lake, DemoSize(repos=2, days=10, runs=50))

    assert _counts(lake) == loaded.rows


def test_progress_counts_up_to_the_announced_number_of_steps(lake: Lake) -> None:
    seen: list[tuple[int, int]] = []
    load_demo(lake, SMALL, lambda done, steps: seen.append((done, steps)))

    assert [done for done, _ in seen] == list(range(1, len(seen) + 1))
    assert {steps for _, steps in seen} == {len(seen)}


def test_real_rows_stay_exactly_as_they_are(lake: Lake) -> None:
    _put_real_rows(lake)
    before = _held(lake, "real")

    load_demo(lake, SMALL)
    assert _held(lake, "real") == before
    assert lake.tables("auto").rows == "real"
    regenerate_demo(lake, DemoSize(repos=2, days=40, runs=100))
    assert _held(lake, "real") == before
    clear_demo(lake)
    assert _held(lake, "real") == before


def test_a_real_row_with_the_key_of_a_demo_row_stays(lake: Lake) -> None:
    demo = next(table for dataset, table in demo_tables(SMALL, lake.clock()) if dataset is WORKFLOW_RUNS).slice(0, 1)
    real = demo.set_column(demo.schema.get_field_index("source"), "source", pa.array(["github"]))
    lake.upsert(WORKFLOW_RUNS, real)

    load_demo(lake, SMALL)

    assert lake.tables("real")["workflow_runs"].source.to_pyarrow().to_pylist() == ["github"]


def test_clearing_leaves_a_store_of_real_rows_untouched(lake: Lake) -> None:
    _put_real_rows(lake)
    version = lake.snapshot().version

    assert clear_demo(lake) == dict.fromkeys(DATASETS, 0)
    assert lake.snapshot().version == version


def test_clearing_removes_all_of_the_sample_and_says_how_much(lake: Lake) -> None:
    loaded = load_demo(lake, SMALL)

    assert {name: rows for name, rows in clear_demo(lake).items() if rows} == loaded.rows
    assert lake.snapshot().blobs == ()
    assert lake.document("demo") == {}


def test_regenerating_moves_the_sample_up_to_now(lake: Lake) -> None:
    load_demo(lake, SMALL)
    later = datetime(2027, 3, 1, tzinfo=UTC)
    lake.clock = lambda: later
    regenerate_demo(lake, SMALL)

    runs = lake.tables("demo")["workflow_runs"]
    assert runs.count().to_pyarrow().as_py() == SMALL.runs
    assert runs.created_at.min().to_pyarrow().as_py() >= later - timedelta(days=40)
