"""The collector as a GitHub App: its tokens are renewed in time, whatever the clocks say."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from backend.collect.problems import BadToken
from tests.contract.access.shop import DAY_S, HOUR_S, ISSUED, SHOP, Clock, Shop
from tests.contract.collecting import Hours
from tests.standins.github import faults


def test_tokens_are_renewed_in_time_during_a_long_collection(shop: Shop) -> None:
    shop.gh.faults.add(faults.hook(lambda _: setattr(shop.clock, "ahead_s", shop.clock.ahead_s + 60)), times=None)
    github = shop.open("acme")
    for _ in range(200):
        github.get(SHOP)
    assert shop.clock.ahead_s > 3 * HOUR_S
    assert shop.refused() == []
    assert shop.issued == 4  # each is used for 55 minutes


def test_tokens_that_live_for_seconds_are_not_asked_for_at_every_request(shop: Shop) -> None:
    shop.gh.state.tokens.apps.token_life_s = 8
    shop.gh.faults.add(faults.hook(lambda _: setattr(shop.clock, "ahead_s", shop.clock.ahead_s + 1)), times=None)
    github = shop.open("acme")
    for _ in range(30):
        github.get(SHOP)
    assert shop.refused() == []
    assert 5 <= shop.issued <= 10


def test_a_revoked_token_is_renewed_once_and_the_request_made_again(shop: Shop) -> None:
    github = shop.open("acme")
    github.get(SHOP)
    shop.gh.state.tokens.revoke(shop.token())
    assert github.get(SHOP).status == 200
    assert (shop.issued, shop.refused()) == (2, [SHOP])


def test_a_new_token_that_is_refused_too_ends_it(shop: Shop) -> None:
    shop.gh.faults.add(faults.status(401, "Bad credentials"), path=SHOP, times=None)
    with pytest.raises(BadToken, match=r"refuses even a new token of the GitHub App for /repos/acme/shop \(401 'Bad c"):
        shop.open("acme").get(SHOP)
    assert (shop.issued, shop.refused()) == (2, [SHOP, SHOP])


@pytest.mark.parametrize("wrong_s", [300, -300, DAY_S, -DAY_S])
def test_a_wrong_local_clock_does_no_harm(shop: Shop, wrong_s: int) -> None:
    github = shop.open("acme", local=lambda: time.time() + wrong_s)
    for _ in range(5):
        assert github.get(SHOP).status == 200
    assert shop.issued == 1
    assert len(shop.refused()) <= 1  # the first, which tells us GitHub's time


def test_a_clock_that_jumps_meanwhile_does_no_harm(shop: Shop) -> None:
    local = Clock()
    github = shop.open("acme", local=local)
    github.get(SHOP)
    local.ahead_s, shop.clock.ahead_s = -DAY_S, HOUR_S
    assert github.get(SHOP).status == 200  # GitHub is an hour on, which only its own answers tell
    assert (shop.issued, shop.refused()) == (2, [SHOP])


def test_ten_threads_renew_once_at_the_start_and_in_time(shop: Shop) -> None:
    shop.gh.faults.add(faults.latency(0.2), path=ISSUED, method="POST", times=None)
    github, start = shop.open("acme"), threading.Barrier(10)

    def read() -> int:
        start.wait()
        return github.get(SHOP).status

    with ThreadPoolExecutor(10) as threads:
        assert [done.result() for done in [threads.submit(read) for _ in range(10)]] == [200] * 10
        assert shop.issued == 1
        shop.clock.ahead_s = HOUR_S - 200
        github.get("/rate_limit")  # from which the time is known
        assert [done.result() for done in [threads.submit(read) for _ in range(10)]] == [200] * 10
    assert (shop.issued, shop.refused()) == (2, [])


def test_ten_threads_that_are_refused_renew_once(shop: Shop) -> None:
    github, start = shop.open("acme"), threading.Barrier(10)
    github.get(SHOP)
    shop.gh.state.tokens.revoke(shop.token())

    def read() -> int:
        start.wait()
        return github.get(SHOP).status

    with ThreadPoolExecutor(10) as threads:
        assert [done.result() for done in [threads.submit(read) for _ in range(10)]] == [200] * 10
    assert shop.issued == 2


def test_others_go_on_with_the_old_token_while_one_renews_it(shop: Shop) -> None:
    github = shop.open("acme")
    github.get(SHOP)
    shop.clock.ahead_s = HOUR_S - 200
    github.get("/rate_limit")
    meanwhile: list[int] = []
    # This runs in a thread of the stand-in, before it answers the renewal.
    shop.gh.faults.add(faults.hook(lambda _: meanwhile.append(github.get(SHOP).status)), path=ISSUED, method="POST")
    assert github.get(SHOP).status == 200
    assert (meanwhile, shop.issued) == ([200], 2)


def test_a_renewal_that_fails_leaves_the_old_token_in_use(shop: Shop) -> None:
    github = shop.open("acme")
    github.get(SHOP)
    shop.clock.ahead_s = HOUR_S - 200
    github.get("/rate_limit")
    shop.gh.faults.add(faults.status(502), path=ISSUED, method="POST", times=None)
    for _ in range(5):
        assert github.get(SHOP).status == 200
    assert len(shop.gh.log.matching(ISSUED, method="POST", status=502)) == 1


def test_a_first_token_is_asked_for_again_and_limits_are_obeyed(shop: Shop) -> None:
    hours = Hours()
    shop.gh.faults.add(faults.status(502), path=ISSUED, method="POST")
    shop.gh.faults.add(faults.reset(), path=ISSUED, method="POST", nth=2)
    shop.gh.faults.add(faults.too_many(retry_after=7), path=ISSUED, method="POST", nth=3)
    assert shop.open("acme", hours=hours).get(SHOP).status == 200
    assert hours.naps[-1] == pytest.approx(7)
    assert len(hours.naps) == 3
