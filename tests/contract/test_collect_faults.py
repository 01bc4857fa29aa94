"""What goes wrong at GitHub, in the network or with the token: what is kept, what is said, and how often we ask."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from backend.collect.github import GitHub
from shared.datasets.alerts import KINDS
from tests.contract.collecting import SHOP, Collector, add_shop, collector_in, outcomes
from tests.standins.github import PUBLIC, Token, faults
from tests.standins.github.faults import Effect


@pytest.fixture
def shop(shared_data: Path, tmp_path: Path) -> Iterator[Collector]:
    with collector_in(tmp_path) as collector:
        add_shop(collector.gh)
        yield collector


def test_wrong_token_ends_it_at_once_and_never_reads_anonymously(shop: Collector) -> None:
    done = shop.collect(repos=[SHOP, "acme/other"], token="ghp_wrong")
    assert done.exit_code == 1
    assert "GITHUB_TOKEN was rejected" in str(done.problem)
    assert "make a new token" in str(done.problem)
    assert "ghp_wrong" not in str(done)
    assert {entry.status for entry in shop.gh.log} == {401}
    assert shop.rows("repositories") == []


def test_token_that_is_revoked_midway_keeps_what_was_read(shop: Collector) -> None:
    shop.gh.faults.add(faults.bad_credentials(), path="/actions/", times=None)
    done = shop.collect(repos=[SHOP])
    assert done.exit_code == 2
    assert len(shop.rows("repositories")) == 1


@pytest.mark.parametrize("selected", [{"repos": [SHOP]}, {"orgs": ["acme"]}])
def test_missing_permission_is_named_and_the_rest_is_kept(shop: Collector, selected: Any) -> None:
    shop.gh.state.tokens.add(Token("ghp_public", kind="fine-grained", permissions=PUBLIC))
    done = shop.collect(token="ghp_public", **selected)
    assert done.exit_code == 2
    assert len(shop.rows("workflow_runs")) == 1
    reasons = {entry.dataset: str(entry.reason) for entry in done.failures}
    assert set(outcomes(done).values()) == {"ok", "forbidden"}
    assert "Code scanning alerts: read" in reasons["code_scanning"]
    assert "Resource not accessible by personal access token" in reasons["dependabot"]
    assert len(shop.gh.log.matching(f"/repos/{SHOP}/code-scanning/alerts")) == 1


def test_unknown_organisation_is_named(shop: Collector) -> None:
    done = shop.collect(orgs=["nobody"])
    assert (done.exit_code, outcomes(done)) == (1, {("repositories", "nobody/*"): "not_found"})
    assert "'nobody'" in str(done.failures[0].reason)
    assert shop.collect(orgs=["nobody", "acme"]).exit_code == 2
    assert [row["outcome"] for row in shop.rows("collections") if row["org"] == "nobody"] == ["not_found"] * 2


def test_missing_repository_is_not_asked_for_twice(shop: Collector) -> None:
    done = shop.collect(repos=["acme/none"])
    assert (done.exit_code, len(shop.gh.log)) == (1, 1)


@pytest.mark.parametrize("effect", [faults.status(502), faults.reset(), faults.truncated()], ids=str)
def test_what_passes_is_asked_again(shop: Collector, effect: Effect) -> None:
    shop.gh.faults.add(effect, path="/actions/runs", times=3)
    assert shop.collect(repos=[SHOP]).exit_code == 0
    assert len(shop.rows("workflow_runs")) == 1
    first, second, third = shop.hours.naps
    assert first < second < third


@pytest.mark.parametrize("effect", [faults.status(502), faults.reset(), faults.truncated()], ids=str)
def test_what_does_not_pass_fails_alone(shop: Collector, effect: Effect) -> None:
    shop.gh.faults.add(effect, path="/actions/runs", times=None)
    done = shop.collect(repos=[SHOP])
    assert done.exit_code == 2
    assert outcomes(done)["workflow_runs", SHOP] == "failed"
    assert len(shop.gh.log.matching("/actions/runs")) == 5
    assert len(shop.rows("alerts")) == 3
    assert f"/repos/{SHOP}/actions/runs" in str(done.failures[0].reason)


def test_server_that_hangs_is_given_up(shop: Collector) -> None:
    shop.gh.faults.add(faults.hang(), path="/dependabot/")
    assert shop.collect(repos=[SHOP], timeout_s=0.3).exit_code == 0


@pytest.mark.parametrize(
    ("effect", "waits"),
    [
        (faults.too_many(retry_after=7), [7, 7]),
        (faults.too_many(), [60, 120]),
        (faults.secondary_limit(retry_after=30), [30, 30]),
        (faults.secondary_limit(), [60, 120]),
    ],
    ids=str,
)
def test_rate_limit_is_obeyed(shop: Collector, effect: Effect, waits: list[int]) -> None:
    shop.gh.faults.add(effect, path=f"^/repos/{SHOP}$", times=2)
    assert shop.collect(repos=[SHOP], only=["repositories"]).exit_code == 0
    assert shop.hours.naps == waits


def test_primary_limit_is_waited_for_by_githubs_clock(shop: Collector) -> None:
    shop.gh.faults.add(faults.clock_skew(-86_400), times=None)
    shop.gh.faults.add(faults.primary_limit(reset_in_s=1_500), path=f"^/repos/{SHOP}$")
    assert shop.collect(repos=[SHOP], only=["repositories"]).exit_code == 0
    assert [round(nap, -1) for nap in shop.hours.naps] == [1_500]


def test_rate_limit_without_end_ends_the_collection(shop: Collector) -> None:
    shop.gh.faults.add(faults.secondary_limit(), path="/actions/runs", times=None)
    done = shop.collect(repos=[SHOP])
    assert done.exit_code == 2
    assert "/actions/runs" in str(done.problem)
    assert outcomes(done)["workflow_runs", SHOP] == "partial"
    assert len(shop.rows("repositories")) == 1


def test_last_request_of_the_hour_makes_us_wait_before_the_next(
    shop: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens, sleep = shop.gh.state.tokens, shop.hours.sleep
    tokens.add(Token("ghp_small", limit=1))

    def until_the_next_hour(seconds: float) -> None:
        sleep(seconds)
        tokens.add(Token("ghp_small", limit=100))

    monkeypatch.setattr(shop.hours, "sleep", until_the_next_hour)
    assert shop.collect(repos=[SHOP], token="ghp_small").exit_code == 0
    assert not [entry for entry in shop.gh.log if entry.status == 403]
    assert len(shop.hours.naps) == 1
    assert shop.hours.naps[0] > 3_500


def test_feature_that_is_off_is_no_failure(shop: Collector) -> None:
    shop.gh.state.switch(SHOP, "code-scanning", "never analysed")
    shop.gh.state.switch(SHOP, "dependabot", "off")
    shop.gh.state.switch(SHOP, "secret-scanning", "off")
    done = shop.collect(repos=[SHOP])
    assert done.exit_code == 0
    alerts = {key: value for key, value in outcomes(done).items() if key[0] in KINDS}
    assert set(alerts.values()) == {"disabled"}


def test_feature_that_is_switched_on_later_is_read(shop: Collector) -> None:
    shop.gh.state.switch(SHOP, "dependabot", "off")
    shop.collect(orgs=["acme"])
    assert len(shop.rows("alerts")) == 2
    shop.gh.state.switch(SHOP, "dependabot", "on")
    done = shop.collect(orgs=["acme"])
    assert outcomes(done)["dependabot", SHOP] == "ok"
    assert len(shop.rows("alerts")) == 3


def test_one_repository_that_is_forbidden_leaves_the_others(shop: Collector) -> None:
    shop.gh.state.create_repo("acme/closed")
    shop.gh.faults.add(faults.forbidden(), path="^/repos/acme/closed/actions/", times=None)
    done = shop.collect(orgs=["acme"])
    assert done.exit_code == 2
    assert {(entry.dataset, entry.repo) for entry in done.failures} == {
        ("workflows", "acme/closed"),
        ("workflow_runs", "acme/closed"),
    }
    assert len(shop.rows("workflow_runs")) == 1


def test_clock_that_is_wrong_hides_nothing(shop: Collector) -> None:
    for skew in (-7_200, 7_200):
        fault = shop.gh.faults.add(faults.clock_skew(skew), times=None)
        run = shop.gh.state.new_run(SHOP)
        assert shop.collect(repos=[SHOP]).exit_code == 0
        assert run["id"] in {row["run_id"] for row in shop.rows("workflow_runs")}
        shop.gh.faults.remove(fault)


def test_organisation_whose_alerts_fail_midway_is_incomplete_everywhere(shop: Collector) -> None:
    shop.gh.faults.add(faults.status(503), path="/orgs/acme/dependabot", times=None)
    done = shop.collect(orgs=["acme"])
    assert outcomes(done)["dependabot", SHOP] == "failed"
    assert outcomes(done)["code_scanning", SHOP] == "ok"
    assert shop.collect(orgs=["acme"], only=["workflows"]).exit_code == 0


def test_at_most_ten_requests_at_once(shop: Collector) -> None:
    for number in range(20):
        shop.gh.state.create_repo(f"acme/r{number}")
    shop.gh.faults.add(faults.latency(0.01), times=None)
    shop.collect(orgs=["acme"])
    assert 1 < shop.gh.log.max_in_flight <= 10


def test_threads_never_get_each_others_answers(shop: Collector) -> None:
    for number in range(8):
        shop.gh.state.create_repo(f"acme/r{number}")
    github = GitHub(shop.gh.token, shop.gh.url)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(8) as pool:
            names = list(pool.map(lambda n: github.get(f"/repos/acme/r{n % 8}").data["name"], range(400)))
    finally:
        sys.setswitchinterval(interval)
    assert names == [f"r{number % 8}" for number in range(400)]
