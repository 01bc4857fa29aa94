"""Success rate, its trend and run durations against the same figures in plain Python."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.metrics.workflows.outcomes import FAILURES
from tests.builders import NOW, Row, run
from tests.properties import few
from tests.unit.shared.metrics.asking import Ask, scope
from tests.unit.shared.metrics.plain import quantile, rounded
from tests.unit.shared.metrics.strategies import runs

COUNTS = ("runs", "successes", "failures", "cancelled", "other")


def latest(rows: list[Row], days: float = 90) -> list[Row]:
    kept = [r for r in rows if r["is_latest_attempt"] and NOW - timedelta(days=days) <= r["created_at"] < NOW]
    return [unfinished(r) if r["completed_at"] and r["completed_at"] >= NOW else r for r in kept]


def unfinished(row: Row) -> Row:
    return row | {"status": "in_progress", "conclusion": None, "completed_at": None, "duration_s": None}


def plain(rows: list[Row]) -> Row:
    successes = sum(row["conclusion"] == "success" for row in rows)
    failures = sum(row["conclusion"] in FAILURES for row in rows)
    cancelled = sum(row["conclusion"] == "cancelled" for row in rows)
    return {
        "runs": len(rows),
        "successes": successes,
        "failures": failures,
        "cancelled": cancelled,
        "other": len(rows) - successes - failures - cancelled,
        "success_rate": successes / (successes + failures) if successes + failures else None,
    }


@few(10)
@given(runs())
def test_outcomes_and_durations_equal_those_in_plain_python(ask: Ask, rows: list[Row]) -> None:
    assert rounded(ask("success_rate", scope(), workflow_runs=rows)) == rounded([plain(latest(rows))])
    done = [row for row in latest(rows) if row["status"] == "completed"]
    lasted, queued = [row["duration_s"] for row in done], [row["queued_s"] for row in done]
    expected = {
        "n": len(done),
        "p50_s": quantile(lasted, 0.5),
        "p95_s": quantile(lasted, 0.95),
        "queue_p50_s": quantile(queued, 0.5),
        "queue_p95_s": quantile(queued, 0.95),
    }
    assert rounded(ask("run_duration", scope(), workflow_runs=rows)) == rounded([expected])


@few(10)
@given(runs(), st.sampled_from(["org", "repo", "workflow", "branch", "event", "day", "month"]))
def test_parts_add_up_to_the_whole_in_any_order_of_rows(ask: Ask, rows: list[Row], by: str) -> None:
    parts = ask("success_rate", scope(), by, workflow_runs=rows)
    whole = plain(latest(rows))
    assert {name: sum(part[name] for part in parts) for name in COUNTS} == {name: whole[name] for name in COUNTS}
    assert ask("success_rate", scope(), by, workflow_runs=rows[::-1]) == parts


@few(8)
@given(runs(), st.sampled_from([2, 30, 300]))
def test_trend_adds_up_to_the_whole(ask: Ask, rows: list[Row], days: int) -> None:
    trend = ask("run_trend", scope(days), workflow_runs=rows)
    whole = plain(latest(rows, days))
    assert {name: sum(bucket[name] for bucket in trend) for name in COUNTS} == {name: whole[name] for name in COUNTS}
    assert all(0 <= bucket["success_rate"] <= 1 for bucket in trend if bucket["success_rate"] is not None)


def test_cancelled_and_skipped_runs_are_neither_success_nor_failure(ask: Ask) -> None:
    conclusions = ("success", "failure", "cancelled", "skipped", "neutral", "action_required", "stale")
    rows = [run(run_id=n, conclusion=conclusion) for n, conclusion in enumerate(conclusions)]
    (figures,) = ask("success_rate", scope(), workflow_runs=rows)
    assert figures == {
        "runs": 7,
        "successes": 1,
        "failures": 1,
        "cancelled": 1,
        "other": 4,
        "success_rate": 0.5,
    }


def test_only_the_latest_attempt_counts(ask: Ask) -> None:
    rows = [run(conclusion="failure", is_latest_attempt=False), run(run_attempt=2)]
    assert ask("success_rate", scope(), workflow_runs=rows)[0]["success_rate"] == 1


def test_a_rate_without_success_or_failure_is_unknown(ask: Ask) -> None:
    (figures,) = ask("success_rate", scope(), workflow_runs=[run(conclusion="cancelled")])
    assert figures["success_rate"] is None


def test_branch_and_bot_filters_apply(ask: Ask) -> None:
    rows = [
        run(),
        run(run_id=2, branch="topic"),
        run(run_id=3, actor_is_bot=True),
        run(run_id=4, actor_is_bot=None),
    ]
    assert ask("success_rate", scope(branch="main", bots=False), workflow_runs=rows)[0]["runs"] == 2
    assert ask("success_rate", scope(branch="*"), workflow_runs=rows)[0]["runs"] == 4


def test_workflows_of_one_name_in_two_repositories_stay_apart(ask: Ask) -> None:
    rows = [
        run(workflow_id=None),
        run(run_id=2, repo="acme/web", workflow_id=None),
        run(run_id=3, workflow_id=8),
    ]
    parts = ask("success_rate", scope(), "workflow", workflow_runs=rows)
    assert [(part["repo"], part["workflow_id"], part["workflow_name"]) for part in parts] == [
        ("acme/api", 8, "build"),
        ("acme/api", None, "build"),
        ("acme/web", None, "build"),
    ]


def test_a_renamed_workflow_is_one_workflow_under_its_latest_name(ask: Ask) -> None:
    rows = [
        run(workflow_name="zzz", created_at=NOW - timedelta(days=9)),
        run(run_id=2, workflow_name="build"),
    ]
    (part,) = ask("success_rate", scope(), "workflow", workflow_runs=rows)
    assert (part["workflow_name"], part["runs"]) == ("build", 2)


def test_days_are_utc_and_in_order(ask: Ask) -> None:
    rows = [run(run_id=n, created_at=NOW - timedelta(hours=h)) for n, h in enumerate((1, 25, 26))]
    days = ask("success_rate", scope(), "day", workflow_runs=rows)
    assert [(part["day"], part["runs"]) for part in days] == [
        (NOW - timedelta(days=2), 2),
        (NOW - timedelta(days=1), 1),
    ]


def test_a_quiet_range_after_earlier_runs_is_a_range_of_zeros(ask: Ask) -> None:
    trend = ask("run_trend", scope(5), workflow_runs=[run(created_at=NOW - timedelta(days=50))])
    assert [(bucket["runs"], bucket["success_rate"]) for bucket in trend] == [(0, None)] * 5
