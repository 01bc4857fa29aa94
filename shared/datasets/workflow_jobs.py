"""Workflow jobs: one row per job of an attempt of a run."""

import pyarrow as pa

from shared.datasets.dataset import LONG_AGO, STRINGS, TS, Dataset
from shared.datasets.workflow_runs import progress

WORKFLOW_JOBS = Dataset(
    name="workflow_jobs",
    title="Workflow jobs",
    reach="repo",
    columns=(
        ("job_id", pa.int64()),
        ("run_id", pa.int64()),
        ("run_attempt", pa.int32()),
        ("repo", pa.string()),
        ("org", pa.string()),
        ("workflow_name", pa.string()),
        ("name", pa.string()),
        ("status", pa.string()),
        ("conclusion", pa.string()),
        ("created_at", TS),
        ("started_at", TS),
        ("completed_at", TS),
        ("queued_s", pa.float64()),
        ("duration_s", pa.float64()),
        ("labels", STRINGS),
        ("runner_group", pa.string()),
        ("runner_os", pa.string()),
        ("billable_minutes", pa.float64()),
    ),
    key=("job_id",),
    # A job has no updated_at of its own. What is read last is what GitHub says now.
    version="collected_at",
    # A job never goes back: what tells that it was queued is older than what tells that it ran, whenever it came.
    order=lambda column: [progress(column("status")), column("collected_at").fill_null(LONG_AGO)],
    month_of="created_at",
    sort=("created_at", "job_id"),
)
