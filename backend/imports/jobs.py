"""Workflow jobs as an import: GitHub's job objects and tables of jobs."""

from backend.imports.kind import Kind
from backend.mapping.stamp import Raw, Row, Stamp, Unusable
from backend.mapping.workflow_jobs import finish_job, job_row
from shared.datasets import WORKFLOW_JOBS


def _is_job(raw: Raw) -> bool:
    return "id" in raw and "job_id" not in raw


def _job(raw: Raw, repo: str | None, stamp: Stamp) -> Row:
    if raw.get("run_id") is None and raw.get("run_url") is None:
        raise Unusable("no run_id")
    return job_row(raw, repo, stamp)


JOBS = Kind(
    name="jobs",
    title="workflow jobs",
    dataset=WORKFLOW_JOBS,
    identity="job_id",
    pages=("jobs", "workflow_jobs"),
    event="workflow_job",
    is_object=_is_job,
    from_object=_job,
    finish=finish_job,
    aliases={
        "job_id": ("databaseId", "workflow_job_id", "id"),
        "run_id": ("workflow_run_id",),
        "run_attempt": ("attempt", "attempt_number"),
        "workflow_name": ("workflow",),
        "name": ("job_name", "job"),
        "status": ("state",),
        "conclusion": ("result", "outcome"),
        "created_at": ("created", "queued_at"),
        "started_at": ("started", "start_time"),
        "completed_at": ("completed", "finished_at", "ended_at", "end_time"),
        "labels": ("runs_on", "runner_labels"),
        "runner_group": ("runner_group_name",),
        "runner_os": ("os",),
        "queued_s": ("queued_seconds", "queue_seconds"),
        "duration_s": ("duration_seconds", "duration"),
    },
    telling=frozenset({"run_id"}),
    foreign=frozenset({"runnumber", "headrepository", "securityadvisory"}),
)
