"""Workflow runs: GitHub's run object, one attempt of a run, to a row."""

from datetime import datetime

from backend.mapping.repositories import owner, repository_in_url, repository_name, repository_of
from backend.mapping.stamp import Raw, Row, Stamp, Unusable
from backend.mapping.values import integer, moment, nested, seconds_between, text
from backend.mapping.workflows import workflow_path


def run_row(raw: Raw, repo: str | None, stamp: Stamp) -> Row:
    """A row of `workflow_runs`. Raises Unusable without an id, a repository or any time.

    actor is who caused the run, as GitHub's own lists and filters have it, and not `triggering_actor`, who
    pressed "re-run": the attempts of a run then share their actor, and a bot's run stays a bot's run.
    An object without run_attempt is from before attempts existed: it is the first.
    """
    run_id = integer(raw.get("id"))
    if run_id is None:
        raise Unusable("no id")
    full_name = repository_of(raw, repo)
    actor = raw.get("actor") or raw.get("triggering_actor")
    return finish_run(
        {
            "run_id": run_id,
            "run_attempt": _attempt(raw.get("run_attempt")),
            "repo": full_name,
            "workflow_id": integer(raw.get("workflow_id")),
            "workflow_name": text(raw.get("name")),
            "workflow_path": workflow_path(raw.get("path")),
            "run_number": integer(raw.get("run_number")),
            "event": text(raw.get("event")),
            "branch": text(raw.get("head_branch")),
            "head_sha": text(raw.get("head_sha")),
            "actor": text(nested(actor, "login")),
            "actor_is_bot": is_bot(actor),
            "pull_request": _pull_request(raw, full_name),
            "status": text(raw.get("status")),
            "conclusion": text(raw.get("conclusion")),
            "created_at": moment(raw.get("created_at")),
            "run_started_at": moment(raw.get("run_started_at")),
            "completed_at": moment(raw.get("completed_at")),
            "updated_at": moment(raw.get("updated_at")),
            "html_url": text(raw.get("html_url")),
            **stamp.columns,
        }
    )


def finish_run(row: Row) -> Row:
    """The row with what follows from its other columns; for GitHub's objects and for tables from elsewhere.

    - status: what has a conclusion is completed.
    - created_at: missing, it is run_started_at, else updated_at; without any the run is Unusable.
    - completed_at: for completed runs only; GitHub gives none, so it is updated_at.
    - queued_s: run_started_at - created_at, for first attempts only, since created_at is that of the first.
    - duration_s: completed_at - run_started_at; null for runs under way and where the clock went backwards.
    Durations that a table gives count where the times to compute them from are missing.
    """
    started, updated = row.get("run_started_at"), row.get("updated_at")
    status = row.get("status") or ("completed" if row.get("conclusion") else None)
    created = row.get("created_at") or started or updated
    if created is None:
        raise Unusable("no created_at, run_started_at or updated_at")
    completed = (row.get("completed_at") or updated) if status == "completed" else None
    first = row["run_attempt"] == 1
    return {
        **row,
        "org": owner(row["repo"]),
        "status": status,
        "created_at": created,
        "completed_at": completed,
        "queued_s": _seconds(row, "queued_s", row.get("created_at"), started) if first else None,
        "duration_s": _seconds(row, "duration_s", started, completed) if status == "completed" else None,
    }


def is_bot(actor: object) -> bool | None:
    """Whether an account is a bot: by type, or by a login ending in `[bot]`; None for an unknown account."""
    login, kind = text(nested(actor, "login")), text(nested(actor, "type"))
    if login is None and kind is None:
        return None
    return kind == "Bot" or (login or "").endswith("[bot]")


def _attempt(value: object) -> int:
    attempt = 1 if value is None else integer(value, bits=32)
    if attempt is None or attempt < 1:
        raise Unusable(f"run_attempt is {value!r}, not a number from 1")
    return attempt


def _seconds(row: Row, column: str, start: datetime | None, end: datetime | None) -> float | None:
    given: float | None = row.get(column)
    return given if start is None or end is None else seconds_between(start, end)


def _pull_request(raw: Raw, repo: str) -> int | None:
    """The pull request into this repository; GitHub also lists those that forks opened among themselves."""
    entries = raw.get("pull_requests")
    for entry in entries if isinstance(entries, list) else []:
        base = nested(entry, "base", "repo")
        name = repository_name(nested(base, "full_name")) or repository_in_url(nested(base, "url"))
        if name is not None and name.casefold() == repo.casefold():
            return integer(nested(entry, "number"))
    return None
