"""Alerts as of a time: what is stored now, and what happened, tell the state of then."""

from datetime import datetime, timedelta

import pytest

from shared.metrics.remediation.alerts import alerts_as_of, clock_started
from shared.policy import Policy
from tests.builders import NOW, Row, alert, alert_event
from tests.unit.shared.metrics.asking import Ask, scope, tables_of

DAY = timedelta(days=1)


def as_of(ask: Ask, until: datetime, rows: list[Row], events: list[Row] | None = None) -> list[Row]:
    return ask.rows(alerts_as_of(tables_of({"alerts": rows, "alert_events": events or []}), scope(None, until)))


@pytest.mark.parametrize(("days", "state"), [(11, None), (9, "open"), (5, "open"), (3, "fixed"), (0, "fixed")])
def test_state_follows_the_alerts_own_times(ask: Ask, days: int, state: str | None) -> None:
    """Created ten days ago, fixed four days ago."""
    rows = as_of(ask, NOW - days * DAY, [alert(closed_at=NOW - 4 * DAY)])
    assert [row["state"] for row in rows] == ([state] if state else [])
    assert [row["closed_at"] for row in rows] == ([NOW - 4 * DAY if state == "fixed" else None] if state else [])


@pytest.mark.parametrize(("days", "state"), [(9, "open"), (7, "fixed"), (5, "fixed"), (3, "open"), (0, "open")])
def test_alert_that_was_reopened_was_closed_in_between(ask: Ask, days: int, state: str) -> None:
    """Created ten days ago, fixed eight days ago, re-opened four days ago."""
    rows = [alert(updated_at=NOW - 4 * DAY, reopened_count=1)]
    events = [alert_event(action="fixed", at=NOW - 8 * DAY), alert_event(action="reopened", at=NOW - 4 * DAY)]
    (row,) = as_of(ask, NOW - days * DAY, rows, events)
    assert (row["state"], row["closed_at"]) == (state, NOW - 8 * DAY if state == "fixed" else None)


def test_alert_closed_at_an_unknown_time_is_neither_open_nor_dated(ask: Ask) -> None:
    (row,) = as_of(ask, NOW, [{**alert(state="fixed"), "closed_at": None}])
    assert (row["state"], row["closed_at"]) == ("fixed", None)


def test_families_of_the_policy_go_before_those_stored(ask: Ask) -> None:
    policy = Policy.model_validate({"cwe": {"families": {"house": ["CWE-89"]}}})
    tables = tables_of(
        {"alerts": [alert(), alert(number=2, cwes=["CWE-79"], cwe_family="xss"), alert(number=3, cwes=None)]}
    )
    rows = ask.rows(alerts_as_of(tables, scope(), policy))
    assert {row["number"]: row["cwe_family"] for row in rows} == {1: "house", 2: "xss", 3: "injection"}


@pytest.mark.parametrize(("restart", "since"), [(False, NOW - 10 * DAY), (True, NOW - 4 * DAY)])
def test_clock_of_a_reopened_alert_starts_again_if_so_decided(ask: Ask, restart: bool, since: datetime) -> None:
    tables = tables_of({"alerts": [alert()], "alert_events": [alert_event(action="reopened", at=NOW - 4 * DAY)]})
    alerts = alerts_as_of(tables, scope())
    (row,) = ask.rows(clock_started(tables, alerts, scope(), restart=restart))
    assert row["clock_from"] == since
