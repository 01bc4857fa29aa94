"""Minutes and cost of runs, against the same sums in plain Python."""

from collections import defaultdict
from datetime import timedelta
from fnmatch import fnmatchcase
from math import ceil
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.policy import Policy
from tests.builders import NOW, Row, job, run
from tests.properties import few
from tests.unit.shared.metrics.asking import Ask, scope
from tests.unit.shared.metrics.plain import rounded

PRICES = {"self-hosted": 0.0, "*windows*": 0.01, "ubuntu-*-16core": 0.03, "ubuntu*": 0.006}
UNPRICED = Policy.model_validate({"cost": {"per_minute": PRICES}})
USUAL = Policy.model_validate({"cost": {"per_minute": {**PRICES, "*": 0.02}}})

LABELS: tuple[list[str] | None, ...] = (
    *(["ubuntu-latest"], ["ubuntu-24.04-16core"], ["Windows-2022"], ["self-hosted", "linux"], ["linux", "Self-Hosted"]),
    *(["mac"], [], None),
)
UNTOUCHED = ("skipped", "action_required", "startup_failure")
GROUPS = ("org", "repo", "workflow", "actor", "event", "day", "week", "month")
SUMS = ("n", "n_with_jobs", "jobs", "minutes", "cost", "unpriced_minutes", "estimated_minutes", "estimated_cost")


@st.composite
def worlds(draw: st.DrawFn) -> dict[str, list[Row]]:
    """Runs with attempts on both sides of the range's edge, some with jobs, and jobs of a run that is not known."""
    runs: list[Row] = []
    jobs: list[Row] = []
    for run_id in range(1, draw(st.integers(0, 8)) + 1):
        created_at = NOW - timedelta(hours=draw(st.sampled_from((1, 30, 24 * 89, 24 * 95))))
        shared = {
            "run_id": run_id,
            "created_at": created_at,
            "repo": draw(st.sampled_from(("acme/api", "globex/web"))),
            "actor": draw(st.sampled_from(("ada", "bo", None))),
            "event": draw(st.sampled_from(("push", "schedule"))),
        }
        for attempt in range(1, draw(st.integers(1, 2)) + 1):
            ended = draw(st.integers(0, 5)) > 0
            started = created_at + timedelta(minutes=attempt)
            conclusion = draw(st.sampled_from(("success", "failure", *UNTOUCHED))) if ended else None
            lasted = {"completed_at": started + timedelta(seconds=draw(st.integers(0, 700)))} if ended else {}
            status = "completed" if ended else "in_progress"
            own = {"run_attempt": attempt, "run_started_at": started, "conclusion": conclusion, "status": status}
            runs.append(run(**shared, **own, **lasted))
            if ended and draw(st.booleans()):
                jobs += [_job(draw, runs[-1], len(jobs) + n) for n in range(draw(st.integers(1, 3)))]
    if draw(st.booleans()):
        jobs.append(_job(draw, run(run_id=77, created_at=NOW - timedelta(days=2)), len(jobs)))
    return {"workflow_runs": runs, "workflow_jobs": jobs}


def _job(draw: st.DrawFn, of: Row, number: int) -> Row:
    labels = draw(st.sampled_from(LABELS))
    lasted = float(draw(st.integers(0, 400)))
    own = labels and "self-hosted" in [label.lower() for label in labels]
    billed = {"billable_minutes": None} if own else {}
    names = ("run_id", "run_attempt", "repo", "created_at")
    ends = {"started_at": of["created_at"], "completed_at": of["created_at"] + timedelta(seconds=lasted)}
    return job(job_id=number, labels=labels, duration_s=lasted, **{n: of[n] for n in names}, **ends, **billed)


def price(labels: list[str] | None, policy: Policy) -> float | None:
    for pattern, found in policy.cost.per_minute.items():
        if pattern == "*" or any(fnmatchcase(label.lower(), pattern.lower()) for label in labels or []):
            return found
    return None


def plain(world: dict[str, list[Row]], policy: Policy, days: int = 90) -> list[Row]:
    """What each attempt took, of those that count."""
    jobs: dict[Any, list[Row]] = defaultdict(list)
    for row in world["workflow_jobs"]:
        jobs[row["run_id"], row["run_attempt"]].append(row)
    runs = {(row["run_id"], row["run_attempt"]): row for row in world["workflow_runs"]}
    found = []
    for key in {**runs, **jobs}:
        of = runs.get(key) or {**jobs[key][0], "actor": None, "event": None, "workflow_id": None}
        if not NOW - timedelta(days=days) <= of["created_at"] < NOW:
            continue
        if jobs[key]:
            found.append({**of, **_measured(jobs[key], policy)})
        elif of["status"] == "completed" and of["conclusion"] not in UNTOUCHED:
            minutes, usual = float(ceil(of["duration_s"] / 60)), policy.cost.per_minute.get("*")
            estimate = {"estimated_minutes": minutes, "estimated_cost": None if usual is None else minutes * usual}
            found.append({**of, **dict.fromkeys(SUMS), "n": 1, "n_with_jobs": 0, "jobs": 0, **estimate})
    return found


def _measured(jobs: list[Row], policy: Policy) -> Row:
    minutes = [float(ceil(row["duration_s"] / 60)) for row in jobs]
    costs = [0.0 if m == 0 else _times(m, price(row["labels"], policy)) for m, row in zip(minutes, jobs, strict=True)]
    return {
        "n": 1,
        "n_with_jobs": 1,
        "jobs": len(jobs),
        "minutes": sum(minutes),
        "cost": total(costs),
        "unpriced_minutes": total(m if c is None else None for m, c in zip(minutes, costs, strict=True)),
        "estimated_minutes": None,
        "estimated_cost": None,
    }


