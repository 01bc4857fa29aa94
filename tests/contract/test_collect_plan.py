"""The plan of a collection names the requests that it would make, and changes nothing."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from backend.collect.plan import Planned
from shared.policy import Policy
from tests.contract.collecting import SHOP, Clock, Collector, add_repository, collector_in

NAMES = ("acme/one", SHOP)
LISTS = ("actions/workflows", "actions/runs", "code-scanning/analyses", "pulls")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def acme(shared_data: Path, tmp_path: Path, clock: Clock) -> Iterator[Collector]:
    with collector_in(tmp_path, clock) as collector:
        add_repository(collector.gh, "acme/one", alerts=1)
        add_repository(collector.gh, SHOP, runs=130, alerts=2, pulls=105, analyses=2)
        yield collector


def planned_requests(planned: list[Planned]) -> Counter[tuple[str, frozenset[tuple[str, str]]]]:
    return Counter(
        (request.path, frozenset((name, str(value)) for name, value in request.params.items())) for request in planned
    )


def made_requests(collector: Collector) -> Counter[tuple[str, frozenset[tuple[str, str]]]]:
    return Counter((entry.path, frozenset(entry.query.items())) for entry in collector.gh.log)


def blobs(collector: Collector) -> dict[str, str]:
    return {blob.name: blob.etag for blob in collector.lake.store.list("")}


LATER = [timedelta(0), timedelta(hours=1), timedelta(days=1), timedelta(days=8)]
SELECTED: list[dict[str, list[str]]] = [{"orgs": ["acme"]}, {"repos": list(NAMES)}]
QUICK = ((SELECTED[0], LATER[0]), (SELECTED[0], LATER[2]), (SELECTED[1], LATER[3]))


@pytest.mark.parametrize(
    ("selected", "later"),
    [pytest.param(*one, marks=() if one in QUICK else pytest.mark.slow) for one in product(SELECTED, LATER)],
    ids=str,
)
def test_plan_of_an_unchanged_refresh_is_what_the_refresh_then_asks_for(
    acme: Collector, clock: Clock, selected: Any, later: timedelta
) -> None:
    acme.collect(**selected)
    acme.collect(**selected)
    clock.now += later
    planned = acme.plan(**selected)
    acme.collect(**selected)
    assert planned_requests(planned) == made_requests(acme)
    assert [request.conditional for request in planned].count(True) == sum(entry.conditional for entry in acme.gh.log)


@pytest.mark.parametrize("selected", [{"orgs": ["acme"]}, {"repos": list(NAMES)}], ids=str)
def test_plan_of_a_first_collection_names_every_list_of_every_repository(acme: Collector, selected: Any) -> None:
    planned = acme.plan(**selected)
    paths = {request.path for request in planned}
    assert paths >= {f"/repos/{name}/{part}" for name in NAMES for part in LISTS}
    place = "/orgs/acme" if "orgs" in selected else f"/repos/{SHOP}"
    kinds = ("code-scanning", "dependabot", "secret-scanning")
    assert paths >= {f"{place}/{kind}/alerts" for kind in kinds}
    assert not any(request.conditional for request in planned)


def test_first_collection_begins_with_what_was_planned(acme: Collector) -> None:
    planned = planned_requests(acme.plan(repos=[SHOP]))
    acme.collect(repos=[SHOP])
    assert planned <= made_requests(acme)


@pytest.mark.parametrize("selected", [{"orgs": ["acme"]}, {"repos": list(NAMES)}], ids=str)
def test_plan_writes_nothing_and_asks_for_repositories_alone(acme: Collector, selected: Any) -> None:
    for collected in (False, True):
        if collected:
            acme.collect(**selected)
            acme.gh.state.new_run(SHOP)
            acme.gh.state.create_repo("acme/new")
        before = blobs(acme)
        planned = acme.plan(**selected)
        assert blobs(acme) == before
        paths = {entry.path for entry in acme.gh.log}
        assert paths == {"/orgs/acme/repos"} if "orgs" in selected else {f"/repos/{name}" for name in NAMES}
        assert {request.path for request in planned if request.made} == paths


def test_plan_does_not_use_up_what_the_collection_then_needs(acme: Collector) -> None:
    acme.plan(orgs=["acme"])
    assert acme.collect(orgs=["acme"]).exit_code == 0
    assert len(acme.rows("workflow_runs")) == 130


def test_plan_goes_on_where_a_budget_ended(acme: Collector) -> None:
    acme.collect(orgs=["acme"], budget=8)
    planned = acme.plan(orgs=["acme"], budget=8)
    assert "/orgs/acme/repos" not in {request.path for request in planned}
    assert not acme.gh.log.matching()
    acme.collect(orgs=["acme"], budget=1_000)
    assert {request.path for request in planned} <= {entry.path for entry in acme.gh.log}


def test_plan_names_the_jobs_that_the_policy_asks_for(acme: Collector) -> None:
    policy = Policy.model_validate({"collect": {"jobs": [SHOP], "jobs_days": 2}})
    acme.collect(orgs=["acme"])
    planned = acme.plan(policy, orgs=["acme"])
    jobs = [request for request in planned if request.path.endswith("/jobs")]
    assert len(jobs) == 48
    assert all(request.path.startswith(f"/repos/{SHOP}/actions/runs/") for request in jobs)


def test_plan_of_a_renamed_repository_leaves_its_rows_where_they_are(acme: Collector) -> None:
    acme.collect(orgs=["acme"])
    before = blobs(acme)
    acme.gh.state.rename_repo(SHOP, "acme/store")
    planned = acme.plan(orgs=["acme"])
    assert "/repos/acme/store/actions/runs" in {request.path for request in planned}
    assert blobs(acme) == before
