"""Evidence: the rows behind a figure, from which the figure can be worked out anew."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.metrics.metric import EXCLUDED
from shared.metrics.workflows.evidence import EARLIER
from shared.metrics.workflows.outcomes import FAILURES
from shared.policy import Policy
from tests.builders import NOW, Row, alert, run
from tests.properties import few
from tests.unit.shared.metrics.asking import Ask, scope
from tests.unit.shared.metrics.plain import quantile
from tests.unit.shared.metrics.strategies import runs

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ENDS = st.sampled_from((NOW, NOW - 20 * DAY))
"""Now, and a view of the past, in which a later attempt of a run is not known yet."""


def counted(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row[EXCLUDED] is None]


def behind(ask: Ask, name: str, until: datetime = NOW, **rows: list[Row]) -> list[Row]:
    return ask.behind(Policy(), name, scope(until=until), rows)


@few(10)
@given(runs(), ENDS)
def test_rate_can_be_worked_out_from_the_runs_behind_it(ask: Ask, rows: list[Row], until: datetime) -> None:
    (figures,) = ask("success_rate", scope(until=until), workflow_runs=rows)
    found = behind(ask, "success_rate", until, workflow_runs=rows)
    own = counted(found)
    assert sum(row["conclusion"] == "success" for row in own) == figures["successes"]
    assert sum(row["conclusion"] in FAILURES for row in own) == figures["failures"]
    assert len(own) == figures["successes"] + figures["failures"]
    assert len([row for row in found if row[EXCLUDED] != EARLIER]) == figures["runs"]
    assert sum(row[EXCLUDED] == "cancelled" for row in found) == figures["cancelled"]
    attempts = [(row["run_id"], row["run_attempt"]) for row in found]
    assert len(attempts) == len(set(attempts)), "each attempt is told once"
    assert [row["created_at"] for row in found] == sorted((row["created_at"] for row in found), reverse=True)


@few(10)
@given(runs(), ENDS)
def test_durations_can_be_worked_out_from_the_runs_behind_them(ask: Ask, rows: list[Row], until: datetime) -> None:
    (figures,) = ask("run_duration", scope(until=until), workflow_runs=rows)
    own = [row["duration_s"] for row in counted(behind(ask, "run_duration", until, workflow_runs=rows))]
    assert len(own) == figures["n"]
    assert figures["p95_s"] == (pytest.approx(quantile(own, 0.95)) if own else None)


@few(8)
@given(runs(), ENDS)
def test_both_sides_can_be_worked_out_from_the_runs_behind_them(ask: Ask, rows: list[Row], until: datetime) -> None:
    sides = {row["side"]: row for row in ask("before_after", scope(10, until=until), workflow_runs=rows)}
    own = counted(ask.behind(Policy(), "before_after", scope(10, until=until), {"workflow_runs": rows}))
    for name in ("before", "after"):
        mine = [row for row in own if row["side"] == name]
        figures = sides.get(name, {"runs": 0, "successes": 0})
        assert len(mine) == figures["runs"]
        assert sum(row["conclusion"] == "success" for row in mine) == figures["successes"]


def test_nothing_is_behind_a_comparison_with_what_was_before_all_time(ask: Ask) -> None:
    assert not ask.behind(Policy(), "before_after", scope(None), {"workflow_runs": [run()]})


def test_attempts_before_the_latest_are_told_and_do_not_count(ask: Ask) -> None:
    tries = [
        run(run_id=1, run_attempt=1, conclusion="failure", is_latest_attempt=False),
        run(run_id=1, run_attempt=2, conclusion="success"),
        run(run_id=2, conclusion="skipped"),
        run(run_id=3, conclusion=None, status="in_progress", completed_at=None, duration_s=None),
    ]
    for name in ("success_rate", "run_trend", "run_activity"):
        found = behind(ask, name, workflow_runs=tries)
        assert {(row["run_id"], row["run_attempt"]): row[EXCLUDED] for row in found} == {
            (1, 1): EARLIER,
            (1, 2): None,
            (2, 1): "neither succeeded nor failed",
            (3, 1): "not finished",
        }


def test_episodes_are_behind_the_time_to_restore(ask: Ask) -> None:
    times = (NOW - n * DAY for n in (9, 8, 3))
    story = [
        run(run_id=n, created_at=at, completed_at=at + HOUR, conclusion=conclusion)
        for n, (at, conclusion) in enumerate(zip(times, ("failure", "success", "failure"), strict=True))
    ]
    (figures,) = ask("time_to_restore", scope(branch="*"), workflow_runs=story)
    found = ask.behind(Policy(), "time_to_restore", scope(branch="*"), {"workflow_runs": story})
    assert (figures["n"], figures["open"]) == (1, 1)
    assert [(row["first_failed_run_id"], row[EXCLUDED], row["duration_s"]) for row in found] == [
        (2, "still broken at the end of the range", None),
        (0, None, figures["mean_s"]),
    ]


def test_alerts_are_behind_their_trend(ask: Ask) -> None:
    rows = [
        alert(number=1, created_at=NOW - 200 * DAY, closed_at=NOW - 150 * DAY, state="fixed"),
        alert(number=2, created_at=NOW - 200 * DAY, closed_at=NOW - 50 * DAY, state="fixed"),
        alert(number=3, created_at=NOW - 200 * DAY),
        alert(number=4, created_at=NOW - 2 * DAY),
    ]
    found = {row["number"]: row[EXCLUDED] for row in behind(ask, "alert_trend", alerts=rows)}
    assert found == {1: "closed before the range began", 2: None, 3: None, 4: None}
    trend = ask("alert_trend", scope(), alerts=rows)
    assert trend[-1]["open_at_end"] == 2
    assert sum(bucket["opened"] for bucket in trend) + 2 == len(counted(behind(ask, "alert_trend", alerts=rows)))
