"""Workflow state: whether each workflow is failing, stale, inactive or healthy, and the facts behind it."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from shared.metrics.durations import seconds_between
from shared.metrics.grouping import WORKFLOW_COLUMNS, workflow_key
from shared.metrics.metric import Metric
from shared.metrics.workflows.cadence import overdue
from shared.metrics.workflows.digests import KEY
from shared.metrics.workflows.workflow_facts import runs_of_range, workflow_facts
from shared.policy.policy import Policy
from shared.policy.workflows import WorkflowPolicy
from shared.scope import Scope

STATES = ("failing", "stale", "inactive", "healthy", "never_run")
"""What needs attention first."""

DISABLED_AFTER_DAYS = 60
"""Days without a push after which GitHub disables the schedules of a public repository."""

_DAY_S = 86_400.0
_IDENTITY = ("org", "workflow_id", "workflow_name", "workflow_path")

_FACTS = (
    *("last_run_at", "last_conclusion", "last_success_at", "median_interval_s"),
    *("last_run_url", "github_state", "html_url"),
)


def workflow_state(tables: Mapping[str, ir.Table], scope: Scope, *, policy: Policy) -> ir.Table:
    """One row per workflow, also those seen in runs alone, judged as of scope.until.

    runs, success_rate, p50_s and p95_s are of the scope's range, on all branches unless it names one; the
    failure streak, last conclusion and last success are those of the default branch (see runs.judged).
    Ordered by STATES, then the longest streak. No data: no rows.
    """
    states = judged_workflows(tables, scope, policy.workflows)
    states = states.left_join(runs_of_range(tables, scope), [*KEY])
    states = states.mutate(runs=states.runs.fill_null(0))
    names = ["repo", "workflow_name", "workflow_id"]
    return states.order_by(_rank(states.state), states.failure_streak.desc(), *names)


def judged_workflows(tables: Mapping[str, ir.Table], scope: Scope, limits: WorkflowPolicy) -> ir.Table:
    """The state of each workflow at scope.until and the facts behind it, in no order, with KEY."""
    pushes = tables["repositories"].select("repo", "visibility", "pushed_at")
    rows = (
        workflow_facts(tables, scope)
        .left_join(pushes, "repo")
        .drop("repo_right")
        .outer_join(_told(tables, scope), [*KEY])
    )
    until = ibis.literal(scope.until)
    identity = {name: ibis.coalesce(rows[f"{name}_right"], rows[name]) for name in (*KEY, *_IDENTITY)}
    judgement = {
        "state": _state(rows, until, limits),
        "days_since_last_run": seconds_between(rows.last_run_at, until) / _DAY_S,
        "days_until_disabled": _days_until_disabled(rows, until),
    }
    found = rows.select(*_FACTS, "failure_streak", **identity, **judgement)
    return found.mutate(failure_streak=found.failure_streak.fill_null(0))


def _told(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """Workflows as GitHub lists them."""
    listed = tables["workflows"].rename(workflow_name="name", workflow_path="path", github_state="state")
    listed = scope.filter(listed)
    return listed.select("repo", *_IDENTITY, "github_state", "html_url", workflow_key=workflow_key(listed))


def _state(rows: ir.Table, until: ir.TimestampScalar, limits: WorkflowPolicy) -> ir.StringValue:
    quiet_s = seconds_between(rows.last_run_at, until)
    return ibis.cases(
        (rows.github_state.startswith("disabled"), "inactive"),
        (rows.last_run_at.isnull(), "never_run"),
        (rows.failure_streak > 0, "failing"),
        (quiet_s >= limits.inactive_after.total_seconds(), "inactive"),
        (overdue(quiet_s, rows.median_interval_s, limits), "stale"),
        else_="healthy",
    )


def _rank(state: ir.StringValue) -> ir.IntegerValue:
    return state.cases(*[(name, rank) for rank, name in enumerate(STATES)], else_=len(STATES))


def _days_until_disabled(rows: ir.Table, until: ir.TimestampScalar) -> ir.FloatingValue:
    """Days left of GitHub's 60 without a push, from 0 to 60; null where they do not count or are unknown."""
    left = DISABLED_AFTER_DAYS - seconds_between(rows.pushed_at, until) / _DAY_S
    public = rows.visibility.fill_null("public") == "public"
    counts = rows.scheduled & public & ~rows.github_state.startswith("disabled").fill_null(False)
    return counts.ifelse(left.clip(0.0, float(DISABLED_AFTER_DAYS)), None)


WORKFLOW_STATE = Metric(
    name="workflow_state",
    title="Workflow state",
    definition=(
        "Each workflow is, as of the end of the range, the first of these that is true. Inactive: disabled "
        "on GitHub. Never run: no run is known. Failing: the last run on the default branch that succeeded "
        "or failed has failed; the streak counts such failures since the last success. Inactive: no run in "
        "60 days. Stale: overdue, no run for more than three times its own cadence, which is the median of its "
        "last 20 intervals, and for more than 7 days. Else healthy. The policy may set other limits than these. "
        "Streak, cadence, last run and last success look at all history. Days until disabled count down to GitHub's "
        "switching off of scheduled workflows in public repositories without a push for 60 days. Runs, success rate "
        "and durations are those of the range; a run that was tried again counts once, with its latest attempt as of "
        "the end."
    ),
    unit="workflows",
    inputs=("workflows", "workflow_runs", "repositories"),
    exclusions=(
        "Cancelled, skipped, neutral, action required and stale runs neither make nor end a streak; runs of "
        "pull requests are not runs of the default branch; earlier attempts are not counted."
    ),
    uses_policy=True,
    of_repositories=True,
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
