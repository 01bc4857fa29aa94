"""Billing: the minutes and the cost of each attempt of a run, from its jobs where they are known, else estimated."""

from collections.abc import Mapping
from datetime import timedelta

import ibis
import ibis.expr.types as ir

from shared.metrics.delivery.patterns import any_fits
from shared.metrics.metric import EXCLUDED, excluded_because
from shared.metrics.workflows.digests import runs_since
from shared.metrics.workflows.runs import ALL_BRANCHES
from shared.policy.workflows import CostPolicy
from shared.scope import Scope

RERUN = timedelta(days=31)
"""A run may be run again for 30 days after it was created."""

UNTOUCHED = ("skipped", "action_required", "startup_failure")
"""Conclusions of runs that never had a runner."""

UNKNOWN_RUNNER = "unknown"
"""The runner of an attempt without jobs, and of a job without labels."""

_OF_RUN = (
    *("org", "repo", "workflow_id", "workflow_name", "workflow_path", "run_id", "run_attempt", "actor", "actor_is_bot"),
    *("event", "branch", "conclusion", "created_at", "completed_at", "duration_s", "html_url"),
)
_SPENT = ("jobs", "minutes", "cost", "unpriced_minutes")
_GUESSED = ("estimated_minutes", "estimated_cost", "counted", EXCLUDED)
_OF_JOBS = {"org": "jobs_org", "repo": "jobs_repo", "workflow_name": "jobs_workflow", "created_at": "jobs_at"}


def price_of(labels: ir.ArrayValue, cost: CostPolicy) -> ir.FloatingValue:
    """The price of a minute on a runner with these labels: that of the first pattern that one of them fits, else null.

    Without labels only `*` fits.
    """
    prices = [(any_fits(labels, pattern).fill_null(False), price) for pattern, price in cost.per_minute.items()]
    return ibis.cases(*((case, ibis.literal(price, "float64")) for case, price in prices), else_=ibis.null("float64"))


def usual_price(cost: CostPolicy) -> ir.FloatingScalar:
    """The price of `*`, at which what ran on an unknown runner is estimated; null if the policy names none."""
    prices = [price for pattern, price in cost.per_minute.items() if not pattern.strip("*")]
    return ibis.literal(prices[0] if prices else None, "float64")


def begun_minutes(seconds: ir.FloatingValue) -> ir.FloatingValue:
    """A duration in minutes of which each that has begun counts as a whole."""
    return (seconds / 60.0).ceil().cast("float64").clip(lower=0.0)


def jobs_of_attempts(
    tables: Mapping[str, ir.Table], scope: Scope, cost: CostPolicy, *, by_runner: bool = False
) -> ir.Table:
    """What the jobs that ended before scope.until add up to, per run_id and run_attempt, and per runner if asked.

    minutes are those billed, else (on self-hosted runners) the duration in begun minutes, job by job. A job without a
    price is in unpriced_minutes and not in cost, which is null where no job has one.
    """
    jobs = tables["workflow_jobs"]
    jobs = jobs.filter(jobs.completed_at < ibis.literal(scope.until))
    if scope.since is not None:
        jobs = jobs.filter(jobs.created_at >= ibis.literal(scope.since))
    jobs = jobs.mutate(
        run_attempt=jobs.run_attempt.fill_null(1),
        minutes=ibis.coalesce(jobs.billable_minutes, begun_minutes(jobs.duration_s)),
        price=price_of(jobs.labels, cost),
        **({"runner": _runner(jobs)} if by_runner else {}),
    )
    spent = (jobs.minutes == 0).ifelse(0.0, jobs.minutes * jobs.price)
    return jobs.group_by("run_id", "run_attempt", *(["runner"] if by_runner else [])).aggregate(
        **{name: jobs[column].max() for column, name in _OF_JOBS.items() if column != "created_at"},
        jobs_at=jobs.created_at.min(),
        jobs=jobs.count(),
        minutes=jobs.minutes.sum(),
        cost=spent.sum(),
        unpriced_minutes=jobs.minutes.sum(where=spent.isnull()),
    )


