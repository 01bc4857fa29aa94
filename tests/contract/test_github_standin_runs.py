"""The runs of the GitHub stand-in come back as GitHub would give them: lists, attempts, jobs."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract.recorded import own, recorded
from tests.standins.github import DATA, GitHubStandin, State, populate
from tests.standins.github.reader import get, walk
from tests.standins.github.run_views import window

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the shipped real data is not beside this checkout")

SHOP = "acme/shop"
RUNS = f"/repos/{SHOP}/actions/runs"
DAY = "2026-03-01T{:02}:00:00Z"


@pytest.fixture
def gh() -> Iterator[GitHubStandin]:
    with GitHubStandin() as standin:
        standin.state.create_repo(SHOP)
        yield standin


def test_runs_come_newest_first_with_links_to_the_other_pages(gh: GitHubStandin) -> None:
    for hour in range(5):
        gh.state.new_run(SHOP, at=DAY.format(hour))
    second = get(gh, RUNS, per_page=2, page=2)
    assert [run["created_at"] for run in second.json()["workflow_runs"]] == [DAY.format(2), DAY.format(1)]
    assert set(second.links) == {"prev", "next", "last", "first"}
    assert [run["run_number"] for run in walk(gh, RUNS, per_page=2)] == [5, 4, 3, 2, 1]


def test_runs_of_the_same_second_come_by_id_and_in_windows_too(gh: GitHubStandin) -> None:
    made = [gh.state.new_run(SHOP, at=DAY.format(hour))["id"] for hour in (1, 2, 1, 2)]
    assert [run["id"] for run in walk(gh, RUNS, per_page=1)] == [made[3], made[1], made[2], made[0]]
    assert [run["id"] for run in walk(gh, RUNS, created=f"<{DAY.format(2)}")] == [made[2], made[0]]


def test_per_page_is_capped_at_100_and_is_30_unless_asked(gh: GitHubStandin) -> None:
    (name,) = populate(gh.state, org="many", repos=1, runs=150)
    path = f"/repos/{name}/actions/runs"
    sizes = [len(answer.json()["workflow_runs"]) for answer in (get(gh, path), get(gh, path, per_page=500))]
    assert sizes == [30, 100]


def test_filtered_runs_end_at_the_limit_though_the_count_is_true(gh: GitHubStandin) -> None:
    gh.state.search_limit = 3
    for hour in range(5):
        gh.state.new_run(SHOP, at=DAY.format(hour))
    answer = get(gh, RUNS, created=">=2026-01-01", per_page=2)
    assert answer.json()["total_count"] == 5
    assert len(walk(gh, RUNS, created=">=2026-01-01", per_page=2)) == 3
    assert get(gh, RUNS, created=">=2026-01-01", per_page=2, page=3).json()["workflow_runs"] == []
    assert len(walk(gh, RUNS, per_page=2)) == 5


def test_an_unfiltered_list_refuses_to_go_beyond_its_limit(gh: GitHubStandin) -> None:
    gh.state.unfiltered_limit = 2
    for hour in range(3):
        gh.state.new_run(SHOP, at=DAY.format(hour))
    assert get(gh, RUNS, per_page=2, page=2).status_code == 422


@pytest.mark.parametrize(
    ("created", "hours"),
    [
        (f">={DAY.format(2)}", [3, 2]),
        (f">{DAY.format(2)}", [3]),
        (f"<={DAY.format(1)}", [1, 0]),
        (f"<{DAY.format(1)}", [0]),
        (f"{DAY.format(1)}..{DAY.format(2)}", [2, 1]),
        (f"*..{DAY.format(0)}", [0]),
        ("2026-03-01", [3, 2, 1, 0]),
        ("2026-03-01T02:00:00+01:00", [1]),
        ("<2026-03-01", []),
    ],
)
def test_created_selects_by_whole_seconds_and_both_ends(gh: GitHubStandin, created: str, hours: list[int]) -> None:
    for hour in range(4):
        gh.state.new_run(SHOP, at=DAY.format(hour))
    assert [run["created_at"] for run in walk(gh, RUNS, created=created)] == [DAY.format(hour) for hour in hours]


def test_neighbouring_windows_share_no_second() -> None:
    first, second = window("2026-03-01..2026-03-01"), window("2026-03-02..2026-03-02")
    assert first[1] is not None
    assert second[0] == first[1] + 1


def test_an_unreadable_date_is_refused(gh: GitHubStandin) -> None:
    assert get(gh, RUNS, created=">=yesterday").status_code == 422


def test_status_means_status_or_conclusion(gh: GitHubStandin) -> None:
    failed = gh.state.new_run(SHOP, conclusion="failure", branch="topic", event="schedule")
    running = gh.state.new_run(SHOP, conclusion=None)
    asked = [{"status": "failure"}, {"branch": "topic"}, {"event": "schedule"}, {"status": "in_progress"}]
    found = [[run["id"] for run in walk(gh, RUNS, **query)] for query in asked]
    assert found == [[failed["id"]]] * 3 + [[running["id"]]]


def test_a_rerun_shows_only_its_latest_attempt_in_lists_and_keeps_the_earlier_one(gh: GitHubStandin) -> None:
    run = gh.state.new_run(SHOP, at=DAY.format(6), conclusion="failure")
    gh.state.rerun(run["id"], "success", at=DAY.format(9))
    (listed,) = walk(gh, RUNS)
    assert (listed["run_attempt"], listed["conclusion"], listed["run_number"]) == (2, "success", 1)
    assert (listed["created_at"], listed["run_started_at"]) == (DAY.format(6), DAY.format(9))
    earlier = get(gh, listed["previous_attempt_url"]).json()
    assert (earlier["run_attempt"], earlier["conclusion"]) == (1, "failure")
    assert get(gh, f"{RUNS}/{run['id']}/attempts/3").status_code == 404


def test_jobs_are_those_of_the_latest_attempt_unless_all_are_asked_for(gh: GitHubStandin) -> None:
    run = gh.state.new_run(SHOP, conclusion="failure", jobs=("build", "test"))
    gh.state.rerun(run["id"], "success")
    path = f"{RUNS}/{run['id']}"
    assert [job["run_attempt"] for job in walk(gh, f"{path}/jobs")] == [2, 2]
    assert [job["run_attempt"] for job in walk(gh, f"{path}/jobs", filter="all")] == [1, 1, 2, 2]
    assert {job["conclusion"] for job in walk(gh, f"{path}/attempts/1/jobs")} == {"failure"}


def test_completing_a_run_completes_its_jobs(gh: GitHubStandin) -> None:
    run = gh.state.new_run(SHOP, at=DAY.format(6), conclusion=None)
    gh.state.complete(run["id"], "cancelled", at=DAY.format(7))
    (job,) = walk(gh, f"{RUNS}/{run['id']}/jobs")
    assert (job["conclusion"], job["completed_at"]) == ("cancelled", DAY.format(7))


def test_a_deleted_run_is_gone(gh: GitHubStandin) -> None:
    run = gh.state.new_run(SHOP)
    gh.state.delete_run(run["id"])
    assert walk(gh, RUNS) == []
    assert get(gh, f"{RUNS}/{run['id']}").status_code == 404


def test_synthetic_runs_are_always_the_same_and_can_be_rerun() -> None:
    def rerun_first() -> list[Any]:
        state = State()
        (name,) = populate(state, repos=1, runs=40)
        with GitHubStandin(state) as gh:
            oldest = walk(gh, f"/repos/{name}/actions/runs")[-1]
            state.rerun(oldest["id"], "success", at="2026-11-02T00:00:00Z")
            return [{**run, "url": ""} for run in own(gh, walk(gh, f"/repos/{name}/actions/runs"))]

    once, again = rerun_first(), rerun_first()
    summary = [(run["id"], run["conclusion"], run["run_attempt"], run["created_at"]) for run in once]
    assert summary == [(run["id"], run["conclusion"], run["run_attempt"], run["created_at"]) for run in again]
    assert len(once) == 40
    assert once[-1]["run_attempt"] >= 2


def test_runs_made_on_demand_and_told_ones_stand_in_one_order(gh: GitHubStandin) -> None:
    (name,) = populate(gh.state, repos=1, runs=10, days=10, end="2026-11-01")
    path = f"/repos/{name}/actions/runs"
    made = [run["id"] for run in walk(gh, path)]
    told = gh.state.new_run(name, at="2026-10-26T12:00:00Z")["id"]
    gh.state.delete_run(made[0])
    gh.state.rerun(made[1], "success", at="2026-11-02")
    assert [run["id"] for run in walk(gh, path)] == [*made[1:5], told, *made[5:]]
    assert [run["id"] for run in walk(gh, path, created="2026-10-26..2026-10-27")] == [made[4], told, made[5]]
    assert get(gh, f"{path}/{made[0]}").status_code == 404
    assert gh.state.new_run(name)["run_number"] == 11


def test_a_run_says_the_same_in_a_list_and_alone(gh: GitHubStandin) -> None:
    (name,) = populate(gh.state, repos=1, runs=120, reruns=20)
    listed = walk(gh, f"/repos/{name}/actions/runs", per_page=100)
    assert {run["run_attempt"] for run in listed} == {1, 2}
    assert {len(run["pull_requests"]) for run in listed} == {0, 1}
    for run in listed[::10]:
        assert get(gh, run["url"]).json() == run
        assert get(gh, f"{run['url']}/attempts/{run['run_attempt']}").json() == run


def test_a_page_of_synthetic_runs_is_as_large_as_a_recorded_one(gh: GitHubStandin) -> None:
    (name,) = populate(gh.state, repos=1, runs=100)
    served = get(gh, f"/repos/{name}/actions/runs", per_page=100)
    recording = list(recorded("runs/ionic_stencil_workflow_runs.json").values())[:100]
    assert len(served.content) == pytest.approx(len(json.dumps(recording, separators=(",", ":"))), rel=0.1)
    assert served.json()["workflow_runs"][0].keys() == recording[0].keys()
