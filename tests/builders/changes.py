"""Rows of pull requests and of agents' sessions."""

from datetime import timedelta
from typing import Any

from tests.builders.rows import NOW, Row, row_of


def merged_change(**values: Any) -> Row:
    """A row of pull_requests: one of acme/api into main, opened five days and merged three days before NOW."""
    created_at, number = values.get("created_at", NOW - timedelta(days=5)), values.get("number", 1)
    merged_at = values.get("merged_at", NOW - timedelta(days=3))
    return row_of(
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


def pull_request(**values: Any) -> Row:
    """A row of pull_requests: number 5 of acme/api, opened three days before NOW, about code-scanning alert 1."""
    state = values.get("state", "merged" if values.get("merged_at") else "open")
    created_at = values.get("created_at", NOW - timedelta(days=3))
    return row_of(
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
    return row_of(
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
