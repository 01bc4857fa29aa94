"""Tries: the attempts among which flakes are looked for, in order, and the digests that tell where there may be one."""

from collections.abc import Mapping
from dataclasses import replace

import ibis
import ibis.expr.types as ir

from shared.metrics.digest import Digest, as_they_are
from shared.metrics.grouping import workflow_key
from shared.metrics.spending.billing import RERUN
from shared.metrics.workflows.digests import with_runs
from shared.metrics.workflows.outcomes import failed, succeeded
from shared.metrics.workflows.runs import in_scope
from shared.scope import Scope

COMMIT = ("repo", "workflow_key", "head_sha", "event", "branch")
"""Attempts with the same values of these are tries of one thing."""

_READ = (
    *("org", "repo", "workflow_id", "workflow_name", "workflow_path", "run_id", "run_attempt", "head_sha", "event"),
    *("branch", "conclusion", "created_at", "run_started_at", "completed_at", "duration_s", "html_url"),
)

_HEX = 15
"""Digits of a commit that a number of 64 bits holds."""


def all_tries(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """Every attempt that failed or succeeded on a commit on which one failed, numbered in the order they began.

    failed: whether it did.  position: its number.  successes_before: how many attempts had succeeded on the commit
    before it.
    """
    runs = _ended(in_scope(tables, scope), scope)
    # Few commits have a failure; only theirs need to be put in order.
    bad = runs.filter(failed(runs)).select("repo", "head_sha").distinct()
    return _in_order(runs.semi_join(bad, ["repo", "head_sha"]))


def tries_that_flaked(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """Those of `all_tries` that may be part of a flake, and others: failures and successes of the same thing."""
    if not (RUN_FAILURES.kept(tables) and RUN_PASSES.kept(tables)):
        return all_tries(tables, scope)
    since = with_reruns(scope).since
    kept = with_runs(tables, RUN_FAILURES.since(tables, since))
    failures = _ended(in_scope(kept, scope), scope, "mark", "passed")
    passes = RUN_PASSES.since(tables, since)
    # What failed in one month and passed in another. What else passed, and never failed, need not be read; that they
    # are distinct has DuckDB find them once.
    later = passes.semi_join(failures, "mark").select("mark", "run_id").distinct()
    passed_later = _ended(in_scope(tables, scope), scope).semi_join(later, "run_id")
    # Of a success nobody asks these; to unpack them takes long.
    unread = {name: ibis.null(passed_later[name].type()) for name in ("duration_s", "html_url")}
    passed_later = passed_later.mutate(**unread)
    both = failures.filter(failures.passed)
    marks = both.select("mark").union(later.select("mark"))
    alone = failures.filter(~failures.passed).semi_join(marks, "mark")
    return _in_order(ibis.union(both.select(*_READ), alone.select(*_READ), passed_later))


def with_reruns(scope: Scope) -> Scope:
    """The scope with the time before it in which runs began that may have been run again in it."""
    return scope if scope.since is None else replace(scope, since=scope.since - RERUN)


def _ended(runs: ir.Table, scope: Scope, *more: str) -> ir.Table:
    """Attempts of the range that had failed or succeeded by its end."""
    runs = with_reruns(scope).within(runs, "created_at")
    return _judged(runs).filter(lambda rows: rows.completed_at < ibis.literal(scope.until)).select(*_READ, *more)


def _judged(runs: ir.Table) -> ir.Table:
    return runs.filter(succeeded(runs) | failed(runs), runs.completed_at.notnull(), runs.head_sha.notnull())


def _in_order(runs: ir.Table) -> ir.Table:
    runs = runs.mutate(
        failed=failed(runs),
        workflow_key=workflow_key(runs),
        began_at=ibis.coalesce(runs.run_started_at, runs.created_at),
    )
    order = [runs.began_at, runs.run_id, runs.run_attempt]
    stream = ibis.window(group_by=[runs[name] for name in COMMIT], order_by=order, rows=(None, 0))
    success = (~runs.failed).cast("int64")
    return runs.mutate(position=ibis.row_number().over(stream), successes_before=success.sum().over(stream) - success)


def _marked(runs: ir.Table) -> ir.Table:
    """Attempts with `mark`, and whether any with the same mark failed and passed.

    mark: a number that attempts of the same workflow on the same commit share. Others may share it by chance: by the
    mark alone is known where there is no flake, never where there is one.
    """
    commit = (ibis.literal("0x") + runs.head_sha[:_HEX]).try_cast("int64").fill_null(0)
    runs = runs.mutate(mark=commit + runs.workflow_id.fill_null(0) % 1_000_000_007)
    told = runs.group_by("mark").aggregate(failed=failed(runs).any(), passed=succeeded(runs).any())
    return runs.inner_join(told, "mark")


def _failures_of(runs: ir.Table) -> ir.Table:
    marked = _marked(runs.select(*_READ, "actor_is_bot"))
    found = marked.filter(marked.failed).drop("failed")
    return found.order_by("passed", "created_at", "run_id", "run_attempt")


def _passes_of(runs: ir.Table) -> ir.Table:
    read = ("repo", "run_id", "run_attempt", "created_at", "head_sha", "workflow_id", "conclusion")
    marked = _marked(runs.select(*read))
    found = marked.filter(~marked.failed)
    return found.order_by("created_at", "run_id", "run_attempt").select("repo", "mark", "run_id", "created_at")


RUN_FAILURES = Digest(
    name="run_failures",
    of="workflow_runs",
    time="created_at",
    last="created_at",
    counted=_judged,
    make=_failures_of,
    fold=as_they_are,
    chosen=True,
)
"""The attempts of what failed in a month; passed: whether an attempt with the same mark passed in the same month."""

RUN_PASSES = Digest(
    name="run_passes",
    of="workflow_runs",
    time="created_at",
    last="created_at",
    counted=_judged,
    make=_passes_of,
    fold=as_they_are,
    chosen=True,
)
"""The marks of what only passed in a month."""
