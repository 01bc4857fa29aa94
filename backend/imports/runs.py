"""Workflow runs as an import: GitHub's run objects, `gh run list --json`, and tables of runs or attempts."""

import pyarrow as pa
import pyarrow.compute as pc

from backend.imports.kind import Kind
from backend.mapping.stamp import Raw, Row, Stamp, Unusable
from backend.mapping.workflow_runs import finish_run, is_bot, run_row
from shared.datasets import WORKFLOW_RUNS
from shared.lake.tables import Lake


def _is_run(raw: Raw) -> bool:
    return "id" in raw and not {"run_id", "databaseId"} & raw.keys()


def _run(raw: Raw, repo: str | None, stamp: Stamp) -> Row:
    # Much at GitHub has an id and a created_at; a run alone has these.
    if not {"run_number", "workflow_id"} & raw.keys():
        raise Unusable("does not look like workflow runs")
    return run_row(raw, repo, stamp)


def _finish(row: Row) -> Row:
    attempt = row.get("run_attempt")
    if attempt is not None and attempt < 1:
        raise Unusable(f"run_attempt is {attempt}, not a number from 1")
    name = row.get("workflow_name") or ""
    # GitHub names a run by its file when the file is broken.
    path = row.get("workflow_path") or (name if name.endswith((".yml", ".yaml")) else None)
    bot = row.get("actor_is_bot")
    return finish_run(
        {
            **row,
            "run_attempt": attempt or 1,
            "workflow_path": path,
            "actor_is_bot": is_bot({"login": row.get("actor")}) or None if bot is None else bot,
        }
    )


def with_shared_created_at(lake: Lake, runs: pa.Table) -> pa.Table:
    """Runs of a table that has no created_at: every attempt gets that of its run.

    It is the one the lake knows of the run, else the earliest of its attempts here: they must share it, since
    it decides the month they are stored in.
    """
    firsts = runs.group_by("run_id").aggregate([("created_at", "min")])
    stored = lake.tables("real", only=[WORKFLOW_RUNS])["workflow_runs"]
    stored = stored.filter(stored.repo.isin(pc.unique(runs["repo"]).to_pylist()))
    known = stored.group_by("run_id").aggregate(created_at=stored.created_at.min()).to_pyarrow()
    at = pc.coalesce(
        known["created_at"]
        .cast(runs.schema.field("created_at").type)
        .take(pc.index_in(firsts["run_id"], value_set=known["run_id"].combine_chunks())),
        firsts["created_at_min"],
    )
    shared = at.take(pc.index_in(runs["run_id"], value_set=firsts["run_id"].combine_chunks()))
    return runs.set_column(runs.schema.get_field_index("created_at"), runs.schema.field("created_at"), shared)


RUNS = Kind(
    name="runs",
    title="workflow runs",
    dataset=WORKFLOW_RUNS,
    identity="run_id",
    pages=("workflow_runs",),
    event="workflow_run",
    is_object=_is_run,
    from_object=_run,
    finish=_finish,
    aliases={
        "run_id": ("databaseId", "workflow_run_id", "id"),
        "run_attempt": ("attempt", "attempt_number"),
        "workflow_id": ("workflowDatabaseId",),
        "workflow_name": ("workflow", "workflowName", "name"),
        "workflow_path": ("path", "workflow_file"),
        "run_number": ("number",),
        "event": ("event_name", "trigger", "triggered_by"),
        "branch": ("head_branch", "ref_name", "ref"),
        "head_sha": ("sha", "commit", "commit_sha"),
        "actor": ("actor_login", "triggering_actor"),
        "pull_request": ("pr_number", "pr", "pull_request_number"),
        "status": ("state",),
        "conclusion": ("result", "outcome"),
        "created_at": ("created", "queued_at"),
        "run_started_at": ("started_at", "started", "start_time"),
        "completed_at": ("completed", "finished_at", "ended_at", "end_time"),
        "updated_at": ("updated",),
        "duration_s": ("duration_seconds", "duration"),
        "queued_s": ("queued_seconds", "queue_seconds"),
    },
    telling=frozenset({"conclusion", "run_number", "run_attempt", "run_started_at"}),
    foreign=frozenset({"jobid", "runnerid", "runnername", "checkrunurl", "steps"}),
)
