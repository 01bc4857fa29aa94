"""Each story is found again in the default sample by plain computation, without knowing how it was made."""

from datetime import timedelta
from itertools import pairwise
from statistics import median

import pytest

from backend.demo.stories import (
    DISABLED,
    FAILING,
    FLAKY,
    FORBIDDEN,
    IMPROVING,
    INACTIVE,
    NEVER_RUN,
    PILING_UP,
    RECOVERED,
    STALE,
    STORIES,
    Story,
)

from .conftest import NOW, Row, Sample


def _runs(sample: Sample, story: Story) -> list[Row]:
    return sample.of("workflow_runs", repo=story.repo, workflow_name=story.workflow)


def _ended_on_main(sample: Sample, story: Story) -> list[Row]:
    """The latest attempts that succeeded or failed on main, in the order they were started."""
    return [
        row
        for row in _runs(sample, story)
        if row["branch"] == "main" and row["is_latest_attempt"] and row["conclusion"] in ("success", "failure")
    ]


def _state(sample: Sample, story: Story) -> str:
    (workflow,) = sample.of("workflows", repo=story.repo, name=story.workflow)
    state: str = workflow["state"]
    return state


@pytest.mark.parametrize("story", [story for story in STORIES if story.workflow], ids=lambda story: story.name)
def test_the_workflow_of_a_story_exists(sample: Sample, story: Story) -> None:
    assert len(sample.of("workflows", repo=story.repo, name=story.workflow)) == 1


def test_one_workflow_is_failing_now_with_a_streak(sample: Sample) -> None:
    conclusions = [row["conclusion"] for row in _ended_on_main(sample, FAILING)]

    assert conclusions[-6:] == ["failure"] * 6
    assert conclusions.count("success") > 0.8 * len(conclusions)


def test_one_scheduled_workflow_is_stale(sample: Sample) -> None:
    times = [row["created_at"] for row in _runs(sample, STALE)]
    interval = median(later - earlier for earlier, later in pairwise(times))
    silent = NOW - times[-1]

    assert _state(sample, STALE) == "active"
    assert silent > 3 * interval
    assert timedelta(days=7) <= silent < timedelta(days=60)


def test_one_workflow_was_disabled_for_inactivity_in_a_quiet_repository(sample: Sample) -> None:
    (repository,) = sample.of("repositories", repo=INACTIVE.repo)
    last_run = max(row["created_at"] for row in _runs(sample, INACTIVE))
    pushes = [row["created_at"] for row in sample.of("workflow_runs", repo=INACTIVE.repo) if row["event"] != "schedule"]

    assert _state(sample, INACTIVE) == "disabled_inactivity"
    assert NOW - last_run > timedelta(days=60)
    assert last_run - max(pushes) >= timedelta(days=55)
    assert repository["pushed_at"] < last_run


def test_one_active_workflow_has_never_run(sample: Sample) -> None:
    assert _state(sample, NEVER_RUN) == "active"
    assert _runs(sample, NEVER_RUN) == []


def test_one_workflow_is_flaky_far_more_than_any_other(sample: Sample) -> None:
    failed: set[int] = set()
    flaked: dict[tuple[str, str], set[int]] = {}
    runs: dict[tuple[str, str], set[int]] = {}
    for row in sample.rows("workflow_runs"):
        workflow = (row["repo"], row["workflow_name"])
        runs.setdefault(workflow, set()).add(row["run_id"])
        if row["conclusion"] == "failure":
            failed.add(row["run_id"])
        elif row["conclusion"] == "success" and row["run_id"] in failed:
            flaked.setdefault(workflow, set()).add(row["run_id"])
    rates = {
        workflow: len(found) / len(runs[workflow]) for workflow, found in flaked.items() if len(runs[workflow]) >= 50
    }
    flakiest, runner_up = sorted(rates, key=lambda workflow: -rates[workflow])[:2]

    assert flakiest == (FLAKY.repo, FLAKY.workflow)
    assert len(flaked[flakiest]) >= 50
    assert rates[flakiest] > 3 * rates[runner_up]


def test_one_workflow_recovered_from_an_outage_of_days(sample: Sample) -> None:
    rows = _ended_on_main(sample, RECOVERED)
    streaks: list[list[Row]] = [[]]
    for row in rows:
        if row["conclusion"] == "success":
            streaks.append([])
        else:
            streaks[-1].append(row)
    longest = max(streaks, key=len)

    assert len(longest) >= 8
    assert longest[-1]["created_at"] - longest[0]["created_at"] > timedelta(days=3)
    assert timedelta(days=40) < NOW - longest[-1]["created_at"] < timedelta(days=48)
    later = [row["conclusion"] for row in rows if row["created_at"] > longest[-1]["created_at"]]
    assert later.count("success") > 0.8 * len(later)


def test_open_alerts_of_one_repository_pile_up(sample: Sample) -> None:
    def open_at(repo: str, days_ago: int) -> int:
        moment = NOW - timedelta(days=days_ago)
        return sum(
            row["created_at"] <= moment and (row["closed_at"] is None or row["closed_at"] > moment)
            for row in sample.of("alerts", repo=repo)
        )

    backlog = [open_at(PILING_UP.repo, days_ago) for days_ago in (360, 270, 180, 90, 0)]
    others = [open_at(row["repo"], 0) for row in sample.rows("repositories") if row["repo"] != PILING_UP.repo]

    assert backlog == sorted(backlog)
    assert backlog[-1] > 3 * backlog[0]
    assert backlog[-1] > 5 * max(others)


def test_time_to_remediate_of_one_repository_improves_over_the_year(sample: Sample) -> None:
    fixed = sample.of("alerts", repo=IMPROVING.repo, state="fixed")

    def median_hours(first_day: int, last_day: int) -> float:
        chosen = [row for row in fixed if first_day <= (NOW - row["closed_at"]).days < last_day]
        return median(float((row["closed_at"] - row["created_at"]).total_seconds()) / 3600 for row in chosen)

    assert median_hours(180, 365) > 2 * median_hours(0, 180)
    assert median_hours(270, 365) > 3 * median_hours(0, 90)


@pytest.mark.parametrize(
    ("story", "kind", "outcome"),
    [(FORBIDDEN, "dependabot", "forbidden"), (DISABLED, "secret_scanning", "disabled")],
)
def test_a_source_that_cannot_be_read_says_why_and_has_no_alerts(
    sample: Sample, story: Story, kind: str, outcome: str
) -> None:
    entries = sample.of("collections", repo=story.repo, dataset=kind)
    elsewhere = [row for row in sample.of("collections", dataset=kind) if row["repo"] != story.repo]

    assert {row["outcome"] for row in entries} == {outcome}
    assert all(row["reason"] and row["rows"] is None and row["covered_until"] is None for row in entries)
    assert sample.of("alerts", repo=story.repo, kind=kind) == []
    assert {row["outcome"] for row in elsewhere} <= {"ok", "unchanged"}
