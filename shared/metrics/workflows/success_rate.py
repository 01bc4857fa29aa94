"""Success rate: how many workflow runs succeed, by part and over time."""

from collections.abc import Mapping

import ibis.expr.types as ir

from shared.metrics.buckets import Every, bucket_start, buckets, every_for
from shared.metrics.grouping import grouped, in_order
from shared.metrics.metric import Metric
from shared.metrics.workflows.evidence import judged_runs
from shared.metrics.workflows.outcomes import OUTCOME_COLUMNS, outcomes
from shared.metrics.workflows.runs import latest_in_range, latest_runs
from shared.scope import Scope

_COUNTS = ("runs", "successes", "failures", "cancelled", "other")


def success_rate(tables: Mapping[str, ir.Table], scope: Scope, by: str | None = None) -> ir.Table:
    """Counts of the runs created in the range by outcome, and successes / (successes + failures).

    by: org, repo, workflow, branch, event, or day or month of creation (UTC).
    All branches count unless the scope names one.
    No data: one row with zeros and a null rate, or no rows if grouped.
    """
    runs = latest_in_range(tables, scope)
    return in_order(grouped(runs, by, outcomes(runs), "created_at"), by, "runs")


def run_trend(tables: Mapping[str, ir.Table], scope: Scope, *, every: Every | None = None) -> ir.Table:
    """The figures of success_rate per bucket of creation time; buckets have no gaps.

    every: the bucket's length, by default what suits the range (see buckets.every_for).
    No data: no rows.
    """
    every = every or every_for(scope)
    latest = latest_runs(tables, scope)
    runs = latest_in_range(tables, scope)
    figures = runs.group_by(period_start=bucket_start(runs.created_at, every)).aggregate(**outcomes(runs))
    # A quiet range is one of zeros if there were runs before it.
    before_end = runs if scope.since is None else latest.filter(latest.created_at < scope.until)
    trend = buckets(before_end, "created_at", scope, every).left_join(figures, "period_start")
    counts = {name: trend[name].fill_null(0) for name in _COUNTS}
    return trend.select("period_start", **counts, success_rate="success_rate").order_by("period_start")


_DEFINITION = (
    "Successes divided by successes plus failures, over the workflow runs created in the range. A run that "
    "was tried again counts once, with its latest attempt. Failures are the conclusions failure, timed_out "
    "and startup_failure. Runs of all branches count unless one is chosen."
)

_EXCLUSIONS = (
    "Cancelled runs, and others that are neither success nor failure (skipped, neutral, action required, "
    "stale, not finished), are counted but play no part in the rate; earlier attempts are not counted."
)

SUCCESS_RATE = Metric(
    name="success_rate",
    title="Success rate",
    definition=_DEFINITION,
    unit="share",
    inputs=("workflow_runs",),
    exclusions=_EXCLUSIONS,
    by=("org", "repo", "workflow", "branch", "event", "day", "month"),
    columns=OUTCOME_COLUMNS,
    formula=success_rate,
    evidence=judged_runs,
)

RUN_TREND = Metric(
    name="run_trend",
    title="Runs over time",
    definition=(
        "Workflow runs per hour, day, week or month of their creation (UTC), by outcome. A bucket without "
        f"runs is shown with zeros. The rate of each bucket: {_DEFINITION[0].lower()}{_DEFINITION[1:]}"
    ),
    unit="runs",
    inputs=("workflow_runs",),
    exclusions=_EXCLUSIONS,
    columns={"period_start": "Period start (UTC)", **OUTCOME_COLUMNS},
    formula=run_trend,
    evidence=judged_runs,
)
