"""The usage dashboard against the same definitions in plain Python: its keys, figures and ranges."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shared.datasets import DATASETS
from shared.errors import FettleError
from shared.lake.local import LocalStore
from shared.lake.tables import Lake
from shared.usage.dashboard import dashboard
from tests.builders import NOW, request
from tests.unit.shared.metrics.usage_at_random import HOUR, PRICES, World, is_open, plain, within, world_at_random


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
