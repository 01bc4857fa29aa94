"""Workflow jobs: GitHub's job object to a row."""

import math
import re

from backend.mapping.repositories import owner, repository_in_url, repository_of
from backend.mapping.stamp import Raw, Row, Stamp, Unusable
from backend.mapping.values import integer, moment, seconds_between, strings, text

HOSTED_GROUP = "GitHub Actions"
"""The runner group of GitHub's own standard runners."""

NO_RUNNER = 0
"""The runner_id of a completed job that no runner took, so that it costs nothing.

It was cancelled in the queue, or it passed in an earlier attempt and is listed again as others are re-run.
"""

_OS = {"ubuntu": "linux", "linux": "linux", "windows": "windows", "macos": "macos"}
_OS_LABEL = re.compile(r"(ubuntu|linux|windows|macos)(?:$|[-_.\d])", re.IGNORECASE)
_HOSTED_LABEL = re.compile(r"(?:ubuntu|windows|macos)-(?:latest|slim|\d)", re.IGNORECASE)
_STARTED = frozenset({"in_progress", "completed"})


def job_row(raw: Raw, repo: str | None, stamp: Stamp) -> Row:
    """A row of `workflow_jobs`. Raises Unusable without an id, a repository or any time.

    An object without run_attempt (older Enterprise Servers) leaves it null: unlike a run's, it is no key.
    """
    job_id = integer(raw.get("id"))
    if job_id is None:
        raise Unusable("no id")
    return finish_job(
        {
            "job_id": job_id,
            "run_id": integer(raw.get("run_id")),
            "run_attempt": integer(raw.get("run_attempt"), bits=32),
            "repo": repository_of(raw, repo or repository_in_url(raw.get("run_url"))),
            "workflow_name": text(raw.get("workflow_name")),
            "name": text(raw.get("name")),
            "status": text(raw.get("status")),
            "conclusion": text(raw.get("conclusion")),
            "created_at": moment(raw.get("created_at")),
            "started_at": moment(raw.get("started_at")),
            "completed_at": moment(raw.get("completed_at")),
            "labels": strings(raw.get("labels")),
            "runner_group": text(raw.get("runner_group_name")),
            "billable_minutes": 0.0 if integer(raw.get("runner_id")) == NO_RUNNER else None,
            **stamp.columns,
        }
    )


def finish_job(row: Row) -> Row:
    """The row with what follows from its other columns; for GitHub's objects and for tables from elsewhere.

    - status: what has a conclusion is completed.
    - created_at: missing, it is started_at, else completed_at; without any the job is Unusable.
    - queued_s: null until the job has started (GitHub shows a started_at before that), and for a job that is
      listed again, which started before it was created.
    - billable_minutes: as given, else see there.
    """
    started, completed = row.get("started_at"), row.get("completed_at")
    status = row.get("status") or ("completed" if row.get("conclusion") else None)
    created = row.get("created_at") or started or completed
    if created is None:
        raise Unusable("no created_at, started_at or completed_at")
    finished = {
        **row,
        "org": owner(row["repo"]),
        "status": status,
        "created_at": created,
        "queued_s": seconds_between(row.get("created_at"), started) if status in _STARTED else None,
        "duration_s": seconds_between(started, completed) if status == "completed" else None,
        "runner_os": row.get("runner_os") or runner_os(row.get("labels") or []),
    }
    return {**finished, "billable_minutes": billable_minutes(finished)}


def runner_os(labels: list[str]) -> str | None:
    """`linux`, `windows` or `macos`, as the first label that tells says; None where none does."""
    matches = (_OS_LABEL.match(label) for label in labels)
    return next((_OS[match[1].lower()] for match in matches if match), None)


def billable_minutes(job: Row) -> float | None:
    """Minutes GitHub bills for a job row: what the row says already, else its duration in begun minutes.

    0 for skipped jobs; None for jobs under way, on self-hosted runners, and on runners of which neither group
    nor labels tell that GitHub hosts them.
    """
    if job["status"] != "completed":
        return None
    given: float | None = job.get("billable_minutes")
    if given is not None or job.get("conclusion") == "skipped":
        return given or 0.0
    if not _is_hosted(job) or job["duration_s"] is None:
        return None
    return float(math.ceil(job["duration_s"] / 60))


def _is_hosted(job: Row) -> bool:
    labels = job.get("labels") or []
    if any(label.casefold() == "self-hosted" for label in labels):
        return False
    return job.get("runner_group") == HOSTED_GROUP or any(_HOSTED_LABEL.match(label) for label in labels)
