"""Rows of alerts, what happened to them, findings and decisions."""

from datetime import timedelta
from typing import Any

from tests.builders.rows import NOW, Row, row_of


def alert(**values: Any) -> Row:
    """A row of alerts: an open code-scanning alert of high severity, raised ten days before NOW.

    With a closing time it is fixed unless another state is given; in any state but open it closed a day ago.
    """
    created_at = values.get("created_at", NOW - timedelta(days=10))
    state = values.get("state", "fixed" if values.get("closed_at") else "open")
    closed_at = values.get("closed_at", None if state == "open" else NOW - timedelta(days=1))
    number = values.get("number", 1)
    return row_of(
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
    return row_of(
        values,
        event_id=f"{action}-{values.get('number', 1)}-{at:%Y%m%dT%H%M%S}",
        kind="code_scanning",
        number=1,
        action=action,
        at=at,
        actor=None,
        delivery_id=None,
    )


def finding(**values: Any) -> Row:
    """A row of findings: a new one of CodeQL in acme/api, seen by one scan a day before NOW."""
    first_seen = values.get("first_seen", NOW - timedelta(days=1))
    return row_of(
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
