"""Slowest jobs: durations, rates and flaky runs of each job, against plain sums over the jobs."""

from collections import defaultdict
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.metrics import metric
from shared.metrics.metric import EXCLUDED
from shared.metrics.workflows.outcomes import FAILURES
from shared.metrics.workflows.slowest_jobs import MOST_JOBS, SLOWEST_JOBS
from tests.builders import NOW, Row, job, run
from tests.properties import few
from tests.unit.shared.metrics.asking import Ask, scope, tables_of
from tests.unit.shared.metrics.history import known_at
from tests.unit.shared.metrics.plain import quantile, rounded
from tests.unit.shared.metrics.strategies import CONCLUSIONS, times

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@st.composite
def _job(draw: st.DrawFn, job_id: int) -> Row:
    conclusion, created_at = draw(st.sampled_from(CONCLUSIONS)), draw(times(60))
    ended_at = created_at + timedelta(minutes=draw(st.integers(1, 300))) if conclusion else None
    return job(
        job_id=job_id,
        run_id=draw(st.integers(1, 3)),
        run_attempt=draw(st.integers(1, 3)),
        repo=draw(st.sampled_from(("acme/api", "acme/api", "globex/api"))),
        workflow_name=draw(st.sampled_from(("build", "build", None))),
        name=draw(st.sampled_from(("test", "test", "lint"))),
        created_at=created_at,
        completed_at=ended_at,
        conclusion=conclusion,
        duration_s=(ended_at - created_at).total_seconds() if ended_at else None,
        queued_s=draw(st.sampled_from((None, 0.0, 7.0, 90.0))),
    )


jobs = st.integers(0, 40).flatmap(lambda n: st.tuples(*[_job(number) for number in range(n)])).map(list)


def plain(rows: list[Row], since: datetime, until: datetime = NOW) -> list[Row]:
    named = defaultdict(list)
    for row in known_at(rows, until):
        if row["created_at"] >= since:
            named[row["repo"], row["workflow_name"], row["name"]].append(row)
    found = [{**dict(zip(NAMES, names, strict=True)), **_facts(mine)} for names, mine in named.items()]
    # Unknown medians and names come last.
    return sorted(
        found,
        key=lambda row: (-(row["p50_s"] or 0), row["repo"], row["workflow_name"] is None, row["name"]),
    )


NAMES = ("repo", "workflow_name", "name")


def _facts(rows: list[Row]) -> Row:
    ended = [row for row in rows if row["conclusion"] in ("success", *FAILURES)]
    failures = sum(row["conclusion"] in FAILURES for row in ended)
    lasted = [row["duration_s"] for row in ended]
    return {
        "org": rows[0]["org"],
        "n": len(ended),
        "p50_s": quantile(lasted, 0.5),
        "p95_s": quantile(lasted, 0.95),
        "queue_p50_s": quantile([row["queued_s"] for row in ended if row["queued_s"] is not None], 0.5),
        "successes": len(ended) - failures,
        "failures": failures,
        "failure_rate": failures / len(ended) if ended else None,
        "flaky_runs": sum(_passed_again(rows, run_id) for run_id in {row["run_id"] for row in rows}),
        "total_s": sum(known) if (known := [row["duration_s"] for row in rows if row["duration_s"]]) else None,
    }


def _passed_again(rows: list[Row], run_id: int) -> bool:
    mine = [row for row in rows if row["run_id"] == run_id]
    return any(
        one["conclusion"] in FAILURES and two["conclusion"] == "success" and two["run_attempt"] > one["run_attempt"]
        for one in mine
        for two in mine
    )


@few(6)
@given(jobs, st.integers(0, 20 * 24))
def test_jobs_equal_a_plain_tally(ask: Ask, rows: list[Row], hours: int) -> None:
    """At any end of the range, in any order of rows."""
    question = scope(60, NOW - hours * HOUR)
    expected = plain(rows, question.since or NOW, question.until)
    found = rounded(ask("slowest_jobs", question, workflow_jobs=rows[::-1]))
    assert found == rounded([{name: row[name] for name in SLOWEST_JOBS.columns} for row in expected])


def tries(*conclusions: str, **values: object) -> list[Row]:
    """The same job in one attempt of a run after another."""
    return [
        job(job_id=n, run_attempt=n, conclusion=conclusion, **values) for n, conclusion in enumerate(conclusions, 1)
    ]


def only(rows: list[Row]) -> Row:
    (row,) = rows
    return row


