"""The GitHub stand-in as a process of its own, and its side door."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.benchmarks.processes import Standin, standin
from tests.standins.github import DATA

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the shipped real data is not beside this checkout")

RUNS = "/repos/many/service-0001/actions/runs"


@pytest.fixture
def gh(tmp_path: Path) -> Iterator[Standin]:
    with standin("many", tmp_path / "said.txt", repos=2, runs=150, alerts=3, days=30, seed=7, limit=40) as started:
        yield started


def ask(gh: Standin, path: str, **headers: str) -> requests.Response:
    return requests.get(gh.url + path, headers={"Authorization": f"Bearer {gh.token}", **headers}, timeout=10)


def test_it_serves_what_its_options_say(gh: Standin) -> None:
    answer = ask(gh, RUNS)
    assert answer.headers["x-ratelimit-limit"] == "40"
    assert answer.json()["total_count"] == 150
    assert len(ask(gh, "/orgs/many/repos").json()) == 2


def test_the_side_door_tells_what_was_asked_and_is_not_in_the_log_itself(gh: Standin) -> None:
    first = ask(gh, f"{RUNS}?per_page=100")
    ask(gh, f"{RUNS}?per_page=100", **{"If-None-Match": first.headers["etag"]})
    asked = gh.asked()
    assert asked.pop("cpu_s") > 0
    assert asked == {
        "requests": 2,
        "points": 1,
        "conditional": 1,
        "unchanged": 1,
        "bytes": int(first.headers["content-length"]),
        "max_in_flight": 1,
    }
    assert gh.targets() == [f"{RUNS}?per_page=100"] * 2
    gh.clear()
    assert gh.asked()["requests"] == 0


def test_what_was_asked_can_be_asked_again(gh: Standin) -> None:
    first = ask(gh, f"{RUNS}?created=2026-01-01T00:00:00%2B01:00..*&per_page=100")
    (target,) = gh.targets()
    assert ask(gh, target).headers["etag"] == first.headers["etag"]


def test_the_lists_are_counted(gh: Standin) -> None:
    sizes = gh.lists()
    assert (sizes["/orgs/many/repos"], sizes["/orgs/many/dependabot/alerts"], sizes[RUNS]) == (2, 6, 150)
    assert len(sizes) == 4 + 2 * 4


def test_each_repository_gets_a_new_run(gh: Standin) -> None:
    assert gh.new_runs() == 2
    newest = ask(gh, RUNS).json()
    assert (newest["total_count"], newest["workflow_runs"][0]["run_number"]) == (151, 151)


def test_an_unknown_door_is_named(gh: Standin) -> None:
    answer = ask(gh, "/_standin/nothing")
    assert answer.status_code == 404
    assert "GET log" in answer.json()["message"]
