"""Digests of workflow runs: what each month says of workflows, of their verdicts, and of the times they were broken."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

import ibis
import ibis.expr.types as ir

from shared.metrics.digest import Digest, as_they_are
from shared.metrics.grouping import workflow_key
from shared.metrics.workflows.cadence import last_times, newest_of
from shared.metrics.workflows.outcomes import failed, of_pull_request, succeeded
from shared.scope import Scope

KEY = ("repo", "workflow_key")
"""What identifies a workflow (see grouping.workflow_key)."""

# A workflow that was renamed has a row for each of its names, so that a filter by name finds what it should.
_STREAM = (*KEY, "workflow_name", "branch")


def workflows_of(runs: ir.Table) -> ir.Table:
    """One row per workflow and name: what it is called and when it ran. runs: latest attempts."""
    runs = runs.mutate(workflow_key=workflow_key(runs))
    position = ibis.struct({"created_at": runs.created_at, "run_id": runs.run_id})
    return runs.group_by(*KEY, "workflow_name").aggregate(
        org=runs.org.max(),
        workflow_id=runs.workflow_id.max(),
        workflow_path=runs.workflow_path.argmax(position),
        last_run_at=runs.created_at.max(),
        last_run_id=runs.run_id.argmax(position),
        last_run_url=runs.html_url.argmax(position),
        last_times=last_times(runs.created_at),
        scheduled=(runs.event == "schedule").any(),
    )


def same_workflows(parts: ir.Table, *key: str) -> ir.Table:
    """Rows of workflows_of as one row per key."""
    position = ibis.struct({"created_at": parts.last_run_at, "run_id": parts.last_run_id})
    newest = {name: parts[name].argmax(position) for name in ("workflow_name", "workflow_path") if name not in key}
    return parts.group_by(*key).aggregate(
        **newest,
        org=parts.org.max(),
        workflow_id=parts.workflow_id.max(),
        last_run_at=parts.last_run_at.max(),
        last_run_id=parts.last_run_id.argmax(position),
        last_run_url=parts.last_run_url.argmax(position),
        last_times=newest_of(parts.last_times),
        scheduled=parts.scheduled.any(),
    )


def verdicts_of(runs: ir.Table, *key: str) -> ir.Table:
    """One row per key: how a workflow fared. runs: latest attempts that say how it fares.

    trailing: how many runs failed after the last success, of which last_success_at and last_success_id tell.
    """
    runs = runs.mutate(workflow_key=workflow_key(runs), won=succeeded(runs).fill_null(False))
    position = ibis.struct({"created_at": runs.created_at, "run_id": runs.run_id})
    runs = runs.mutate(position=position)
    last = runs.group_by(*key).aggregate(last_success=runs.position.max(where=runs.won))
    told = runs.left_join(last, [runs[name].identical_to(last[name]) for name in key])
    after = (failed(told) & (told.last_success.isnull() | (told.position > told.last_success))).fill_null(False)
    named = {} if "workflow_name" in key else {"workflow_name": told.workflow_name.argmax(told.position)}
    found = told.group_by(*key).aggregate(
        **named,
        org=told.org.max(),
        began_at=told.created_at.min(),
        last_run_at=told.created_at.max(),
        last_run_id=told.run_id.argmax(told.position),
        last_conclusion=told.conclusion.argmax(told.position, where=told.conclusion.notnull()),
        last_success=told.last_success.max(),
        trailing=told.count(where=after),
    )
    success = {"last_success_at": found.last_success.created_at, "last_success_id": found.last_success.run_id}
    return found.mutate(**success).drop("last_success")


def same_verdicts(parts: ir.Table, *key: str) -> ir.Table:
    """Rows of verdicts_of, of times that do not overlap, as one row per key."""
    won_at = parts.last_success_at.max().over(group_by=list(key))
    parts = parts.mutate(won_at=won_at)
    position = ibis.struct({"created_at": parts.last_run_at, "run_id": parts.last_run_id})
    success = ibis.struct({"created_at": parts.last_success_at, "run_id": parts.last_success_id})
    won_last = parts.last_success_at == parts.won_at
    since = (parts.won_at.isnull() | won_last | (parts.began_at > parts.won_at)).fill_null(False)
    named = {} if "workflow_name" in key else {"workflow_name": parts.workflow_name.argmax(position)}
    return parts.group_by(*key).aggregate(
        **named,
        org=parts.org.max(),
        began_at=parts.began_at.min(),
        last_run_at=parts.last_run_at.max(),
        last_run_id=parts.last_run_id.argmax(position),
        last_conclusion=parts.last_conclusion.argmax(position, where=parts.last_conclusion.notnull()),
        last_success_at=parts.last_success_at.max(),
        last_success_id=parts.last_success_id.argmax(success, where=parts.last_success_at.notnull()),
        trailing=parts.trailing.sum(where=since),
    )


def breaks_of(runs: ir.Table, *key: str) -> ir.Table:
    """One row per part of the story of each key: failures of a workflow up to its next success.

    runs: attempts that succeeded or failed.  A part without a failure is left out unless it is the first, whose success
    ends what broke in an earlier month; one without a success (restored_at is null) goes on in a later month.
    """
    runs = runs.mutate(workflow_key=workflow_key(runs), failed=failed(runs))
    stream = ibis.window(
        group_by=[runs[name] for name in key],
        order_by=[runs.created_at, runs.run_id, runs.run_attempt],
        rows=(None, 0),
    )
    success = (~runs.failed).cast("int64")
    runs = runs.mutate(place=ibis.row_number().over(stream), part=success.sum().over(stream) - success)
    first = {"where": runs.failed, "key": runs.place}
    named = {} if "workflow_name" in key else {"workflow_name": runs.workflow_name.argmax(runs.place)}
    branch = {} if "branch" in key else {"branch": runs.branch.argmin(**first)}
    parts = runs.group_by(*key, "part").aggregate(
        **named,
        **branch,
        org=runs.org.max(),
        workflow_id=runs.workflow_id.max(),
        began_at=runs.created_at.min(),
        failed_at=runs.completed_at.argmin(**first),
        first_failed_run_id=runs.run_id.argmin(**first),
        restored_at=runs.completed_at.max(where=~runs.failed),
        restored_run_id=runs.run_id.max(where=~runs.failed),
        runs_failed=runs.count(where=runs.failed),
    )
    return parts.filter((parts.runs_failed > 0) | (parts.part == 0))


def same_breaks(parts: ir.Table, *key: str) -> ir.Table:
    """Rows of breaks_of, of times that do not overlap, joined where a later month goes on with an earlier one's."""
    order = [parts.began_at, parts.part]
    stream = ibis.window(group_by=[parts[name] for name in key], order_by=order, rows=(None, 0))
    ends = parts.restored_at.notnull().cast("int64")
    parts = parts.mutate(place=ibis.row_number().over(stream), joined=ends.sum().over(stream) - ends)
    first = {"where": parts.runs_failed > 0, "key": parts.place}
    named = {} if "workflow_name" in key else {"workflow_name": parts.workflow_name.argmax(parts.place)}
    branch = {} if "branch" in key else {"branch": parts.branch.argmin(**first)}
    found = parts.group_by(*key, "joined").aggregate(
        **named,
        **branch,
        org=parts.org.max(),
        workflow_id=parts.workflow_id.max(),
        began_at=parts.began_at.min(),
        failed_at=parts.failed_at.argmin(**first),
        first_failed_run_id=parts.first_failed_run_id.argmin(**first),
        restored_at=parts.restored_at.max(),
        restored_run_id=parts.restored_run_id.max(),
        runs_failed=parts.runs_failed.sum(),
    )
    return found.rename(part="joined")


