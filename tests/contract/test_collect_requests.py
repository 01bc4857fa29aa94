"""What a collection costs: as many requests as the lists have pages, and nothing while nothing changes."""

from collections.abc import Iterator
from datetime import timedelta
from math import ceil
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from backend.collect.run import Collected
from tests.contract.collecting import KINDS, NOW, Clock, Collector, add_repository, collector_in

ORGS = ("acme", "other")
SIZES: list[dict[str, int]] = [
    {"repos": 25, "runs": 0, "alerts": 0, "pulls": 0, "analyses": 0},
    {"repos": 1, "runs": 1_500, "alerts": 0, "pulls": 0, "analyses": 0},
    {"repos": 3, "runs": 230, "alerts": 130, "pulls": 250, "analyses": 120},
]
LARGE: list[dict[str, int]] = [
    {"repos": 5, "runs": 100, "alerts": 100, "pulls": 100, "analyses": 100},
    {"repos": 120, "runs": 0, "alerts": 0, "pulls": 0, "analyses": 0},
    {"repos": 40, "runs": 3, "alerts": 2, "pulls": 1, "analyses": 1},
]
LISTS = 4
"""Of a repository: its workflows, runs, pull requests and analyses."""


def _told(size: dict[str, int]) -> str:
    return "-".join(f"{count}-{what}" for what, count in size.items() if count)


class World(NamedTuple):
    """A collector that has collected twice, and what the first time was."""

    collector: Collector
    clock: Clock
    first: Collected
    asked: int
    fewest: int


@pytest.fixture(
    scope="module",
    params=[
        *(pytest.param(size, id=_told(size)) for size in SIZES),
        *(pytest.param(size, id=_told(size), marks=pytest.mark.slow) for size in LARGE),
    ],
)
def world(
    request: pytest.FixtureRequest, shared_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """One for each size: to fill it and to collect everything of it takes longer than what is asked afterwards."""
    size, clock = dict(request.param), Clock()
    repos = size.pop("repos")
    with collector_in(tmp_path_factory.mktemp("lake"), clock) as found:
        for number in range(repos):
            add_repository(found.gh, f"{ORGS[number % 2]}/r{number}", apart=timedelta(minutes=7), **size)
        for org in ORGS:
            found.gh.state.create_org(org)
        first = found.collect(orgs=ORGS)
        asked = len(found.gh.log)
        # What the first collection could not know yet: whether a full last page has a successor.
        found.collect(orgs=ORGS)
        yield World(found, clock, first, asked, minimum(found))


def minimum(collector: Collector) -> int:
    """A request for each hundred items of a list, and one more for each list."""
    state = collector.gh.state
    lists = []
    for org in ORGS:
        repos = state.repos_of(org)
        lists.append(len(repos))
        lists += [sum(len(repo.alerts.get(kind, ())) for repo in repos) for kind in KINDS]
        # Whether a repository without alerts has none or has the feature switched off, its own list alone tells; of
        # code scanning the list of analyses tells it.
        lists += [0 for repo in repos for kind in KINDS[1:] if not repo.alerts.get(kind)]
        lists += [
            len(items)
            for repo in repos
            for items in (repo.workflows, repo.runs.newest_first(), repo.pulls, repo.analyses)
        ]
    return sum(ceil(items / 100) + 1 for items in lists)


def test_first_collection_makes_few_requests_more_than_the_lists_have_pages(world: World) -> None:
    assert world.first.exit_code == 0
    assert world.first.requests == world.asked <= 1.05 * world.fewest


@pytest.mark.parametrize("later", [timedelta(0), timedelta(hours=1), timedelta(days=1)], ids=str)
def test_unchanged_refresh_asks_once_for_each_list_and_costs_no_points(world: World, later: timedelta) -> None:
    collector = world.collector
    repos = len(collector.rows("repositories"))
    collector.collect(orgs=ORGS)
    last_day = world.clock.now.date()
    world.clock.now += later
    before = collector.versions()
    done = collector.collect(orgs=ORGS)
    assert (done.exit_code, collector.versions()) == (0, before)
    assert collector.gh.log.points == 0
    assert {(entry.status, entry.conditional) for entry in collector.gh.log} == {(304, True)}
    of_repos = [entry for entry in collector.gh.log if entry.path.startswith("/repos/")]
    of_orgs = [entry for entry in collector.gh.log if entry.path.startswith("/orgs/")]
    # Once a day the runs of the last thirty days are asked for beyond the newest hundred, as they may run again.
    is_another_day = world.clock.now.date() > last_day
    pages = sum(max(ceil(runs / 100) - 1, 0) for runs in recent_runs(collector)) if is_another_day else 0
    assert len(of_repos) <= LISTS * repos + pages
    assert len(of_orgs) <= len(ORGS) * 4 + repos // 100
    assert len(of_repos) + len(of_orgs) == len(collector.gh.log)


def recent_runs(collector: Collector) -> list[int]:
    since = int((NOW - timedelta(days=31)).timestamp())
    return [len(repo.runs.newest_first(since)) for org in ORGS for repo in collector.gh.state.repos_of(org)]


def test_one_new_run_costs_the_newest_page_of_its_repository(world: World) -> None:
    collector = world.collector
    collector.collect(orgs=ORGS)
    repo = collector.gh.state.repos_of("acme")[0]
    collector.gh.state.new_run(repo.full_name, jobs=())
    collector.collect(orgs=ORGS)
    changed: list[Any] = [entry for entry in collector.gh.log if entry.status == 200]
    assert {entry.path for entry in changed} <= {
        f"/repos/{repo.full_name}/actions/{part}" for part in ("runs", "workflows")
    }
    assert collector.gh.log.points <= 2 + len(collector.gh.log.matching(f"^/repos/{repo.full_name}/actions/runs"))
