"""The GitHub stand-in fails in the ways that GitHub and the network do, when it is told to."""

import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime

import pytest
import requests

from tests.standins.github import DATA, GitHubStandin, Request, State, faults
from tests.standins.github.reader import get, walk

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the shipped real data is not beside this checkout")

SHOP = "acme/shop"
RUNS = f"/repos/{SHOP}/actions/runs"


@pytest.fixture
def gh() -> Iterator[GitHubStandin]:
    with GitHubStandin() as standin:
        standin.state.create_repo(SHOP)
        for day in (1, 2, 3, 4):
            standin.state.new_run(SHOP, at=f"2026-03-0{day}")
        yield standin


def test_a_fault_strikes_from_the_nth_match_on_as_often_as_told(gh: GitHubStandin) -> None:
    fault = gh.faults.add(faults.status(502), path="/actions/runs", nth=2, times=2)
    assert [get(gh, RUNS).status_code for _ in range(4)] == [200, 502, 502, 200]
    assert get(gh, "/meta").status_code == 200
    assert (fault.seen, fault.hits) == (4, 2)


def test_a_fault_lasts_until_it_is_removed(gh: GitHubStandin) -> None:
    fault = gh.faults.add(faults.forbidden(), path=f"^/repos/{SHOP}/", times=None)
    assert [get(gh, path).status_code for path in (RUNS, RUNS, f"/repos/{SHOP}")] == [403, 403, 200]
    gh.faults.remove(fault)
    assert get(gh, RUNS).status_code == 200


def test_a_fault_can_be_bound_to_a_page(gh: GitHubStandin) -> None:
    gh.faults.add(faults.status(500), path=r"[?&]page=2")
    assert [get(gh, RUNS, per_page=2, page=page).status_code for page in (1, 2, 2)] == [200, 500, 200]


def test_a_reset_connection_is_a_real_reset(gh: GitHubStandin) -> None:
    gh.faults.add(faults.reset())
    with pytest.raises(requests.ConnectionError, match="reset by peer"):
        get(gh, RUNS)
    assert gh.log[-1].status is None
    assert get(gh, RUNS).status_code == 200


def test_a_truncated_body_is_shorter_than_it_promised(gh: GitHubStandin) -> None:
    gh.faults.add(faults.truncated())
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        get(gh, RUNS)
    assert get(gh, RUNS).status_code == 200


def test_a_hanging_request_is_never_answered_and_does_not_hold_up_the_end(gh: GitHubStandin) -> None:
    gh.faults.add(faults.hang())
    with pytest.raises(requests.ReadTimeout):
        requests.get(gh.url + RUNS, timeout=0.2)
    began = time.monotonic()
    gh.close()
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    ("effect", "status", "retry_after"),
    [
        (faults.too_many(), 429, None),
        (faults.too_many(retry_after=7), 429, "7"),
        (faults.secondary_limit(), 403, None),
        (faults.secondary_limit(retry_after=7), 403, "7"),
    ],
)
def test_secondary_limits_come_with_or_without_retry_after(
    gh: GitHubStandin, effect: faults.Effect, status: int, retry_after: str | None
) -> None:
    gh.faults.add(effect)
    answer = get(gh, RUNS)
    assert (answer.status_code, answer.headers.get("retry-after")) == (status, retry_after)
    assert "secondary rate limit" in answer.json()["message"]
    assert int(answer.headers["x-ratelimit-remaining"]) > 0


def test_the_primary_limit_can_end_in_the_middle() -> None:
    with GitHubStandin(State(clock=lambda: 1_800_000_000.0)) as gh:
        gh.faults.add(faults.primary_limit(reset_in_s=90), nth=2)
        assert get(gh, "/meta").status_code == 200
        answer = get(gh, "/meta")
        assert (answer.status_code, answer.headers["x-ratelimit-remaining"]) == (403, "0")
        assert answer.headers["x-ratelimit-reset"] == "1800000090"


def test_a_token_can_be_refused_in_the_middle(gh: GitHubStandin) -> None:
    gh.faults.add(faults.bad_credentials(), nth=2, times=None)
    assert [get(gh, RUNS).status_code for _ in range(3)] == [200, 401, 401]


def test_clocks_can_differ_in_date_and_in_reset(gh: GitHubStandin) -> None:
    true = get(gh, "/meta").headers
    gh.faults.add(faults.clock_skew(-600, ratelimit_reset=False))
    gh.faults.add(faults.clock_skew(900, date=False), nth=2)
    late, early = get(gh, "/meta").headers, get(gh, "/meta").headers
    assert (parsedate_to_datetime(true["date"]) - parsedate_to_datetime(late["date"])).total_seconds() > 590
    assert int(early["x-ratelimit-reset"]) - int(true["x-ratelimit-reset"]) == 900


def test_a_page_can_come_twice(gh: GitHubStandin) -> None:
    gh.faults.add(faults.repeat_page(1), path=r"[?&]page=2")
    numbers = [run["run_number"] for run in walk(gh, RUNS, per_page=2)]
    assert numbers == [4, 3, 4, 3, 2, 1]


def test_latency_can_be_added(gh: GitHubStandin) -> None:
    gh.faults.add(faults.latency(0.3))
    began = time.monotonic()
    get(gh, "/meta")
    assert time.monotonic() - began > 0.3


def test_a_hook_moves_the_state_between_two_pages(gh: GitHubStandin) -> None:
    seen: list[Request] = []

    def push(request: Request) -> None:
        seen.append(request)
        gh.state.new_run(SHOP, at="2026-03-09")

    gh.faults.add(faults.hook(push), path=r"[?&]page=2")
    numbers = [run["run_number"] for run in walk(gh, RUNS, per_page=2)]
    assert numbers == [4, 3, 3, 2, 1]
    assert seen[0].query["page"] == "2"


def test_effects_add_up(gh: GitHubStandin) -> None:
    gh.faults.add(faults.latency(0.2))
    gh.faults.add(faults.status(503))
    began = time.monotonic()
    assert get(gh, RUNS).status_code == 503
    assert time.monotonic() - began > 0.2
    assert gh.log.matching(status=503)[0].points == 0