def branches_of(runs: ir.Table) -> ir.Table:
    """How many runs, attempts by themselves, each branch had by event; those of pull requests last."""
    key = {"org": runs.org, "repo": runs.repo, "branch": runs.branch, "event": runs.event}
    found = runs.group_by(**key, of_pull_request=of_pull_request(runs))
    return _sorted(found.aggregate(runs=runs.count(), last_run_at=runs.created_at.max()))


def same_branches(parts: ir.Table) -> ir.Table:
    """Rows of branches_of as one row per branch and event."""
    found = parts.group_by("org", "repo", "branch", "event", "of_pull_request")
    return _sorted(found.aggregate(runs=parts.runs.sum(), last_run_at=parts.last_run_at.max()))


def _sorted(branches: ir.Table) -> ir.Table:
    return branches.order_by("of_pull_request", "repo", "branch", "event")


def _fold_breaks(parts: ir.Table) -> ir.Table:
    """What is still broken."""
    joined = same_breaks(parts, *_STREAM)
    return joined.filter(joined.restored_at.isnull())


RUN_WORKFLOWS = Digest(
    name="run_workflows",
    of="workflow_runs",
    time="created_at",
    last="last_run_at",
    counted=lambda runs: runs.filter(runs.is_latest_attempt),
    make=workflows_of,
    fold=lambda parts: same_workflows(parts, *KEY, "workflow_name"),
)