def attempts(tables: Mapping[str, ir.Table], scope: Scope, cost: CostPolicy, *, by_runner: bool = False) -> ir.Table:
    """One row per attempt of the runs created in the range, and per runner if asked, with what it took and EXCLUDED.

    jobs, minutes, cost and unpriced_minutes are those of its jobs, null where none are known; then estimated_minutes
    is the duration of the run in begun minutes, and estimated_cost that at the price of `*`. Jobs whose run is not
    known belong to the range by their own time.  counted: whether EXCLUDED is null, for less than to ask that.
    """
    spent = jobs_of_attempts(tables, scope, cost, by_runner=by_runner)
    # Jobs in the range may belong to runs before it; those are not without a run.
    known = tables["workflow_runs"] if scope.since is None else runs_since(tables, scope, scope.since - RERUN)
    runs = known.select(*_OF_RUN)
    # Far fewer attempts have jobs than have none, so that each is looked up among the former and not the other way.
    bare = _of_scope(runs, scope).anti_join(spent, ["run_id", "run_attempt"])
    columns = (*_OF_RUN, *_SPENT, *(["runner"] if by_runner else []), *_GUESSED)
    told = _of_scope(_with_jobs(spent, runs, scope), scope)
    return told.select(*columns).union(_estimated(bare, scope, cost, by_runner=by_runner).select(*columns))


def _of_scope(rows: ir.Table, scope: Scope) -> ir.Table:
    rows = scope.within(scope.filter(rows), "created_at")
    return rows if scope.branch in (None, ALL_BRANCHES) else rows.filter(rows.branch == scope.branch)


def _with_jobs(spent: ir.Table, runs: ir.Table, scope: Scope) -> ir.Table:
    """The attempts whose jobs are known, with what is known of their run."""
    runs = runs.filter(runs.created_at < ibis.literal(scope.until))
    if scope.since is not None:
        # Jobs in the range may belong to runs before it; those are not without a run.
        runs = runs.filter(runs.created_at >= ibis.literal(scope.since - RERUN))
    found = spent.left_join(runs, ["run_id", "run_attempt"])
    known = {name: ibis.coalesce(found[name], found[column]) for name, column in _OF_JOBS.items()}
    nothing = {name: ibis.null("float64") for name in ("estimated_minutes", "estimated_cost")}
    return found.mutate(**known, **nothing, counted=ibis.literal(True), **{EXCLUDED: ibis.null("string")})


def _estimated(bare: ir.Table, scope: Scope, cost: CostPolicy, *, by_runner: bool) -> ir.Table:
    """Attempts whose jobs are not known, with what they are taken to have spent."""
    ended = (bare.completed_at < ibis.literal(scope.until)).fill_null(False)
    untouched = bare.conclusion.isin(UNTOUCHED).fill_null(False)
    reason = excluded_because(
        (~ended, "not finished"),
        (untouched, "never had a runner"),
        (bare.duration_s.isnull(), "neither jobs nor a duration known"),
    )
    counted = ended & ~untouched & bare.duration_s.notnull()
    minutes = counted.ifelse(begun_minutes(bare.duration_s), None)
    return bare.mutate(
        jobs=ibis.null("int64"),
        **{name: ibis.null("float64") for name in _SPENT[1:]},
        **({"runner": ibis.literal(UNKNOWN_RUNNER)} if by_runner else {}),
        estimated_minutes=minutes,
        estimated_cost=minutes * usual_price(cost),
        counted=counted,
        **{EXCLUDED: reason},
    )


def _runner(jobs: ir.Table) -> ir.StringValue:
    """The labels of a job's runner as one name, whatever order they were written in."""
    return jobs.labels.sort().join(", ").nullif("").fill_null(UNKNOWN_RUNNER)
