"""Workflow state: the first that is true of inactive, never run, failing, stale; else healthy."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.metrics.workflows.outcomes import FAILURES
from shared.metrics.workflows.workflow_state import STATES, workflow_state
from shared.policy import Policy
from shared.scope import Scope
from tests.builders import NOW, Row, repository, run, workflow
from tests.properties import few
from tests.unit.shared.metrics.asking import Ask, scope
from tests.unit.shared.metrics.plain import quantile, rounded
from tests.unit.shared.metrics.strategies import runs


def runs_days_ago(*days: float, conclusions: Sequence[str] | None = None, **values: Any) -> list[Row]:
    """Runs created so many days before NOW, all successful unless conclusions are given."""
    found = conclusions or ["success"] * len(days)
    return [
        run(run_id=n + 1, created_at=NOW - timedelta(days=ago), conclusion=conclusion, **values)
        for n, (ago, conclusion) in enumerate(zip(days, found, strict=True))
    ]


def only(rows: list[Row]) -> Row:
    (row,) = rows
    return row


@pytest.mark.parametrize(
    ("state", "days", "conclusions", "github"),
    [
        ("healthy", (3, 2, 1), None, "active"),
        ("healthy", (6, 5), ("failure", "success"), "active"),
        ("failing", (3, 2), ("success", "failure"), "active"),
        ("failing", (4, 3, 2), ("failure", "cancelled", "skipped"), "active"),
        ("failing", (80, 70), ("success", "startup_failure"), "active"),
        ("stale", (11, 10, 9), None, "active"),
        ("healthy", (8, 7, 6.9), None, "active"),
        ("healthy", (20, 15, 10), None, "active"),
        ("stale", (26, 21, 16), None, "active"),
        ("healthy", (59,), None, "active"),
        ("inactive", (60.1,), None, "active"),
        ("inactive", (63, 62, 61), None, "active"),
        ("inactive", (1,), None, "disabled_manually"),
        ("inactive", (1,), ("failure",), "disabled_inactivity"),
        ("never_run", (), None, "active"),
        ("inactive", (), None, "disabled_manually"),
    ],
)
def test_state(ask: Ask, state: str, days: tuple[float, ...], conclusions: tuple[str, ...] | None, github: str) -> None:
    rows = runs_days_ago(*days, conclusions=conclusions)
    found = only(ask("workflow_state", scope(), workflow_runs=rows, workflows=[workflow(state=github)]))
    assert found["state"] == state


def test_every_fact_of_a_workflow(ask: Ask) -> None:
    conclusions = ("success", "failure", "cancelled", "timed_out")
    rows = runs_days_ago(100, 20, 11, 1, conclusions=conclusions)
    known = {"workflow_runs": rows, "workflows": [workflow()], "repositories": [repository()]}
    found = only(ask("workflow_state", scope(), None, **known))
    assert found == {
        "org": "acme",
        "repo": "acme/api",
        "workflow_id": 7,
        "workflow_name": "build",
        "workflow_path": ".github/workflows/build.yml",
        "state": "failing",
        "failure_streak": 2,
        "last_run_at": rows[3]["created_at"],
        "last_conclusion": "timed_out",
        "last_success_at": rows[0]["created_at"],
        "days_since_last_run": 1.0,
        "median_interval_s": 10 * 86_400.0,
        "runs": 3,
        "success_rate": 0.0,
        "p50_s": 300.0,
        "p95_s": 300.0,
        "github_state": "active",
        "days_until_disabled": None,
        "html_url": "https://github.com/acme/api/actions/workflows/build.yml",
        "last_run_url": "https://github.com/acme/api/actions/runs/4",
    }


def test_a_workflow_that_never_ran_has_its_repository(ask: Ask) -> None:
    row = only(ask("workflow_state", scope(), workflows=[workflow()], repositories=[repository()]))
    assert (row["state"], row["repo"], row["org"]) == ("never_run", "acme/api", "acme")


def test_imported_runs_without_ids_are_workflows_by_name(ask: Ask) -> None:
    rows = [
        run(workflow_id=None, workflow_name="lint"),
        run(run_id=2, workflow_id=None, workflow_name="test", conclusion="failure"),
    ]
    found = ask("workflow_state", scope(), workflow_runs=rows)
    assert [(row["workflow_name"], row["state"], row["html_url"]) for row in found] == [
        ("test", "failing", None),
        ("lint", "healthy", None),
    ]


def test_state_is_judged_as_of_the_end_of_the_range(ask: Ask) -> None:
    rows = runs_days_ago(3, 2, 1, conclusions=("success", "failure", "success"))
    yesterday = NOW - timedelta(days=1, hours=1)
    assert only(ask("workflow_state", scope(until=yesterday), workflow_runs=rows))["state"] == "failing"


def test_a_run_that_ended_after_the_range_has_no_conclusion_in_it(ask: Ask) -> None:
    late = run(conclusion="failure", completed_at=NOW + timedelta(hours=1))
    found = only(ask("workflow_state", scope(), workflow_runs=[late]))
    assert (found["state"], found["last_conclusion"], found["runs"]) == ("healthy", None, 1)


def test_a_failure_on_another_branch_does_not_make_a_workflow_failing(ask: Ask) -> None:
    rows = [*runs_days_ago(2), run(run_id=9, branch="topic", conclusion="failure")]
    states = {
        branch: only(ask("workflow_state", scope(branch=branch), workflow_runs=rows))["state"]
        for branch in (None, "topic", "*")
    }
    assert states == {None: "healthy", "topic": "failing", "*": "failing"}


@pytest.mark.parametrize(
    ("left", "event", "values"),
    [
        (50.0, "schedule", {"pushed_at": NOW - timedelta(days=10)}),
        (0.0, "schedule", {"pushed_at": NOW - timedelta(days=90)}),
        (None, "push", {"pushed_at": NOW - timedelta(days=10)}),
        (None, "schedule", {"pushed_at": None}),
        (None, "schedule", {"visibility": "private"}),
    ],
)
def test_countdown_to_the_disabling_of_schedules(
    ask: Ask, left: float | None, event: str, values: dict[str, Any]
) -> None:
    known = {"workflow_runs": [run(event=event)], "repositories": [repository(**values)]}
    assert only(ask("workflow_state", scope(), None, **known))["days_until_disabled"] == left


def test_what_needs_attention_comes_first(ask: Ask) -> None:
    rows = [
        *runs_days_ago(1, workflow_id=1),
        *[row | {"run_id": 10} for row in runs_days_ago(70, workflow_id=2)],
        *[row | {"run_id": 20 + row["run_id"]} for row in runs_days_ago(22, 21, 20, workflow_id=3)],
        run(run_id=30, workflow_id=4, conclusion="failure"),
    ]
    found = ask("workflow_state", scope(), workflow_runs=rows, workflows=[workflow(workflow_id=5)])
    assert [row["state"] for row in found] == list(STATES)


def test_cadence_is_learned_from_the_last_twenty_intervals(ask: Ask) -> None:
    days = [*(float(n) for n in range(110, 49, -5)), *(n / 2 for n in range(60, 18, -2))]
    rows = runs_days_ago(*days)
    assert only(ask("workflow_state", scope(), workflow_runs=rows))["median_interval_s"] == 86_400.0
    assert only(ask("workflow_state", scope(), workflow_runs=rows[:-1]))["median_interval_s"] == 86_400.0
    assert only(ask("workflow_state", scope(), workflow_runs=rows[:-12]))["median_interval_s"] == 5 * 86_400.0


def test_streak_and_cadence_are_those_of_all_history(ask: Ask) -> None:
    rows = runs_days_ago(300, 200, 130, conclusions=("success", "failure", "failure"))
    for days in (7, 90, 365, None):
        found = only(ask("workflow_state", scope(days), workflow_runs=rows))
        assert (found["repo"], found["workflow_name"]) == ("acme/api", "build")
        assert (found["state"], found["failure_streak"], found["median_interval_s"]) == ("failing", 2, 85 * 86_400)
        assert (found["last_run_at"], found["last_success_at"]) == (rows[2]["created_at"], rows[0]["created_at"])


def test_last_success_of_a_workflow_that_fails_is_found_however_old_it_is(ask: Ask) -> None:
    rows = runs_days_ago(300, 2, 1, conclusions=("success", "failure", "failure"))
    found = only(ask("workflow_state", scope(30), workflow_runs=rows))
    assert (found["state"], found["failure_streak"]) == ("failing", 2)
    assert found["last_success_at"] == rows[0]["created_at"]


@pytest.mark.parametrize(
    ("section", "state"),
    [
        ({}, "healthy"),
        ({"stale_after": "2d"}, "stale"),
        pytest.param({"stale_after": "2d", "stale_intervals": 9}, "healthy", marks=pytest.mark.slow),
        pytest.param({"inactive_after": "3d"}, "inactive", marks=pytest.mark.slow),
    ],
)
def test_limits_are_those_of_the_policy(ask: Ask, section: dict[str, Any], state: str) -> None:
    policy = Policy.model_validate({"workflows": section})
    rows = {"workflow_runs": runs_days_ago(7, 6, 5, 4)}
    assert only(ask.formula(workflow_state, scope(), rows, policy=policy))["state"] == state


@few(8)
@given(runs(30), st.sampled_from([10, 90, 150, None]))
def test_facts_equal_a_walk_through_the_runs(ask: Ask, rows: list[Row], days: int | None) -> None:
    question = scope(days, branch="*")
    found = ask("workflow_state", question, workflow_runs=rows)
    kept = [row for row in rows if row["is_latest_attempt"] and row["created_at"] < NOW]
    assert len(found) == len({(row["repo"], row["workflow_id"]) for row in kept})
    assert ask("workflow_state", question, workflow_runs=rows[::-1]) == found
    for state in found:
        mine = [r for r in kept if (r["repo"], r["workflow_id"]) == (state["repo"], state["workflow_id"])]
        mine.sort(key=lambda row: (row["created_at"], row["run_id"]))
        gaps = [(b["created_at"] - a["created_at"]).total_seconds() for a, b in pairwise(mine)][-20:]
        assert state["failure_streak"] == streak_of(mine)
        assert state["median_interval_s"] == quantile(gaps, 0.5)
        assert state["last_run_at"] == mine[-1]["created_at"]
        assert state["last_success_at"] == max((row["created_at"] for row in mine if won(row)), default=None)
        inside = [row for row in mine if row["created_at"] >= since(question)]
        assert state["runs"] == len(inside)
        lasted = [row["duration_s"] for row in inside if over(row)]
        assert rounded([{"p50": state["p50_s"]}]) == rounded([{"p50": quantile(lasted, 0.5)}])


def since(question: Scope) -> datetime:
    return question.since or datetime.min.replace(tzinfo=UTC)


def over(row: Row) -> bool:
    return row["completed_at"] is not None and row["completed_at"] < NOW


def won(row: Row) -> bool:
    return over(row) and row["conclusion"] == "success"


def streak_of(rows: list[Row]) -> int:
    streak = 0
    for row in rows:
        if over(row) and row["conclusion"] in ("success", *FAILURES):
            streak = 0 if won(row) else streak + 1
    return streak
