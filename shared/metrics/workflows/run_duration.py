"""Run duration: how long workflow runs take, and how long they wait to begin."""

from collections.abc import Mapping

import ibis.expr.types as ir

from shared.metrics.grouping import grouped, in_order
from shared.metrics.metric import Metric
from shared.metrics.workflows.evidence import timed_runs
from shared.metrics.workflows.runs import latest_in_range
from shared.scope import Scope


def run_duration(tables: Mapping[str, ir.Table], scope: Scope, by: str | None = None) -> ir.Table:
    """Median and 95th percentile of duration and queue time, in seconds, of completed runs created in range.

    by: repo, workflow, or day or month of creation (UTC).  All branches unless the scope names one.
    No data: one row with n = 0 and nulls, or no rows if grouped.
    """
    runs = latest_in_range(tables, scope)
    runs = runs.filter(runs.status == "completed", runs.duration_s.notnull())
    figures = {
        "n": runs.count(),
        "p50_s": runs.duration_s.median(),
        "p95_s": runs.duration_s.quantile(0.95),
        "queue_p50_s": runs.queued_s.median(),
        "queue_p95_s": runs.queued_s.quantile(0.95),
    }
    return in_order(grouped(runs, by, figures, "created_at"), by, "n")


RUN_DURATION = Metric(
    name="run_duration",
    title="Run duration",
    definition=(
        "Time from the start to the completion of the latest attempt of each workflow run created in the "
        "range, and the time it waited before it began: half of the runs took no longer than the median "
        "(p50), nineteen in twenty no longer than the p95. Runs of all branches and conclusions count "
        "unless a branch is chosen."
    ),
    unit="seconds",
    inputs=("workflow_runs",),
    exclusions="Runs that are not completed, runs of unknown duration and earlier attempts.",
    by=("repo", "workflow", "day", "month"),
    columns={
        "n": "Completed runs",
        "p50_s": "Duration, median (s)",
        "p95_s": "Duration, 95th percentile (s)",
        "queue_p50_s": "Queue, median (s)",
        "queue_p95_s": "Queue, 95th percentile (s)",
    },
    formula=run_duration,
    evidence=timed_runs,
)
