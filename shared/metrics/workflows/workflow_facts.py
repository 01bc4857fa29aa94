"""Workflow facts: what the runs before a time say of each workflow, at a cost that does not grow with history."""

from collections.abc import Mapping
from datetime import timedelta

import ibis
import ibis.expr.types as ir

from shared.metrics.grouping import workflow_key
from shared.metrics.workflows.cadence import last_times, median_intervals
from shared.metrics.workflows.runs import TRIED_AGAIN_WITHIN, failed, in_scope, judged, latest_runs, succeeded
from shared.scope import Scope

KEY = ("repo", "workflow_key")
"""What identifies a workflow in the facts (see grouping.workflow_key)."""

_RUNS = ("org", "workflow_id", "workflow_name", "last_run_at", "last_success_at", "scheduled")
"""Facts that older runs tell too."""

_RECENT = (
    *("workflow_path", "last_run_url", "last_conclusion", "failure_streak"),
    *("median_interval_s", "runs", "success_rate", "p50_s", "p95_s"),
)

_READ = (
    *("repo", "org", "workflow_id", "workflow_name", "workflow_path", "run_id", "branch", "event"),
    *("conclusion", "created_at", "duration_s", "html_url"),
)


def workflow_facts(tables: Mapping[str, ir.Table], scope: Scope, recent: timedelta) -> ir.Table:
    """One row per workflow that ran before the scope's end, by its latest attempts.

    recent: how far back from the end runs are looked at, at least as far as the range reaches and further than GitHub
    tries runs again. What is older tells only of workflows without a success since: when they last ran and succeeded.
    failure_streak, last_conclusion and last_success_at are those of the default branch (see runs.judged).
    """
    runs = latest_runs(tables, scope)
    if scope.since is None:
        recent_runs = _told(runs, tables, scope)
        return _completed(_recent(recent_runs, scope), recent_runs)
    begin = min(scope.since, scope.until - max(recent, TRIED_AGAIN_WITHIN))
    recent_runs = _told(runs.filter(runs.created_at >= ibis.literal(begin)), tables, scope)
    before = in_scope(tables, scope)
    before = before.filter(before.created_at < ibis.literal(begin), before.is_latest_attempt)
    facts = _recent(recent_runs, scope)
    older = _older(_told(before, tables, scope), facts)
    both = _completed(facts, recent_runs).outer_join(older, [*KEY])
    known = {name: ibis.coalesce(both[name], both[f"{name}_right"]) for name in (*KEY, *_RUNS)}
    return both.select(*_RECENT, **known)


def _told(runs: ir.Table, tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """Runs with the workflow they are of, and whether they say that it works (won) or fails (lost)."""
    runs = judged(runs.select(*_READ), tables, scope)
    won = (runs.judged & succeeded(runs)).fill_null(False)
    lost = (runs.judged & failed(runs)).fill_null(False)
    return runs.mutate(workflow_key=workflow_key(runs), won=won, lost=lost)


def _recent(runs: ir.Table, scope: Scope) -> ir.Table:
    """All facts but streak and cadence, by these runs alone."""
    inside = ibis.literal(True) if scope.since is None else runs.created_at >= ibis.literal(scope.since)
    successes, failures = (runs.count(where=verdict & inside) for verdict in (succeeded(runs), failed(runs)))
    position = ibis.struct({"created_at": runs.created_at, "run_id": runs.run_id})
    return runs.group_by(*KEY).aggregate(
        **_seen(runs, position),
        workflow_path=runs.workflow_path.argmax(position),
        last_run_url=runs.html_url.argmax(position),
        last_conclusion=runs.conclusion.argmax(position, where=runs.judged & runs.conclusion.notnull()),
        last_success_id=runs.run_id.argmax(position, where=runs.won),
        last_times=last_times(runs.created_at),
        runs=runs.count(where=inside),
        success_rate=successes / (successes + failures).nullif(0),
        p50_s=runs.duration_s.quantile(0.5, where=inside),
        p95_s=runs.duration_s.quantile(0.95, where=inside),
    )


def _completed(facts: ir.Table, runs: ir.Table) -> ir.Table:
    """The facts with the failure streak (null for none) and the cadence."""
    streaks, cadences = _streaks(runs, facts), median_intervals(facts, KEY)
    both = facts.left_join(streaks, [*KEY]).left_join(cadences, [*KEY])
    return both.select(*KEY, *_RUNS, *_RECENT)


def _seen(runs: ir.Table, position: ir.Value) -> dict[str, ir.Value]:
    """What a workflow is called, and when it ran and succeeded. position: of a run among those of its workflow."""
    return {
        "org": runs.org.max(),
        "workflow_id": runs.workflow_id.max(),
        "workflow_name": runs.workflow_name.argmax(position),
        "last_run_at": runs.created_at.max(),
        "last_success_at": runs.created_at.max(where=runs.won),
        "scheduled": (runs.event == "schedule").any(),
    }


def _streaks(runs: ir.Table, facts: ir.Table) -> ir.Table:
    """How many failures there were since each workflow's last success; no row for one without any."""
    lost = runs.filter(runs.lost).left_join(facts.select(*KEY, "last_success_at", "last_success_id"), [*KEY])
    same = (lost.created_at == lost.last_success_at) & (lost.run_id > lost.last_success_id)
    since = lost.filter(lost.last_success_at.isnull() | (lost.created_at > lost.last_success_at) | same)
    return since.group_by(*KEY).aggregate(failure_streak=since.count())


def _older(runs: ir.Table, facts: ir.Table) -> ir.Table:
    """What these runs say of workflows without a success in the facts."""
    rest = runs.anti_join(facts.filter(facts.last_success_at.notnull()), [*KEY])
    return rest.group_by(*KEY).aggregate(**_seen(rest, rest.created_at))