RUN_VERDICTS = Digest(
    name="run_verdicts",
    of="workflow_runs",
    time="created_at",
    last="last_run_at",
    counted=lambda runs: runs.filter(runs.is_latest_attempt, ~of_pull_request(runs)),
    make=lambda runs: verdicts_of(runs, *_STREAM),
    fold=lambda parts: same_verdicts(parts, *_STREAM),
)

RUN_BREAKS = Digest(
    name="run_breaks",
    of="workflow_runs",
    time="created_at",
    last="began_at",
    counted=lambda runs: runs.filter(
        succeeded(runs) | failed(runs), runs.completed_at.notnull(), ~of_pull_request(runs)
    ),
    make=lambda runs: breaks_of(runs, *_STREAM),
    fold=_fold_breaks,
    ranged=True,
)

RUN_BRANCHES = Digest(
    name="run_branches",
    of="workflow_runs",
    time="created_at",
    last="last_run_at",
    make=branches_of,
    fold=same_branches,
)

RUNS_BY_REPO = Digest(
    name="runs_by_repo",
    of="workflow_runs",
    time="created_at",
    last="created_at",
    make=lambda runs: runs.order_by("repo", "workflow_name", "created_at"),
    fold=None,
)

RUNS_OF_RANGE = Digest(
    name="runs_of_range",
    of="workflow_runs",
    time="created_at",
    last="created_at",
    make=as_they_are,
    fold=None,
    chosen=True,
    as_stored=True,
    bounded=True,
)

RUNS_OF_RANGE_BY_REPO = replace(RUNS_BY_REPO, name="runs_of_range_by_repo", chosen=True, bounded=True)


def runs_since(tables: Mapping[str, ir.Table], scope: Scope, begin: datetime) -> ir.Table:
    """The rows of workflow_runs created since a time, of a scope that begins no later; other months are not opened."""
    return (RUNS_OF_RANGE_BY_REPO if scope.repos else RUNS_OF_RANGE).since(tables, begin)


def runs_from(tables: Mapping[str, ir.Table], scope: Scope, begin: datetime | None) -> Mapping[str, ir.Table]:
    """The tables with those runs alone that were created since a time; the tables as they are without one."""
    return tables if begin is None else with_runs(tables, runs_since(tables, scope, begin))


def runs_of(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """The rows of workflow_runs, in an order in which those of few repositories are found sooner if a scope asks so."""
    sorted_rows = RUNS_BY_REPO.folded if scope.repos else ""
    return tables[sorted_rows if sorted_rows in tables else "workflow_runs"]


def with_runs(tables: Mapping[str, ir.Table], runs: ir.Table) -> dict[str, ir.Table]:
    """The tables with these rows in place of workflow_runs."""
    others = {name: table for name, table in tables.items() if name != RUNS_BY_REPO.folded}
    return {**others, "workflow_runs": runs}
