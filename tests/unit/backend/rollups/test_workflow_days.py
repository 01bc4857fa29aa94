"""Workflow days equal the raw runs, whatever came in which order, and a month is made again if its runs changed."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.rollups.workflow_days import workflow_days
from shared.datasets import WORKFLOW_DAILY, WORKFLOW_RUNS
from shared.datasets.workflow_daily import DURATION_BUCKETS
from shared.lake.merge import Changes
from shared.lake.prepared import ask
from shared.lake.tables import Lake
from shared.metrics.workflows.outcomes import FAILURES
from shared.metrics.workflows.success_rate import run_trend, success_rate
from shared.scope import Scope
from tests.builders import NOW, Row, run
from tests.lakes import lake_in
from tests.unit.shared.metrics.strategies import runs

DAY = timedelta(days=1)
TOLD = tuple(name for name, _ in WORKFLOW_DAILY.columns if name not in DURATION_BUCKETS)
COUNTS = ("runs", "successes", "failures", "cancelled", "other")
LATER = NOW + 30 * DAY
"""After everything: a run that is under way now would be so for the trend of now, and not for what is stored."""


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    yield from new_lake(tmp_path)


def new_lake(folder: Path) -> Iterator[Lake]:
    lake = lake_in(folder, lambda: LATER)
    yield lake
    lake.close()


def put(lake: Lake, *rows: Row) -> None:
    lake.upsert(WORKFLOW_RUNS, WORKFLOW_RUNS.table(list(rows)))


def days(lake: Lake, rows: Any = "real") -> list[Row]:
    found: list[Row] = lake.tables(rows)["workflow_daily"].to_pyarrow().to_pylist()
    return found


def etags(lake: Lake) -> dict[str, str]:
    return {month: blob.etag for month, blob in lake.snapshot().months(WORKFLOW_DAILY).items()}


def everything(lake: Lake) -> list[tuple[str, str]]:
    return [(blob.name, blob.etag) for prefix in ("tables/", "state/") for blob in lake.store.list(prefix)]


def plain(rows: list[Row]) -> list[Row]:
    """The roll-up in plain Python, without its histogram and provenance."""

    def key(row: Row) -> tuple[str, str, str, str, datetime]:
        day = row["created_at"].replace(hour=0)
        workflow = str(row["workflow_id"] or row["workflow_name"])
        return row["repo"], workflow, row["branch"] or "", row["event"] or "", day

    found = []
    for (repo, workflow, branch, event, day), group in groupby(sorted(rows, key=key), key):
        own = list(group)
        ends = [row["conclusion"] for row in own]
        won, lost, cancelled = ends.count("success"), sum(end in FAILURES for end in ends), ends.count("cancelled")
        lasted = [row["duration_s"] for row in own if row["duration_s"] is not None]
        found.append(
            {
                "repo": repo,
                "workflow_key": workflow,
                "branch": branch,
                "event": event,
                "day": day,
                "org": own[0]["org"],
                "workflow_id": own[0]["workflow_id"],
                "workflow_name": "build",
                "runs": len(own),
                "successes": won,
                "failures": lost,
                "cancelled": cancelled,
                "other": len(own) - won - lost - cancelled,
                "duration_count": len(lasted),
                "duration_sum_s": sum(lasted) if lasted else None,
            }
        )
    return sorted(found, key=lambda row: [row[name] for name in WORKFLOW_DAILY.sort])


def latest(rows: list[Row]) -> list[Row]:
    """The rows that are stored as the latest attempt of their run."""
    last = {row["run_id"]: row for row in sorted(rows, key=lambda row: row["run_attempt"])}
    return list(last.values())


def tried_again(row: Row, conclusion: str) -> Row:
    return run(**{**row, "run_attempt": 2, "conclusion": conclusion, "status": "completed", "duration_s": 77.5})


@settings(max_examples=4)
@given(runs(12), st.randoms(use_true_random=False))
def test_roll_up_equals_the_runs_after_any_sequence_of_upserts(rows: list[Row], chance: Any) -> None:
    rows = [{**row, "branch": chance.choice([row["branch"], None])} for row in rows]
    rows += [tried_again(row, chance.choice(["success", "failure"])) for row in rows if chance.random() < 0.3]
    again = [*rows, *chance.sample(rows, len(rows) // 2)]
    chance.shuffle(again)
    with TemporaryDirectory() as folder:
        for lake in new_lake(Path(folder)):
            for part in (again[::2], again[1::2]):
                put(lake, *part)
                workflow_days(lake, LATER)
            found, expected = days(lake), plain(latest(rows))
            assert [{name: row[name] for name in TOLD} for row in found] == expected
            assert all(sum(row[name] for name in DURATION_BUCKETS) == row["duration_count"] for row in found)
            equals_the_metrics(lake, found)
            before = everything(lake)
            assert workflow_days(lake, LATER + DAY) == Changes()
            assert everything(lake) == before


def equals_the_metrics(lake: Lake, found: list[Row]) -> None:
    """Whole days of the roll-up are those of the metrics."""
    tables, since = lake.tables("real"), NOW - 60 * DAY
    scope = Scope(until=LATER, since=since)
    for bucket in ask(tables, "trend", lambda given, asked: run_trend(given, asked, every="day"), scope).to_pylist():
        own = [row for row in found if row["day"] == bucket["period_start"]]
        assert {name: bucket[name] for name in COUNTS} == {name: sum(row[name] for row in own) for name in COUNTS}
    (whole,) = ask(tables, "rate", success_rate, scope).to_pylist()
    own = [row for row in found if row["day"] >= since]
    assert {name: whole[name] for name in COUNTS} == {name: sum(row[name] for row in own) for name in COUNTS}


MAY, JUNE = NOW - 40 * DAY, NOW - 5 * DAY


def test_only_the_month_that_changed_is_written(lake: Lake) -> None:
    put(lake, run(run_id=1, created_at=MAY), run(run_id=2, created_at=JUNE))
    assert workflow_days(lake, LATER) == Changes(inserted=2)
    before = etags(lake)
    put(lake, run(run_id=3, created_at=JUNE, branch="topic"))
    assert workflow_days(lake, LATER) == Changes(inserted=1, unchanged=1)
    after = etags(lake)
    assert list(after) == list(before) == ["2026-05", "2026-06"]
    assert after["2026-05"] == before["2026-05"]
    assert after["2026-06"] != before["2026-06"]


def test_a_change_of_runs_that_changes_no_figure_writes_nothing(lake: Lake) -> None:
    put(lake, run())
    workflow_days(lake, LATER)
    before = etags(lake)
    put(lake, run(actor="hubot"))
    assert workflow_days(lake, LATER) == Changes(unchanged=1)
    assert etags(lake) == before
    assert workflow_days(lake, LATER) == Changes()


def test_what_somebody_else_wrote_or_deleted_is_made_again(lake: Lake) -> None:
    put(lake, run(created_at=JUNE))
    workflow_days(lake, LATER)
    good = days(lake)
    lake.upsert(WORKFLOW_DAILY, WORKFLOW_DAILY.table([{**good[0], "runs": 99}]))
    assert workflow_days(lake, LATER) == Changes(updated=1)
    lake.store.delete(lake.snapshot().partitions(WORKFLOW_DAILY)[0].name)
    assert workflow_days(lake, LATER) == Changes(inserted=1)
    assert days(lake) == good


def test_a_renamed_repository_is_one_under_its_new_name(lake: Lake) -> None:
    put(lake, run(repo="acme/old"), run(run_id=2, repo="acme/new"))
    workflow_days(lake, LATER)
    lake.rename_repo("acme/old", "acme/new")
    workflow_days(lake, LATER)
    assert [(row["repo"], row["runs"]) for row in days(lake)] == [("acme/new", 2)]


def test_real_and_sample_rows_stay_apart_and_what_is_removed_goes(lake: Lake) -> None:
    sample = {"source": "demo", "repo": "shop/web", "org": "shop"}
    put(lake, run(), run(run_id=2, **sample), run(run_id=3, created_at=MAY, **sample))
    workflow_days(lake, LATER)
    assert [(row["repo"], row["runs"], row["source"]) for row in days(lake)] == [("acme/api", 1, "rollup")]
    assert [(row["repo"], row["source"]) for row in days(lake, "demo")] == [("shop/web", "demo")] * 2
    lake.remove(WORKFLOW_RUNS, "demo")
    assert workflow_days(lake, LATER) == Changes(removed=2, unchanged=1)
    assert list(etags(lake)) == ["2026-06"]
    assert days(lake, "demo") == []
    before = everything(lake)
    assert workflow_days(lake, LATER) == Changes()
    assert everything(lake) == before


def test_unfinished_runs_count_and_have_no_duration(lake: Lake) -> None:
    put(lake, run(status="in_progress", conclusion=None), run(run_id=2))
    workflow_days(lake, LATER)
    (day,) = days(lake)
    assert (day["runs"], day["successes"], day["other"]) == (2, 1, 1)
    assert (day["duration_count"], day["duration_sum_s"]) == (1, 300.0)
