"""Flakes: failures that a later attempt on the same commit made good, against a plain walk through the attempts."""

from collections import defaultdict
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.metrics.workflows.outcomes import FAILURES
from shared.policy import Policy
from tests.builders import NOW, Row, job, run
from tests.properties import few
from tests.unit.shared.metrics.asking import Ask, scope
from tests.unit.shared.metrics.plain import rounded

PRICED = Policy.model_validate({"cost": {"per_minute": {"ubuntu*": 0.5, "*": 2.0}}})
UNPRICED = Policy.model_validate({"cost": {"per_minute": {"ubuntu*": 0.5}}})


@st.composite
def worlds(draw: st.DrawFn) -> dict[str, list[Row]]:
    """Runs of one workflow on two commits, some tried again, some with jobs, on both sides of the range's edge."""
    runs: list[Row] = []
    jobs: list[Row] = []
    for run_id in range(1, draw(st.integers(0, 10)) + 1):
        created_at = NOW - timedelta(hours=draw(st.sampled_from((1, 20, 30, 24 * 8, 24 * 60))), minutes=run_id)
        shared = {
            "run_id": run_id,
            "created_at": created_at,
            "head_sha": draw(st.sampled_from(("a" * 40, "b" * 40, None))),
            "event": draw(st.sampled_from(("push", "push", "schedule"))),
            "repo": draw(st.sampled_from(("acme/api", "acme/api", "acme/web"))),
        }
        last = draw(st.integers(1, 3))
        for attempt in range(1, last + 1):
            began = created_at + timedelta(hours=attempt - 1, minutes=1)
            ended = {"completed_at": began + timedelta(seconds=draw(st.integers(0, 500)))}
            conclusion = draw(st.sampled_from(("success", "success", "failure", "timed_out", "cancelled")))
            own = {"run_attempt": attempt, "run_started_at": began, "is_latest_attempt": attempt == last, **ended}
            runs.append(run(**shared, **own, conclusion=conclusion))
            if draw(st.booleans()):
                names = ("run_id", "run_attempt", "repo", "created_at")
                lasted = float(draw(st.integers(0, 400)))
                jobs.append(job(job_id=len(jobs), duration_s=lasted, **ended, **{n: runs[-1][n] for n in names}))
    return {"workflow_runs": runs, "workflow_jobs": jobs}


def plain(world: dict[str, list[Row]], policy: Policy, since: datetime) -> list[Row]:
    billed: dict[Any, float] = defaultdict(float)
    for row in world["workflow_jobs"]:
        billed[row["run_id"], row["run_attempt"]] += ceil(row["duration_s"] / 60)
    streams: dict[Any, list[Row]] = defaultdict(list)
    for row in sorted(world["workflow_runs"], key=lambda r: (r["run_started_at"], r["run_id"], r["run_attempt"])):
        known = row["head_sha"] and row["completed_at"] < NOW and row["created_at"] >= since - timedelta(days=31)
        if known and row["conclusion"] in ("success", *FAILURES):
            streams[row["repo"], row["head_sha"], row["event"]].append(row)
    found = []
    for stream in streams.values():
        broken: list[Row] = []
        for row in stream:
            if row["conclusion"] != "success":
                broken.append(row)
                continue
            if broken and row["created_at"] >= since:
                found.append(_flake(broken, row, billed, policy))
            broken = []
    return found


def _flake(broken: list[Row], success: Row, billed: dict[Any, float], policy: Policy) -> Row:
    keys = [(row["run_id"], row["run_attempt"]) for row in broken]
    guessed = [float(ceil(row["duration_s"] / 60)) for row, key in zip(broken, keys, strict=True) if key not in billed]
    measured = [billed[key] for key in keys if key in billed]
    usual = policy.cost.per_minute.get("*")
    known = [*(0.5 * minutes for minutes in measured), *(usual * minutes for minutes in guessed if usual is not None)]
    return {
        "repo": success["repo"],
        "head_sha": success["head_sha"],
        "run_id": broken[0]["run_id"],
        "succeeded_run_id": success["run_id"],
        "failed_attempts": len(broken),
        "first_failed_at": min(row["completed_at"] for row in broken),
        "succeeded_at": success["completed_at"],
        "wasted_minutes": sum([*measured, *guessed]),
        "estimated_minutes": float(sum(guessed)),
        "minutes_from": "both" if measured and guessed else "jobs" if measured else "durations",
        "wasted_cost": sum(known) if known else None,
        "created_at": success["created_at"],
    }


def in_order(rows: list[Row]) -> list[Row]:
    return sorted(rounded(rows), key=lambda row: (row["succeeded_at"], row["run_id"], row["succeeded_run_id"]))


@few(6)
@given(worlds(), st.sampled_from([PRICED, UNPRICED]), st.sampled_from([7, 90]))
def test_flakes_equal_a_walk_through_the_attempts(
    ask: Ask, world: dict[str, list[Row]], policy: Policy, days: int
) -> None:
    expected = plain(world, policy, NOW - timedelta(days=days))
    found = ask.under(policy, "flakes", scope(days), world)
    names = list((expected or [{}])[0])
    assert in_order([{name: row[name] for name in names} for row in found]) == in_order(
        [{name: row[name] for name in names} for row in expected]
    )


