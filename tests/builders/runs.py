"""Rows of workflows, their runs and jobs."""

from datetime import timedelta
from typing import Any

from tests.builders.rows import NOW, Row, row_of, seconds_between


def run(**values: Any) -> Row:
    """A row of workflow_runs: a push to main of acme/api, an hour before NOW, that succeeded."""
    run_id, attempt = values.get("run_id", 1), values.get("run_attempt", 1)
    created_at = values.get("created_at", NOW - timedelta(hours=1))
    started_at = values.get("run_started_at", created_at + timedelta(seconds=10) if created_at else None)
    done = values.get("status", "completed") == "completed"
    completed_at = values.get("completed_at", started_at + timedelta(minutes=5) if started_at and done else None)
    return row_of(
        values,
        run_id=run_id,
        run_attempt=attempt,
        is_latest_attempt=True,
        workflow_id=7,
        workflow_name="build",
        workflow_path=".github/workflows/build.yml",
        run_number=run_id,
        event="push",
        branch="main",
        head_sha="0" * 40,
        actor="octocat",
        actor_is_bot=False,
        pull_request=None,
        status="completed",
        conclusion="success" if done else None,
        created_at=created_at,
        run_started_at=started_at,
        completed_at=completed_at,
        updated_at=completed_at or started_at or created_at,
        queued_s=seconds_between(created_at, started_at),
        duration_s=seconds_between(started_at, completed_at),
        html_url=f"https://github.com/acme/api/actions/runs/{run_id}",
    )


def job(**values: Any) -> Row:
    """A row of workflow_jobs: five minutes on ubuntu-latest for attempt 1 of run 1, an hour before NOW, that succeeded.

    billable_minutes are the duration in begun minutes unless they are given.
    """
    created_at = values.get("created_at", NOW - timedelta(hours=1))
    started_at = values.get("started_at", created_at + timedelta(seconds=10))
    completed_at = values.get("completed_at", started_at + timedelta(seconds=values.get("duration_s") or 300))
    duration_s = values.get("duration_s", seconds_between(started_at, completed_at))
    return row_of(
        values,
        job_id=1,
        run_id=1,
        run_attempt=1,
        workflow_name="build",
        name="test",
        status="completed",
        conclusion="success",
        created_at=created_at,
        started_at=started_at,
        completed_at=completed_at,
        queued_s=10.0,
        duration_s=duration_s,
        labels=["ubuntu-latest"],
        runner_group="GitHub Actions",
        runner_os="linux",
        billable_minutes=None if duration_s is None else float(-(-duration_s // 60)),
    )


def workflow(**values: Any) -> Row:
    """A row of workflows: build.yml of acme/api, active."""
    return row_of(
        values,
        workflow_id=7,
        name="build",
        path=".github/workflows/build.yml",
        state="active",
        created_at=NOW - timedelta(days=400),
        updated_at=NOW - timedelta(days=400),
        html_url="https://github.com/acme/api/actions/workflows/build.yml",
    )