def _times(minutes: float, price: float | None) -> float | None:
    return None if price is None else minutes * price


def total(values: Any) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def sums(rows: list[Row]) -> Row:
    """Sums over rows: without any row counts are 0, other sums unknown."""
    found = {name: total(row[name] for row in rows) for name in SUMS}
    return {**found, **{name: found[name] or 0 for name in ("n", "n_with_jobs", "jobs")}}


@few(7)
@given(worlds(), st.sampled_from([UNPRICED, USUAL]), st.sampled_from(GROUPS))
def test_minutes_and_cost_and_their_parts_equal_those_in_plain_python(
    ask: Ask, world: dict[str, list[Row]], policy: Policy, by: str
) -> None:
    (found,) = ask.under(policy, "run_cost", scope(), world)
    whole = sums(plain(world, policy))
    assert rounded([{name: found[name] for name in SUMS}]) == rounded([whole])
    assert found["jobs_share"] == (found["n_with_jobs"] / found["n"] if found["n"] else None)
    backwards = {name: rows[::-1] for name, rows in world.items()}
    assert rounded([sums(ask.under(policy, "run_cost", scope(), backwards, by))]) == rounded([whole])


def test_minutes_are_rounded_up_job_by_job(ask: Ask) -> None:
    jobs = [job(job_id=n, duration_s=61.0) for n in (1, 2, 3)]
    (found,) = ask.under(USUAL, "run_cost", scope(), {"workflow_runs": [run()], "workflow_jobs": jobs})
    assert (found["minutes"], round(found["cost"], 6), found["estimated_minutes"]) == (6, 0.036, None)


def test_minutes_of_self_hosted_runners_count_and_cost_what_the_policy_says(ask: Ask) -> None:
    own = job(labels=["Self-Hosted", "gpu"], billable_minutes=None, duration_s=119.0)
    (found,) = ask("run_cost", scope(), workflow_runs=[run()], workflow_jobs=[own])
    assert (found["minutes"], found["cost"]) == (2, 0)
    priced = Policy.model_validate({"cost": {"per_minute": {"gpu": 0.5, "self-hosted": 0.0}}})
    assert ask.under(priced, "run_cost", scope(), {"workflow_jobs": [own]})[0]["cost"] == 1.0


@pytest.mark.parametrize(
    ("labels", "cost"),
    [(["ubuntu-24.04-16core"], 0.15), (["ubuntu-24.04"], 0.03), (["WINDOWS-latest"], 0.05), (["riscv"], 0.1)],
)
def test_the_first_pattern_that_fits_is_the_price(ask: Ask, labels: list[str], cost: float) -> None:
    (found,) = ask.under(USUAL, "run_cost", scope(), {"workflow_jobs": [job(labels=labels)]})
    assert round(found["cost"], 6) == cost


def test_a_runner_without_a_price_has_minutes_and_no_cost(ask: Ask) -> None:
    jobs = [job(labels=["riscv"]), job(job_id=2, run_id=2)]
    parts = ask.under(UNPRICED, "run_cost", scope(), {"workflow_jobs": jobs}, "runner")
    assert {part["runner"]: (part["cost"], part["unpriced_minutes"]) for part in parts} == {
        "riscv": (None, 5),
        "ubuntu-latest": (0.03, None),
    }


def test_a_run_without_jobs_is_estimated_apart(ask: Ask) -> None:
    (found,) = ask("run_cost", scope(), workflow_runs=[run()])
    assert (found["minutes"], found["cost"]) == (None, None)
    assert (found["n"], found["jobs_share"], found["estimated_minutes"]) == (1, 0, 5)
    assert round(found["estimated_cost"], 6) == 0.03


def test_an_attempt_counts_once_for_each_of_its_runners_whatever_the_order_of_labels(ask: Ask) -> None:
    labels = (["b", "a"], ["a", "b"], ["windows"])
    jobs = [job(job_id=n, labels=found) for n, found in enumerate(labels)]
    parts = ask("run_cost", scope(), "runner", workflow_runs=[run(), run(run_id=2)], workflow_jobs=jobs)
    assert {(part["runner"], part["n"], part["jobs"]) for part in parts} == {
        ("a, b", 1, 2),
        ("windows", 1, 1),
        ("unknown", 1, 0),
    }


def test_what_was_not_over_at_the_end_of_the_range_does_not_count_yet(ask: Ask) -> None:
    question = scope(until=NOW - timedelta(minutes=57))
    (found,) = ask("run_cost", question, workflow_runs=[run()], workflow_jobs=[job()])
    assert (found["n"], found["excluded"], found["estimated_minutes"]) == (0, 1, None)


def test_filters_apply_to_jobs_by_their_run(ask: Ask) -> None:
    rows, jobs = [run(actor_is_bot=True, branch="topic")], [job()]
    narrowed = (scope(bots=False), scope(branch="main"), scope(workflows=("lint",)), scope(branch="*"))
    found = [ask("run_cost", question, workflow_runs=rows, workflow_jobs=jobs)[0]["n"] for question in narrowed]
    assert found == [0, 0, 0, 1]


def test_the_receipt_says_why_a_run_does_not_count(ask: Ask) -> None:
    rows = [
        run(),
        run(run_id=2, conclusion="skipped"),
        run(run_id=3, status="in_progress"),
        run(run_id=4, duration_s=None),
    ]
    found = ask.behind(USUAL, "run_cost", scope(), {"workflow_runs": rows})
    assert {row["run_id"]: row["excluded_because"] for row in found} == {
        1: None,
        2: "never had a runner",
        3: "not finished",
        4: "neither jobs nor a duration known",
    }
