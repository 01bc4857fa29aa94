"""Run activity and the list of newest runs, against plain sums by weekday and hour and a plain sort."""

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.metrics.workflows.outcomes import FAILURES
from shared.metrics.workflows.run_activity import MOST_RUNS, RUN_COLUMNS
from tests.builders import NOW, Row, run
from tests.unit.shared.metrics.asking import Ask, scope
from tests.unit.shared.metrics.history import known_at
from tests.unit.shared.metrics.strategies import runs

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
COUNTS = ("runs", "successes", "failures", "cancelled", "other")


def kept(rows: list[Row], since: datetime | None, until: datetime = NOW) -> list[Row]:
    """The latest attempts of the range, as they were at its end."""
    first = since or datetime.min.replace(tzinfo=UTC)
    return [row for row in known_at(rows, until) if row["is_latest_attempt"] and row["created_at"] >= first]


def begun_by(until: datetime, row: Row) -> Row:
    """A run as it was then: what began later is queued."""
    late = row["run_started_at"] is not None and row["run_started_at"] >= until
    return {**row, "run_started_at": None, "queued_s": None, "status": "queued"} if late else row


def plain_activity(rows: list[Row]) -> list[Row]:
    cells: dict[tuple[int, int], Counter[str]] = defaultdict(Counter)
    for row in rows:
        end = row["conclusion"]
        named = "successes" if end == "success" else "failures" if end in FAILURES else end
        cell = cells[row["created_at"].isoweekday(), row["created_at"].hour]
        cell["runs"] += 1
        cell[named if named in COUNTS else "other"] += 1
    return [
        {"weekday": weekday, "hour": hour, **{name: cell[name] for name in COUNTS}, "success_rate": rate(cell)}
        for (weekday, hour), cell in sorted(cells.items())
    ]


def rate(cell: Counter[str]) -> float | None:
    judged = cell["successes"] + cell["failures"]
    return cell["successes"] / judged if judged else None


@settings(max_examples=5)
@given(runs(40), st.integers(0, 100 * 24))
def test_activity_equals_a_tally_by_weekday_and_hour(ask: Ask, rows: list[Row], hours: int) -> None:
    """At any end of the range, in any order of rows."""
    question = scope(60, NOW - hours * HOUR)
    expected = plain_activity(kept(rows, question.since, question.until))
    assert ask("run_activity", question, workflow_runs=rows) == expected
    assert ask("run_activity", question, workflow_runs=rows[::-1]) == expected


@settings(max_examples=3)
@given(runs(40))
def test_hours_of_the_week_add_up_to_all_runs(ask: Ask, rows: list[Row]) -> None:
    parts = ask("run_activity", scope(), workflow_runs=rows)
    (whole,) = ask("success_rate", scope(), workflow_runs=rows)
    assert {name: sum(part[name] for part in parts) for name in COUNTS} == {name: whole[name] for name in COUNTS}
    assert all(part["runs"] for part in parts)


@settings(max_examples=5)
@given(runs(40), st.integers(0, 100 * 24))
def test_the_list_is_the_runs_of_the_range_newest_first(ask: Ask, rows: list[Row], hours: int) -> None:
    question = scope(60, NOW - hours * HOUR)
    known = [begun_by(question.until, row) for row in kept(rows, question.since, question.until)]
    expected = sorted(known, key=lambda row: (row["created_at"], row["run_id"]), reverse=True)
    found = ask("runs_list", question, workflow_runs=rows[::-1])
    assert found == [{name: row[name] for name in RUN_COLUMNS} for row in expected]


def test_monday_is_one_and_hours_are_those_of_utc(ask: Ask) -> None:
    monday, sunday = datetime(2026, 6, 29, tzinfo=UTC), datetime(2026, 6, 28, 23, 59, 59, 999_999, tzinfo=UTC)
    found = ask("run_activity", scope(), workflow_runs=[run(created_at=monday), run(run_id=2, created_at=sunday)])
    assert [(cell["weekday"], cell["hour"], cell["runs"]) for cell in found] == [(1, 0, 1), (7, 23, 1)]


