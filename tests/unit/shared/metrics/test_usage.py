"""Usage against the same definitions in plain Python: requests, sessions, ratings, threats and the dashboard."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from statistics import fmean
from typing import Any

import numpy as np
import pytest

from shared.datasets import DATASETS
from shared.errors import FettleError
from shared.lake.local import LocalStore
from shared.lake.tables import Lake
from shared.policy import Policy
from shared.usage.dashboard import dashboard
from tests.builders import NOW, Row, rating, request, threat, usage_session
from tests.unit.shared.metrics.asking import Ask, scope

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


def assert_same(found: Row, expected: Row) -> None:
    assert {name: found[name] for name in expected} == {
        name: value if value is None else pytest.approx(value) for name, value in expected.items()
    }


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_requests_in_all_and_by_model(ask: Ask, seed: int) -> None:
    world = world_at_random(seed)
    rows = within(world["requests"], NOW - 7 * 24 * HOUR, NOW)
    (found,) = ask.under(PRICES, "request_summary", scope(7), world)
    assert_same(found, plain(rows))
    assert found["cost_per_request_usd"] == pytest.approx(found["cost_usd"] / found["n"])
    by_model = ask.under(PRICES, "request_summary", scope(7), world, "model")
    assert [one["n"] for one in by_model] == sorted((one["n"] for one in by_model), reverse=True)
    assert {one["model"] for one in by_model} == {row["model"] for row in rows}
    for one in by_model:
        assert_same(one, plain([row for row in rows if row["model"] == one["model"]]))


def test_without_prices_a_cost_is_only_what_the_sender_tells(ask: Ask) -> None:
    world = {"requests": [request(cost_usd=None), request(2, cost_usd=0.25)]}
    (found,) = ask("request_summary", scope(1), None, **world)
    assert (found["cost_usd"], found["n_priced"], found["n_tokens"]) == (0.25, 1, 2)


@pytest.mark.parametrize(("days", "step"), [(1, HOUR), (30, 24 * HOUR)])
def test_trend_has_every_bucket_and_adds_up(ask: Ask, days: int, step: timedelta) -> None:
    world = world_at_random()
    trend = ask.under(PRICES, "request_trend", scope(days), world)
    starts = [one["period_start"] for one in trend]
    assert all(later - earlier == step for earlier, later in pairwise(starts))
    rows = within(world["requests"], NOW - timedelta(days=days), NOW)
    assert sum(one["n"] for one in trend) == len(rows)
    for one in trend:
        start = one["period_start"]
        assert_same(one, plain(within(rows, start, start + step)))


def test_sessions_ratings_and_threats(ask: Ask) -> None:
    world, since = world_at_random(), NOW - 7 * 24 * HOUR
    sessions = within(world["usage_sessions"], since, NOW, "started_at")
    (found,) = ask("usage_sessions", scope(7), None, **world)
    assert found["n"] == len(sessions)
    assert found["mean_requests"] == pytest.approx(
        fmean(row["requests"] for row in sessions if row["requests"] is not None)
    )
    stars = Counter(row["rating"] for row in within(world["feedback"], since, NOW) if row["rating"] in range(1, 6))
    (found,) = ask("feedback_ratings", scope(7), None, **world)
    assert {n: found[f"rating_{n}"] for n in range(1, 6)} == {n: stars[n] for n in range(1, 6)}
    assert found["mean_rating"] == pytest.approx(sum(n * count for n, count in stars.items()) / stars.total())
    threats = within(world["threats"], since, NOW)
    (found,) = ask("threat_summary", scope(7), None, **world)
    assert (found["n"], found["unresolved"]) == (len(threats), sum(map(is_open, threats)))
    assert {name: found[name] for name in ("critical", "high", "medium", "low")} == {
        name: sum(row["severity"] == name for row in threats) for name in ("critical", "high", "medium", "low")
    }
    listed = [row["state"] for row in ask("threat_list", scope(7), None, **world)]
    assert listed == sorted(listed), "the unresolved ones come first"


def is_open(row: Row) -> bool:
    return not row["resolved"] or (row.get("resolved_at") or NOW - HOUR) > NOW


def test_a_threat_resolved_at_this_moment_is_so_now_and_was_not_before(ask: Ask) -> None:
    """Where the clock is fixed, what is resolved now is resolved at the very end of the range."""
    seen = threat(1, at=NOW - 48 * HOUR, resolved_at=NOW - HOUR)
    for until, state in ((NOW, "resolved"), (NOW - HOUR, "resolved"), (NOW - HOUR - timedelta(microseconds=1), "open")):
        asked = replace(scope(7), until=until)
        assert [row["state"] for row in ask("threat_list", asked, threats=[seen])] == [state]
        (figures,) = ask("threat_summary", asked, threats=[seen])
        assert figures["unresolved"] == (state == "open")


# --- the dashboard


@pytest.fixture
def filled(tmp_path: Path) -> Iterable[Callable[[World], Lake]]:
    lakes: list[Lake] = []

    def fill(world: World) -> Lake:
        lake = Lake(LocalStore(tmp_path / "store"), tmp_path / "cache", lambda: NOW)
        lakes.append(lake)
        for name, rows in world.items():
            lake.upsert(DATASETS[name], DATASETS[name].table(rows))
        return lake

    yield fill
    for lake in lakes:
        lake.close()


KEYS = {
    "range": None,
    "generatedAt": None,
    **dict.fromkeys(("requests", "errorsBreakdown", "topModels", "costs", "topCountries", "latency")),
    "summary": [
        *("totalRequests", "successfulRequests", "avgLatencyMs", "totalCost", "totalTokens", "avgTokensPerRequest"),
        "avgCostPerRequest",
    ],
    "users": ["activeUsers", "totalSessions", "avgSessionCost", "avgSessionRequests"],
    "feedback": ["totalFeedback", "avgRating", "ratingDistribution"],
    "threats": ["totalThreats", "unresolvedThreats", "criticalThreats", "highThreats", "topThreatTypes"],
}


def test_dashboard_of_an_empty_lake_has_every_key_and_zeros(filled: Callable[[World], Lake]) -> None:
    answer = dashboard(filled({}), "7d")
    assert list(answer) == list(KEYS)
    assert {name: list(answer[name]) for name, inner in KEYS.items() if inner} == {
        name: inner for name, inner in KEYS.items() if inner
    }
    assert answer["feedback"]["ratingDistribution"] == {"5": 0, "4": 0, "3": 0, "2": 0, "1": 0}
    assert answer["summary"] == dict.fromkeys(KEYS["summary"], 0)  # type: ignore[arg-type]


def test_dashboard_says_what_plain_python_says(filled: Callable[[World], Lake]) -> None:
    world = world_at_random()
    answer = dashboard(filled(world), "7d", policy=PRICES)
    rows = within(world["requests"], NOW - 7 * 24 * HOUR, NOW)
    expected = plain(rows)
    assert (answer["range"], answer["generatedAt"]) == ("7d", NOW.isoformat())
    assert answer["summary"] == {
        "totalRequests": expected["n"],
        "successfulRequests": expected["successes"],
        "avgLatencyMs": round(expected["mean_latency_ms"], 2),
        "totalCost": pytest.approx(expected["cost_usd"]),
        "totalTokens": expected["tokens"],
        "avgTokensPerRequest": round(expected["tokens"] / expected["n"], 2),
        "avgCostPerRequest": round(expected["cost_usd"] / expected["n"], 6),
    }
    days = sorted({row["at"].replace(hour=0, minute=0) for row in rows})
    of_day = {day: plain(within(rows, day, day + 24 * HOUR)) for day in days}
    assert answer["requests"] == [
        {"timestamp": day.isoformat(), "success": of_day[day]["successes"], "error": of_day[day]["errors"]}
        for day in days
    ]
    assert answer["latency"] == [
        {"timestamp": day.isoformat(), "latency": pytest.approx(of_day[day]["mean_latency_ms"] / 1000, abs=6e-4)}
        for day in days
        if of_day[day]["n_latency"]
    ]
    assert [one["cost"] for one in answer["costs"]] == [
        pytest.approx(of_day[day]["cost_usd"]) for day in days if of_day[day]["n_priced"]
    ]
    errors = Counter(str(row["status"]) for row in rows if (row["status"] or 0) >= 400)
    assert {one["label"]: one["value"] for one in answer["errorsBreakdown"]} == errors
    models = Counter(row["model"] for row in rows if row["model"])
    assert {one["name"]: one["requests"] for one in answer["topModels"]} == models
    names = {"ID": "Indonesia (ID)", "US": "United States (US)", "DE": "Germany (DE)", "XZ": "Unknown (XZ)"}
    countries = Counter(names[row["country"]] for row in rows if row["country"])
    assert {one["name"]: one["requests"] for one in answer["topCountries"]} == countries
    threats = within(world["threats"], NOW - 7 * 24 * HOUR, NOW)
    assert answer["threats"]["unresolvedThreats"] == sum(map(is_open, threats))
    types = Counter(row["type"] for row in threats)
    assert {one["type"]: one["count"] for one in answer["threats"]["topThreatTypes"]} == types


def test_custom_ranges_are_hourly_up_to_two_days_and_daily_beyond(filled: Callable[[World], Lake]) -> None:
    lake = filled({"requests": [request(n, at=NOW - n * HOUR) for n in range(1, 100)]})
    two = dashboard(lake, "custom", NOW - 48 * HOUR, NOW)
    assert len(two["requests"]) == 48
    more = dashboard(lake, "custom", NOW - 49 * HOUR, NOW)
    assert [one["success"] for one in more["requests"]] == [1, 24, 24]


@pytest.mark.parametrize(
    ("range_", "start", "end", "said"),
    [
        ("2d", None, None, "range is '2d'; use one of 24h, 7d, 1m, 3m, custom"),
        ("custom", NOW, None, "without start and end"),
        ("custom", NOW, NOW, "is not before end"),
    ],
)
def test_a_range_that_is_none_is_refused(
    filled: Callable[[World], Lake], range_: str, start: datetime | None, end: datetime | None, said: str
) -> None:
    with pytest.raises(FettleError, match=said):
        dashboard(filled({}), range_, start, end)


def test_a_range_ends_before_its_end(filled: Callable[[World], Lake]) -> None:
    midnight = datetime(2026, 6, 1, tzinfo=UTC)
    lake = filled({"requests": [request(n, at=midnight + n * HOUR) for n in range(24)]})
    answer = dashboard(lake, "custom", midnight, midnight + 23 * HOUR)
    assert answer["summary"]["totalRequests"] == 23
