"""Flakes: attempts that failed and later succeeded on the same commit, and what they wasted."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from shared.metrics.grouping import WORKFLOW_COLUMNS, grouped, in_order
from shared.metrics.metric import EXCLUDED, Metric, excluded_because
from shared.metrics.spending.billing import UNTOUCHED, begun_minutes, jobs_of_attempts, usual_price
from shared.metrics.spending.tries import COMMIT, all_tries, tries_that_flaked, with_reruns
from shared.metrics.workflows.runs import latest_in_range
from shared.policy.policy import Policy
from shared.scope import Scope

_LEDGER = (
    *("org", "repo", "workflow_id", "workflow_name", "branch", "event", "head_sha", "run_id", "succeeded_run_id"),
    *(
        "failed_attempts",
        "created_at",
        "first_failed_at",
        "succeeded_at",
        "wasted_minutes",
        "estimated_minutes",
        "minutes_from",
    ),
    *("wasted_cost", "html_url"),
)


def flakes(tables: Mapping[str, ir.Table], scope: Scope, *, policy: Policy | None = None) -> ir.Table:
    """One row per flake whose successful run was created in the range, the newest success first. No data: no rows.

    wasted_minutes: of the failed attempts, from their jobs or, where none are known, from the attempt's duration;
    minutes_from says which (jobs, durations, both) and estimated_minutes how many of them are of durations.
    wasted_cost: null where no price is known, else of those minutes that have one.
    """
    found = _flakes(tables, scope, policy or Policy())
    return found.order_by(found.succeeded_at.desc(), found.run_id, found.failed_run_attempt).select(*_LEDGER)


def flaky_workflows(
    tables: Mapping[str, ir.Table], scope: Scope, by: str | None = None, *, policy: Policy | None = None
) -> ir.Table:
    """Flakes of the range summed up, most money wasted first, then most minutes; parts without a flake are left out.

    by: org, repo, workflow, or week or month in which the successful run was created (UTC), also those without flakes.
    No data: one row with zeros and nulls, or no rows if grouped.
    """
    found = _flakes(tables, scope, policy or Policy())
    runs = latest_in_range(tables, scope)
    names = ("org", "repo", "workflow_id", "workflow_name", "workflow_path", "created_at")
    numbers = ("failed_attempts", "wasted_minutes", "estimated_minutes", "wasted_cost", "first_failed_at")
    nothing = {name: ibis.null(found[name].type()) for name in (*numbers, "succeeded_at")}
    both = runs.select(*names, **nothing).union(found.select(*names, *numbers, "succeeded_at"))
    parts = grouped(both, by, _figures(both), "created_at")
    if by not in (None, "week", "month"):
        parts = parts.filter(parts.flakes > 0)
    return in_order(parts, by, parts.wasted_cost.fill_null(0.0), parts.wasted_minutes.fill_null(0.0), "flakes")


def flake_rows(tables: Mapping[str, ir.Table], scope: Scope, *, policy: Policy | None = None) -> ir.Table:
    """The flakes one by one, and the failed attempts of the range on commits that never succeeded, as not counted."""
    ledger = flakes(tables, scope, policy=policy)
    lost = all_tries(tables, scope)
    successes = lost.count(where=~lost.failed).over(group_by=[lost[name] for name in COMMIT])
    lost = lost.mutate(successes=successes)
    lost = scope.within(lost.filter(lost.failed, lost.successes_before == lost.successes), "created_at")
    empty = {name: ibis.null(ledger[name].type()) for name in _LEDGER if name not in lost.columns}
    reason = excluded_because((lost.failed, "no success on the same commit so far"))
    others = lost.mutate(**empty).select(*_LEDGER, **{EXCLUDED: reason})
    return ledger.mutate(**{EXCLUDED: ibis.null("string")}).union(others)


def _figures(both: ir.Table) -> dict[str, ir.Value]:
    flaked = both.succeeded_at.count()
    n = both.count() - flaked
    return {
        "flakes": flaked,
        "runs": n,
        "flake_rate": flaked / n.nullif(0),
        "failed_attempts": both.failed_attempts.sum().fill_null(0),
        "wasted_minutes": both.wasted_minutes.sum(),
        "estimated_minutes": both.estimated_minutes.sum(),
        "wasted_cost": both.wasted_cost.sum(),
        "first_seen_at": both.first_failed_at.min(),
        "last_seen_at": both.succeeded_at.max(),
    }


def _flakes(tables: Mapping[str, ir.Table], scope: Scope, policy: Policy) -> ir.Table:
    """The flakes in no order, with what they are grouped by: failures up to the next success on the same commit."""
    tries = tries_that_flaked(tables, scope)
    spent = jobs_of_attempts(tables, with_reruns(scope), policy.cost)
    tries = tries.left_join(spent, ["run_id", "run_attempt"])
    lasted = tries.conclusion.isin(UNTOUCHED).ifelse(0.0, begun_minutes(tries.duration_s))
    guess = (tries.jobs.isnull() & tries.failed).ifelse(lasted, None)
    tries = tries.mutate(
        estimated_minutes=guess,
        minutes=tries.failed.ifelse(ibis.coalesce(tries.minutes, guess), None),
        cost=tries.failed.ifelse(ibis.coalesce(tries.cost, guess * usual_price(policy.cost)), None),
    )
    first = {"where": tries.failed, "key": tries.position}
    result = tries.group_by(*COMMIT, "successes_before").aggregate(
        org=tries.org.max(),
        workflow_id=tries.workflow_id.max(),
        workflow_name=tries.workflow_name.argmax(tries.position),
        workflow_path=tries.workflow_path.argmax(tries.position),
        run_id=tries.run_id.argmin(**first),
        failed_run_attempt=tries.run_attempt.argmin(**first),
        succeeded_run_id=tries.run_id.max(where=~tries.failed),
        created_at=tries.created_at.max(where=~tries.failed),
        failed_attempts=tries.count(where=tries.failed),
        first_failed_at=tries.completed_at.min(where=tries.failed),
        succeeded_at=tries.completed_at.max(where=~tries.failed),
        wasted_minutes=tries.minutes.sum(),
        estimated_minutes=tries.estimated_minutes.sum().fill_null(0.0),
        minutes_from=_minutes_from(tries),
        wasted_cost=tries.cost.sum(),
        html_url=tries.html_url.argmin(**first),
    )
    return scope.within(result.filter(result.failed_attempts > 0, result.succeeded_at.notnull()), "created_at")


def _minutes_from(tries: ir.Table) -> ir.StringValue:
    by_jobs, by_duration = tries.count(where=tries.failed & tries.jobs.notnull()), tries.estimated_minutes.count()
    known = ((by_jobs > 0) & (by_duration > 0), "both"), (by_jobs > 0, "jobs"), (by_duration > 0, "durations")
    return ibis.cases(*known, else_=ibis.null("string"))


_DEFINITION = (
    "A flake is a workflow that failed and then succeeded on the same commit: the same workflow, head commit, event "
    "and branch, in a later attempt of the same run or in another run, with no new commit in between. Failures are the "
    "conclusions failure, timed_out and startup_failure; all that come before the next success are one flake. It "
    "belongs to the range in which the run that succeeded was created. Wasted are the minutes of the failed attempts: "
    "from their jobs, rounded up per job, or, where no jobs are collected, the duration of the attempt, rounded up; "
    "and their cost by the prices in the policy."
)

_EXCLUSIONS = (
    "Failures with no success on the same commit, failures in runs created more than 31 days before the range, runs "
    "whose commit is unknown, and attempts that had not ended by the end of the range."
)

FLAKES = Metric(
    name="flakes",
    title="Flakes, one by one",
    definition=f"{_DEFINITION} One row per flake.",
    unit="flakes; costs are in the policy's currency",
    inputs=("workflow_runs", "workflow_jobs"),
    exclusions=_EXCLUSIONS,
    columns={
        "org": "Organisation",
        **WORKFLOW_COLUMNS,
        "branch": "Branch",
        "event": "Event",
        "head_sha": "Commit",
        "run_id": "First failed run",
        "succeeded_run_id": "Run that succeeded",
        "failed_attempts": "Failed attempts",
        "created_at": "Run that succeeded, created",
        "first_failed_at": "First failed",
        "succeeded_at": "Succeeded",
        "wasted_minutes": "Minutes wasted",
        "estimated_minutes": "Of these, from durations",
        "minutes_from": "Minutes from jobs, durations or both",
        "wasted_cost": "Cost wasted",
        "html_url": "Link to the first failed run",
    },
    formula=flakes,
    uses_policy=True,
    evidence=flake_rows,
)

FLAKY_WORKFLOWS = Metric(
    name="flaky_workflows",
    title="Flaky workflows",
    definition=(
        f"{_DEFINITION} The flake rate is flakes divided by the runs created in the range, each counted once. What "
        "wasted most money comes first, then what wasted most minutes: there a fix pays off most."
    ),
    unit="flakes; costs are in the policy's currency",
    inputs=("workflow_runs", "workflow_jobs"),
    exclusions=f"{_EXCLUSIONS} Parts without a flake are left out.",
    by=("org", "repo", "workflow", "week", "month"),
    columns={
        "flakes": "Flakes",
        "runs": "Runs",
        "flake_rate": "Flake rate (flakes per run)",
        "failed_attempts": "Failed attempts",
        "wasted_minutes": "Minutes wasted",
        "estimated_minutes": "Of these, from durations",
        "wasted_cost": "Cost wasted",
        "first_seen_at": "First seen",
        "last_seen_at": "Last seen",
    },
    formula=flaky_workflows,
    uses_policy=True,
    evidence=flake_rows,
)
