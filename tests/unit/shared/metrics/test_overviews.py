"""Overviews, flow and ageing against the same figures in plain Python, and against each other."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.metrics import METRICS
from shared.metrics.metric import EXCLUDED
from tests.builders import NOW, Row, alert
from tests.properties import few
from tests.unit.shared.metrics.asking import Ask, scope, tables_of
from tests.unit.shared.metrics.plain import mean, quantile
from tests.unit.shared.metrics.strategies import alerts

DAY = timedelta(days=1)


def as_of_now(rows: list[Row]) -> list[Row]:
    """Alerts that were there by NOW, those closed later still open, without those with impossible times."""
    there = [row for row in rows if row["created_at"] < NOW]
    then = [row if row["closed_at"] and row["closed_at"] < NOW else {**row, "closed_at": None} for row in there]
    return [row for row in then if row["closed_at"] is None or row["closed_at"] >= row["created_at"]]


def months_from(first: datetime) -> list[str]:
    months, year, month = [], first.year, first.month
    while datetime(year, month, 1, tzinfo=UTC) < NOW:
        months.append(f"{year}-{month:02}")
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return months


def plain_overview(rows: list[Row], subject: str) -> list[Row]:
    found = []
    for name in {row[subject] for row in as_of_now(rows)}:
        own = [row for row in as_of_now(rows) if row[subject] == name]
        for month in months_from(min(row["created_at"] for row in own)):
            closed = [row for row in own if row["closed_at"] and f"{row['closed_at']:%Y-%m}" == month]
            lived = {
                state: [(r["closed_at"] - r["created_at"]).total_seconds() for r in closed if r["state"] == state]
                for state in ("fixed", "dismissed")
            }
            still_open = [
                row
                for row in own
                if f"{row['created_at']:%Y-%m}" <= month
                and (row["closed_at"] is None or f"{row['closed_at']:%Y-%m}" > month)
            ]
            found.append(
                {
                    subject: name,
                    "month": month,
                    "open_alerts": len(still_open),
                    "number_fixed": len(lived["fixed"]),
                    "number_dismissed": len(lived["dismissed"]),
                    "total_time_to_remediate_s": sum(lived["fixed"]) if lived["fixed"] else None,
                    "mean_time_to_remediate_s": mean(lived["fixed"]),
                    "median_time_to_remediate_s": quantile(lived["fixed"], 0.5),
                    "p90_time_to_remediate_s": quantile(lived["fixed"], 0.9),
                    "total_time_to_dismiss_s": sum(lived["dismissed"]) if lived["dismissed"] else None,
                }
            )
    return sorted(found, key=lambda row: (row["month"], row[subject]))


@few(6)
@given(alerts(), st.sampled_from([("repository_overview", "repo"), ("organisation_overview", "org")]))
def test_overview_equals_plain_python(ask: Ask, rows: list[Row], which: tuple[str, str]) -> None:
    metric, subject = which
    found = [
        {k: v for k, v in row.items() if k != "org" or subject == "org"}
        for row in ask(metric, scope(None), alerts=rows)
    ]
    expected = plain_overview(rows, subject)
    assert [list(row) for row in found] == [list(row) for row in expected]
    for row, other in zip(found, expected, strict=True):
        assert row == {k: pytest.approx(v) if isinstance(v, float) else v for k, v in other.items()}


@few(6)
@given(alerts())
def test_overviews_add_up_to_each_other_and_to_the_raw_figures(ask: Ask, rows: list[Row]) -> None:
    repos = ask("repository_overview", scope(None), alerts=rows)
    orgs = ask("organisation_overview", scope(None), alerts=rows)
    (raw,) = ask("time_to_remediate", scope(None), alerts=rows)
    (backlog,) = ask("open_alerts", scope(None), alerts=rows)
    for column in ("number_fixed", "number_dismissed", "open_alerts"):
        by_month = {row["month"]: 0 for row in orgs}
        for row in repos:
            by_month[row["month"]] += row[column]
        assert by_month == {month: sum(row[column] for row in orgs if row["month"] == month) for month in by_month}
    assert sum(row["number_fixed"] for row in repos) == raw["n"]
    assert sum(row["total_time_to_remediate_s"] or 0 for row in repos) == pytest.approx(raw["total_s"] or 0)
    last = f"{NOW - timedelta(seconds=1):%Y-%m}"
    assert sum(row["open_alerts"] for row in repos if row["month"] == last) == backlog["n"]


def test_open_alert_is_carried_from_month_to_month(ask: Ask) -> None:
    rows = [alert(created_at=datetime(2026, 3, 20, tzinfo=UTC), closed_at=datetime(2026, 5, 2, tzinfo=UTC))]
    found = ask("repository_overview", scope(None), alerts=rows)
    assert [(row["month"], row["open_alerts"], row["number_fixed"]) for row in found] == [
        ("2026-03", 1, 0),
        ("2026-04", 1, 0),
        ("2026-05", 0, 1),
        ("2026-06", 0, 0),
    ]
    narrowed = ask("repository_overview", scope(45), alerts=rows)
    assert [row["month"] for row in narrowed] == ["2026-05", "2026-06"]
    assert narrowed == found[2:]


@few(8)
@given(alerts(), st.sampled_from([30, None]))
def test_flow_equals_plain_python(ask: Ask, rows: list[Row], days: int | None) -> None:
    (found,) = ask("alert_flow", scope(days), alerts=rows)
    there = [row for row in rows if row["created_at"] < NOW]
    since = NOW - timedelta(days=days) if days else min((row["created_at"] for row in there), default=NOW)
    closed = [
        row for row in there if row["closed_at"] and row["closed_at"] < NOW and (not days or row["closed_at"] >= since)
    ]
    opened = [row for row in there if row["created_at"] >= since]
    assert (found["opened"], found["closed"], found["net"]) == (len(opened), len(closed), len(opened) - len(closed))
    for state in ("fixed", "dismissed", "auto_dismissed"):
        assert found[state] == sum(row["state"] == state for row in closed)
    weeks = (NOW - since) / timedelta(weeks=1)
    assert found["opened_per_week"] == (pytest.approx(len(opened) / weeks) if weeks else None)


@few(6)
@given(alerts())
def test_ages_add_up_to_the_open_alerts(ask: Ask, rows: list[Row]) -> None:
    bands = ask("alert_ageing", scope(), alerts=rows)
    (whole,) = ask("open_alerts", scope(), alerts=rows)
    assert sum(band["n"] for band in bands) == whole["n"]
    for severity in ("critical", "high", "medium", "low", "unknown"):
        expected = sum(
            row["severity"] == severity
            for row in rows
            if row["created_at"] < NOW and (row["closed_at"] is None or row["closed_at"] >= NOW)
        )
        assert sum(band[severity] for band in bands) == expected


@pytest.mark.parametrize(
    ("days", "age"),
    [(0.5, "up to 7 days"), (7, "7 to 30 days"), (29.9, "7 to 30 days"), (90, "90 to 365 days"), (4000, "over a year")],
)
def test_band_holds_its_own_beginning(ask: Ask, days: float, age: str) -> None:
    assert [band["age"] for band in ask("alert_ageing", scope(), alerts=[alert(created_at=NOW - days * DAY)])] == [age]


def test_receipt_of_the_flow_tells_what_was_left_out(ask: Ask) -> None:
    rows = [alert(), alert(number=2, created_at=NOW - 400 * DAY), alert(number=3, closed_at=NOW - 2 * DAY)]
    behind = ask.rows(METRICS["alert_flow"].rows(tables_of({"alerts": rows}), scope(30)))
    assert {row["number"]: row[EXCLUDED] for row in behind} == {
        1: None,
        2: "neither opened nor closed in the range",
        3: None,
    }