def test_every_outcome_of_an_hour(ask: Ask) -> None:
    ends = ("success", "success", "success", *FAILURES, "cancelled", "skipped", "neutral", "action_required", "stale")
    rows = [run(run_id=n, conclusion=end) for n, end in enumerate(ends)]
    rows += [run(run_id=90, status="queued"), run(run_id=91, completed_at=NOW)]
    (cell,) = ask("run_activity", scope(), workflow_runs=rows)
    assert cell == {
        "weekday": 2,
        "hour": 23,
        "runs": 13,
        "successes": 3,
        "failures": 3,
        "cancelled": 1,
        "other": 6,
        "success_rate": 0.5,
    }


def test_a_run_that_was_tried_again_counts_once_with_its_latest_attempt_as_of_then(ask: Ask) -> None:
    first = run(conclusion="failure", is_latest_attempt=False, created_at=NOW - 3 * HOUR)
    second = run(run_attempt=2, created_at=NOW - 3 * HOUR, run_started_at=NOW - HOUR)
    for until, attempt, end in ((NOW, 2, "success"), (NOW - HOUR, 1, "failure")):
        (cell,) = ask("run_activity", scope(until=until), workflow_runs=[second, first])
        (listed,) = ask("runs_list", scope(until=until), workflow_runs=[second, first])
        assert (cell["runs"], cell["success_rate"]) == (1, float(end == "success"))
        assert (listed["run_attempt"], listed["conclusion"]) == (attempt, end)


def test_runs_of_all_branches_count_unless_one_is_chosen(ask: Ask) -> None:
    rows = [run(run_id=n, branch=branch) for n, branch in enumerate(("main", "topic", None))]
    counts = {
        branch: (sum(cell["runs"] for cell in cells), len(listed))
        for branch in (None, "*", "topic")
        for cells, listed in [
            [ask(name, scope(branch=branch), workflow_runs=rows) for name in ("run_activity", "runs_list")]
        ]
    }
    assert counts == {None: (3, 3), "*": (3, 3), "topic": (1, 1)}


def test_what_had_not_ended_by_then_is_in_progress(ask: Ask) -> None:
    (row,) = ask("runs_list", scope(), workflow_runs=[run(completed_at=NOW)])
    assert (row["status"], row["conclusion"], row["completed_at"], row["duration_s"]) == ("in_progress", *[None] * 3)
    (row,) = ask("runs_list", scope(), workflow_runs=[run(completed_at=NOW - timedelta(microseconds=1))])
    assert (row["status"], row["conclusion"]) == ("completed", "success")


def test_what_had_not_begun_by_then_is_queued(ask: Ask) -> None:
    late = run(created_at=NOW - HOUR, run_started_at=NOW, queued_s=3_600.0, completed_at=NOW + HOUR)
    (row,) = ask("runs_list", scope(), workflow_runs=[late])
    assert (row["status"], row["run_started_at"], row["queued_s"], row["conclusion"]) == ("queued", *[None] * 3)
    at = NOW - timedelta(microseconds=1)
    (row,) = ask("runs_list", scope(), workflow_runs=[{**late, "run_started_at": at}])
    assert (row["status"], row["run_started_at"], row["queued_s"]) == ("in_progress", at, 3_600.0)


def test_no_more_than_the_newest_are_listed(ask: Ask) -> None:
    rows = [run(run_id=n, created_at=NOW - timedelta(minutes=n)) for n in range(1, MOST_RUNS + 6)]
    found = ask("runs_list", scope(), workflow_runs=rows)
    assert [row["run_id"] for row in found] == list(range(1, MOST_RUNS + 1))
    assert sum(cell["runs"] for cell in ask("run_activity", scope(), workflow_runs=rows)) == MOST_RUNS + 5
