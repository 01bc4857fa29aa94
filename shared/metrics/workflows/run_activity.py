"""Run activity: when workflows run (hour of the week), and the newest runs one by one."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from shared.metrics.metric import Metric
from shared.metrics.workflows.evidence import judged_runs
from shared.metrics.workflows.outcomes import OUTCOME_COLUMNS, outcomes
from shared.metrics.workflows.runs import latest_in_range
from shared.scope import Scope

MOST_RUNS = 1_000
"""Runs that are listed one by one."""

RUN_COLUMNS = {
    "org": "Organisation",
    "repo": "Repository",
    "workflow_name": "Workflow",
    "run_number": "Number",
    "run_attempt": "Attempt",
    "event": "Event",
    "branch": "Branch",
    "actor": "Started by",
    "status": "Status",
    "conclusion": "Conclusion",
    "created_at": "Created",
    "run_started_at": "Started",
    "completed_at": "Completed",
    "queued_s": "Queued (s)",
    "duration_s": "Duration (s)",
    "html_url": "Link",
    "run_id": "Run id",
}


def run_activity(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """The figures of success_rate by weekday (1 is Monday) and hour of creation, in UTC; hours without a run have none.

    No data: no rows.
    """
    runs = latest_in_range(tables, scope)
    parts = runs.group_by(
        weekday=(runs.created_at.day_of_week.index() + 1).cast("int64"), hour=runs.created_at.hour().cast("int64")
    ).aggregate(**outcomes(runs))
    return parts.order_by("weekday", "hour")


def runs_list(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """The newest MOST_RUNS runs created in the range, newest first. No data: no rows.

    A run that began at or after the scope's end is queued then: without start and without time in the queue.
    """
    runs = latest_in_range(tables, scope).select(*RUN_COLUMNS)
    newest = runs.order_by(runs.created_at.desc(), runs.run_id.desc()).limit(MOST_RUNS)
    queued = (newest.run_started_at >= ibis.literal(scope.until)).fill_null(False)
    facts = {name: queued.ifelse(None, newest[name]) for name in ("run_started_at", "queued_s")}
    listed = newest.mutate(**facts, status=queued.ifelse("queued", newest.status)).select(*RUN_COLUMNS)
    return listed.order_by(listed.created_at.desc(), listed.run_id.desc())


RUN_ACTIVITY = Metric(
    name="run_activity",
    title="Runs by hour of the week",
    definition=(
        "Workflow runs created in the range by weekday (1 is Monday) and hour of their creation in UTC, by outcome, "
        "and the share that succeeded. A run that was tried again counts once, with its latest attempt. Runs of all "
        "branches count unless one is chosen."
    ),
    unit="runs",
    inputs=("workflow_runs",),
    exclusions="Earlier attempts; hours of the week without a run have no row.",
    columns={"weekday": "Weekday (1 is Monday)", "hour": "Hour (UTC)", **OUTCOME_COLUMNS},
    formula=run_activity,
    evidence=judged_runs,
)

RUNS_LIST = Metric(
    name="runs_list",
    title="Newest runs",
    definition=(
        f"The newest {MOST_RUNS:,} workflow runs created in the range, each with its latest attempt as of the end of "
        "the range: what had not begun by then is queued, and what had not ended is in progress."
    ),
    unit="runs",
    inputs=("workflow_runs",),
    exclusions=f"Earlier attempts, and runs older than the newest {MOST_RUNS:,}.",
    columns=RUN_COLUMNS,
    formula=runs_list,
)
