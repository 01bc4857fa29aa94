"""Time to restore: episodes of broken workflows, against a plain walk through the runs."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.metrics.workflows.outcomes import FAILURES
from tests.builders import NOW, Row, repository, run
from tests.properties import few
from tests.unit.shared.metrics.asking import Ask, scope
from tests.unit.shared.metrics.plain import mean, quantile, rounded
from tests.unit.shared.metrics.strategies import runs

HOUR = 3600.0

Episode = tuple[int, int | None, int, float | None]
"""First failed run, restoring run, failed runs, seconds."""


def plain_episodes(rows: list[Row], since: datetime | None) -> list[Episode]:
    streams = defaultdict(list)
    for row in sorted(rows, key=lambda r: (r["created_at"], r["run_id"], r["run_attempt"])):
        if row["conclusion"] in ("success", *FAILURES) and row["completed_at"] < NOW:
            streams[row["repo"], row["workflow_id"] or row["workflow_name"]].append(row)
    return [
        episode for stream in streams.values() for episode in _walk(stream, since or datetime.min.replace(tzinfo=UTC))
    ]


def _walk(stream: list[Row], since: datetime) -> Iterator[Episode]:
    broken: list[Row] = []
    for row in stream:
        if row["conclusion"] != "success":
            broken.append(row)
            continue
        lasted = (row["completed_at"] - broken[0]["completed_at"]).total_seconds() if broken else -1
        if lasted >= 0 and row["completed_at"] >= since:
            yield broken[0]["run_id"], row["run_id"], len(broken), lasted
        broken = []
    if broken:
        yield broken[0]["run_id"], None, len(broken), None


def as_episode(row: Row) -> Episode:
    return row["first_failed_run_id"], row["restored_run_id"], row["runs_failed"], row["duration_s"]


def story(*conclusions: str, **values: object) -> list[Row]:
    """Runs an hour apart, the last one an hour before NOW."""
    start = NOW - timedelta(hours=len(conclusions))
    return [
        run(run_id=n + 1, conclusion=conclusion, created_at=start + timedelta(hours=n), **values)
        for n, conclusion in enumerate(conclusions)
    ]


@few(8)
@given(runs(30), st.sampled_from([60, None]))
def test_episodes_equal_a_walk_through_the_runs(ask: Ask, rows: list[Row], days: int | None) -> None:
    question = scope(days, branch="*")
    expected = sorted(plain_episodes(rows, question.since), key=str)
    found = ask("restore_episodes", question, workflow_runs=rows)
    assert sorted(map(as_episode, found), key=str) == expected
    assert ask("restore_episodes", question, workflow_runs=rows[::-1]) == found
    lasted = [seconds for *_, seconds in expected if seconds is not None]
    figures = {
        "n": len(lasted),
        "mean_s": mean(lasted),
        "median_s": quantile(lasted, 0.5),
        "p90_s": quantile(lasted, 0.9),
        "open": len(expected) - len(lasted),
    }
    assert rounded(ask("time_to_restore", question, workflow_runs=rows)) == rounded([figures])


@few(6)
@given(runs(30), st.sampled_from(["org", "repo", "workflow", "month"]))
def test_parts_add_up_to_the_whole(ask: Ask, rows: list[Row], by: str) -> None:
    (whole,) = ask("time_to_restore", scope(), workflow_runs=rows)
    parts = ask("time_to_restore", scope(), by, workflow_runs=rows)
    assert sum(part["n"] for part in parts) == whole["n"]
    assert sum(part["open"] for part in parts) == (0 if by == "month" else whole["open"])


def test_an_episode_runs_from_the_end_of_the_first_failure_to_the_end_of_the_next_success(ask: Ask) -> None:
    rows = story("success", "failure", "cancelled", "timed_out", "skipped", "success", "success")
    (episode,) = ask("restore_episodes", scope(), workflow_runs=rows)
    assert episode == {
        "org": "acme",
        "repo": "acme/api",
        "workflow_id": 7,
        "workflow_name": "build",
        "branch": "main",
        "failed_at": rows[1]["completed_at"],
        "restored_at": rows[5]["completed_at"],
        "duration_s": 4 * HOUR,
        "first_failed_run_id": 2,
        "restored_run_id": 6,
        "runs_failed": 2,
    }


def test_a_workflow_still_broken_has_no_end_and_is_not_averaged(ask: Ask) -> None:
    rows = story("failure", "success", "failure", "failure")
    open_one, closed_one = ask("restore_episodes", scope(), workflow_runs=rows)
    assert (open_one["restored_at"], open_one["duration_s"], open_one["runs_failed"]) == (None, None, 2)
    assert closed_one["duration_s"] == HOUR
    assert ask("time_to_restore", scope(), workflow_runs=rows) == [
        {"n": 1, "mean_s": HOUR, "median_s": HOUR, "p90_s": HOUR, "open": 1}
    ]


def test_an_earlier_as_of_sees_the_workflow_still_broken(ask: Ask) -> None:
    rows = story("failure", "success")
    assert ask("time_to_restore", scope(until=rows[1]["created_at"]), workflow_runs=rows)[0]["open"] == 1


def test_the_default_branch_is_looked_at_unless_another_is_named(ask: Ask) -> None:
    rows = [*story("failure", "success", branch="trunk"), run(run_id=9, branch="topic", conclusion="failure")]
    known = [repository(default_branch="trunk")]
    ends = {
        branch: [
            episode["branch"]
            for episode in ask("restore_episodes", scope(branch=branch), workflow_runs=rows, repositories=known)
        ]
        for branch in (None, "topic", "*")
    }
    assert ends == {None: ["trunk"], "topic": ["topic"], "*": ["topic", "trunk"]}


def test_an_unknown_default_branch_is_main_else_master_else_the_busiest(ask: Ask) -> None:
    rows = [
        run(run_id=n, repo=repo, branch=branch, conclusion="failure")
        for n, (repo, branch) in enumerate(
            [
                *[("acme/a", branch) for branch in ("main", "master", "topic", "topic")],
                *[("acme/b", branch) for branch in ("master", "topic", "topic")],
                *[("acme/c", branch) for branch in ("devel", "topic", "topic")],
            ]
        )
    ]
    found = ask("restore_episodes", scope(), workflow_runs=rows)
    assert {(row["repo"], row["branch"]) for row in found} == {
        ("acme/a", "main"),
        ("acme/b", "master"),
        ("acme/c", "topic"),
    }


def test_a_pull_request_from_a_fork_of_main_does_not_break_main(ask: Ask) -> None:
    rows = story("success", "failure", event="pull_request")
    assert ask("restore_episodes", scope(), workflow_runs=rows) == []


def test_a_second_attempt_restores(ask: Ask) -> None:
    first = run(conclusion="failure", is_latest_attempt=False)
    second = run(run_attempt=2, completed_at=first["completed_at"] + timedelta(minutes=30))
    (episode,) = ask("restore_episodes", scope(), workflow_runs=[second, first])
    assert episode["duration_s"] == 1800


def test_a_failure_overtaken_by_a_newer_success_is_no_episode(ask: Ask) -> None:
    slow = run(conclusion="failure", created_at=NOW - timedelta(hours=3), completed_at=NOW - timedelta(minutes=1))
    assert ask("restore_episodes", scope(), workflow_runs=[slow, run(run_id=2)]) == []
