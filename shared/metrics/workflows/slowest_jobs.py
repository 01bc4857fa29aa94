"""Slowest jobs: where a workflow's time goes, and which of its jobs fail or pass only when they are tried again."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from shared.metrics.metric import EXCLUDED, Metric, excluded_because
from shared.metrics.workflows.outcomes import FAILURES
from shared.metrics.workflows.runs import ALL_BRANCHES, in_scope
from shared.scope import Scope

MOST_JOBS = 500
"""Jobs that are listed."""

_NAMES = ("repo", "workflow_name", "name")
_FINISHED = ("success", *FAILURES)


def slowest_jobs(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """One row per job of a workflow, by the attempts created in the range; slowest median first, at most MOST_JOBS.

    No data: no rows.
    """
    jobs = _jobs(tables, scope)
    counts = jobs.duration_s.notnull() & jobs.conclusion.isin(_FINISHED)
    failures = jobs.count(where=jobs.conclusion.isin(FAILURES))
    successes = jobs.count(where=jobs.conclusion == "success")
    found = jobs.group_by(*_NAMES).aggregate(
        org=jobs.org.max(),
        n=jobs.count(where=counts),
        p50_s=jobs.duration_s.quantile(0.5, where=counts),
        p95_s=jobs.duration_s.quantile(0.95, where=counts),
        queue_p50_s=jobs.queued_s.quantile(0.5, where=counts),
        successes=successes,
        failures=failures,
        failure_rate=failures / (successes + failures).nullif(0),
        total_s=jobs.duration_s.sum(),
    )
    again = _passed_again(jobs)
    # A job may not tell its workflow, and nothing equals nothing only if it is asked so.
    found = found.left_join(again, [found[name].identical_to(again[name]) for name in _NAMES])
    found = found.select(*(name for name in SLOWEST_JOBS.columns if name != "flaky_runs"), flaky_runs=_or_zero(found))
    return found.order_by(found.p50_s.desc(nulls_first=False), *_NAMES).limit(MOST_JOBS)


def job_evidence(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """The jobs of the range one by one, with the reason where one does not count for the durations."""
    jobs = _jobs(tables, scope)
    reasons = (
        (jobs.conclusion.isnull(), "not finished"),
        (~jobs.conclusion.isin(_FINISHED), "neither succeeded nor failed"),
        (jobs.duration_s.isnull(), "duration unknown"),
    )
    shown = ("repo", "workflow_name", "name", "conclusion", "created_at", "queued_s", "duration_s", "run_id", "job_id")
    return jobs.select(*shown, **{EXCLUDED: excluded_because(*reasons)}).order_by(jobs.created_at.desc(), jobs.job_id)


def _jobs(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """The jobs of the range as they were at its end; what is asked of runs is asked of their runs."""
    jobs = scope.within(scope.filter(tables["workflow_jobs"]), "created_at")
    if scope.branch not in (None, ALL_BRANCHES) or scope.events or not scope.bots:
        jobs = jobs.semi_join(in_scope(tables, scope), ["run_id", "run_attempt"])
    unfinished = (jobs.completed_at >= ibis.literal(scope.until)).fill_null(False)
    return jobs.mutate(**{name: unfinished.ifelse(None, jobs[name]) for name in ("conclusion", "duration_s")})


def _passed_again(jobs: ir.Table) -> ir.Table:
    """In how many runs a job failed and a later attempt of the same run passed, with nothing changed."""
    tries = jobs.group_by(*_NAMES, "run_id").aggregate(
        failed_in=jobs.run_attempt.min(where=jobs.conclusion.isin(FAILURES)),
        passed_in=jobs.run_attempt.max(where=jobs.conclusion == "success"),
    )
    flaky = tries.filter(tries.passed_in > tries.failed_in)
    return flaky.group_by(*_NAMES).aggregate(flaky_runs=flaky.count())


def _or_zero(found: ir.Table) -> ir.IntegerValue:
    return found.flaky_runs.fill_null(0)


SLOWEST_JOBS = Metric(
    name="slowest_jobs",
    title="Slowest jobs",
    definition=(
        "The jobs of each workflow by name, over every attempt that was created in the range: how long those took that "
        "succeeded or failed (half no longer than the median, nineteen in twenty no longer than the p95), how long "
        "they waited for a runner, and the share that failed. The total is the time of all attempts, cancelled ones "
        "included. A run is flaky for a job that failed in it and passed in a later attempt of the same run, which has "
        "the same commit. A chosen branch, event or starter is that of the jobs' runs."
    ),
    unit="seconds",
    inputs=("workflow_jobs", "workflow_runs"),
    exclusions=(
        "Skipped, cancelled and unfinished jobs have no part in durations and rates; jobs of repositories for which "
        f"the policy does not collect them; all but the slowest {MOST_JOBS}."
    ),
    columns={
        "org": "Organisation",
        "repo": "Repository",
        "workflow_name": "Workflow",
        "name": "Job",
        "n": "Jobs that succeeded or failed",
        "p50_s": "Duration, median (s)",
        "p95_s": "Duration, 95th percentile (s)",
        "queue_p50_s": "Queue, median (s)",
        "successes": "Successes",
        "failures": "Failures",
        "failure_rate": "Failure rate (share of successes and failures)",
        "flaky_runs": "Runs in which it failed, then passed",
        "total_s": "Total time (s)",
    },
    formula=slowest_jobs,
    evidence=job_evidence,
)
