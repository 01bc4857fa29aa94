"""A budget ends a collection after so many requests; the next goes on, until everything is there."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from math import ceil
from pathlib import Path
from typing import Any

import pytest

from backend.collect.run import Collected
from tests.contract.collecting import NOW, SHOP, Clock, Collector, add_repository, collector_in, undisturbed

ACME: dict[str, Any] = {"orgs": ["acme"]}


@pytest.fixture
def to_collect(shared_data: Path, tmp_path: Path) -> Iterator[Collector]:
    with collector_in(tmp_path / "lake") as collector:
        yield collector


@pytest.fixture
def acme(to_collect: Collector) -> Collector:
    """Two repositories of an organisation, with lists of several pages, re-runs and unfinished runs."""
    state = to_collect.gh.state
    for name in ("acme/one", "acme/two"):
        add_repository(to_collect.gh, name, runs=130, alerts=40, pulls=105, analyses=3)
        state.rerun(state.new_run(name, at=NOW - timedelta(days=2), jobs=())["id"], at=NOW - timedelta(days=1))
        state.new_run(name, at=NOW - timedelta(days=90), conclusion=None, jobs=())
    return to_collect


def until_done(
    collector: Collector, budget: int, most: int, between: Callable[[], object] = lambda: None, **selection: Any
) -> list[Collected]:
    """Collects until a collection ends by itself, which is to be soon."""
    collections: list[Collected] = []
    while not collections or collections[-1].problem:
        if collections:
            between()
        collections.append(collector.collect(budget=budget, **selection))
        assert len(collector.gh.log) == collections[-1].requests <= budget
        assert len(collections) <= most, f"does not come to an end: {collections[-1]}"
    return collections


def soon(requests: int, budget: int) -> int:
    """So many collections may go by: twice what the requests alone take, as lists are asked whether they changed."""
    return 3 + 2 * ceil(requests / budget)


@pytest.mark.parametrize(
    "budget", [*(pytest.param(slow, marks=pytest.mark.slow) for slow in (1, 2, 3, 5, 8, 1_000)), 20]
)
def test_any_budget_comes_to_the_same_end(acme: Collector, tmp_path: Path, budget: int) -> None:
    with undisturbed(acme, tmp_path / "undisturbed") as other:
        requests = other.collect(**ACME).requests
        *ended_early, last = until_done(acme, budget, soon(requests, budget), **ACME)
        assert (last.exit_code, last.problem) == (0, None)
        assert {done.exit_code for done in ended_early} <= {2}
        assert acme.everything() == other.everything()


def test_budget_that_is_spent_says_so_and_what_to_do(acme: Collector) -> None:
    done = acme.collect(budget=9, **ACME)
    assert done.problem == "The budget of 9 requests is used up; run the same command again to go on."
    assert (done.exit_code, done.requests) == (2, 9)
    partial = [entry for entry in done.entries if entry.outcome == "partial"]
    assert partial
    assert all("budget of 9 requests" in str(entry.reason) for entry in partial)


def test_budget_that_suffices_is_not_mentioned(acme: Collector, tmp_path: Path) -> None:
    with undisturbed(acme, tmp_path / "undisturbed") as other:
        requests = other.collect(**ACME).requests
    done = acme.collect(budget=requests, **ACME)
    assert (done.exit_code, done.problem, done.requests) == (0, None, requests)


@pytest.mark.parametrize("budget", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_organisation_with_more_repositories_than_the_budget_lists(to_collect: Collector, budget: int) -> None:
    for number in range(230):
        to_collect.gh.state.create_repo(f"acme/r{number}")
    until_done(to_collect, budget, soon(3, budget), **ACME, only=["repositories"])
    assert len(to_collect.rows("repositories")) == 230


def test_organisation_with_more_repositories_than_the_budget_visits(to_collect: Collector) -> None:
    for number in range(120):
        to_collect.gh.state.new_workflow(to_collect.gh.state.create_repo(f"acme/r{number}").full_name)
    until_done(to_collect, 25, soon(122, 25), **ACME, only=["workflows"])
    assert len({row["repo"] for row in to_collect.rows("workflows")}) == 120


def test_full_collection_comes_to_an_end(acme: Collector) -> None:
    requests = acme.collect(**ACME).requests
    before = acme.everything()
    until_done(acme, 8, soon(requests, 8), **ACME, full=True)
    assert acme.everything() == before


@pytest.mark.parametrize("budget", [5, pytest.param(9, marks=pytest.mark.slow)])
def test_repository_with_more_runs_than_the_budget_reads(to_collect: Collector, budget: int) -> None:
    add_repository(to_collect.gh, SHOP, runs=1_500, apart=timedelta(minutes=10))
    until_done(to_collect, budget, soon(23, budget), repos=[SHOP])
    assert len(to_collect.rows("workflow_runs")) == 1_500


def test_what_arrives_between_two_collections_is_collected(acme: Collector, tmp_path: Path) -> None:
    state = acme.gh.state

    def arrive() -> None:
        for name in ("acme/one", "acme/two"):
            state.new_run(name, jobs=())
            state.new_pull(name)
            state.new_alert(name, "dependabot")

    *_, last = until_done(acme, 12, soon(60, 12), arrive, **ACME)
    assert last.exit_code == 0
    arrive()
    assert acme.collect(**ACME).exit_code == 0
    with undisturbed(acme, tmp_path / "undisturbed") as other:
        other.collect(**ACME)
        for dataset in ("workflow_runs", "pull_requests", "alerts"):
            assert acme.rows(dataset) == other.rows(dataset)


def test_collection_without_a_budget_reads_all_that_one_with_a_budget_left(acme: Collector) -> None:
    first = acme.collect(budget=12, **ACME)
    acme.gh.state.new_run("acme/one", jobs=())
    rest = acme.collect(**ACME)
    assert (first.exit_code, rest.exit_code) == (2, 0)
    assert len(acme.rows("workflow_runs")) == 2 * 133 + 1
    acme.collect(**ACME)
    assert [(entry.path, entry.status) for entry in acme.gh.log if entry.status != 304] == []


def test_ledger_claims_no_more_than_was_asked(shared_data: Path, tmp_path: Path) -> None:
    """What an earlier collection of the turn was told is covered until then, and not until now."""
    clock = Clock()
    with collector_in(tmp_path / "other", clock) as collector:
        add_repository(collector.gh, SHOP, pulls=250)
        collector.collect(budget=3, repos=[SHOP], only=["pull_requests"])
        began = clock.now
        clock.now += timedelta(hours=5)
        done = collector.collect(budget=3, repos=[SHOP], only=["pull_requests"])
        (entry,) = [entry for entry in done.entries if entry.dataset == "pull_requests"]
        assert (entry.outcome, entry.covered and entry.covered.until) == ("ok", began)


def test_budget_of_one_selection_is_not_taken_up_by_another(acme: Collector) -> None:
    acme.collect(budget=2, **ACME)
    assert acme.collect(repos=["acme/two"]).exit_code == 0
    assert {row["repo"] for row in acme.rows("workflow_runs")} == {"acme/two"}
