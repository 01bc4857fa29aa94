"""The backlog forecast and the SLA outlook against plain arithmetic, and against what came to pass."""

from datetime import datetime, timedelta
from math import sqrt
from random import Random
from statistics import mean, stdev

import pytest
from hypothesis import given, settings

from shared.metrics.metric import EXCLUDED
from shared.metrics.sla.forecast import BACKLOG_FORECAST, HORIZON_DAYS, fixes_per_week_for
from shared.metrics.sla.outlook import SLA_OUTLOOK
from shared.policy.sla import SlaPolicy
from tests.builders import NOW, Row, alert
from tests.unit.shared.metrics.asking import Ask, scope, tables_of
from tests.unit.shared.metrics.strategies import alerts

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)

T90 = {3: 1.6377, 4: 1.5332, 5: 1.4759, 7: 1.4149, 9: 1.3830, 12: 1.3562}
"""90th percentiles of Student's t by degrees of freedom, from a table."""


def known(rows: list[Row]) -> list[tuple[datetime, datetime | None]]:
    """When each alert was there and gone again, as far as that was before NOW."""
    times = [(row["created_at"], row["closed_at"]) for row in rows if row["created_at"] < NOW]
    return [(begun, max(begun, ended) if ended and ended < NOW else None) for begun, ended in times]


