"""Rows of each dataset as dicts: every column that a test does not care about has a sensible value.

A column given by name replaces the default; what follows from it (`org` from `repo`, `duration_s` from the
times) follows unless it is given too.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

NOW = datetime(2026, 7, 1, tzinfo=UTC)
"""The time at which tests take place."""

Row = dict[str, Any]


def run(**values: Any) -> Row:
    """A row of workflow_runs: a push to main of acme/api, an hour before NOW, that succeeded."""
    run_id, attempt = values.get("run_id", 1), values.get("run_attempt", 1)
    created_at = values.get("created_at", NOW - timedelta(hours=1))
    started_at = values.get("run_started_at", created_at + timedelta(seconds=10) if created_at else None)
    done = values.get("status", "completed") == "completed"
    completed_at = values.get("completed_at", started_at + timedelta(minutes=5) if started_at and done else None)
    return _row(
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
        queued_s=_seconds(created_at, started_at),
        duration_s=_seconds(started_at, completed_at),
        html_url=f"https://github.com/acme/api/actions/runs/{run_id}",
    )


def job(**values: Any) -> Row:
    """A row of workflow_jobs: five minutes on ubuntu-latest for attempt 1 of run 1, an hour before NOW, that succeeded.

    billable_minutes are the duration in begun minutes unless they are given.
    """
    created_at = values.get("created_at", NOW - timedelta(hours=1))
    started_at = values.get("started_at", created_at + timedelta(seconds=10))
    completed_at = values.get("completed_at", started_at + timedelta(seconds=values.get("duration_s") or 300))
    duration_s = values.get("duration_s", _seconds(started_at, completed_at))
    return _row(
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


def merged_change(**values: Any) -> Row:
    """A row of pull_requests: one of acme/api into main, opened five days and merged three days before NOW."""
    created_at, number = values.get("created_at", NOW - timedelta(days=5)), values.get("number", 1)
    merged_at = values.get("merged_at", NOW - timedelta(days=3))
    return _row(
        values,
        number=number,
        title="Add search",
        author="octocat",
        author_is_bot=False,
        state="merged" if merged_at else "open",
        head_branch="topic",
        base_branch="main",
        created_at=created_at,
        updated_at=merged_at or created_at,
        merged_at=merged_at,
        closed_at=merged_at,
        session_id=None,
        alert_refs=[],
        html_url=f"https://github.com/acme/api/pull/{number}",
    )


def alert(**values: Any) -> Row:
    """A row of alerts: an open code-scanning alert of high severity, raised ten days before NOW.

    With a closing time it is fixed unless another state is given; in any state but open it closed a day ago.
    """
    created_at = values.get("created_at", NOW - timedelta(days=10))
    state = values.get("state", "fixed" if values.get("closed_at") else "open")
    closed_at = values.get("closed_at", None if state == "open" else NOW - timedelta(days=1))
    number = values.get("number", 1)
    return _row(
        values,
        kind="code_scanning",
        number=number,
        state=state,
        severity="high",
        security_severity=7.5,
        rule_id="py/sql-injection",
        rule_name="SQL injection",
        cwes=["CWE-89"],
        cwe_family="injection",
        tool="CodeQL",
        path="app/db.py",
        start_line=10,
        branch="main",
        created_at=created_at,
        updated_at=closed_at or created_at,
        fixed_at=closed_at if state == "fixed" else None,
        dismissed_at=closed_at if state in ("dismissed", "auto_dismissed") else None,
        closed_at=closed_at,
        close_reason={"fixed": "fixed", "dismissed": "wont_fix", "auto_dismissed": "auto"}.get(state),
        reopened_count=0,
        html_url=f"https://github.com/acme/api/security/code-scanning/{number}",
    )


def alert_event(**values: Any) -> Row:
    """A row of alert_events: the code-scanning alert 1 of acme/api was fixed a day before NOW."""
    at, action = values.get("at", NOW - timedelta(days=1)), values.get("action", "fixed")
    return _row(
        values,
        event_id=f"{action}-{values.get('number', 1)}-{at:%Y%m%dT%H%M%S}",
        kind="code_scanning",
        number=1,
        action=action,
        at=at,
        actor=None,
        delivery_id=None,
    )


def pull_request(**values: Any) -> Row:
    """A row of pull_requests: number 5 of acme/api, opened three days before NOW, about code-scanning alert 1."""
    state = values.get("state", "merged" if values.get("merged_at") else "open")
    created_at = values.get("created_at", NOW - timedelta(days=3))
    return _row(
        values,
        number=5,
        title="Quote the query",
        author="octocat",
        author_is_bot=False,
        state=state,
        head_branch="fix",
        base_branch="main",
        created_at=created_at,
        updated_at=values.get("merged_at") or values.get("closed_at") or created_at,
        merged_at=None,
        closed_at=values.get("merged_at"),
        session_id=None,
        alert_refs=["acme/api/code_scanning/1"],
        html_url=f"https://github.com/acme/api/pull/{values.get('number', 5)}",
    )


def agent_session(**values: Any) -> Row:
    """A row of agent_sessions: a Devin session, running since two days before NOW, for code-scanning alert 1.

    In a status in which it does not go on it ended a day before NOW.
    """
    over = values.get("status") in ("finished", "failed", "stopped", "expired")
    ended_at = values.get("ended_at", NOW - timedelta(days=1) if over else None)
    created_at = values.get("created_at", NOW - timedelta(days=2))
    return _row(
        values,
        provider="devin",
        session_id="a" * 32,
        title="Fix an alert",
        status="running",
        alert_refs=["acme/api/code_scanning/1"],
        acus=2.5,
        created_at=created_at,
        updated_at=ended_at or created_at,
        ended_at=ended_at,
        url=f"https://app.devin.ai/sessions/{values.get('session_id', 'a' * 32)}",
    )


def finding(**values: Any) -> Row:
    """A row of findings: a new one of CodeQL in acme/api, seen by one scan a day before NOW."""
    first_seen = values.get("first_seen", NOW - timedelta(days=1))
    return _row(
        values,
        tool="CodeQL",
        fingerprint="f" * 20,
        rule_id="py/sql-injection",
        severity="high",
        cwe_family="injection",
        path="app/db.py",
        start_line=10,
        message="This query depends on a user-provided value.",
        first_seen=first_seen,
        last_seen=first_seen,
        last_scan_id="sarif:1",
        appearances=1,
        status="fixed" if values.get("fixed_at") else "new",
        fixed_at=None,
    )


def decision(**values: Any) -> Row:
    """A row of triage: octocat called code-scanning alert 1 of acme/api a false positive, an hour before NOW."""
    decided_at = values.get("decided_at", NOW - timedelta(hours=1))
    return {
        "subject": "alert:acme/api/code_scanning/1",
        "decision": "false_positive",
        "owner": "octocat",
        "reason": "The value is a constant.",
        "decided_at": decided_at,
        "expires_at": None,
        "collected_at": decided_at,
        "source": "form",
        **values,
    }


def workflow(**values: Any) -> Row:
    """A row of workflows: build.yml of acme/api, active."""
    return _row(
        values,
        workflow_id=7,
        name="build",
        path=".github/workflows/build.yml",
        state="active",
        created_at=NOW - timedelta(days=400),
        updated_at=NOW - timedelta(days=400),
        html_url="https://github.com/acme/api/actions/workflows/build.yml",
    )


def repository(**values: Any) -> Row:
    """A row of repositories: acme/api, public, default branch main, pushed to an hour before NOW."""
    repo = values.get("repo", "acme/api")
    return _row(
        values,
        name=repo.split("/")[1],
        repo_id=1,
        default_branch="main",
        visibility="public",
        archived=False,
        fork=False,
        language="Python",
        topics=[],
        owner_team=None,
        importance=50,
        created_at=NOW - timedelta(days=400),
        pushed_at=NOW - timedelta(hours=1),
        html_url=f"https://github.com/{repo}",
    )


def customer(**values: Any) -> Row:
    """A row of customers: Acme, listed for 400 days before NOW."""
    return {
        "customer_id": "acme",
        "name": "Acme",
        "segment": "large",
        "owner": "sam",
        "created_at": NOW - timedelta(days=400),
        "collected_at": NOW,
        "source": "api",
        **values,
    }


def activity(kind: str = "login", **values: Any) -> Row:
    """A row of activity_events: what Acme did an hour before NOW; of a ticket, that it is open.

    An invoice is due 14 days after its issue; it is paid if it has a time of that.
    """
    at = values.get("at", NOW - timedelta(hours=1))
    own: dict[str, Row] = {
        "feature": {"feature_name": "export"},
        "api": {"endpoint": "/v1/things"},
        "ticket": {"ticket_status": "closed" if values.get("closed_at") else "open"},
        "invoice": {
            "amount": 100.0,
            "currency": "EUR",
            "due_date": at + timedelta(days=14),
            "invoice_status": "paid" if values.get("paid_date") else "unpaid",
        },
    }
    told = {
        "event_id": f"{kind}-{values.get('customer_id', 'acme')}-{at:%Y%m%dT%H%M%S}",
        "customer_id": "acme",
        "type": kind,
        "at": at,
        "recorded_by": None,
        "collected_at": NOW,
        "source": "api",
    }
    return {**told, **own.get(kind, {}), **values}


def collection(**values: Any) -> Row:
    """A row of collections: workflow runs of acme/api, collected well an hour before NOW for 90 days."""
    started_at = values.get("started_at", NOW - timedelta(hours=1))
    return _row(
        values,
        collection_id=f"{started_at:%Y%m%dT%H%M%S}",
        dataset="workflow_runs",
        started_at=started_at,
        finished_at=started_at + timedelta(minutes=1),
        outcome="ok",
        reason=None,
        rows=10,
        requests=3,
        conditional_hits=0,
        rate_limit_remaining=4990,
        covered_since=started_at - timedelta(days=90),
        covered_until=started_at,
    )


def _row(values: Row, **defaults: Any) -> Row:
    repo = values.get("repo", "acme/api")
    common = {"repo": repo, "org": repo.split("/")[0], "collected_at": NOW, "source": "github"}
    return {**common, **defaults, **values}


def _seconds(start: datetime | None, end: datetime | None) -> float | None:
    return (end - start).total_seconds() if start and end else None
