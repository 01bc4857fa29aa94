"""The four DORA figures, against a plain walk through the deployments and the merged pull requests."""

from collections import defaultdict
from datetime import datetime, timedelta
from statistics import median
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.metrics.workflows.outcomes import FAILURES
from shared.policy import Policy
from tests.builders import NOW, Row, merged_change, repository, run
from tests.unit.shared.metrics.asking import Ask, scope
from tests.unit.shared.metrics.plain import quantile, rounded

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NAMED = Policy.model_validate({"delivery": {"deployments": ["acme/*:Deploy*"], "failure_window": "12h"}})


@st.composite
def worlds(draw: st.DrawFn) -> dict[str, list[Row]]:
    """Deployments in three repositories, of which the policy names those of two, and pull requests."""
    repos = st.sampled_from(("acme/api", "acme/web", "globex/api"))
    runs = []
    for run_id in range(1, draw(st.integers(0, 14)) + 1):
        created_at = NOW - draw(st.integers(1, 300)) * 9 * HOUR
        ended = created_at + timedelta(minutes=draw(st.integers(1, 90)))
        conclusion = draw(st.sampled_from(("success", "success", "failure", "timed_out", "cancelled")))
        runs.append(
            run(
                run_id=run_id,
                repo=draw(repos),
                workflow_name="deploy it",
                branch=draw(st.sampled_from(("main", "main", "main", "topic"))),
                event=draw(st.sampled_from(("push", "push", "push", "pull_request"))),
                created_at=created_at,
                run_started_at=created_at,
                completed_at=ended,
                conclusion=conclusion,
            )
        )
    pulls = []
    for number in range(1, draw(st.integers(0, 6)) + 1):
        merged_at = draw(st.none() | st.integers(1, 320).map(lambda n: NOW - n * 8 * HOUR))
        opened = (merged_at or NOW) - draw(st.integers(0, 200)) * HOUR
        base = draw(st.sampled_from(("main", "main", "topic", None)))
        pulls.append(
            merged_change(number=number, repo=draw(repos), created_at=opened, merged_at=merged_at, base_branch=base)
        )
    known = [repository(repo=repo) for repo in ("acme/api", "acme/web", "globex/api")]
    return {"workflow_runs": runs, "pull_requests": pulls, "repositories": known}


def plain_deployments(runs: list[Row]) -> list[Row]:
    """Every deployment that counts, whether it failed, whether the next one did soon after, and what it restored."""
    streams: dict[str, list[Row]] = defaultdict(list)
    for row in sorted(runs, key=lambda r: (r["completed_at"], r["run_id"])):
        counts = row["branch"] == "main" and row["event"] == "push" and row["repo"].startswith("acme/")
        if counts and row["conclusion"] in ("success", *FAILURES) and row["completed_at"] < NOW:
            streams[row["repo"]].append(row)
    found = []
    for stream in streams.values():
        broke: datetime | None = None
        for row, later in zip(stream, [*stream[1:], None], strict=True):
            bad = row["conclusion"] != "success"
            soon = (
                later and later["conclusion"] != "success" and later["completed_at"] - row["completed_at"] <= 12 * HOUR
            )
            restored = (row["completed_at"] - broke).total_seconds() if broke and not bad else None
            broke = (broke or row["completed_at"]) if bad else None
            found.append({**row, "bad": bad, "then": bool(not bad and soon), "restored": restored})
    return found


def plain_leads(world: dict[str, list[Row]]) -> list[tuple[datetime, float]]:
    """When each change was deployed, and how long it took."""
    good = sorted(
        (row for row in plain_deployments(world["workflow_runs"]) if not row["bad"]), key=lambda r: r["created_at"]
    )
    found = []
    for pull in world["pull_requests"]:
        if pull["merged_at"] and pull["base_branch"] in ("main", None):
            later = [r for r in good if r["repo"] == pull["repo"] and r["created_at"] >= pull["merged_at"]]
            if later:
                at = later[0]["completed_at"]
                found.append((at, (at - pull["created_at"]).total_seconds()))
    return found