@settings(max_examples=4, deadline=None)
@given(worlds(), st.sampled_from(["org", "repo", "workflow", "month"]))
def test_workflows_sum_up_their_flakes_in_any_order_of_rows(ask: Ask, world: dict[str, list[Row]], by: str) -> None:
    since = NOW - timedelta(days=90)
    expected = plain(world, PRICED, since)
    backwards = {name: rows[::-1] for name, rows in world.items()}
    parts = ask.under(PRICED, "flaky_workflows", scope(), backwards, by)
    for name in ("failed_attempts", "wasted_minutes", "wasted_cost"):
        assert round(sum(part[name] or 0 for part in parts), 3) == round(sum(row[name] for row in expected), 3)
    assert sum(part["flakes"] for part in parts) == len(expected)
    if by == "org" and expected:
        runs = sum(row["is_latest_attempt"] and row["created_at"] >= since for row in world["workflow_runs"])
        assert (parts[0]["runs"], parts[0]["flake_rate"]) == (runs, len(expected) / runs)


def story(*conclusions: str, **values: object) -> list[Row]:
    """Attempts of one run, ten minutes apart."""
    begins = [NOW - timedelta(hours=2) + timedelta(minutes=10 * n) for n in range(len(conclusions))]
    return [
        run(
            run_attempt=n + 1,
            is_latest_attempt=n + 1 == len(conclusions),
            created_at=begins[0],
            run_started_at=began,
            conclusion=conclusion,
            **values,
        )
        for n, (began, conclusion) in enumerate(zip(begins, conclusions, strict=True))
    ]


def test_failed_attempts_up_to_the_success_are_one_flake(ask: Ask) -> None:
    rows = story("failure", "cancelled", "timed_out", "success", "failure", "success")
    second, first = ask("flakes", scope(), workflow_runs=rows)
    assert (first["failed_attempts"], first["wasted_minutes"], first["minutes_from"]) == (2, 10, "durations")
    assert (first["first_failed_at"], first["succeeded_at"]) == (rows[0]["completed_at"], rows[3]["completed_at"])
    assert second["failed_attempts"] == 1


def test_another_run_of_the_same_commit_counts_and_a_new_commit_does_not(ask: Ask) -> None:
    bad = run(run_id=1, conclusion="failure", created_at=NOW - timedelta(hours=3))
    (flake,) = ask("flakes", scope(), workflow_runs=[bad, run(run_id=2)])
    assert (flake["run_id"], flake["succeeded_run_id"]) == (1, 2)
    others: tuple[Row, ...] = ({"head_sha": "1" * 40}, {"event": "schedule"}, {"branch": "topic"}, {"workflow_id": 8})
    good = [run(run_id=n, **other) for n, other in enumerate(others, start=2)]
    assert ask("flakes", scope(), workflow_runs=[bad, *good]) == []


def test_a_success_before_the_failure_is_no_flake(ask: Ask) -> None:
    assert ask("flakes", scope(), workflow_runs=story("success", "failure")) == []


def test_an_unknown_price_is_not_a_cost_of_zero(ask: Ask) -> None:
    (flake,) = ask.under(UNPRICED, "flakes", scope(), {"workflow_runs": story("failure", "success")})
    assert (flake["wasted_minutes"], flake["wasted_cost"]) == (5, None)
    free = job(labels=["self-hosted"], billable_minutes=None, created_at=NOW - timedelta(hours=2))
    (flake,) = ask("flakes", scope(), workflow_runs=story("failure", "success"), workflow_jobs=[free])
    assert (flake["wasted_minutes"], flake["wasted_cost"], flake["minutes_from"]) == (5, 0, "jobs")


def test_a_flake_whose_success_ends_after_the_range_is_none_yet(ask: Ask) -> None:
    rows = story("failure", "success")
    assert ask("flakes", scope(until=rows[1]["completed_at"]), workflow_runs=rows) == []
    assert len(ask("flakes", scope(until=rows[1]["completed_at"] + timedelta(seconds=1)), workflow_runs=rows)) == 1


def test_what_wasted_most_money_comes_first_and_what_never_flaked_not_at_all(ask: Ask) -> None:
    cheap = [{**row, "run_id": 5, "workflow_id": 8, "workflow_name": "lint"} for row in story("failure", "success")]
    dear = [job(job_id=n, labels=["windows"], created_at=NOW - timedelta(hours=2)) for n in (1, 2, 3)]
    rows = [*story("failure", "success"), *cheap, run(run_id=9, workflow_id=9, workflow_name="docs")]
    found = ask("flaky_workflows", scope(), "workflow", workflow_runs=rows, workflow_jobs=dear)
    assert [part["workflow_name"] for part in found] == ["build", "lint"]
    assert [round(part["wasted_cost"], 6) for part in found] == [0.15, 0.03]


def test_the_receipt_holds_failures_that_were_never_made_good(ask: Ask) -> None:
    rows = [*story("failure", "success"), run(run_id=2, head_sha="1" * 40, conclusion="failure")]
    found = ask.behind(PRICED, "flakes", scope(), {"workflow_runs": rows})
    assert [(row["run_id"], row["excluded_because"]) for row in found] == [
        (1, None),
        (2, "no success on the same commit so far"),
    ]
