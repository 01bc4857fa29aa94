"""Open alerts and their trend against the same counts in plain Python."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.metrics.buckets import Every, every_for
from shared.metrics.remediation.alert_trend import alert_trend
from tests.builders import NOW, Row, alert
from tests.properties import few
from tests.unit.shared.metrics.asking import Ask, scope
from tests.unit.shared.metrics.plain import quantile, rounded
from tests.unit.shared.metrics.strategies import alerts


def plain_open(rows: list[Row], at: datetime) -> list[Row]:
    return [row for row in rows if row["created_at"] < at and (row["closed_at"] is None or row["closed_at"] >= at)]


@few(10)
@given(alerts())
def test_open_alerts_equal_those_in_plain_python(ask: Ask, rows: list[Row]) -> None:
    still = plain_open(rows, NOW)
    ages = [(NOW - row["created_at"]).total_seconds() for row in still]
    expected = {
        "n": len(still),
        "oldest_created_at": min((row["created_at"] for row in still), default=None),
        "median_age_s": quantile(ages, 0.5),
    }
    assert rounded(ask("open_alerts", scope(), alerts=rows)) == rounded([expected])


@few(8)
@given(alerts(), st.sampled_from(["org", "repo", "severity", "kind", "tool", "cwe_family"]))
def test_open_alerts_of_the_parts_add_up(ask: Ask, rows: list[Row], by: str) -> None:
    assert sum(part["n"] for part in ask("open_alerts", scope(), by, alerts=rows)) == len(plain_open(rows, NOW))


@few(10)
@given(alerts(), st.sampled_from([(2, "day"), (40, "week"), (None, "month"), (3, "hour")]))
def test_trend_equals_counts_in_plain_python(ask: Ask, rows: list[Row], how: tuple[float | None, Every]) -> None:
    days, every = how
    # Where an alert is closed before it is created the plain count of open alerts has no meaning.
    rows = [row for row in rows if not row["closed_at"] or row["closed_at"] >= row["created_at"]]
    question = scope(days)
    trend = ask.formula(alert_trend, question, {"alerts": rows}, every=every)
    ends = [*(bucket["period_start"] for bucket in trend), NOW][1:]
    for bucket, end in zip(trend, ends, strict=True):
        start = max(bucket["period_start"], question.since or bucket["period_start"])
        closed = [r for r in rows if r["closed_at"] and start <= r["closed_at"] < end and r["created_at"] < NOW]
        assert bucket == {
            "period_start": bucket["period_start"],
            "opened": sum(start <= row["created_at"] < end for row in rows),
            "closed": len(closed),
            "fixed": sum(row["state"] == "fixed" for row in closed),
            "open_at_end": len(plain_open(rows, end)),
        }


def test_trend_has_no_gaps_and_ends_with_the_open_alerts(ask: Ask) -> None:
    rows = [
        alert(created_at=NOW - timedelta(days=300)),
        alert(number=2, created_at=NOW - timedelta(days=9), closed_at=NOW - timedelta(days=2)),
    ]
    trend = ask("alert_trend", scope(10), alerts=rows)
    assert [bucket["period_start"] for bucket in trend] == [NOW - timedelta(days=n) for n in range(10, 0, -1)]
    assert [bucket["open_at_end"] for bucket in trend] == [1, 2, 2, 2, 2, 2, 2, 2, 1, 1]
    assert trend[-1]["open_at_end"] == ask("open_alerts", scope(), alerts=rows)[0]["n"]


def test_trend_of_all_time_begins_with_the_first_alert(ask: Ask) -> None:
    rows = [alert(created_at=datetime(2026, 4, 17, 5, tzinfo=UTC))]
    trend = ask("alert_trend", scope(None), alerts=rows)
    assert [bucket["period_start"].month for bucket in trend] == [4, 5, 6]
    assert all(bucket["period_start"] == bucket["period_start"].replace(day=1, hour=0) for bucket in trend)


def test_weeks_begin_on_monday(ask: Ask) -> None:
    trend = ask("alert_trend", scope(200), alerts=[alert()])
    assert {bucket["period_start"].isoweekday() for bucket in trend} == {1}


def test_an_alert_closed_at_an_unknown_time_is_not_open(ask: Ask) -> None:
    rows = [alert(state="fixed", closed_at=None), alert(number=2)]
    assert ask("open_alerts", scope(), alerts=rows)[0]["n"] == 1
    assert ask("alert_trend", scope(), alerts=rows)[-1]["open_at_end"] == 1


def test_backlog_is_never_negative_whatever_the_timestamps_say(ask: Ask) -> None:
    rows = [alert(created_at=NOW - timedelta(days=1), closed_at=NOW - timedelta(days=5))]
    trend = ask("alert_trend", scope(7), alerts=rows)
    assert all(bucket["open_at_end"] == 0 for bucket in trend)


@pytest.mark.parametrize(
    ("days", "every"),
    [
        (1, "hour"),
        (2, "hour"),
        (3, "day"),
        (92, "day"),
        (93, "week"),
        (365, "week"),
        (400, "month"),
        (None, "month"),
    ],
)
def test_the_bucket_suits_the_range(days: float | None, every: Every) -> None:
    assert every_for(scope(days)) == every
