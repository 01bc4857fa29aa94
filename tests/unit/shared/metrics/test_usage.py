"""Usage against the same definitions in plain Python: requests, sessions, ratings and threats."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from statistics import fmean

import pytest

from tests.builders import NOW, Row, request, threat
from tests.unit.shared.metrics.asking import Ask, scope
from tests.unit.shared.metrics.usage_at_random import HOUR, PRICES, is_open, plain, within, world_at_random


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


def test_a_threat_resolved_at_this_moment_is_so_now_and_was_not_before(ask: Ask) -> None:
    """Where the clock is fixed, what is resolved now is resolved at the very end of the range."""
    seen = threat(1, at=NOW - 48 * HOUR, resolved_at=NOW - HOUR)
    for until, state in ((NOW, "resolved"), (NOW - HOUR, "resolved"), (NOW - HOUR - timedelta(microseconds=1), "open")):
        asked = replace(scope(7), until=until)
        assert [row["state"] for row in ask("threat_list", asked, threats=[seen])] == [state]
        (figures,) = ask("threat_summary", asked, threats=[seen])
        assert figures["unresolved"] == (state == "open")
