"""Runs: which workflow runs a metric looks at."""

from collections.abc import Mapping
from datetime import timedelta

import ibis
import ibis.expr.types as ir

from shared.metrics.workflows.digests import RUN_BRANCHES, runs_of, runs_since, with_runs
from shared.metrics.workflows.outcomes import of_pull_request
from shared.scope import Scope

ALL_BRANCHES = "*"

TRIED_AGAIN_WITHIN = timedelta(days=31)
"""GitHub tries a run again for up to 30 days after its creation."""


def latest_runs(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """The latest attempt of every run created before the scope's end, as it was known at that time.

    On all branches unless the scope names one. An attempt that began at or after the end neither counts nor hides the
    one before it, and a run that ended then is unfinished: without conclusion, end and duration.
    """
    runs = in_scope(tables, scope)
    runs = runs.filter(runs.created_at < ibis.literal(scope.until))
    if scope.known.settled:
        return runs.filter(runs.is_latest_attempt)
    known = runs.left_join(_tried_again_later(runs, scope), "run_id")
    runs = known.filter(known.rerun.isnull().ifelse(known.is_latest_attempt, known.run_attempt == known.attempt))
    return as_of(runs, scope).drop("run_id_right", "rerun", "attempt")


def latest_in_range(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """Those of latest_runs that were created in the range, for which its months alone are read."""
    if scope.since is not None:
        looked_back = scope.until if scope.known.settled else scope.until - TRIED_AGAIN_WITHIN
        tables = with_runs(tables, runs_since(tables, scope, min(scope.since, looked_back)))
    return scope.within(latest_runs(tables, scope), "created_at")


def in_scope(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """Every attempt of every run in scope at any time, on all branches unless the scope names one."""
    runs = scope.filter(runs_of(tables, scope))
    return runs.filter(runs.branch == scope.branch) if scope.branch not in (None, ALL_BRANCHES) else runs


def as_of(runs: ir.Table, scope: Scope) -> ir.Table:
    """Runs as they were at the scope's end: what ended at or after it is in progress."""
    unfinished = (runs.completed_at >= ibis.literal(scope.until)).fill_null(False)
    facts = {name: unfinished.ifelse(None, runs[name]) for name in ("conclusion", "completed_at", "duration_s")}
    return runs.mutate(**facts, status=unfinished.ifelse("in_progress", runs.status))


def _tried_again_later(runs: ir.Table, scope: Scope) -> ir.Table:
    """Runs whose stored latest attempt began at or after the scope's end: rerun, and the latest attempt before it.

    A run can be tried again for so long only, hence few rows are looked at, and none is found in a view of now.
    """
    until, since = ibis.literal(scope.until), ibis.literal(scope.until - TRIED_AGAIN_WITHIN)
    later = ((runs.run_attempt > 1) & (runs.run_started_at >= until)).fill_null(False)
    tried = runs.filter(runs.created_at >= since, later | ~runs.is_latest_attempt)
    later = ((tried.run_attempt > 1) & (tried.run_started_at >= until)).fill_null(False)
    found = tried.group_by("run_id").aggregate(
        rerun=(later & tried.is_latest_attempt).any(), attempt=tried.run_attempt.max(where=~later)
    )
    return found.filter(found.rerun)


def judged(runs: ir.Table, tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """Runs with a column `judged`: whether a run says how its workflow fares.

    Those on the default branch of their repository do, unless the scope names a branch, or all ("*"). A pull
    request's run is not on the default branch, even if the branch it comes from (in a fork) is called that.
    """
    if scope.branch == ALL_BRANCHES:
        return runs.mutate(judged=ibis.literal(True))
    if scope.branch is not None:
        return runs.mutate(judged=(runs.branch == scope.branch).fill_null(False))
    found = runs.left_join(default_branches(tables, scope), "repo")
    on_default = (found.branch == found.default_branch) & ~of_pull_request(found)
    return found.select(*runs.columns, judged=on_default.fill_null(False))


def narrowed(scope: Scope) -> bool:
    """Whether a filter looks at single runs, of which no digest tells."""
    return bool(scope.events) or not scope.bots


def pushed(runs: ir.Table) -> ir.Table:
    """Runs that are not of a pull request."""
    return runs.filter(~of_pull_request(runs))


def default_branches(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """The default branch of each repository in scope, where it is known: columns repo, default_branch.

    That of a repository that does not tell it is, by its runs, main, else master, else the branch with most runs.
    """
    repositories = Scope(until=scope.until, orgs=scope.orgs, repos=scope.repos)
    told = repositories.filter(tables["repositories"]).select("repo", "default_branch")
    told = told.filter(told.default_branch.notnull())
    runs = repositories.filter(RUN_BRANCHES.whole(tables))
    runs = runs.filter(runs.branch.notnull(), runs.of_pull_request == False).anti_join(told, "repo")  # noqa: E712
    seen = runs.group_by("repo", "branch").aggregate(runs=runs.runs.sum())
    best_first = [(seen.branch == "main").desc(), (seen.branch == "master").desc(), seen.runs.desc(), seen.branch]
    best = seen.filter(ibis.row_number().over(group_by=seen.repo, order_by=best_first) == 0)
    return told.union(best.select("repo", default_branch=best.branch))
