"""Workflow runs: one row per attempt of a GitHub Actions run."""

from collections.abc import Callable

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from shared.datasets.dataset import LONG_AGO, OLD, TS, Dataset


def _as_its_jobs_told(column: str) -> Callable[[ir.Table], ir.Value]:
    """A run's own end is when it was last touched; an earlier end, which its jobs told, stays when it is read again."""

    def expression(pairs: ir.Table) -> ir.Value:
        same = pairs.updated_at == pairs[f"{OLD}updated_at"]
        told = (same & (pairs[f"{OLD}completed_at"] < pairs.completed_at)).fill_null(False)
        return ibis.ifelse(told, pairs[f"{OLD}{column}"], pairs[column])

    return expression


PROGRESS = {"in_progress": 1, "completed": 2}
"""How far a run or a job has come; every other status is before these."""


def progress(status: ir.StringValue) -> ir.IntegerValue:
    """PROGRESS of a status, 0 for those before."""
    return ibis.cases(*((status == name, step) for name, step in PROGRESS.items()), else_=0)


WORKFLOW_RUNS = Dataset(
    name="workflow_runs",
    title="Workflow runs",
    reach="repo",
    columns=(
        ("run_id", pa.int64()),
        ("run_attempt", pa.int32()),
        ("is_latest_attempt", pa.bool_()),
        ("repo", pa.string()),
        ("org", pa.string()),
        ("workflow_id", pa.int64()),
        ("workflow_name", pa.string()),
        ("workflow_path", pa.string()),
        ("run_number", pa.int64()),
        ("event", pa.string()),
        ("branch", pa.string()),
        ("head_sha", pa.string()),
        ("actor", pa.string()),
        ("actor_is_bot", pa.bool_()),
        ("pull_request", pa.int64()),
        ("status", pa.string()),
        ("conclusion", pa.string()),
        ("created_at", TS),
        ("run_started_at", TS),
        ("completed_at", TS),
        ("updated_at", TS),
        ("queued_s", pa.float64()),
        ("duration_s", pa.float64()),
        ("html_url", pa.string()),
    ),
    key=("run_id", "run_attempt"),
    version="updated_at",
    # What happens within a second is told apart by how far the run has come.
    order=lambda column: [column("updated_at").fill_null(LONG_AGO), progress(column("status"))],
    month_of="created_at",
    sort=("created_at", "run_id", "run_attempt"),
    # All attempts of a run share created_at, hence the partition: the flag is right whatever order they come in.
    carried={column: _as_its_jobs_told(column) for column in ("duration_s", "completed_at")},
    derived={"is_latest_attempt": lambda runs: runs.run_attempt == runs.run_attempt.max().over(group_by="run_id")},
)
