"""Requests and what belongs to them at random, and their figures in plain Python."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from random import Random
from statistics import fmean
from typing import Any

import numpy as np

from shared.policy import Policy
from tests.builders import NOW, Row, rating, request, threat, usage_session

HOUR = timedelta(hours=1)
PRICES = Policy.model_validate({"usage": {"prices": {"large*": {"prompt": 5, "completion": 15}, "*": {"prompt": 1}}}})

World = dict[str, list[Row]]


def world_at_random(seed: int = 5, count: int = 300) -> World:
    """Requests and what belongs to them, times on both sides of every limit, with much that is not known."""
    dice = Random(seed)

    def at(hours: int = 24 * 12) -> datetime:
        return NOW - dice.randint(-3, hours) * HOUR + timedelta(minutes=dice.randint(0, 59))

    def some(*values: object) -> Any:
        return dice.choice((*values, None))

    requests = [
        request(
            number,
            at=at(),
            status=some(200, 201, 302, 399, 400, 404, 429, 500),
            latency_ms=some(float(dice.randint(1, 5000))),
            model=some("large", "large-2", "small"),
            prompt_tokens=some(dice.randint(1, 900)),
            completion_tokens=some(0, dice.randint(1, 900)),
            total_tokens=some(2000),
            cost_usd=some(dice.random()),
            country=some("ID", "US", "DE", "XZ"),
            user=some("ada", "bo", "cy"),
        )
        for number in range(count)
    ]
    return {
        "requests": requests,
        "usage_sessions": [
            usage_session(n, started_at=at(), requests=some(1, 2, 9), cost_usd=some(0.5, 2.0)) for n in range(40)
        ],
        "feedback": [rating(n, at=at(), rating=some(1, 2, 3, 4, 5, 9)) for n in range(60)],
        "threats": [
            threat(
                n,
                at=at(),
                type=dice.choice(("rate_limit", "abuse_detection", "replay")),
                severity=dice.choice(("critical", "high", "low")),
                **dice.choice(({}, {"resolved_at": at(48)}, {"resolved": True})),
            )
            for n in range(50)
        ],
    }


def within(rows: Iterable[Row], since: datetime, until: datetime, name: str = "at") -> list[Row]:
    """Rows of a time, its end left out."""
    return [row for row in rows if since <= row[name] < until]


def tokens_of(row: Row) -> tuple[int | None, int | None, int | None]:
    """Prompt, completion and all tokens, each from the two others where it is not told."""
    prompt, completion, total = (row[f"{name}_tokens"] for name in ("prompt", "completion", "total"))
    if prompt is None and None not in (completion, total):
        return total - completion, completion, total
    if completion is None and None not in (prompt, total):
        return prompt, total - prompt, total
    if total is None and None not in (prompt, completion):
        return prompt, completion, prompt + completion
    return prompt, completion, total


def cost_of(row: Row) -> float | None:
    """What the sender tells, else the tokens by PRICES."""
    prompt, completion, _ = tokens_of(row)
    if row["cost_usd"] is not None or prompt is None or completion is None:
        return row["cost_usd"]  # type: ignore[no-any-return]
    dear = (row["model"] or "").startswith("large")
    return ((5 * prompt + 15 * completion) if dear else prompt) / 1e6 if row["model"] else None


def plain(rows: list[Row]) -> Row:
    """The figures of requests by the definition's words."""
    latency = [row["latency_ms"] for row in rows if row["latency_ms"] is not None]
    costs = [cost for cost in map(cost_of, rows) if cost is not None]
    tokens = [total for _, _, total in map(tokens_of, rows) if total is not None]
    good = sum(row["status"] < 400 for row in rows if row["status"] is not None)
    bad = sum(row["status"] >= 400 for row in rows if row["status"] is not None)
    return {
        "n": len(rows),
        "successes": good,
        "errors": bad,
        "success_rate": good / (good + bad) if good + bad else None,
        "mean_latency_ms": fmean(latency) if latency else None,
        **{f"p{p}_latency_ms": float(np.percentile(latency, p)) if latency else None for p in (50, 95, 99)},
        "n_latency": len(latency),
        "cost_usd": sum(costs) if costs else None,
        "n_priced": len(costs),
        "tokens": sum(tokens) if tokens else None,
        "n_tokens": len(tokens),
        "users": len({row["user"] for row in rows} - {None}),
    }


def is_open(row: Row) -> bool:
    """Whether a threat is not resolved at NOW."""
    return not row["resolved"] or (row.get("resolved_at") or NOW - HOUR) > NOW