def plain(world: dict[str, list[Row]], days: int) -> Row:
    since = NOW - days * DAY
    rows = [row for row in plain_deployments(world["workflow_runs"]) if row["completed_at"] >= since]
    good = [row for row in rows if not row["bad"]]
    leads = [seconds for at, seconds in plain_leads(world) if at >= since]
    restored = [row["restored"] for row in rows if row["restored"] is not None]
    failed, then = sum(row["bad"] for row in rows), sum(row["then"] for row in rows)
    return {
        "deployments": len(rows),
        "successes": len(good),
        "deployments_per_day": len(good) / days if rows else None,
        "days_per_week": len({row["completed_at"].date() for row in good}) * 7 / days if rows else None,
        "changes": len(leads),
        "lead_time_median_s": median(leads) if leads else None,
        "lead_time_p90_s": quantile(leads, 0.9),
        "failed": failed,
        "succeeded_then_failed": then,
        "change_failure_rate": (failed + then) / len(rows) if rows else None,
        "restored": len(restored),
        "restore_median_s": median(restored) if restored else None,
    }


def under(ask: Ask, name: str, by: str | None = None, days: int | None = 90, **rows: Any) -> list[Row]:
    return ask.under(NAMED, name, scope(days), rows, by)


@settings(max_examples=5, deadline=None)
@given(worlds(), st.sampled_from([30, 90]))
def test_figures_equal_a_walk_through_the_deployments(ask: Ask, world: dict[str, list[Row]], days: int) -> None:
    (found,) = under(ask, "delivery", None, days, **world)
    expected = plain(world, days)
    assert rounded([{name: found[name] for name in expected}]) == rounded([expected])


@settings(max_examples=3, deadline=None)
@given(worlds(), st.sampled_from(["org", "repo", "month"]))
def test_parts_add_up_to_the_whole_in_any_order_of_rows(ask: Ask, world: dict[str, list[Row]], by: str) -> None:
    whole = plain(world, 90)
    parts = ask.under(NAMED, "delivery", scope(), {name: rows[::-1] for name, rows in world.items()}, by)
    for name in ("deployments", "successes", "failed", "succeeded_then_failed", "changes", "restored"):
        assert sum(part[name] for part in parts) == whole[name]


def deploys(*conclusions: str, every: timedelta = DAY, **values: object) -> list[Row]:
    """Deployments of acme/api, the last one ten minutes old."""
    first = NOW - timedelta(minutes=10) - (len(conclusions) - 1) * every
    return [
        run(run_id=n + 1, workflow_name="deploy", conclusion=c, created_at=first + n * every, **values)
        for n, c in enumerate(conclusions)
    ]


def test_a_failure_soon_after_a_success_counts_against_both(ask: Ask) -> None:
    soon = deploys("success", "failure", "success", every=6 * HOUR)
    (found,) = under(ask, "delivery", workflow_runs=soon)
    assert (found["failed"], found["succeeded_then_failed"], round(found["change_failure_rate"], 3)) == (1, 1, 0.667)
    (found,) = under(ask, "delivery", workflow_runs=deploys("success", "failure", "success"))
    assert (found["failed"], found["succeeded_then_failed"]) == (1, 0)


def test_restoring_takes_from_the_first_failure_to_the_next_success(ask: Ask) -> None:
    rows = deploys("success", "failure", "cancelled", "timed_out", "success", "failure")
    (found,) = under(ask, "delivery", workflow_runs=rows)
    assert (found["restored"], found["restore_median_s"], found["unrestored"]) == (1, 3 * DAY.total_seconds(), 1)
    ledger = under(ask, "deployments", workflow_runs=rows)
    assert [(row["outcome"], row["restored_after_s"]) for row in ledger] == [
        ("failed", None),
        ("succeeded", 3 * DAY.total_seconds()),
        ("failed", None),
        ("failed", None),
        ("succeeded", None),
    ]


def test_a_change_is_deployed_by_the_first_run_created_after_its_merge(ask: Ask) -> None:
    merged = merged_change(created_at=NOW - 4 * DAY, merged_at=NOW - 2 * DAY)
    under_way = run(
        run_id=50, workflow_name="deploy", created_at=NOW - 2 * DAY - HOUR, completed_at=NOW - 2 * DAY + HOUR
    )
    rows = [under_way, *deploys("failure", "success", every=HOUR)]
    (change,) = under(ask, "changes", workflow_runs=rows, pull_requests=[merged])
    assert (change["number"], change["deployed_run_id"]) == (1, 2)
    assert change["lead_time_s"] == (rows[-1]["completed_at"] - merged["created_at"]).total_seconds()


