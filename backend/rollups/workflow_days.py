"""Workflow days: brings `workflow_daily` up to date, month by month, where the runs of a month have changed."""

from collections.abc import Mapping
from datetime import UTC, datetime

import ibis
import ibis.expr.types as ir

from backend.rollups.made import Made, Part, made_of
from backend.rollups.worlds import Recipe, keyed, worlds_of
from shared.datasets import WORKFLOW_DAILY, WORKFLOW_RUNS
from shared.lake.merge import Changes
from shared.lake.tables import Lake
from shared.metrics.buckets import bucket_start
from shared.metrics.grouping import workflow_key
from shared.metrics.workflows.duration_histogram import histogram
from shared.metrics.workflows.outcomes import outcomes
from shared.metrics.workflows.runs import latest_runs
from shared.scope import Known, Scope

EDITION = 1
"""Another one makes all months anew; to be raised with every change of what the rows mean."""

_MICROSECONDS = 1e6

_EVER = datetime(9999, 1, 1, tzinfo=UTC)


def workflow_days(lake: Lake, now: datetime) -> Changes:
    """Makes the months anew whose runs have changed since they were made. Raises StoreError."""
    snapshot, made = lake.snapshot(), Made(lake, WORKFLOW_DAILY.name)
    runs, days = snapshot.months(WORKFLOW_RUNS), snapshot.months(WORKFLOW_DAILY)
    changes = Changes()
    for month in sorted(runs.keys() | days.keys()):
        part = Part(month, made_of([runs[month]] if month in runs else [], EDITION, str(WORKFLOW_DAILY.schema)))
        if made.is_current(part, days[month].etag if month in days else None, now):
            continue
        worlds = worlds_of(lake, snapshot, [WORKFLOW_RUNS], month)
        done, etag = lake.replace(WORKFLOW_DAILY, month, _RECIPE.query(worlds))
        made.keep(part, etag)
        changes += done
    made.forget(made.parts - runs.keys())
    return changes


def daily(tables: Mapping[str, ir.Table]) -> ir.Table:
    """The rows of `workflow_daily` but for their source, by the runs as they are stored, whatever the time.

    `collected_at` is when the last of a row's runs was read.
    """
    runs = latest_runs(tables, Scope(until=_EVER, known=Known(settled=True)))
    done = (runs.status == "completed").fill_null(False)
    runs = runs.select(
        *("repo", "org", "workflow_id", "workflow_name", "branch", "event", "run_id", "created_at", "conclusion"),
        "collected_at",
        workflow_key=workflow_key(runs),
        day=bucket_start(runs.created_at, "day"),
        lasted_s=done.ifelse(runs.duration_s, None),
    )
    runs = keyed(runs, *(name for name in WORKFLOW_DAILY.key if name != "day"))
    # Whole microseconds have the same sum in any order, which fractions do not.
    lasted_us = (runs.lasted_s * _MICROSECONDS).round().cast("int64")
    position = ibis.struct({"created_at": runs.created_at, "run_id": runs.run_id})
    counts = {name: count for name, count in outcomes(runs).items() if name != "success_rate"}
    return runs.group_by(*WORKFLOW_DAILY.key).aggregate(
        org=runs.org.max(),
        workflow_id=runs.workflow_id.max(),
        workflow_name=runs.workflow_name.argmax(position),
        **counts,
        duration_count=runs.lasted_s.count(),
        duration_sum_s=lasted_us.sum().cast("float64") / _MICROSECONDS,
        **histogram(runs.lasted_s),
        collected_at=runs.collected_at.max(),
    )


_RECIPE = Recipe(WORKFLOW_DAILY, daily)
