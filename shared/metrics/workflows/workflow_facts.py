"""Workflow facts: what the runs before a time say of each workflow."""

from collections.abc import Mapping

import ibis.expr.types as ir

from shared.metrics.grouping import workflow_key
from shared.metrics.workflows.cadence import median_intervals
from shared.metrics.workflows.digests import (
    KEY,
    RUN_VERDICTS,
    RUN_WORKFLOWS,
    runs_from,
    same_verdicts,
    same_workflows,
    verdicts_of,
)
from shared.metrics.workflows.outcomes import failed, succeeded
from shared.metrics.workflows.runs import default_branches, judged, latest_in_range, latest_runs, narrowed, pushed
from shared.scope import Scope

IDENTITY = ("org", "workflow_id", "workflow_name", "workflow_path")

_TOLD = (*IDENTITY, "last_run_at", "last_run_url", "scheduled")
_JUDGED = ("last_conclusion", "last_success_at")


def workflow_facts(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """One row per workflow that ran before the scope's end, by its latest attempts.

    failure_streak, last_conclusion and last_success_at are those of the default branch (see runs.judged).
    """
    told = same_workflows(_workflows(tables, scope), *KEY)
    found = told.left_join(_verdicts(tables, scope), [*KEY]).drop("repo_right", "workflow_key_right")
    found = found.left_join(median_intervals(told, KEY), [*KEY]).drop("repo_right", "workflow_key_right")
    facts = found.select(*KEY, *_TOLD, *_JUDGED, "median_interval_s", failure_streak=found.trailing)
    # A step of its own, since Ibis does not join on what a join has just computed.
    return facts.mutate(failure_streak=facts.failure_streak.fill_null(0))


def _workflows(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    if narrowed(scope) or scope.branch is not None:
        return RUN_WORKFLOWS.make(latest_runs(tables, scope))
    return scope.filter(
        RUN_WORKFLOWS.of_scope(tables, scope, lambda begin: latest_runs(runs_from(tables, scope, begin), scope))
    )


def _verdicts(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """One row per workflow whose branch in question was run: how it fares there."""
    if narrowed(scope) or scope.branch is not None:
        runs = judged(latest_runs(tables, scope), tables, scope)
        # All branches are one stream, and so is the one that the scope names.
        parts = verdicts_of(runs.filter(runs.judged), *KEY)
    else:
        parts = RUN_VERDICTS.of_scope(
            tables, scope, lambda begin: pushed(latest_runs(runs_from(tables, scope, begin), scope))
        )
        told = default_branches(tables, scope)
        parts = scope.filter(parts).semi_join(told, [parts.repo == told.repo, parts.branch == told.default_branch])
    return same_verdicts(parts, *KEY).select(*KEY, "trailing", *_JUDGED)


def runs_of_range(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """How many runs each workflow had in the range, how many of them succeeded and how long they took."""
    runs = latest_in_range(tables, scope)
    runs = runs.mutate(workflow_key=workflow_key(runs))
    successes, failures = runs.count(where=succeeded(runs)), runs.count(where=failed(runs))
    return runs.group_by(*KEY).aggregate(
        runs=runs.count(),
        success_rate=successes / (successes + failures).nullif(0),
        p50_s=runs.duration_s.quantile(0.5),
        p95_s=runs.duration_s.quantile(0.95),
    )
