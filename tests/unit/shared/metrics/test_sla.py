"""SLA status, summary, times and worklist against the same judgement in plain Python."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.metrics.metric import EXCLUDED
from shared.metrics.sla.status import SLA_STATUS, sla_status
from shared.metrics.sla.summary import SLA_SUMMARY, sla_summary, sla_times
from shared.metrics.sla.worklist import sla_worklist
from shared.policy import Policy
from tests.builders import NOW, Row, alert, alert_event
from tests.unit.shared.metrics.asking import Ask, scope, tables_of
from tests.unit.shared.metrics.plain import mean, quantile, rounded
from tests.unit.shared.metrics.strategies import alerts

EXAMPLES = 2
"""Few, of many alerts each, since what takes time is the question."""

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

POLICIES = {
    "fettle": {"critical": 48, "high": 96, "medium": 168, "low": 336},
    "defectdojo": {"critical": 7 * 24, "high": 30 * 24, "medium": 90 * 24, "low": 120 * 24},
    "fedramp": {"critical": 30 * 24, "high": 30 * 24, "medium": 90 * 24, "low": 180 * 24},
}
"""Hours, as the design has them."""


def sla(**section: Any) -> Policy:
    return Policy.model_validate({"sla": section})


def plain(rows: list[Row], preset: str = "fettle", days: float | None = 90, until: datetime = NOW) -> list[Row]:
    """What counts of some alerts, with its status and the seconds it took or is old."""
    found = []
    for row in rows:
        created_at, closed_at = row["created_at"], row["closed_at"]
        if closed_at is not None and closed_at >= until:
            closed_at = None
        if created_at >= until or (closed_at and closed_at < created_at):
            continue
        if closed_at and (row["state"] == "auto_dismissed" or (days is not None and closed_at < until - days * DAY)):
            continue
        taken, hours = (closed_at or until) - created_at, POLICIES[preset].get(row["severity"])
        found.append({**row, "closed_at": closed_at, "status": status_of(taken, hours, closed_at), "taken": taken})
    return found


def status_of(taken: timedelta, hours: float | None, closed_at: datetime | None) -> str:
    if hours is None:
        return "unknown"
    if taken > hours * HOUR:
        return "breached"
    if closed_at:
        return "met"
    return "at_risk" if taken >= 0.75 * hours * HOUR else "on_track"


def key(row: Row) -> tuple[Any, ...]:
    return row["repo"], row["kind"], row["number"]


def plain_summary(rows: list[Row]) -> Row:
    statuses = Counter((row["status"], row["closed_at"] is None) for row in rows)
    met, breached = statuses["met", False], statuses["breached", False]
    taken = [row["taken"].total_seconds() for row in rows if row["closed_at"]]
    return {
        "n": len(rows),
        "compliance": met / (met + breached) if met + breached else None,
        "met": met,
        "breached_closed": breached,
        "breached_open": statuses["breached", True],
        "at_risk": statuses["at_risk", True],
        "on_track": statuses["on_track", True],
        "unknown": statuses["unknown", True] + statuses["unknown", False],
        "closed": len(taken),
        "min_s": min(taken, default=None),
        "mean_s": mean(taken),
        "median_s": quantile(taken, 0.5),
        "max_s": max(taken, default=None),
    }


@settings(max_examples=EXAMPLES)
@given(alerts(80), st.sampled_from([30, 90, None]), st.sampled_from(list(POLICIES)))
def test_status_and_summary_equal_those_in_plain_python(
    ask: Ask, rows: list[Row], days: float | None, preset: str
) -> None:
    expected, policy = plain(rows, preset, days), sla(preset=preset)
    found = ask.formula(sla_status, scope(days), {"alerts": rows}, policy=policy)
    assert {key(row): (row["status"], row["elapsed_s"]) for row in found} == {
        key(row): (row["status"], row["taken"].total_seconds()) for row in expected
    }
    (summary,) = ask.formula(sla_summary, scope(days), {"alerts": rows}, policy=policy)
    summary.pop("excluded")
    assert rounded([summary]) == rounded([plain_summary(expected)])


@settings(max_examples=EXAMPLES)
@given(alerts(80), st.sampled_from(["severity", "repo", "month"]), st.randoms())
def test_parts_add_up_to_the_whole_in_any_order_of_rows(
    ask: Ask, rows: list[Row], by: str, random: st.DataObject
) -> None:
    parts, whole = ask("sla_summary", scope(), by, alerts=rows), plain_summary(plain(rows))
    added = ("met", "breached_closed", "closed") + (() if by == "month" else ("n", "breached_open", "unknown"))
    assert {name: sum(part[name] for part in parts) for name in added} == {name: whole[name] for name in added}
    shuffled = sorted(rows, key=lambda _: random.random())  # type: ignore[attr-defined]
    assert rounded(ask("sla_summary", scope(), by, alerts=shuffled)) == rounded(parts)


@settings(max_examples=EXAMPLES)
@given(alerts(80))
def test_times_by_status_and_severity_equal_those_in_plain_python(ask: Ask, rows: list[Row]) -> None:
    taken: dict[tuple[str, str], list[float]] = {}
    for row in plain(rows):
        taken.setdefault((row["status"], row["severity"]), []).append(row["taken"].total_seconds())
    found = ask.formula(sla_times, scope(), {"alerts": rows})
    assert {(row["status"], row["severity"]): rounded([row]) for row in found} == {
        (status, severity): rounded(
            [
                {
                    "status": status,
                    "severity": severity,
                    "n": len(times),
                    "min_s": min(times),
                    "mean_s": mean(times),
                    "median_s": quantile(times, 0.5),
                    "max_s": max(times),
                }
            ]
        )
        for (status, severity), times in taken.items()
    }


@settings(max_examples=EXAMPLES)
@given(alerts(80), st.sampled_from(list(POLICIES)))
def test_worklist_is_what_breaches_next_in_plain_python(ask: Ask, rows: list[Row], preset: str) -> None:
    expected = {}
    for row in plain(rows, preset):
        hours = POLICIES[preset].get(row["severity"])
        if row["closed_at"] is None and hours is not None:
            due_at = row["created_at"] + hours * HOUR
            within = "7 days" if due_at < NOW + 7 * DAY else "14 days" if due_at < NOW + 14 * DAY else None
            expected[key(row)] = "breached" if row["status"] == "breached" else within
    found = ask.formula(sla_worklist, scope(), {"alerts": rows}, policy=sla(preset=preset))
    assert {key(row): row["due_within"] for row in found} == {name: when for name, when in expected.items() if when}
    due = [row["due_at"] for row in found]
    assert due == sorted(due)
    assert all(row["left_s"] == pytest.approx((row["due_at"] - NOW).total_seconds()) for row in found)


def test_edges_of_the_limit_of_high_severity(ask: Ask) -> None:
    beyond = timedelta(microseconds=1)
    ages = {72 * HOUR - beyond: "on_track", 72 * HOUR: "at_risk", 96 * HOUR: "at_risk", 96 * HOUR + beyond: "breached"}
    closed_at, lifetimes = NOW - DAY, {96 * HOUR: "met", 96 * HOUR + beyond: "breached"}
    rows = [
        *(alert(number=n, created_at=NOW - age) for n, age in enumerate(ages)),
        *(alert(number=9 + n, created_at=closed_at - age, closed_at=closed_at) for n, age in enumerate(lifetimes)),
    ]
    found = {row["number"]: row["status"] for row in ask("sla_status", scope(), alerts=rows)}
    assert found == {**dict(enumerate(ages.values())), **dict(enumerate(lifetimes.values(), 9))}


def test_dismissed_by_a_person_counts_and_by_a_rule_does_not(ask: Ask) -> None:
    rows = [alert(number=n, state=state) for n, state in enumerate(("fixed", "dismissed", "auto_dismissed"))]
    assert [row["state"] for row in ask("sla_status", scope(), alerts=rows)] == ["fixed", "dismissed"]


def test_unknown_severity_and_a_level_without_limit_are_apart(ask: Ask) -> None:
    severities = ("low", "unknown", None, "Grave", "critical")
    rows = [alert(number=n, severity=severity, state="fixed") for n, severity in enumerate(severities)]
    (summary,) = ask.formula(sla_summary, scope(), {"alerts": rows}, policy=sla(low=False))
    assert (summary["unknown"], summary["compliance"], summary["breached_closed"]) == (4, 0.0, 1)


def test_every_level_may_be_switched_off(ask: Ask) -> None:
    policy = sla(critical=False, high=False, medium=False, low=False)
    (row,) = ask.formula(sla_status, scope(), {"alerts": [alert()]}, policy=policy)
    assert (row["status"], row["limit_s"], row["due_at"]) == ("unknown", None, None)


@pytest.mark.parametrize(("restart", "status"), [(False, "breached"), (True, "on_track")])
def test_clock_of_a_reopened_alert_starts_again_if_so_decided(ask: Ask, restart: bool, status: str) -> None:
    events = [alert_event(action="reopened", at=NOW - 2 * DAY), alert_event(action="reopened", at=NOW - 3 * DAY)]
    rows = {"alerts": [alert()], "alert_events": [*events, *events]}
    (row,) = ask.formula(sla_status, scope(), rows, policy=sla(restart_when_reopened=restart))
    assert (row["status"], row["started_at"]) == (status, NOW - (2 if restart else 10) * DAY)


def test_clock_that_began_after_the_closing_is_not_believed(ask: Ask) -> None:
    rows = {
        "alerts": [alert(closed_at=NOW - 5 * DAY)],
        "alert_events": [alert_event(action="reopened", at=NOW - 2 * DAY)],
    }
    (row,) = ask.formula(sla_status, scope(), rows, policy=sla(restart_when_reopened=True))
    assert (row["elapsed_s"], row["status"]) == (5 * 86_400.0, "breached")


@settings(max_examples=2)
@given(alerts(80), st.integers(1, 60))
def test_a_later_as_of_never_loses_a_closed_alert(ask: Ask, rows: list[Row], later_days: int) -> None:
    now, later = (
        ask("sla_summary", scope(None, NOW + days * DAY), alerts=rows)[0]["closed"] for days in (0, later_days)
    )
    assert later >= now


def test_in_the_future_of_a_range_an_alert_is_judged_as_of_then(ask: Ask) -> None:
    """Created ten days ago, closed four days ago: after three days it was at risk, after five breached and open."""
    rows = [alert(closed_at=NOW - 4 * DAY)]
    statuses = [ask("sla_status", scope(90, NOW - days * DAY), alerts=rows) for days in (7, 5, 0)]
    assert [(row["status"], row["state"]) for (row,) in statuses] == [
        ("at_risk", "open"),
        ("breached", "open"),
        ("breached", "fixed"),
    ]


def test_statuses_come_in_the_order_of_what_needs_attention(ask: Ask) -> None:
    rows = [
        alert(number=1, severity="unknown"),
        alert(number=2, created_at=NOW - DAY),
        alert(number=3, created_at=NOW - 80 * HOUR),
        alert(number=4, created_at=NOW - 2 * DAY, state="fixed"),
        alert(number=5),
    ]
    found = ask("sla_status", scope(), alerts=rows)
    assert [row["number"] for row in found] == [5, 3, 2, 4, 1]
    assert list(found[0]) == list(SLA_STATUS.columns)


def test_evidence_holds_as_many_rows_as_the_figure_and_why_others_do_not_count(ask: Ask) -> None:
    rows = [
        *(alert(number=n, state=state) for n, state in enumerate(("open", "fixed", "auto_dismissed"))),
        {**alert(number=8, state="fixed"), "closed_at": None},
        alert(number=9, created_at=NOW - 2 * DAY, closed_at=NOW - 3 * DAY),
    ]
    evidence = ask.rows(SLA_SUMMARY.rows(tables_of({"alerts": rows}), scope()))
    (summary,) = ask("sla_summary", scope(), alerts=rows)
    assert (summary["n"], summary["breached_closed"], summary["excluded"]) == (2, 1, 3)
    assert {row["number"]: row[EXCLUDED] for row in evidence} == {
        0: None,
        1: None,
        2: "dismissed automatically",
        8: "closed at an unknown time",
        9: "created after it was closed, or at an unknown time",
    }
