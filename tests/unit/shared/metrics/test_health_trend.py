"""Health over time: repositories by tier and their median score per day, against plain sums over the history."""

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.datasets import HEALTH_HISTORY
from shared.metrics import metric
from shared.metrics.health.scores import TIERS
from shared.metrics.health.trend import HEALTH_TREND
from shared.metrics.metric import EXCLUDED
from tests.builders import NOW, Row
from tests.unit.shared.metrics.asking import Ask, scope, tables_of
from tests.unit.shared.metrics.plain import quantile, rounded
from tests.unit.shared.metrics.strategies import REPOS

DAY = timedelta(days=1)
MIDNIGHT = datetime(2026, 7, 1, tzinfo=UTC)


def kept(repo: str, days_ago: int, score: float | None, tier: str | None = None, **values: object) -> Row:
    told = tier or ("unknown" if score is None else "at_risk" if score <= 50 else "excellent")
    row = {"subject": f"repo:{repo}", "day": MIDNIGHT - days_ago * DAY, "score": score, "tier": told, "unknown": 0}
    common = {"complete": True, "collected_at": NOW, "source": "rollup"}
    return {**dict.fromkeys(HEALTH_HISTORY.schema.names), **common, **row, **values}


@st.composite
def _histories(draw: st.DrawFn) -> list[Row]:
    """Some of the days of each repository."""
    return [
        kept(repo, day, draw(st.none() | st.integers(0, 100).map(float)), draw(st.sampled_from(TIERS)))
        for repo in REPOS
        for day in draw(st.sets(st.integers(-2, 14), max_size=9))
    ]


def plain(rows: list[Row], since: datetime, until: datetime, orgs: tuple[str, ...] = ()) -> list[Row]:
    days = defaultdict(list)
    for row in rows:
        named = row["subject"].removeprefix("repo:").partition("/")[0] in orgs if orgs else True
        if named and row["day"] < until and row["day"] + DAY > since:
            days[row["day"]].append(row)
    return [
        {
            "day": day,
            "median_score": quantile((known := [row["score"] for row in mine if row["score"] is not None]), 0.5),
            "n": len(known),
            **{tier: Counter(row["tier"] for row in mine)[tier] for tier in TIERS},
        }
        for day, mine in sorted(days.items())
    ]


@settings(max_examples=5)
@given(_histories(), st.sampled_from([(), ("acme",)]), st.integers(0, 6 * 24))
def test_days_equal_a_plain_tally(ask: Ask, rows: list[Row], orgs: tuple[str, ...], hours: int) -> None:
    """At any end of the range, in any order of rows."""
    question = scope(7, NOW - timedelta(hours=hours), orgs=orgs)
    expected = plain(rows, question.since or NOW, question.until, orgs)
    assert rounded(ask("health_trend", question, health_history=rows[::-1])) == rounded(expected)


@settings(max_examples=3)
@given(_histories())
def test_tiers_add_up_to_the_repositories_of_the_day(ask: Ask, rows: list[Row]) -> None:
    for row in ask("health_trend", scope(7), health_history=rows):
        assert sum(row[tier] for tier in TIERS) == sum(one["day"] == row["day"] for one in rows)
        assert row["n"] <= sum(row[tier] for tier in TIERS)


def test_every_figure_of_a_day(ask: Ask) -> None:
    rows = [
        *(kept(f"acme/{n}", 1, score) for n, score in enumerate((10.0, 40.0, 95.0, None))),
        kept("acme/w", 1, 60.0, "watch"),
        kept("acme/g", 1, 80.0, "good"),
    ]
    (found,) = ask("health_trend", scope(), health_history=rows)
    assert found == {
        "day": MIDNIGHT - DAY,
        "median_score": 60.0,
        "n": 5,
        "at_risk": 2,
        "watch": 1,
        "good": 1,
        "excellent": 1,
        "unknown": 1,
    }
    assert list(found) == list(HEALTH_TREND.columns)


def test_of_repositories_without_a_known_signal_there_is_no_median(ask: Ask) -> None:
    (found,) = ask("health_trend", scope(), health_history=[kept("acme/api", 1, None)])
    assert (found["median_score"], found["n"], found["unknown"]) == (None, 0, 1)


def test_a_day_counts_if_any_of_it_is_in_the_range_and_days_not_rolled_up_are_missing(ask: Ask) -> None:
    rows = [kept("acme/api", ago, 50.0) for ago in (0, 1, 4, 5, 6)]
    noon = NOW - timedelta(hours=12)
    for until, first, last in ((noon, 5, 1), (NOW, 4, 1), (noon + DAY, 4, 0)):
        days = [row["day"] for row in ask("health_trend", scope(4, until), health_history=rows)]
        assert days == [MIDNIGHT - ago * DAY for ago in range(first, last - 1, -1) if ago not in (2, 3)]


@pytest.mark.parametrize("filters", [{"repos": ("acme/api", "acme/web")}, {"orgs": ("acme",)}])
def test_repositories_and_organisations_narrow_it_and_other_subjects_have_no_part(
    ask: Ask, filters: dict[str, Any]
) -> None:
    customer = kept("", 1, 0.0, subject="customer:acme/api")
    rows = [kept("acme/api", 1, 90.0), kept("acme/web", 1, 40.0), kept("acme2/api", 1, 0.0), customer]
    (found,) = ask("health_trend", scope(**filters), health_history=rows)
    assert (found["n"], found["median_score"]) == (2, 65.0)
    (found,) = ask("health_trend", scope(), health_history=rows)
    assert (found["n"], found["median_score"]) == (3, 40.0)


def test_the_receipt_holds_the_kept_scores_and_why_some_have_no_part(ask: Ask) -> None:
    rows = [kept("acme/api", 1, 90.0), kept("acme/web", 1, None), kept("acme/web", 100, 10.0)]
    evidence = ask.rows(metric("health_trend").rows(tables_of({"health_history": rows}), scope()))
    assert {row["repo"]: row[EXCLUDED] for row in evidence} == {"acme/api": None, "acme/web": "no signal is known"}
