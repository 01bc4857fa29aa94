"""Jobs of workflow runs are read where they are asked for, once, and tell when a run really ended."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.policy import Policy
from tests.contract.collecting import NOW, SHOP, Collector, collector_in, outcomes, undisturbed
from tests.standins.github import faults

TOOLS = "acme/tools"
ACME: dict[str, Any] = {"orgs": ["acme"]}


def policy(*patterns: str, days: int = 30) -> Policy:
    return Policy.model_validate({"collect": {"jobs": patterns, "jobs_days": days}})


@pytest.fixture
def acme(shared_data: Path, tmp_path: Path) -> Iterator[Collector]:
    with collector_in(tmp_path / "lake") as collector:
        for repo in (SHOP, TOOLS):
            collector.gh.state.create_repo(repo)
            for days in range(4):
                collector.gh.state.new_run(repo, at=NOW - timedelta(days=days + 1), jobs=("build", "test"))
        yield collector


def jobs_of(collector: Collector, repo: str) -> int:
    return sum(row["repo"] == repo for row in collector.rows("workflow_jobs"))


def test_policy_chooses_whose_jobs_are_read(acme: Collector) -> None:
    done = acme.collect(**ACME)
    assert (acme.rows("workflow_jobs"), acme.gh.log.matching("/jobs")) == ([], [])
    assert ("workflow_jobs", SHOP) not in outcomes(done)
    done = acme.collect(**ACME, policy=policy("ACME/sh*"))
    assert (jobs_of(acme, SHOP), jobs_of(acme, TOOLS)) == (8, 0)
    assert outcomes(done)["workflow_jobs", SHOP] == "ok"
    assert len(acme.gh.log.matching("/jobs")) == 4


def test_command_line_asks_for_jobs_of_all_that_it_selects(acme: Collector) -> None:
    acme.collect(**ACME)
    done = acme.collect(**ACME, only=["workflow_jobs"])
    assert (done.exit_code, jobs_of(acme, SHOP), jobs_of(acme, TOOLS)) == (0, 8, 8)
    assert not acme.gh.log.matching("/alerts|/pulls")


def test_jobs_are_read_once(acme: Collector) -> None:
    acme.collect(**ACME, policy=policy("*"))
    before = acme.versions()
    done = acme.collect(**ACME, policy=policy("*"))
    assert not acme.gh.log.matching("/jobs")
    assert (outcomes(done)["workflow_jobs", SHOP], acme.versions()) == ("unchanged", before)


def test_another_attempt_has_jobs_of_its_own(acme: Collector) -> None:
    acme.collect(**ACME, policy=policy("*"))
    run = acme.rows("workflow_runs")[0]["run_id"]
    acme.gh.state.rerun(run, "failure")
    acme.collect(**ACME, policy=policy("*"))
    assert len(acme.gh.log.matching("/jobs")) == 1
    attempts = [row["run_attempt"] for row in acme.rows("workflow_jobs") if row["run_id"] == run]
    assert sorted(attempts) == [1, 1, 2, 2]


def test_run_that_is_under_way_is_asked_for_when_it_is_done(acme: Collector) -> None:
    run = acme.gh.state.new_run(SHOP, at=NOW - timedelta(hours=1), conclusion=None, jobs=("build",))
    acme.collect(**ACME, policy=policy("*"))
    assert not [row for row in acme.rows("workflow_jobs") if row["run_id"] == run["id"]]
    acme.gh.state.complete(run["id"])
    acme.collect(**ACME, policy=policy("*"))
    assert [row["status"] for row in acme.rows("workflow_jobs") if row["run_id"] == run["id"]] == ["completed"]


def test_runs_without_jobs_or_that_are_gone_are_not_asked_for_again(acme: Collector) -> None:
    empty = acme.gh.state.new_run(SHOP, at=NOW - timedelta(hours=1), jobs=())
    gone = acme.gh.state.new_run(SHOP, at=NOW - timedelta(hours=2), jobs=("build",))
    acme.collect(**ACME)
    acme.gh.state.delete_run(gone["id"])
    acme.collect(**ACME, policy=policy("*"))
    assert len(acme.gh.log.matching(f"/runs/({empty['id']}|{gone['id']})/jobs")) == 2
    acme.collect(**ACME, policy=policy("*"))
    assert not acme.gh.log.matching("/jobs")
    assert len(acme.rows("workflow_runs")) == 10


def test_jobs_reach_back_as_far_as_the_policy_says(acme: Collector) -> None:
    acme.collect(**ACME, policy=policy("*", days=2))
    assert (jobs_of(acme, SHOP), jobs_of(acme, TOOLS)) == (2, 2)
    done = acme.collect(**ACME, policy=policy("*", days=2), since=NOW - timedelta(days=3, hours=12))
    assert (jobs_of(acme, SHOP), jobs_of(acme, TOOLS)) == (6, 6)
    (entry,) = [entry for entry in done.entries if (entry.dataset, entry.repo) == ("workflow_jobs", SHOP)]
    assert entry.covered is not None
    assert entry.covered.since == NOW - timedelta(days=3, hours=12)


def test_many_jobs_of_one_run(acme: Collector) -> None:
    acme.gh.state.new_run(SHOP, at=NOW, jobs=tuple(f"job {number}" for number in range(230)))
    acme.collect(**ACME, policy=policy(SHOP))
    assert jobs_of(acme, SHOP) == 8 + 230


def test_jobs_tell_when_a_run_really_ended(acme: Collector) -> None:
    """GitHub's `updated_at` of a run moves when it is deleted from a list or approved; its jobs' ends do not."""
    acme.collect(**ACME)
    run = acme.rows("workflow_runs")[0]
    acme.gh.state.edit_run(run["run_id"], updated_at=(NOW + timedelta(hours=9)).strftime("%Y-%m-%dT%H:%M:%SZ"))
    acme.collect(**ACME)
    late = next(row for row in acme.rows("workflow_runs") if row["run_id"] == run["run_id"])
    assert late["completed_at"] == NOW + timedelta(hours=9)
    acme.collect(**ACME, policy=policy("*"))
    told = next(row for row in acme.rows("workflow_runs") if row["run_id"] == run["run_id"])
    ends = [job["completed_at"] for job in acme.rows("workflow_jobs") if job["run_id"] == run["run_id"]]
    assert told["completed_at"] == max(ends)
    assert told["duration_s"] == (max(ends) - told["run_started_at"]).total_seconds()
    assert told["updated_at"] == late["updated_at"]
    acme.collect(**ACME, full=True)
    again = next(row for row in acme.rows("workflow_runs") if row["run_id"] == run["run_id"])
    assert again == told


def test_collection_that_ended_between_two_pages_of_a_run_reads_its_jobs_again(acme: Collector, tmp_path: Path) -> None:
    acme.gh.state.new_run(SHOP, at=NOW, jobs=tuple(f"job {number}" for number in range(230)))
    acme.gh.faults.add(faults.status(502), path=r"/jobs\?(.*&)?page=2", times=None)
    done = acme.collect(**ACME, policy=policy("*"))
    assert (done.exit_code, outcomes(done)["workflow_jobs", SHOP]) == (2, "failed")
    acme.gh.faults.clear()
    assert acme.collect(**ACME, policy=policy("*")).exit_code == 0
    with undisturbed(acme, tmp_path / "undisturbed") as other:
        other.collect(**ACME, policy=policy("*"))
        assert acme.rows("workflow_jobs") == other.rows("workflow_jobs")


@pytest.mark.parametrize("budget", [5, *(pytest.param(budget, marks=pytest.mark.slow) for budget in (2, 9))])
def test_budget_ends_among_jobs_and_the_next_collection_goes_on(acme: Collector, budget: int) -> None:
    for _ in range(30):
        done = acme.collect(**ACME, policy=policy("*"), budget=budget)
        assert len(acme.gh.log) <= budget
        if not done.problem:
            break
    assert (done.exit_code, jobs_of(acme, SHOP), jobs_of(acme, TOOLS)) == (0, 8, 8)
