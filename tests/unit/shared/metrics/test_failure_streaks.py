"""Failure streaks: how many failures in a row, against a plain walk through the runs."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import groupby

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.metrics.workflows.failure_streaks import FAILURE_STREAKS
from shared.metrics.workflows.outcomes import FAILURES
from tests.builders import NOW, Row, repository, run
from tests.unit.shared.metrics.asking import Ask, scope
from tests.unit.shared.metrics.history import known_at
from tests.unit.shared.metrics.strategies import REPOS, runs

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

KNOWN = [repository(repo=repo) for repo in REPOS]


def plain(rows: list[Row], since: datetime | None, branch: str | None) -> dict[tuple[str, object], Row]:
    streams = defaultdict(list)
    for row in sorted(rows, key=lambda r: (r["created_at"], r["run_id"])):
        seen = row["is_latest_attempt"] and (since or datetime.min.replace(tzinfo=UTC)) <= row["created_at"] < NOW
        over = row["conclusion"] in ("success", *FAILURES) and row["completed_at"] < NOW
        judged = branch == "*" or (row["branch"] == "main" and row["event"] != "pull_request")
        if seen and over and judged:
            streams[row["repo"], row["workflow_id"]].append(row)
    return {key: _facts(stream) for key, stream in streams.items()}


def _facts(stream: list[Row]) -> Row:
    parts = [(lost, list(part)) for lost, part in groupby(stream, lambda row: row["conclusion"] != "success")]
    streaks = [part for lost, part in parts if lost]
    longest = max(reversed(streaks), key=len, default=[])
    return {
        "verdicts": len(stream),
        "failures": sum(map(len, streaks)),
        "streaks": len(streaks),
        "longest_streak": len(longest),
        "longest_began_at": longest[0]["created_at"] if longest else None,
        "longest_last_at": longest[-1]["created_at"] if longest else None,
        "current_streak": len(parts[-1][1]) if parts[-1][0] else 0,
    }


def story(*conclusions: str, **values: object) -> list[Row]:
    """Runs an hour apart, the last one an hour before NOW."""
    start = NOW - len(conclusions) * HOUR
    return [
        run(run_id=n, conclusion=conclusion, created_at=start + (n - 1) * HOUR, **values)
        for n, conclusion in enumerate(conclusions, start=1)
    ]


def only(rows: list[Row]) -> Row:
    (row,) = rows
    return row


def streaks(row: Row) -> tuple[int, int, int]:
    """How many, the longest and the current one."""
    return row["streaks"], row["longest_streak"], row["current_streak"]


@settings(max_examples=5)
@given(runs(40), st.sampled_from([(60, None), (None, "*")]))
def test_streaks_equal_a_walk_through_the_runs(ask: Ask, rows: list[Row], asked: tuple[int | None, str | None]) -> None:
    days, branch = asked
    question = scope(days, branch=branch)
    found = ask("failure_streaks", question, workflow_runs=rows, repositories=KNOWN)
    expected = plain(rows, question.since, branch)
    assert {(row["repo"], row["workflow_id"]): {name: row[name] for name in _facts(rows)} for row in found} == expected
    assert len(found) == len(expected)
    lengths = [(row["longest_streak"], row["current_streak"]) for row in found]
    assert lengths == sorted(lengths, reverse=True)


@settings(max_examples=3)
@given(runs(40), st.integers(0, 100 * 24))
def test_what_happens_later_and_the_order_of_rows_change_nothing(ask: Ask, rows: list[Row], hours: int) -> None:
    then = NOW - hours * HOUR
    now, as_was = (
        ask("failure_streaks", scope(60, then), workflow_runs=some, repositories=KNOWN)
        for some in (rows[::-1], known_at(rows, then))
    )
    assert now == as_was


def test_every_fact_of_a_workflow(ask: Ask) -> None:
    rows = story("failure", "success", "failure", "timed_out", "startup_failure", "success", "success", "failure")
    found = only(ask("failure_streaks", scope(), workflow_runs=rows))
    assert found == {
        "org": "acme",
        "repo": "acme/api",
        "workflow_id": 7,
        "workflow_name": "build",
        "verdicts": 8,
        "failures": 5,
        "streaks": 3,
        "longest_streak": 3,
        "longest_began_at": rows[2]["created_at"],
        "longest_last_at": rows[4]["created_at"],
        "current_streak": 1,
    }
    assert list(found) == list(FAILURE_STREAKS.columns)


def test_what_neither_succeeds_nor_fails_neither_makes_nor_ends_a_streak(ask: Ask) -> None:
    between = ("cancelled", "skipped", "neutral", "action_required", "stale")
    rows = [*story("success", *between, "failure", *between, "failure", *between)]
    found = only(ask("failure_streaks", scope(), workflow_runs=rows))
    assert (found["verdicts"], *streaks(found)) == (3, 1, 2, 2)
    assert ask("failure_streaks", scope(), workflow_runs=story(*between)) == []


def test_of_two_streaks_of_one_length_the_later_is_the_longest(ask: Ask) -> None:
    rows = story("failure", "failure", "success", "failure", "failure", "success")
    found = only(ask("failure_streaks", scope(), workflow_runs=rows))
    assert (found["longest_began_at"], found["longest_last_at"]) == (rows[3]["created_at"], rows[4]["created_at"])
    assert streaks(found) == (2, 2, 0)


def test_order_is_that_of_creation_and_then_of_the_runs_number(ask: Ask) -> None:
    slow = run(run_id=1, conclusion="failure", created_at=NOW - 3 * HOUR, completed_at=NOW - timedelta(minutes=1))
    assert streaks(only(ask("failure_streaks", scope(), workflow_runs=[slow, run(run_id=2)]))) == (1, 1, 0)
    at_once = [run(run_id=9, conclusion="failure"), run(run_id=10)]
    assert streaks(only(ask("failure_streaks", scope(), workflow_runs=at_once))) == (1, 1, 0)


def test_failures_before_the_range_and_runs_not_over_at_its_end_do_not_count(ask: Ask) -> None:
    early = run(run_id=1, conclusion="failure", created_at=NOW - 90 * DAY - timedelta(microseconds=1))
    first = run(run_id=2, conclusion="failure", created_at=NOW - 90 * DAY)
    late = run(run_id=3, conclusion="failure", completed_at=NOW)
    found = only(ask("failure_streaks", scope(), workflow_runs=[early, first, late]))
    assert (found["verdicts"], *streaks(found)) == (1, 1, 1, 1)


def test_the_default_branch_another_one_or_all_as_one_stream(ask: Ask) -> None:
    rows = story("failure", "success", "failure", branch="trunk")
    rows += [run(run_id=9, branch="topic", conclusion="failure", created_at=NOW - 2 * HOUR + timedelta(minutes=1))]
    found = {
        branch: streaks(only(ask("failure_streaks", scope(branch=branch), workflow_runs=rows, repositories=known)))
        for branch, known in ((None, [repository(default_branch="trunk")]), ("topic", []), ("*", []))
    }
    assert found == {None: (2, 1, 1), "topic": (1, 1, 1), "*": (2, 2, 2)}


def test_runs_of_pull_requests_are_not_of_the_default_branch(ask: Ask) -> None:
    rows = [run(run_id=n, event=event) for n, event in enumerate(("pull_request", "pull_request_target"))]
    assert ask("failure_streaks", scope(), workflow_runs=rows, repositories=KNOWN) == []


def test_an_attempt_that_is_tried_again_does_not_count_once_it_was(ask: Ask) -> None:
    first = run(conclusion="failure", is_latest_attempt=False, created_at=NOW - 3 * HOUR)
    second = run(run_attempt=2, created_at=NOW - 3 * HOUR, run_started_at=NOW - HOUR)
    ends = [
        streaks(only(ask("failure_streaks", scope(until=until), workflow_runs=[second, first])))
        for until in (NOW, NOW - HOUR)
    ]
    assert ends == [(0, 0, 0), (1, 1, 1)]


def test_a_renamed_workflow_stays_one_and_those_without_ids_go_by_name(ask: Ask) -> None:
    renamed = [
        {**row, "workflow_name": name} for row, name in zip(story("failure", "failure"), ("old", "new"), strict=True)
    ]
    nameless = [
        run(run_id=10 + n, workflow_id=None, workflow_name=name, conclusion="failure")
        for n, name in enumerate(("lint", "docs", "lint"))
    ]
    found = ask("failure_streaks", scope(), workflow_runs=[*nameless, *renamed])
    assert [(row["workflow_name"], row["workflow_id"], row["longest_streak"]) for row in found] == [
        ("lint", None, 2),
        ("new", 7, 2),
        ("docs", None, 1),
    ]
