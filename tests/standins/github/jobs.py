"""Jobs of a run: written from the run they belong to."""

from typing import Any

from tests.standins.github.accounts import API, WEB
from tests.standins.github.moments import epoch, iso

JobObject = dict[str, Any]
STEPS = ("Set up job", "Run actions/checkout@v4", "Run tests", "Complete job")


def job_object(full_name: str, run: dict[str, Any], name: str, *, ordinal: int = 0) -> JobObject:
    """A job with every field, which shares its run's attempt, times, status and conclusion."""
    job_id = run["id"] * 100 + run["run_attempt"] * 10 + ordinal
    started, ended = epoch(run["run_started_at"]) + 5, epoch(run["updated_at"])
    done = run["status"] == "completed"
    return {
        "id": job_id,
        "run_id": run["id"],
        "workflow_name": run["name"],
        "head_branch": run["head_branch"],
        "run_url": f"{API}/repos/{full_name}/actions/runs/{run['id']}",
        "run_attempt": run["run_attempt"],
        "node_id": f"CR_{job_id:x}",
        "head_sha": run["head_sha"],
        "url": f"{API}/repos/{full_name}/actions/jobs/{job_id}",
        "html_url": f"{WEB}/{full_name}/actions/runs/{run['id']}/job/{job_id}",
        "status": run["status"],
        "conclusion": _job_conclusion(run["conclusion"]),
        "created_at": run["run_started_at"],
        "started_at": iso(min(started, ended)),
        "completed_at": iso(ended) if done else None,
        "name": name,
        "steps": _steps(run, started, ended) if done else [],
        "check_run_url": f"{API}/repos/{full_name}/check-runs/{job_id}",
        "labels": ["ubuntu-latest"],
        "runner_id": 1,
        "runner_name": "GitHub Actions 1",
        "runner_group_id": 2,
        "runner_group_name": "GitHub Actions",
    }


def _job_conclusion(conclusion: str | None) -> str | None:
    # Runs can end in ways for which jobs have no word.
    return "failure" if conclusion in ("startup_failure", "stale") else conclusion


def _steps(run: dict[str, Any], started: int, ended: int) -> list[dict[str, Any]]:
    last = len(STEPS)
    length = max(0, ended - started) // last
    return [
        {
            "name": name,
            "status": "completed",
            "conclusion": _job_conclusion(run["conclusion"]) if number == last - 1 else "success",
            "number": number,
            "started_at": iso(started + length * (number - 1)),
            "completed_at": iso(started + length * number),
        }
        for number, name in enumerate(STEPS, start=1)
    ]