def test_a_receipt_says_why_changes_and_runs_do_not_count(ask: Ask) -> None:
    pulls = [
        merged_change(number=1, base_branch="topic"),
        merged_change(number=2, merged_at=NOW - timedelta(minutes=1)),
    ]
    rows = [*deploys("success", "cancelled"), *deploys("success", branch="topic")[:1]]
    rows[-1]["run_id"] = 9
    world = {"workflow_runs": rows, "pull_requests": pulls, "repositories": [repository()]}
    found = ask.behind(NAMED, "changes", scope(), world)
    assert {row["number"]: row["excluded_because"] for row in found} == {
        1: "merged into another branch",
        2: "not deployed by the end of the range",
    }
    found = ask.behind(NAMED, "delivery", scope(), world)
    assert {row["run_id"]: row["excluded_because"] for row in found} == {
        1: None,
        2: "neither succeeded nor failed",
        9: "not on the deploying branch",
    }


@pytest.mark.parametrize(
    ("pattern", "count"),
    [
        ("acme/api:deploy", 1),
        ("ACME/*:*.YML", 1),
        pytest.param("*:.github/workflows/ship.yml", 1, marks=pytest.mark.slow),
        pytest.param("acme/api:ship.yml", 1, marks=pytest.mark.slow),
        ("acme/api:ship", 0),
    ],
)
def test_a_workflow_is_named_by_its_name_its_path_or_its_file(ask: Ask, pattern: str, count: int) -> None:
    named = Policy.model_validate({"delivery": {"deployments": [pattern]}})
    rows = deploys("success", workflow_path=".github/workflows/ship.yml")
    assert ask.under(named, "delivery", scope(), {"workflow_runs": rows})[0]["deployments"] == count


def test_the_policy_may_name_the_branch_and_filters_of_runs_play_no_part(ask: Ask) -> None:
    named = Policy.model_validate({"delivery": {"deployments": ["*:deploy"], "branch": "live"}})
    rows = deploys("success", branch="live", actor_is_bot=True)
    question = scope(branch="main", bots=False)
    assert ask.under(named, "delivery", question, {"workflow_runs": rows})[0]["deployments"] == 1


def test_without_a_deployment_named_nothing_is_known(ask: Ask) -> None:
    rows = deploys("success", "failure")
    (found,) = ask("delivery", scope(), workflow_runs=rows, pull_requests=[merged_change()])
    assert not any(found.values())
    assert ask("deployments", scope(), workflow_runs=rows) == []


@pytest.mark.parametrize(
    ("every", "level"), [(DAY, "elite"), (4 * DAY, "high"), (15 * DAY, "medium"), (60 * DAY, "low")]
)
def test_levels_are_those_of_fourkeys(ask: Ask, every: timedelta, level: str) -> None:
    rows = deploys(*["success"] * (90 * DAY // every), every=every)
    merged = merged_change(created_at=rows[-1]["created_at"] - HOUR, merged_at=rows[-1]["created_at"])
    (found,) = under(ask, "delivery", workflow_runs=rows, pull_requests=[merged])
    levels = [found[f"{name}_level"] for name in ("frequency", "lead_time", "change_failure", "restore")]
    assert levels == [level, "elite", "elite", None]


def test_what_began_long_before_the_range_is_left_out(ask: Ask) -> None:
    rows = deploys("failure", "success", every=125 * DAY)
    merged = merged_change(created_at=NOW - 126 * DAY, merged_at=NOW - 123 * DAY)
    (found,) = under(ask, "delivery", days=30, workflow_runs=rows, pull_requests=[merged])
    assert (found["deployments"], found["restored"], found["changes"]) == (1, 0, 0)
    (found,) = under(ask, "delivery", days=40, workflow_runs=rows, pull_requests=[merged])
    assert (found["deployments"], found["restored"], found["changes"]) == (1, 1, 1)


def test_what_happens_after_the_range_is_not_known_in_it(ask: Ask) -> None:
    rows = deploys("success", "failure", "success")
    question = scope(until=rows[2]["completed_at"])
    (found,) = ask.under(NAMED, "delivery", question, {"workflow_runs": rows})
    assert (found["deployments"], found["restored"], found["unrestored"]) == (2, 0, 1)