def plain_forecast(rows: list[Row]) -> tuple[int, list[float] | None]:
    """Open alerts now, and the changes of the whole weeks before; None where there are fewer than four."""
    found = known(rows)
    weeks = min(13, (NOW - min(begun for begun, _ in found)) // WEEK)
    changes = []
    for week in range(weeks):
        start, end = NOW - (week + 1) * WEEK, NOW - week * WEEK
        opened = sum(start <= begun < end for begun, _ in found)
        changes.append(float(opened - sum(ended is not None and start <= ended < end for _, ended in found)))
    return sum(ended is None for _, ended in found), changes if weeks >= 4 else None


@settings(max_examples=3)
@given(alerts(40))
def test_forecast_is_a_random_walk_with_drift_over_weeks(ask: Ask, rows: list[Row]) -> None:
    found = ask("backlog_forecast", scope(), alerts=rows)
    if not known(rows):
        assert found == []
        return
    open_now, changes = plain_forecast(rows)
    assert [row["days_ahead"] for row in found] == list(range(1, HORIZON_DAYS + 1))
    assert all(row["open_now"] == open_now and row["at"] == NOW + row["days_ahead"] * DAY for row in found)
    if changes is None:
        assert all((row["low"], row["expected"], row["high"]) == (None, None, None) for row in found)
        return
    weeks = len(changes)
    for row in found:
        h = row["days_ahead"] / 7
        middle, error = open_now + h * mean(changes), stdev(changes) * sqrt(h * (1 + h / weeks))
        margin = row["high"] - middle
        assert row["expected"] == pytest.approx(max(0.0, middle))
        if weeks - 1 in T90 and middle - margin > 0:
            assert margin == pytest.approx(T90[weeks - 1] * error, rel=2e-3)
            assert row["low"] == pytest.approx(middle - margin)


def test_range_widens_by_students_t_where_few_weeks_are_known(ask: Ask) -> None:
    """In turn one and three alerts a week, none of them closed, in repositories known for 4 to 13 weeks."""
    rows, changes = [], {}
    for weeks in (freedom + 1 for freedom in T90):
        changes[f"acme/r{weeks}"] = [1.0 + 2 * (week % 2) for week in range(weeks)]
        changes[f"acme/r{weeks}"][-1] += 1  # the very first alert
        times = [NOW - week * WEEK - DAY for week in range(weeks) for _ in range(1 + 2 * (week % 2))]
        times.append(NOW - weeks * WEEK)
        rows += [alert(repo=f"acme/r{weeks}", number=n, created_at=time) for n, time in enumerate(times)]
    found = [row for row in ask("backlog_forecast", scope(), "repo", alerts=rows) if row["days_ahead"] == 7]
    assert len(found) == len(changes)
    for row in found:
        seen = changes[row["repo"]]
        margin = T90[len(seen) - 1] * stdev(seen) * sqrt(1 + 1 / len(seen))
        assert (row["weeks"], row["opened_per_week"], row["closed_per_week"]) == (len(seen), mean(seen), 0.0)
        assert row["high"] - row["expected"] == pytest.approx(margin, rel=2e-3)


def test_less_than_four_weeks_are_unknown_with_the_reason(ask: Ask) -> None:
    rows = ask("backlog_forecast", scope(), alerts=[alert(created_at=NOW - 4 * WEEK + DAY)])
    assert {(row["low"], row["high"], row["unknown_because"]) for row in rows} == {
        (None, None, "fewer than 4 weeks of history")
    }
    (known,) = {
        row["unknown_because"] for row in ask("backlog_forecast", scope(), alerts=[alert(created_at=NOW - 4 * WEEK)])
    }
    assert known is None


def test_four_in_five_of_what_came_to_pass_lie_within_the_range(ask: Ask) -> None:
    """250 repositories in which alerts come in bursts on working days and are closed at the same pace."""
    random, came = Random(7), {}
    rows: list[Row] = []
    for place in range(250):
        repo, backlog = f"acme/r{place}", 40
        moves = [(_burst(random, day), _burst(random, day)) for day in range(13 * 7 + 28)]
        rows += _alerts_of(repo, backlog, moves[: 13 * 7], len(rows))
        came[repo] = backlog + sum(opened - closed for opened, closed in moves)
    found = ask("backlog_forecast", scope(), "repo", alerts=rows)
    at_28 = {row["repo"]: row for row in found if row["days_ahead"] == 28}
    assert at_28.keys() == came.keys()
    inside = sum(at_28[repo]["low"] <= came[repo] <= at_28[repo]["high"] for repo in came) / len(came)
    assert 0.74 <= inside <= 0.86
    above = sum(came[repo] > at_28[repo]["high"] for repo in came) / len(came)
    assert 0.05 <= above <= 0.15


def _burst(random: Random, day: int) -> int:
    return random.choice((0, 0, 1, 2)) if day % 7 < 5 else 0


def _alerts_of(repo: str, backlog: int, moves: list[tuple[int, int]], number: int) -> list[Row]:
    """Alerts whose openings and closings are the moves of each day up to NOW, the oldest closed first."""
    opened = [NOW - 200 * DAY] * backlog
    closed = []
    for day, (new, gone) in enumerate(moves):
        at = NOW - (len(moves) - day) * DAY + timedelta(hours=9)
        opened += [at] * new
        closed += [at] * gone
    assert len(closed) <= len(opened)
    return [
        alert(
            repo=repo, number=number + n, created_at=begun, closed_at=max(closed[n], begun) if n < len(closed) else None
        )
        for n, begun in enumerate(opened)
    ]


@settings(max_examples=2)
@given(alerts(40))
def test_open_now_is_the_number_of_open_alerts_and_the_parts_add_up(ask: Ask, rows: list[Row]) -> None:
    whole = ask("open_alerts", scope(), alerts=rows)[0]["n"]
    first = [row for row in ask("backlog_forecast", scope(), "severity", alerts=rows) if row["days_ahead"] == 1]
    assert sum(row["open_now"] for row in first) == whole


def test_a_backlog_is_never_below_zero(ask: Ask) -> None:
    rows = [alert(number=n, created_at=NOW - 90 * DAY, closed_at=None if n == 0 else NOW - n * DAY) for n in range(60)]
    last = ask("backlog_forecast", scope(), alerts=rows)[-1]
    assert (last["low"], last["expected"]) == (0.0, 0.0)


@pytest.mark.parametrize(("target", "weeks", "needed"), [(10, 5, 8 + 3), (50, 5, 3), (90, 5, 0), (0, 0.5, 100 + 3)])
def test_fixes_a_week_for_a_target(target: float, weeks: float, needed: float) -> None:
    assert fixes_per_week_for(50, 3, target, weeks) == needed


def test_a_target_needs_time() -> None:
    with pytest.raises(ValueError, match="date after now"):
        fixes_per_week_for(50, 3, 0, 0)


@settings(max_examples=3)
@given(alerts(40))
def test_outlook_equals_plain_python(ask: Ask, rows: list[Row]) -> None:
    limits = {level: limit for level, limit in SlaPolicy().limits.items() if limit}
    counted = [row for row in rows if row["created_at"] < NOW and row["state"] != "auto_dismissed"]
    # One that is closed automatically only later is open as of NOW.
    later = [r for r in rows if r["created_at"] < NOW and r["state"] == "auto_dismissed" and r["closed_at"] >= NOW]
    counted = [r for r in counted if not (r["closed_at"] and r["closed_at"] < min(NOW, r["created_at"]))] + later
    still = [row for row in counted if row["closed_at"] is None or row["closed_at"] >= NOW]
    due = [row["created_at"] + limits[row["severity"]] for row in still if row["severity"] in limits]
    (found,) = ask("sla_outlook", scope(), alerts=rows)
    assert (found["n"], found["unknown"]) == (len(still), len(still) - len(due))
    assert found["breached"] == sum(time < NOW for time in due)
    ages = [NOW - row["created_at"] for row in counted]
    span = min(max(ages, default=DAY), 13 * WEEK)
    breaches = []
    for days in (7, 14):
        count = sum(NOW <= time < NOW + days * DAY for time in due)
        assert found[f"due_{days}"] == count
        recent = [r for r in counted if NOW - r["created_at"] <= 13 * WEEK and r["severity"] in limits]
        exposed = sum((max(days * DAY - limits[row["severity"]], 0 * DAY) / span for row in recent), 0.0)
        expected = count + exposed if span >= 4 * WEEK else None
        assert found[f"expected_{days}"] == (None if expected is None else pytest.approx(expected))
        breaches.append(count if expected is None else expected)
    assert found["fixes_per_week"] == pytest.approx(max(breaches[0], breaches[1] / 2))


def test_alerts_to_come_breach_too(ask: Ask) -> None:
    """One critical alert a day, each fixed within the hour; left alone, five of a week get older than two days."""
    rows = [
        alert(
            number=n,
            severity="critical",
            created_at=NOW - n * DAY - timedelta(hours=2),
            closed_at=NOW - n * DAY - timedelta(hours=1),
        )
        for n in range(100)
    ]
    (found,) = ask("sla_outlook", scope(), alerts=rows)
    assert (found["due_7"], found["due_14"]) == (0, 0)
    assert (found["arrivals_per_week"], found["expected_7"], found["expected_14"]) == (7.0, 5.0, 12.0)
    assert found["fixes_per_week"] == 6.0


@pytest.mark.parametrize("entry", [BACKLOG_FORECAST, SLA_OUTLOOK], ids=lambda entry: str(entry.name))
def test_evidence_says_what_plays_no_part(ask: Ask, entry: object) -> None:
    rows = [
        alert(),
        alert(number=2, created_at=NOW - 300 * DAY, closed_at=NOW - 200 * DAY),
        alert(number=3, state="auto_dismissed"),
    ]
    found = ask.rows(entry.rows(tables_of({"alerts": rows}), scope()))  # type: ignore[attr-defined]
    reasons = {row["number"]: row[EXCLUDED] for row in found}
    if entry is BACKLOG_FORECAST:
        assert reasons == {1: None, 2: "closed before the weeks looked at", 3: None}
    else:
        assert reasons == {1: None, 2: None, 3: "dismissed automatically"}
