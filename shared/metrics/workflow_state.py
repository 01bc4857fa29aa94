"""Workflow state: whether each workflow is failing, stale, inactive or healthy, and the facts behind it."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from shared.metrics.durations import seconds_between
from shared.metrics.grouping import WORKFLOW_COLUMNS, workflow_key
from shared.metrics.metric import Metric
from shared.metrics.runs import failed, judged, latest_runs, succeeded
from shared.scope import Scope

STATES = ("failing", "stale", "inactive", "healthy", "never_run")
"""What needs attention first."""

INACTIVE_DAYS = 60
"""Days without a run that make a workflow inactive, and without a push that make GitHub disable schedules."""

STALE_DAYS = 7
STALE_INTERVALS = 3

_DAY_S = 86_400.0
_IDENTITY = ("org", "workflow_id", "workflow_name", "workflow_path")

_FACTS = (
    *("last_run_at", "last_run_url", "last_conclusion", "last_success_at", "median_interval_s"),
    *("success_rate", "p50_s", "p95_s", "github_state", "html_url"),
)

_READ = (
    *("repo", *_IDENTITY, "run_id", "branch", "event", "conclusion"),
    *("created_at", "completed_at", "duration_s", "html_url"),
)


def workflow_state(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """One row per workflow, also those seen in runs alone, judged as of scope.until over all history.

    runs, success_rate, p50_s and p95_s are of the scope's range, on all branches unless it names one; the
    failure streak, last conclusion and last success are those of the default branch (see runs.judged).
    Ordered by STATES, then the longest streak. No data: no rows.
    """
    pushes = tables["repositories"].select("repo", "visibility", "pushed_at")
    ran = _seen(tables, scope)
    # Told apart from the next join, whose `repo_right` would else be that of the pushes.
    seen = ran.left_join(pushes, "repo").select(*ran.columns, "visibility", "pushed_at")
    rows = seen.outer_join(_told(tables, scope), ["repo", "workflow_key"])
    until = ibis.literal(scope.until)
    identity = {name: ibis.coalesce(rows[f"{name}_right"], rows[name]) for name in ("repo", *_IDENTITY)}
    counts = {name: rows[name].fill_null(0) for name in ("runs", "failure_streak")}
    judgement = {
        "state": _state(rows, until),
        "days_since_last_run": seconds_between(rows.last_run_at, until) / _DAY_S,
        "days_until_disabled": _days_until_disabled(rows, until),
    }
    states = rows.select(*_FACTS, **identity, **counts, **judgement)
    names = ["repo", "workflow_name", "workflow_id"]
    return states.order_by(_rank(states.state), states.failure_streak.desc(), *names)


def _told(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """Workflows as GitHub lists them."""
    listed = tables["workflows"].rename(workflow_name="name", workflow_path="path", github_state="state")
    listed = scope.filter(listed)
    return listed.select("repo", *_IDENTITY, "github_state", "html_url", workflow_key=workflow_key(listed))


def _seen(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """What the runs before the scope's end say of each workflow."""
    runs = _history(tables, scope)
    inside = ibis.literal(True) if scope.since is None else runs.created_at >= ibis.literal(scope.since)
    said = runs.judged & runs.conclusion.notnull()
    successes, failures = runs.count(where=runs.won & inside), runs.count(where=runs.lost & inside)
    return runs.group_by("repo", "workflow_key").aggregate(
        org=runs.org.max(),
        workflow_id=runs.workflow_id.max(),
        workflow_name=runs.workflow_name.argmax(runs.position),
        workflow_path=runs.workflow_path.argmax(runs.position),
        failure_streak=runs.count(where=runs.judged & runs.lost & (runs.successes_since == 0)),
        last_run_at=runs.created_at.max(),
        last_run_url=runs.html_url.argmax(runs.position),
        last_conclusion=runs.conclusion.argmax(runs.position, where=said),
        last_success_at=runs.created_at.max(where=runs.judged & runs.won),
        median_interval_s=runs.interval_s.median(),
        scheduled=(runs.event == "schedule").any(),
        runs=runs.count(where=inside),
        success_rate=successes / (successes + failures).nullif(0),
        p50_s=runs.duration_s.quantile(0.5, where=inside),
        p95_s=runs.duration_s.quantile(0.95, where=inside),
    )


