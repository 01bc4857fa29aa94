"""Rows of the usage of models: requests, sessions, ratings, threats."""

from datetime import timedelta
from typing import Any

from tests.builders.rows import NOW, Row


def request(number: int = 1, **values: Any) -> Row:
    """A row of requests: one of a model by Ada an hour before NOW, that succeeded in 200 ms for a cent."""
    return {
        "request_id": f"request-{number}",
        "at": NOW - timedelta(hours=1),
        "endpoint": "/v1/chat",
        "method": "POST",
        "status": 200,
        "latency_ms": 200.0,
        "model": "large",
        "prompt_tokens": 100,
        "completion_tokens": 50,
        "total_tokens": 150,
        "cost_usd": 0.01,
        "country": "ID",
        "user": "ada",
        "session_id": "session-1",
        "service": "assistant",
        "collected_at": NOW,
        "source": "api",
        **values,
    }


def usage_session(number: int = 1, **values: Any) -> Row:
    """A row of usage_sessions: Ada's two requests an hour before NOW."""
    at = values.get("started_at", NOW - timedelta(hours=1))
    told = {"session_id": f"session-{number}", "user": "ada", "started_at": at, "ended_at": at + timedelta(minutes=3)}
    own = {"requests": 2, "cost_usd": 0.02, "tokens": 300, "collected_at": NOW, "source": "api"}
    return {**told, **own, **values}


def rating(number: int = 1, **values: Any) -> Row:
    """A row of feedback: Ada gives four stars to a request, half an hour before NOW."""
    told = {"request_id": f"request-{number}", "user": "ada", "at": NOW - timedelta(minutes=30), "rating": 4}
    return {**told, "comment": None, "collected_at": NOW, "source": "api", **values}


def threat(number: int = 1, **values: Any) -> Row:
    """A row of threats: too many requests, an hour before NOW, which nobody has looked at."""
    return {
        "threat_id": f"threat-{number}",
        "at": NOW - timedelta(hours=1),
        "type": "rate_limit",
        "severity": "medium",
        "description": "too many requests",
        "resolved": bool(values.get("resolved_at")),
        "collected_at": NOW,
        "source": "api",
        **values,
    }
