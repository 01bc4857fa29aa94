"""SLA worklist and times by status: their edges, order and what they leave out; test_sla.py compares their figures."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.metrics import metric
from shared.metrics.metric import EXCLUDED
from shared.metrics.sla.status import STATUSES
from shared.metrics.sla.summary import SLA_TIMES
from shared.metrics.sla.worklist import SLA_WORKLIST
from shared.policy import Policy
from tests.builders import NOW, Row, alert, alert_event
from tests.unit.shared.metrics.asking import Ask, scope, tables_of
from tests.unit.shared.metrics.plain import rounded
from tests.unit.shared.metrics.strategies import alerts

HOUR, DAY, MOMENT = timedelta(hours=1), timedelta(days=1), timedelta(microseconds=1)

LIMIT = 30 * DAY
LONG = Policy.model_validate({"sla": {"high": "30d", "low": False}})


def due_in(left: timedelta, **values: object) -> Row:
    """An open alert that breaches so long after NOW."""
    return alert(created_at=NOW - LIMIT + left, **values)


EDGES = {
    -MOMENT: ("breached", "breached"),
    0 * DAY: ("7 days", "at_risk"),
    7 * DAY - MOMENT: ("7 days", "at_risk"),
    7 * DAY: ("14 days", "at_risk"),
    14 * DAY - MOMENT: ("14 days", "on_track"),
    14 * DAY: None,
}
"""The time that is left, and what an alert is then; nothing where it is not listed."""


def test_edges_of_what_is_due(ask: Ask) -> None:
    rows = [due_in(left, number=n) for n, left in enumerate(EDGES)]
    found = {row["number"]: row for row in ask.under(LONG, "sla_worklist", scope(), {"alerts": rows})}
    for number, (left, expected) in enumerate(EDGES.items()):
        row = found.get(number)
        assert (row and (row["due_within"], row["status"])) == expected
        assert row is None or row["left_s"] == pytest.approx(left.total_seconds(), abs=1e-9)


def test_what_is_due_first_comes_first_with_every_fact(ask: Ask) -> None:
    rows = [due_in(3 * DAY, number=1), due_in(-DAY, number=2), due_in(3 * DAY, number=3, repo="acme/aaa")]
    found = ask.under(LONG, "sla_worklist", scope(), {"alerts": rows})
    assert [(row["repo"], row["number"]) for row in found] == [("acme/api", 2), ("acme/aaa", 3), ("acme/api", 1)]
    assert found[0] == {
        "due_within": "breached",
        "org": "acme",
        "repo": "acme/api",
        "kind": "code_scanning",
        "number": 2,
        "severity": "high",
        "rule_id": "py/sql-injection",
        "cwe_family": "injection",
        "tool": "CodeQL",
        "created_at": NOW - 31 * DAY,
        "started_at": NOW - 31 * DAY,
        "limit_s": LIMIT.total_seconds(),
        "elapsed_s": (31 * DAY).total_seconds(),
        "status": "breached",
        "due_at": NOW - DAY,
        "left_s": -DAY.total_seconds(),
        "html_url": rows[1]["html_url"],
    }
    assert list(found[0]) == list(SLA_WORKLIST.columns)


def test_what_is_left_out_and_why(ask: Ask) -> None:
    rows = [
        due_in(DAY, number=1),
        alert(number=2, severity="low"),
        alert(number=3, severity="unknown"),
        due_in(20 * DAY, number=4),
        alert(number=5, state="fixed"),
        alert(number=6, state="auto_dismissed"),
        {**alert(number=7, state="fixed"), "closed_at": None},
        alert(number=8, created_at=NOW + DAY),
    ]
    evidence = ask.behind(LONG, "sla_worklist", scope(), {"alerts": rows})
    assert {row["number"]: row[EXCLUDED] for row in evidence} == {
        1: None,
        2: "no limit, or unknown severity",
        3: "no limit, or unknown severity",
        4: "due in 14 days or later",
    }
    assert [row["number"] for row in ask.under(LONG, "sla_worklist", scope(), {"alerts": rows})] == [1]


def test_a_reopened_alert_is_due_later_if_the_policy_says_so(ask: Ask) -> None:
    world = {"alerts": [due_in(-DAY)], "alert_events": [alert_event(action="reopened", at=NOW - 20 * DAY)]}
    again = Policy.model_validate({"sla": {"high": "30d", "restart_when_reopened": True}})
    found = [ask.under(policy, "sla_worklist", scope(), world)[0] for policy in (LONG, again)]
    assert [(row["due_within"], row["due_at"]) for row in found] == [
        ("breached", NOW - DAY),
        ("14 days", NOW + 10 * DAY),
    ]


@settings(max_examples=2)
@given(alerts(60), st.integers(0, 90))
def test_what_happens_later_and_the_order_of_rows_change_nothing(ask: Ask, rows: list[Row], days: int) -> None:
    then = NOW - days * DAY
    as_was = [reopened(row) if row["closed_at"] and row["closed_at"] >= then else row for row in rows]
    as_was = [row for row in as_was if row["created_at"] < then]
    for name in ("sla_worklist", "sla_times"):
        now, before = (rounded(ask(name, scope(60, then), alerts=some)) for some in (rows[::-1], as_was))
        assert now == before, name


def reopened(row: Row) -> Row:
    """An alert before it was closed."""
    times = ("closed_at", "fixed_at", "dismissed_at", "close_reason")
    return {**row, **dict.fromkeys(times), "state": "open"}


@settings(max_examples=2)
@given(alerts(60))
def test_times_and_worklist_are_parts_of_the_statuses(ask: Ask, rows: list[Row]) -> None:
    judged = ask("sla_status", scope(), alerts=rows)
    times, listed = (ask(name, scope(), alerts=rows) for name in ("sla_times", "sla_worklist"))
    for status in STATUSES:
        assert sum(row["n"] for row in times if row["status"] == status) == sum(r["status"] == status for r in judged)
    breached = [row for row in judged if row["status"] == "breached" and row["state"] == "open"]
    assert sum(row["due_within"] == "breached" for row in listed) == len(breached)
    assert all(row["min_s"] <= row["median_s"] <= row["max_s"] for row in times)


def test_times_of_the_breached_are_those_closed_and_those_open_together(ask: Ask) -> None:
    closed_at = NOW - DAY
    rows = [
        alert(number=1, created_at=NOW - 100 * HOUR),
        alert(number=2, created_at=closed_at - 200 * HOUR, closed_at=closed_at),
        alert(number=3, created_at=closed_at - 300 * HOUR, closed_at=closed_at, state="dismissed"),
        alert(number=4, created_at=closed_at - 900 * HOUR, closed_at=closed_at, state="auto_dismissed"),
        {**alert(number=5, state="fixed"), "closed_at": None},
        alert(number=6, created_at=NOW - DAY, closed_at=NOW - 2 * DAY),
    ]
    (found,) = ask("sla_times", scope(), alerts=rows)
    assert found == {
        "status": "breached",
        "severity": "high",
        "n": 3,
        "min_s": 100 * 3600.0,
        "mean_s": 200 * 3600.0,
        "median_s": 200 * 3600.0,
        "max_s": 300 * 3600.0,
    }
    assert list(found) == list(SLA_TIMES.columns)
    evidence = ask.rows(metric("sla_times").rows(tables_of({"alerts": rows}), scope()))
    assert sum(row[EXCLUDED] is None for row in evidence) == found["n"]


def test_times_come_by_what_needs_attention_and_then_the_worst_severity(ask: Ask) -> None:
    severities = (None, "Grave", "unknown", "medium", "critical", "low", "high")
    rows = [alert(number=n, severity=severity, created_at=NOW - HOUR) for n, severity in enumerate(severities)]
    rows += [alert(number=9, severity="low", created_at=NOW - 90 * DAY)]
    found = [(row["status"], row["severity"], row["n"]) for row in ask("sla_times", scope(), alerts=rows)]
    assert found == [
        ("breached", "low", 1),
        *(("on_track", severity, 1) for severity in ("critical", "high", "medium", "low")),
        ("unknown", "unknown", 2),
        ("unknown", "Grave", 1),
    ]
