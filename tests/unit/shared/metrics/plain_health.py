"""Repository health in plain Python, signal by signal, by the words of its definition."""

from datetime import datetime, timedelta
from statistics import median
from typing import Any

import pytest

from shared.metrics.workflows.outcomes import FAILURES
from tests.builders import Row

DAY = timedelta(days=1)
LIMIT_H = {"critical": 48, "high": 96, "medium": 168, "low": 336}
POINTS = {"critical": 10, "high": 5, "medium": 2, "low": 1, "unknown": 1}
WEIGHTS = {"security": 0.3, "sla": 0.2, "ci": 0.2, "freshness": 0.1, "remediation": 0.1, "flow": 0.1}

World = dict[str, list[Row]]


def plain_signals(world: World, states: list[Row], repo: str, until: datetime) -> dict[str, float | None]:
    """The six signals of a repository, by the words of the definition."""
    return {
        "security": _security(world, repo, until),
        **_against_limits(world, repo, until),
        "ci": _ci(world, repo, until),
        "freshness": _freshness([row for row in states if row["repo"] == repo and row["state"] != "never_run"]),
        "flow": _flow(world, repo, until),
    }


def _there(world: World, repo: str, until: datetime) -> list[Row]:
    """Alerts of a repository as of a time; one that was closed later is open."""
    mine = [row for row in world["alerts"] if row["repo"] == repo]
    seen = [row for row in mine if row["created_at"] < until or (row["closed_at"] and row["closed_at"] < until)]
    return [row if row["closed_at"] and row["closed_at"] < until else {**row, "closed_at": None} for row in seen]


def _security(world: World, repo: str, until: datetime) -> float | None:
    mine = _there(world, repo, until)
    read = any(row["repo"] == repo for row in world["collections"])
    points = sum(POINTS[row["severity"]] for row in mine if not row["closed_at"])
    return 100 * 30 / (30 + points) if mine or read else None


def _against_limits(world: World, repo: str, until: datetime) -> dict[str, float | None]:
    limited = [
        (row, timedelta(hours=LIMIT_H[row["severity"]]))
        for row in _there(world, repo, until)
        if row["severity"] in LIMIT_H
    ]
    recent = [
        (row, (row["closed_at"] - row["created_at"]) / limit)
        for row, limit in limited
        if row["closed_at"] and row["closed_at"] >= until - 90 * DAY and row["closed_at"] >= row["created_at"]
    ]
    late = sum(not row["closed_at"] and until - row["created_at"] > limit for row, limit in limited)
    met, fixes = sum(ratio <= 1 for _, ratio in recent), [ratio for row, ratio in recent if row["state"] == "fixed"]
    n = len(recent) + late
    worth = 100 * (2 - median(fixes)) / 1.5 if fixes else None
    return {"sla": 100 * met / n if n else None, "remediation": worth and min(100, max(0, worth))}


def _ci(world: World, repo: str, until: datetime) -> float | None:
    said = [
        row["conclusion"] == "success"
        for row in world["workflow_runs"]
        if row["repo"] == repo and row["branch"] == "main" and row["event"] != "pull_request"
        if row["is_latest_attempt"] and until - 30 * DAY <= row["created_at"] < until
        if row["conclusion"] in ("success", *FAILURES) and row["completed_at"] < until
    ]
    return 100 * sum(said) / len(said) if said else None


def _freshness(states: list[Row]) -> float | None:
    quiet = sum(row["state"] in ("stale", "inactive") for row in states)
    return 100 * (len(states) - quiet) / len(states) if states else None


def _flow(world: World, repo: str, until: datetime) -> float | None:
    ended = [
        row["status"] == "finished"
        for row in world["agent_sessions"]
        if row["repo"] == repo
        and row["status"] not in ("unknown", "running")
        and until - 30 * DAY <= row["ended_at"] < until
    ]
    waits = [
        row["created_at"] >= until - 7 * DAY
        for row in world["pull_requests"]
        if row["repo"] == repo and row["session_id"] and row["created_at"] < until
        if row["merged_at"] is None or row["merged_at"] >= until
    ]
    return 100 * (sum(ended) + sum(waits)) / (len(ended) + len(waits)) if ended or waits else None


def plain_score(signals: dict[str, float | None]) -> float | None:
    """The mean of the signals that are known, by their weights."""
    known = {name: value for name, value in signals.items() if value is not None}
    total = sum(WEIGHTS[name] for name in known)
    return sum(WEIGHTS[name] * value for name, value in known.items()) / total if total else None


def about(value: float | None) -> Any:
    """A figure for comparison, as far as it can be computed in two ways."""
    return None if value is None else pytest.approx(value, abs=1e-4)