def _history(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """Runs created before the scope's end, in order within their workflow; what ended later is unfinished."""
    until = ibis.literal(scope.until)
    runs = latest_runs(tables, scope)
    runs = runs.filter(runs.created_at < until).select(*_READ)
    runs = judged(runs, tables, scope)
    unfinished = (runs.completed_at >= until).fill_null(False)
    won, lost = succeeded(runs) & ~unfinished, failed(runs) & ~unfinished
    runs = runs.mutate(
        workflow_key=workflow_key(runs),
        conclusion=unfinished.ifelse(None, runs.conclusion),
        duration_s=unfinished.ifelse(None, runs.duration_s),
        won=won.fill_null(False),
        lost=lost.fill_null(False),
    )
    stream = {"group_by": [runs.repo, runs.workflow_key], "order_by": [runs.created_at, runs.run_id]}
    return runs.mutate(
        position=ibis.row_number().over(**stream),
        interval_s=seconds_between(runs.created_at.lag().over(**stream), runs.created_at),
        successes_since=(runs.judged & runs.won).cast("int64").sum().over(**stream, rows=(0, None)),
    )


def _state(rows: ir.Table, until: ir.TimestampScalar) -> ir.StringValue:
    quiet_s = seconds_between(rows.last_run_at, until)
    overdue_s = ibis.greatest(STALE_INTERVALS * rows.median_interval_s, STALE_DAYS * _DAY_S)
    return ibis.cases(
        (rows.github_state.startswith("disabled"), "inactive"),
        (rows.last_run_at.isnull(), "never_run"),
        (rows.failure_streak > 0, "failing"),
        (quiet_s >= INACTIVE_DAYS * _DAY_S, "inactive"),
        (rows.median_interval_s.notnull() & (quiet_s > overdue_s), "stale"),
        else_="healthy",
    )


def _rank(state: ir.StringValue) -> ir.IntegerValue:
    return state.cases(*[(name, rank) for rank, name in enumerate(STATES)], else_=len(STATES))


def _days_until_disabled(rows: ir.Table, until: ir.TimestampScalar) -> ir.FloatingValue:
    """Days left of GitHub's 60 without a push, from 0 to 60; null where they do not count or are unknown."""
    left = INACTIVE_DAYS - seconds_between(rows.pushed_at, until) / _DAY_S
    public = rows.visibility.fill_null("public") == "public"
    counts = rows.scheduled & public & ~rows.github_state.startswith("disabled").fill_null(False)
    return counts.ifelse(left.clip(0.0, float(INACTIVE_DAYS)), None)


WORKFLOW_STATE = Metric(
    name="workflow_state",
    title="Workflow state",
    definition=(
        "Each workflow is, as of the end of the range, the first of these that is true. Inactive: disabled "
        "on GitHub. Never run: no run is known. Failing: the last run on the default branch that succeeded "
        "or failed has failed; the streak counts such failures since the last success. Inactive: no run in "
        "60 days. Stale: overdue, no run for more than three times the workflow's own median interval and "
        "for more than 7 days. Else healthy. Days until disabled count down to GitHub's switching off of "
        "scheduled workflows in public repositories without a push for 60 days. Runs, success rate and "
        "durations are those of the range; a run that was tried again counts once, with its latest attempt."
    ),
    unit="workflows",
    inputs=("workflows", "workflow_runs", "repositories"),
    exclusions=(
        "Cancelled, skipped, neutral, action required and stale runs neither make nor end a streak; runs of "
        "pull requests are not runs of the default branch; earlier attempts are not counted."
    ),
    columns={
        "org": "Organisation",
        **WORKFLOW_COLUMNS,
        "workflow_path": "File",
        "state": "State",
        "failure_streak": "Failures in a row",
        "last_run_at": "Last run",
        "last_conclusion": "Last conclusion",
        "last_success_at": "Last success",
        "days_since_last_run": "Days since the last run",
        "median_interval_s": "Median interval (s)",
        "runs": "Runs",
        "success_rate": "Success rate (share of successes and failures)",
        "p50_s": "Duration, median (s)",
        "p95_s": "Duration, 95th percentile (s)",
        "github_state": "State on GitHub",
        "days_until_disabled": "Days until GitHub disables it",
        "html_url": "Link",
        "last_run_url": "Link to the last run",
    },
    formula=workflow_state,
)
