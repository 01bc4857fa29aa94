from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from backend.collect.limits import Gate, Time, is_limited, server_time, spent_s, wait_s
from backend.collect.problems import BadToken, BudgetSpent, Interrupted, RateLimited

DATE = {"date": "Sat, 21 Nov 2026 12:00:00 GMT"}
NOON = int(datetime(2026, 11, 21, 12, tzinfo=UTC).timestamp())
SPENT = {**DATE, "x-ratelimit-remaining": "0", "x-ratelimit-reset": str(NOON + 90)}


@pytest.mark.parametrize(
    ("status", "message", "headers", "limited"),
    [
        (429, "", {}, True),
        (403, "You have exceeded a secondary rate limit.", {}, True),
        (403, "API rate limit exceeded for user ID 1.", {}, True),
        (403, "You have triggered an abuse detection mechanism.", {}, True),
        (403, "", {"retry-after": "5"}, True),
        (403, "", {"x-ratelimit-remaining": "0"}, True),
        (403, "Resource not accessible by integration", {"x-ratelimit-remaining": "7"}, False),
        (404, "rate limit", {}, False),
        (200, "", {"x-ratelimit-remaining": "0"}, False),
    ],
)
def test_too_fast_is_told_from_not_for_you(status: int, message: str, headers: dict[str, str], limited: bool) -> None:
    assert is_limited(status, message, headers) is limited


@pytest.mark.parametrize(
    ("headers", "earlier", "seconds"),
    [
        ({"retry-after": "17"}, 3, 17.0),
        ({"retry-after": "0"}, 0, 1.0),
        (SPENT, 0, 91.0),
        ({}, 0, 60.0),
        ({}, 2, 240.0),
        ({"retry-after": "soon"}, 0, 60.0),
    ],
)
def test_wait_is_what_github_asks_for(headers: dict[str, str], earlier: int, seconds: float) -> None:
    assert wait_s(headers, earlier) == seconds


def test_nothing_to_wait_for_while_requests_are_left() -> None:
    assert spent_s({**SPENT, "x-ratelimit-remaining": "1"}) == 0
    assert spent_s({}) == 0


def test_hour_that_has_begun_already_is_a_moment_away() -> None:
    assert spent_s({**SPENT, "x-ratelimit-reset": str(NOON - 50)}) == 1.0


def test_servers_clock_is_unknown_without_a_date() -> None:
    assert server_time(DATE) == datetime(2026, 11, 21, 12, tzinfo=UTC)
    assert server_time({"date": "today"}) is None
    assert server_time({}) is None


def test_gate_lets_nobody_through_while_it_is_closed() -> None:
    naps: list[float] = []
    gate = Gate(1, Time(lambda: sum(naps), naps.append))
    said: list[str] = []
    gate.say = said.append
    gate.close_for(60, "Too fast")
    gate.close_for(30, "Too fast")
    with gate:
        assert naps == [60]
    assert said == ["Too fast: waiting 60 s, as GitHub asks"]
    assert gate.passed == 1


def test_wait_that_is_too_long_is_refused() -> None:
    with pytest.raises(RateLimited, match="167 minutes"):
        Gate(1, Time()).close_for(10_000, "Too fast")


def test_stopped_gate_ends_waits_and_frees_its_slot() -> None:
    gate = Gate(1, Time())
    gate.close_for(3_000, "Too fast")
    gate.stop()
    for _ in range(2):
        with pytest.raises(Interrupted, match="same command again"), gate:
            pass
    assert gate.passed == 0


@pytest.mark.parametrize("budget", [0, 1, 7])
def test_budget_lets_so_many_through_and_names_itself_to_the_next(budget: int) -> None:
    gate = Gate(1, Time())
    gate.budget = budget
    for _ in range(budget):
        with gate:
            pass
    for _ in range(2):
        with pytest.raises(BudgetSpent, match=f"budget of {budget} requests is used up; run the same command"), gate:
            pass
    assert gate.passed == budget


def test_budget_is_not_overdrawn_by_threads_that_come_at_once() -> None:
    gate = Gate(8, Time())
    gate.budget = 50

    def pass_through(_: int) -> bool:
        try:
            with gate:
                return True
        except BudgetSpent:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(pass_through, range(400))) == gate.passed == 50


def test_stopped_gate_refuses_with_the_error_that_stopped_it_first() -> None:
    gate = Gate(1, Time())
    gate.stop(BadToken("GITHUB_TOKEN was rejected."))
    gate.stop(RateLimited("Later."))
    with pytest.raises(BadToken, match="was rejected"), gate:
        pass
    with pytest.raises(BadToken):
        gate.pause(3_000)
