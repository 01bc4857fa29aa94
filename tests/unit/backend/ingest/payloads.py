"""Payloads of deliveries, as GitHub sends them, with as little in them as a test cares about."""

from datetime import timedelta
from typing import Any

import orjson

from backend.ingest.delivery import DELIVERIES, Delivery
from shared.lake.inbox import INBOX
from shared.lake.store import Store
from tests.builders import NOW

REPO = {
    "id": 1,
    "full_name": "acme/api",
    "name": "api",
    "owner": {"login": "acme"},
    "html_url": "https://x.test/acme/api",
}
SENDER = {"login": "octocat"}
MINUTE = timedelta(minutes=1)

Payload = dict[str, Any]


def at(minute: float) -> str:
    """A time as GitHub writes it: so many minutes after NOW."""
    return (NOW + minute * MINUTE).strftime("%Y-%m-%dT%H:%M:%SZ")


def code_scanning(action: str, state: str | None = None, *, number: int = 1, **alert: Any) -> Payload:
    """An alert of code scanning, as of minute 0 without a time of change unless one is given."""
    rule = {
        "id": "js/xss",
        "severity": "error",
        "description": "Cross-site scripting",
        "tags": ["external/cwe/cwe-079"],
    }
    given = {"number": number, "created_at": at(0), "rule": rule, "tool": {"name": "CodeQL"}, **alert}
    if state:
        given["state"] = state
    return {"action": action, "alert": given, "repository": REPO, "sender": SENDER}


def dependabot(action: str, state: str, changed: float, *, number: int = 1, **alert: Any) -> Payload:
    """An alert of Dependabot that was changed at a minute."""
    given = {"number": number, "state": state, "created_at": at(0), "updated_at": at(changed), **alert}
    advisory = {"ghsa_id": "GHSA-1", "severity": "high", "summary": "Bad"}
    alert_object = {**given, "security_advisory": advisory, "dependency": {"package": {"name": "left-pad"}}}
    return {"action": action, "alert": alert_object, "repository": REPO, "sender": SENDER}


def workflow_run(status: str, changed: float, *, run_id: int = 1, attempt: int = 1, **run: Any) -> Payload:
    """A run whose status was told at a minute."""
    given = {
        "id": run_id,
        "run_attempt": attempt,
        "status": status,
        "created_at": at(0),
        "run_started_at": at(0),
        "updated_at": at(changed),
        "workflow_id": 7,
        "name": "build",
        "run_number": 1,
        **run,
    }
    return {"action": "completed" if status == "completed" else "requested", "workflow_run": given, "repository": REPO}


def workflow_job(status: str, *, job_id: int = 1, **job: Any) -> Payload:
    """A job with a status."""
    given = {"id": job_id, "run_id": 1, "run_attempt": 1, "status": status, "created_at": at(0), "name": "test", **job}
    return {"action": status, "workflow_job": given, "repository": REPO}


def pull_request(state: str, changed: float, *, number: int = 1, **pull: Any) -> Payload:
    """A pull request that was changed at a minute."""
    given = {"number": number, "state": state, "title": "T", "created_at": at(0), "updated_at": at(changed), **pull}
    return {"action": "edited", "number": number, "pull_request": given, "repository": REPO}


def delivered(event: str, payload: Payload, minute: float = 0, delivery_id: str | None = None) -> Delivery:
    """A delivery that was received at a minute."""
    body = orjson.dumps(payload)
    return Delivery(event, delivery_id or f"{event}-{hash(body)}-{minute}", NOW + minute * MINUTE, body)


def put_in_inbox(store: Store, *deliveries: Delivery, name: str = "0") -> None:
    """Writes deliveries as one blob of the inbox."""
    lines = b"".join(one.line() for one in deliveries)
    store.write(f"{INBOX}{DELIVERIES}/{name}.ndjson", lines)
