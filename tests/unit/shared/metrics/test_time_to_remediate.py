"""Time to remediate against the same figures in plain Python."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.metrics import METRICS
from shared.metrics.metric import EXCLUDED
from shared.metrics.remediation.time_to_remediate import time_to_remediate
from shared.scope import Scope
from tests.builders import NOW, Row, alert
from tests.properties import few
from tests.unit.shared.metrics.asking import Ask, scope, tables_of
from tests.unit.shared.metrics.plain import mean, quantile, rounded, survival_median
from tests.unit.shared.metrics.strategies import alerts

HOUR = 3600.0


def plain(rows: list[Row], days: float | None) -> Row:
    question = scope(days)
    closed = [
        row
        for row in rows
        if row["state"] == "fixed"
        and row["closed_at"] < question.until
        and (question.since is None or row["closed_at"] >= question.since)
    ]
    lived = [(row["closed_at"] - row["created_at"]).total_seconds() for row in closed]
    good = [seconds for seconds in lived if seconds >= 0]
    return {
        "n": len(good),
        "mean_s": mean(good),
        "median_s": quantile(good, 0.5),
        "p90_s": quantile(good, 0.9),
        "survival_median_s": survival_median(observed(rows, question)),
        "total_s": sum(good) if good else None,
        "excluded": len(lived) - len(good),
    }


def observed(rows: list[Row], question: Scope) -> list[tuple[float, float, bool]]:
    """Of every alert that was open in the range: the ages between which that was so, and whether it was fixed then."""
    cases = []
    for row in rows:
        closed_at = row["closed_at"] if row["closed_at"] and row["closed_at"] < question.until else None
        if row["created_at"] >= question.until and not closed_at:
            continue
        end = closed_at or question.until
        begin = max(row["created_at"], question.since or row["created_at"])
        if end >= begin:
            ages = [(time - row["created_at"]).total_seconds() for time in (begin, end)]
            cases.append((ages[0], ages[1], closed_at is not None and row["state"] == "fixed"))
    return cases


def fixed_after(hours: float, **values: object) -> Row:
    closed_at = values.pop("closed_at", NOW - timedelta(days=1))
    assert isinstance(closed_at, datetime)
    return alert(closed_at=closed_at, created_at=closed_at - timedelta(hours=hours), **values)


@few(10)
@given(alerts(), st.sampled_from([30, 90, None]))
def test_figures_equal_those_in_plain_python(ask: Ask, rows: list[Row], days: float | None) -> None:
    assert rounded(ask("time_to_remediate", scope(days), alerts=rows)) == rounded([plain(rows, days)])


@few(10)
@given(
    alerts(),
    st.sampled_from(["org", "repo", "severity", "kind", "tool", "cwe_family", "month"]),
    st.randoms(),
)
def test_parts_add_up_to_the_whole_in_any_order_of_rows(
    ask: Ask, rows: list[Row], by: str, random: st.DataObject
) -> None:
    parts = ask("time_to_remediate", scope(), by, alerts=rows)
    whole = plain(rows, 90)
    assert sum(part["n"] for part in parts) == whole["n"]
    assert sum(part["excluded"] for part in parts) == whole["excluded"]
    assert sum(part["total_s"] or 0 for part in parts) == pytest.approx(whole["total_s"] or 0)
    shuffled = sorted(rows, key=lambda _: random.random())  # type: ignore[attr-defined]
    assert rounded(ask("time_to_remediate", scope(), by, alerts=shuffled)) == rounded(parts)


@few(8)
@given(alerts(), st.integers(0, 100))
def test_a_later_as_of_never_loses_a_closed_alert(ask: Ask, rows: list[Row], later_days: int) -> None:
    (now,) = ask("time_to_remediate", scope(None), alerts=rows)
    (later,) = ask("time_to_remediate", scope(None, NOW + timedelta(days=later_days)), alerts=rows)
    assert later["n"] >= now["n"]


def test_dismissed_alert_is_not_a_fix(ask: Ask) -> None:
    rows = [
        fixed_after(2),
        fixed_after(9, number=2, state="dismissed"),
        fixed_after(7, number=3, state="auto_dismissed"),
    ]
    (figures,) = ask("time_to_remediate", scope(), alerts=rows)
    assert (figures["n"], figures["mean_s"]) == (1, 2 * HOUR)


def test_dismissed_alerts_count_if_asked_for_but_never_automatic_ones(ask: Ask) -> None:
    rows = [
        fixed_after(2),
        fixed_after(9, number=2, state="dismissed"),
        fixed_after(7, number=3, state="auto_dismissed"),
    ]
    (figures,) = ask.formula(time_to_remediate, scope(), {"alerts": rows}, include_dismissed=True)
    assert (figures["n"], figures["mean_s"]) == (2, 5.5 * HOUR)


def test_month_is_the_utc_month_of_closing(ask: Ask) -> None:
    first_second = datetime(2026, 5, 1, tzinfo=UTC)
    rows = [
        fixed_after(1, closed_at=first_second),
        fixed_after(2, number=2, closed_at=first_second - timedelta(seconds=1)),
    ]
    months = ask("time_to_remediate", scope(), "month", alerts=rows)
    assert [(part["month"], part["n"], part["mean_s"]) for part in months] == [
        ("2026-04", 1, 2 * HOUR),
        ("2026-05", 1, HOUR),
    ]


def test_severities_come_worst_first_and_an_unknown_one_last(ask: Ask) -> None:
    severities = ("low", None, "critical", "medium", "high")
    rows = [fixed_after(1, number=n, severity=severity) for n, severity in enumerate(severities)]
    parts = ask("time_to_remediate", scope(), "severity", alerts=rows)
    assert [part["severity"] for part in parts] == ["critical", "high", "medium", "low", "unknown"]


def test_an_alert_closed_before_it_was_created_is_counted_apart(ask: Ask) -> None:
    (figures,) = ask("time_to_remediate", scope(), alerts=[fixed_after(-1), fixed_after(3, number=2)])
    assert (figures["n"], figures["median_s"], figures["excluded"]) == (1, 3 * HOUR, 1)


def test_lifetimes_are_exact_to_the_microsecond(ask: Ask) -> None:
    row = alert(created_at=NOW - timedelta(seconds=9), closed_at=NOW - timedelta(microseconds=250_000))
    assert ask("time_to_remediate", scope(), alerts=[row])[0]["mean_s"] == 8.75


def test_filters_of_the_scope_apply(ask: Ask) -> None:
    rows = [fixed_after(1), fixed_after(2, repo="globex/web"), fixed_after(3, number=3, severity="low")]
    (figures,) = ask("time_to_remediate", scope(orgs=("acme",), severities=("high",)), alerts=rows)
    assert (figures["n"], figures["total_s"]) == (1, HOUR)


def test_easy_fixes_alone_do_not_look_good(ask: Ask) -> None:
    """Four of ten alerts were fixed within hours; the others wait. Half of them are fixed nowhere near an hour."""
    rows = [fixed_after(2, number=n) for n in range(4)] + [alert(number=n) for n in range(10, 16)]
    (row,) = ask("time_to_remediate", scope(), alerts=rows)
    assert (row["median_s"], row["survival_median_s"]) == (2 * HOUR, None)


def test_survival_median_of_a_textbook(ask: Ask) -> None:
    """Weeks of remission under 6-MP (Gehan 1965, Freireich 1963): the median is 23 weeks; of the placebo group 8."""
    treated = {True: (6, 6, 6, 7, 10, 13, 16, 22, 23), False: (6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)}
    placebo = (1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23)
    week = timedelta(weeks=1)
    rows = [
        alert(repo="a/treated", number=n, created_at=NOW - 40 * week, closed_at=NOW - (40 - weeks) * week, state=state)
        for n, (weeks, state) in enumerate(
            [(w, "fixed") for w in treated[True]] + [(w, "dismissed") for w in treated[False]]
        )
    ] + [
        alert(repo="a/placebo", number=n, created_at=NOW - 40 * week, closed_at=NOW - (40 - weeks) * week)
        for n, weeks in enumerate(placebo)
    ]
    found = {
        row["repo"]: row["survival_median_s"] for row in ask("time_to_remediate", scope(None), "repo", alerts=rows)
    }
    assert found == {"a/treated": 23 * week.total_seconds(), "a/placebo": 8 * week.total_seconds()}


def test_switches_add_what_was_dismissed(ask: Ask) -> None:
    rows = [
        fixed_after(2),
        fixed_after(9, number=2, state="dismissed"),
        fixed_after(5, number=3, state="auto_dismissed"),
    ]
    entry = METRICS["time_to_remediate"]
    counts = {}
    for on in ((), ("include_dismissed",), ("include_dismissed", "include_auto_dismissed")):
        (row,) = ask.rows(entry.compute(tables_of({"alerts": rows}), scope(), switches=dict.fromkeys(on, True)))
        counts[on[-1] if on else ""] = row["n"]
    assert counts == {"": 1, "include_dismissed": 2, "include_auto_dismissed": 3}


@few(10)
@given(alerts(), st.sampled_from([30, None]))
def test_receipt_holds_what_counts_and_says_why_the_rest_does_not(
    ask: Ask, rows: list[Row], days: float | None
) -> None:
    entry, tables = METRICS["time_to_remediate"], tables_of({"alerts": rows})
    (figures,) = ask.rows(entry.compute(tables, scope(days)))
    behind = ask.rows(entry.rows(tables, scope(days)))
    counted = [row["lived_s"] for row in behind if row[EXCLUDED] is None]
    assert len(counted) == figures["n"]
    assert mean(counted) == pytest.approx(figures["mean_s"])
    impossible = [row for row in behind if row[EXCLUDED] and row[EXCLUDED].startswith("created after")]
    assert len(impossible) == figures["excluded"]
    assert {row[EXCLUDED] for row in behind if row["state"] == "open"} <= {"open"}