def test_every_fact_of_a_job(ask: Ask) -> None:
    ends = ("success", "failure", "timed_out", "startup_failure", "cancelled", "skipped")
    rows = [
        job(job_id=n, run_id=n, conclusion=end, duration_s=60.0 * n, queued_s=float(n)) for n, end in enumerate(ends, 1)
    ]
    unfinished = job(job_id=9, run_id=9, conclusion=None, duration_s=None, completed_at=None, queued_s=500.0)
    assert only(ask("slowest_jobs", scope(), workflow_jobs=[*rows, unfinished])) == {
        "org": "acme",
        "repo": "acme/api",
        "workflow_name": "build",
        "name": "test",
        "n": 4,
        "p50_s": 150.0,
        "p95_s": pytest.approx(231.0),
        "queue_p50_s": 2.5,
        "successes": 1,
        "failures": 3,
        "failure_rate": 0.75,
        "flaky_runs": 0,
        "total_s": 60.0 * 21,
    }


@pytest.mark.parametrize(
    ("conclusions", "flaky"),
    [
        (("failure", "success"), 1),
        (("timed_out", "cancelled", "success"), 1),
        (("success", "failure", "success"), 1),
        (("failure", "success", "failure", "success"), 1),
        (("success", "failure"), 0),
        (("failure", "failure"), 0),
        (("cancelled", "success"), 0),
    ],
)
def test_a_run_is_flaky_if_the_job_failed_in_it_and_passed_in_a_later_attempt(
    ask: Ask, conclusions: tuple[str, ...], flaky: int
) -> None:
    for name in ("build", None):
        rows = tries(*conclusions, workflow_name=name)
        assert only(ask("slowest_jobs", scope(), workflow_jobs=rows))["flaky_runs"] == flaky


def test_another_run_that_passed_makes_none_flaky_nor_does_another_job(ask: Ask) -> None:
    rows = [job(conclusion="failure"), job(job_id=2, run_id=2, run_attempt=2)]
    assert only(ask("slowest_jobs", scope(), workflow_jobs=rows))["flaky_runs"] == 0
    rows = [job(conclusion="failure"), job(job_id=2, name="lint", run_attempt=2)]
    assert [row["flaky_runs"] for row in ask("slowest_jobs", scope(), workflow_jobs=rows)] == [0, 0]


def test_slowest_median_comes_first_and_what_never_ended_last(ask: Ask) -> None:
    rows = [
        job(job_id=1, name="quick", duration_s=10.0),
        job(job_id=2, name="waits", conclusion=None, duration_s=None, completed_at=None),
        job(job_id=3, name="slow", duration_s=900.0),
        job(job_id=4, name="same", duration_s=900.0),
    ]
    assert [row["name"] for row in ask("slowest_jobs", scope(), workflow_jobs=rows)] == [
        *("same", "slow", "quick", "waits")
    ]


def test_no_more_than_the_slowest_are_listed(ask: Ask) -> None:
    rows = [job(job_id=n, name=f"part {n}", duration_s=float(n)) for n in range(1, MOST_JOBS + 4)]
    found = ask("slowest_jobs", scope(), workflow_jobs=rows)
    assert (len(found), found[0]["p50_s"], found[-1]["p50_s"]) == (MOST_JOBS, MOST_JOBS + 3.0, 4.0)


def test_a_chosen_branch_event_or_starter_is_that_of_the_jobs_runs(ask: Ask) -> None:
    ran = [
        run(run_id=1),
        run(run_id=2, branch="topic"),
        run(run_id=3, event="schedule"),
        run(run_id=4, actor_is_bot=True),
        run(run_id=5, is_latest_attempt=False),
    ]
    rows = [job(job_id=n, run_id=n, name=str(n)) for n in range(1, 7)]
    asked = {
        "all": scope(),
        "branch": scope(branch="topic"),
        "event": scope(events=("schedule",)),
        "people": scope(bots=False),
    }
    found = {
        name: sorted(row["name"] for row in ask("slowest_jobs", question, workflow_jobs=rows, workflow_runs=ran))
        for name, question in asked.items()
    }
    assert found == {"all": list("123456"), "branch": ["2"], "event": ["3"], "people": list("1235")}


def test_the_receipt_says_why_a_job_does_not_count(ask: Ask) -> None:
    rows = [
        job(job_id=1),
        job(job_id=2, conclusion="failure"),
        job(job_id=3, conclusion="skipped"),
        job(job_id=4, completed_at=NOW, duration_s=None),
        {**job(job_id=5), "duration_s": None},
        job(job_id=6, created_at=NOW - 100 * DAY),
    ]
    evidence = ask.rows(metric("slowest_jobs").rows(tables_of({"workflow_jobs": rows}), scope()))
    assert {row["job_id"]: row[EXCLUDED] for row in evidence} == {
        1: None,
        2: None,
        3: "neither succeeded nor failed",
        4: "not finished",
        5: "duration unknown",
    }
    counted = sum(row[EXCLUDED] is None for row in evidence)
    assert only(ask("slowest_jobs", scope(), workflow_jobs=rows))["n"] == counted
