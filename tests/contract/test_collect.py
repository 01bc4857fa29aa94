"""A collection brings what GitHub has into the lake, once, and later only what is new."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.lake.quarantine import quarantine_counts
from shared.lake.store import Absent, Content, StoreFull
from tests.contract.collecting import NOW, SHOP, Collector, add_shop, collector_in, open_lake, outcomes
from tests.standins.github import GitHubStandin, Request, faults, load_shipped
from tests.standins.github.shipped import CODE_SCANNING, DEPENDABOT, RUNS, SECRET_SCANNING

KINDS = ("code_scanning", "dependabot", "secret_scanning")


@pytest.fixture
def to_collect(shared_data: Path, tmp_path: Path) -> Iterator[Collector]:
    with collector_in(tmp_path) as collector:
        yield collector


@pytest.fixture
def shipped(to_collect: Collector) -> Collector:
    load_shipped(to_collect.gh.state)
    return to_collect


@pytest.fixture
def shop(to_collect: Collector) -> Collector:
    add_shop(to_collect.gh)
    return to_collect


ALL: dict[str, Any] = {"orgs": ["ionic-team", "Tibule12", "AvansHogeschoolBreda", "octo-org"]}


def test_first_collection_has_every_run_and_alert(shipped: Collector) -> None:
    done = shipped.collect(**ALL)
    assert (done.exit_code, done.problem) == (0, None)
    runs = shipped.rows("workflow_runs")
    assert (len(runs), sum(run["is_latest_attempt"] for run in runs)) == (108, 101)
    assert Counter((alert["repo"], alert["kind"], alert["state"]) for alert in shipped.rows("alerts")) == {
        (CODE_SCANNING, "code_scanning", "open"): 361,
        (CODE_SCANNING, "code_scanning", "fixed"): 11,
        (DEPENDABOT, "dependabot", "open"): 150,
        (DEPENDABOT, "dependabot", "auto_dismissed"): 46,
        (DEPENDABOT, "dependabot", "fixed"): 3,
        (SECRET_SCANNING, "secret_scanning", "dismissed"): 1,
    }
    assert {row["repo"] for row in shipped.rows("repositories")} == {
        RUNS,
        CODE_SCANNING,
        DEPENDABOT,
        SECRET_SCANNING,
    }


def test_second_collection_changes_nothing_and_asks_for_little(shipped: Collector) -> None:
    first = shipped.collect(**ALL)
    before = shipped.versions()
    second = shipped.collect(**ALL)
    assert shipped.versions() == before
    assert (first.requests, second.requests) == (50, 28)
    assert {entry.status for entry in shipped.gh.log} == {304}
    assert shipped.gh.log.points == 0
    assert second.exit_code == 0


def test_ledger_has_a_row_for_every_source(shop: Collector) -> None:
    done = shop.collect(orgs=["acme"])
    ledger = shop.rows("collections")
    assert {(row["dataset"], row["repo"]) for row in ledger} == {
        ("repositories", "acme/*"),
        ("workflows", SHOP),
        ("workflow_runs", SHOP),
        ("scans", SHOP),
        ("pull_requests", SHOP),
        *((kind, repo) for kind in KINDS for repo in ("acme/*", SHOP)),
    }
    assert {row["collection_id"] for row in ledger} == {done.collection_id}
    assert sum(row["requests"] for row in ledger) == done.requests == len(shop.gh.log)
    runs = next(row for row in ledger if row["dataset"] == "workflow_runs")
    assert (runs["outcome"], runs["rows"], runs["org"], runs["covered_since"]) == ("ok", 1, "acme", None)
    assert abs(runs["covered_until"] - datetime.now(UTC)) < timedelta(minutes=1)


def test_new_run_and_rerun_between_two_collections(shop: Collector) -> None:
    shop.collect(repos=[SHOP])
    (old,) = shop.rows("workflow_runs")
    shop.gh.state.rerun(old["run_id"], "failure", at=NOW)
    shop.gh.state.new_run(SHOP, at=NOW)
    shop.collect(repos=[SHOP])
    runs = shop.rows("workflow_runs")
    assert [(run["run_attempt"], run["is_latest_attempt"], run["conclusion"]) for run in runs] == [
        (1, False, "success"),
        (2, True, "failure"),
        (1, True, "success"),
    ]


def test_earlier_attempts_are_read_once(shop: Collector) -> None:
    run = shop.gh.state.new_run(SHOP, at=NOW - timedelta(days=1))
    shop.gh.state.rerun(run["id"], "failure")
    shop.gh.state.rerun(run["id"], "success")
    shop.collect(repos=[SHOP])
    assert len(shop.gh.log.matching("/attempts/")) == 2
    shop.collect(repos=[SHOP])
    assert not shop.gh.log.matching("/attempts/")
    assert len(shop.rows("workflow_runs")) == 4


def test_unfinished_run_is_visited_again_however_old(shop: Collector) -> None:
    waiting = shop.gh.state.new_run(SHOP, at=NOW - timedelta(days=60), conclusion=None)
    gone = shop.gh.state.new_run(SHOP, at=NOW - timedelta(days=61), conclusion=None)
    shop.gh.state.new_run(SHOP, at=NOW)
    shop.collect(repos=[SHOP])
    shop.gh.state.complete(waiting["id"], "cancelled", at=NOW)
    shop.gh.state.delete_run(gone["id"])
    assert shop.collect(repos=[SHOP]).exit_code == 0
    found = {run["run_id"]: run["conclusion"] for run in shop.rows("workflow_runs")}
    assert (found[waiting["id"]], found[gone["id"]], len(found)) == ("cancelled", None, 4)
    shop.collect(repos=[SHOP])
    assert not shop.gh.log.matching(rf"/runs/({waiting['id']}|{gone['id']})")


@pytest.mark.parametrize("selected", [{"orgs": ["acme"]}, {"repos": [SHOP]}])
def test_closed_and_reopened_alerts_between_two_collections(shop: Collector, selected: Any) -> None:
    state = shop.gh.state
    state.dismiss_alert(SHOP, "dependabot", 1, at=NOW - timedelta(days=2))
    shop.collect(**selected)
    state.fix_alert(SHOP, "code-scanning", 1, at=NOW)
    state.reopen_alert(SHOP, "dependabot", 1, at=NOW)
    state.new_alert(SHOP, "secret-scanning", at=NOW)
    done = shop.collect(**selected)
    assert {(alert["kind"], alert["number"]): alert["state"] for alert in shop.rows("alerts")} == {
        ("code_scanning", 1): "fixed",
        ("dependabot", 1): "open",
        ("secret_scanning", 1): "open",
        ("secret_scanning", 2): "open",
    }
    assert outcomes(done)["code_scanning", SHOP] == "ok"


def test_organisation_is_asked_in_one_listing(to_collect: Collector) -> None:
    for number in range(5):
        repo = to_collect.gh.state.create_repo(f"acme/r{number}", features={"dependabot": "off"})
        to_collect.gh.state.new_alert(repo.full_name, "code-scanning", at=NOW)
    done = to_collect.collect(orgs=["acme"])
    assert len(to_collect.gh.log.matching("code-scanning/alerts")) == 1
    assert done.exit_code == 0
    # The organisation's listing cannot tell "off" from "no alerts", so each repository is asked, once.
    assert len(to_collect.gh.log.matching("/dependabot/")) == 6
    assert {outcomes(done)["dependabot", f"acme/r{number}"] for number in range(5)} == {"disabled"}
    done = to_collect.collect(orgs=["acme"])
    assert len(to_collect.gh.log.matching("/dependabot/")) == 1
    assert {outcomes(done)["dependabot", f"acme/r{number}"] for number in range(5)} == {"disabled"}


def test_repository_that_joins_the_organisation_brings_its_old_alerts(shop: Collector) -> None:
    shop.gh.state.create_repo("other/old")
    shop.gh.state.new_alert("other/old", "code-scanning", at=NOW - timedelta(days=300))
    shop.collect(orgs=["acme"])
    shop.gh.state.rename_repo("other/old", "acme/old")
    shop.collect(orgs=["acme"])
    assert {alert["repo"] for alert in shop.rows("alerts")} == {SHOP, "acme/old"}


def test_more_runs_than_github_lists_at_once(to_collect: Collector) -> None:
    state = to_collect.gh.state
    state.search_limit = 1_000
    state.create_repo(SHOP)
    for number in range(2_300):
        state.new_run(SHOP, at=NOW - timedelta(minutes=number), jobs=())
    done = to_collect.collect(repos=[SHOP], only=["workflow_runs"])
    assert (done.exit_code, len(to_collect.rows("workflow_runs"))) == (0, 2_300)


def test_second_that_holds_more_than_github_lists_is_partial(to_collect: Collector) -> None:
    to_collect.gh.state.create_repo(SHOP)
    for _ in range(1_005):
        to_collect.gh.state.new_run(SHOP, at=NOW, jobs=())
    done = to_collect.collect(repos=[SHOP], only=["workflow_runs"])
    assert (done.exit_code, len(to_collect.rows("workflow_runs"))) == (2, 1_000)
    assert "counts 1005 runs" in str(done.failures[0].reason)


def test_pages_may_move_while_they_are_read(to_collect: Collector) -> None:
    state = to_collect.gh.state
    state.create_repo(SHOP)
    for number in range(250):
        state.new_run(SHOP, at=NOW - timedelta(hours=1, seconds=number), jobs=())
    to_collect.gh.faults.add(
        faults.hook(lambda _: [state.new_run(SHOP, at=NOW, jobs=()) for _ in range(7)]), path="/runs.*page=2"
    )
    to_collect.gh.faults.add(faults.repeat_page(1), path="/runs.*page=3")
    assert to_collect.collect(repos=[SHOP]).exit_code == 0
    assert len(to_collect.rows("workflow_runs")) >= 250


def test_renamed_repository_is_followed(shop: Collector) -> None:
    for number in range(120):
        shop.gh.state.new_run(SHOP, at=NOW - timedelta(hours=number), jobs=())
    shop.gh.state.rename_repo(SHOP, "acme/store")
    assert shop.collect(repos=[SHOP]).exit_code == 0
    assert {run["repo"] for run in shop.rows("workflow_runs")} == {"acme/store"}
    assert len(shop.rows("workflow_runs")) == 121


def test_repository_renamed_while_it_is_read_keeps_the_query(shop: Collector) -> None:
    def rename(_: Request) -> None:
        shop.gh.state.rename_repo(SHOP, "acme/store")

    for number in range(120):
        shop.gh.state.new_run(SHOP, at=NOW - timedelta(hours=number), jobs=())
    shop.gh.faults.add(faults.hook(rename), path="/actions/runs")
    assert shop.collect(repos=[SHOP]).exit_code == 0
    assert len(shop.rows("workflow_runs")) == 121
    assert all("created=" in entry.target for entry in shop.gh.log.matching("/actions/runs"))


def test_own_account_includes_private_repositories(to_collect: Collector) -> None:
    to_collect.gh.state.create_user("octocat")
    to_collect.gh.state.create_repo("octocat/public")
    to_collect.gh.state.create_repo("octocat/secret", private=True)
    to_collect.gh.state.create_repo(SHOP)
    to_collect.collect(orgs=["octocat"], only=["repositories"])
    assert {row["repo"] for row in to_collect.rows("repositories")} == {"octocat/public", "octocat/secret"}


def test_only_since_and_full(shop: Collector) -> None:
    shop.gh.state.new_run(SHOP, at=NOW - timedelta(days=100))
    since = (NOW - timedelta(days=10)).date().isoformat()
    shop.collect(repos=[SHOP], only=["workflow_runs"], since=since)
    assert (len(shop.rows("workflow_runs")), shop.rows("alerts"), shop.rows("repositories")) == (1, [], [])
    shop.collect(repos=[SHOP])
    assert len(shop.rows("workflow_runs")) == 1
    shop.collect(repos=[SHOP], full=True)
    assert (len(shop.rows("workflow_runs")), len(shop.rows("alerts"))) == (2, 3)


def test_since_after_the_watermark_leaves_no_gap(shop: Collector) -> None:
    shop.collect(repos=[SHOP])
    shop.gh.state.new_run(SHOP, at=NOW + timedelta(hours=1))
    shop.gh.state.fix_alert(SHOP, "dependabot", 1, at=NOW + timedelta(hours=1))
    shop.collect(repos=[SHOP], since=NOW + timedelta(hours=2))
    assert len(shop.rows("workflow_runs")) == 1
    shop.collect(repos=[SHOP])
    assert len(shop.rows("workflow_runs")) == 2
    assert {alert["state"] for alert in shop.rows("alerts") if alert["kind"] == "dependabot"} == {"fixed"}


def test_shards_together_are_the_whole(to_collect: Collector) -> None:
    for number in range(12):
        repo = to_collect.gh.state.create_repo(f"acme/r{number}")
        to_collect.gh.state.new_alert(repo.full_name, "dependabot", at=NOW)
    seen = []
    for part in (1, 2, 3):
        done = to_collect.collect(orgs=["acme"], shard=f"{part}/3")
        seen += [entry.repo for entry in done.entries if entry.dataset == "workflows"]
    assert sorted(seen) == sorted(f"acme/r{number}" for number in range(12))
    assert len(to_collect.rows("alerts")) == len(to_collect.rows("repositories")) == 12


def test_object_that_cannot_be_a_row_is_kept_apart(shop: Collector) -> None:
    run = shop.gh.state.new_run(SHOP, at=NOW)
    shop.gh.state.add_run(SHOP, {**run, "id": 77, "run_attempt": 0})
    shop.gh.state.repo(SHOP).workflows[5] = {"id": None, "name": "no id"}
    done = shop.collect(repos=[SHOP])
    assert done.exit_code == 0
    assert ("workflows", "no id") in quarantine_counts(shop.lake.store)
    assert len(shop.rows("workflow_runs")) == 2


def test_enterprise_server_is_read_under_its_prefix(shared_data: Path, tmp_path: Path) -> None:
    with GitHubStandin(base_path="/api/v3") as gh:
        collector = Collector(gh, open_lake(tmp_path))
        gh.state.create_repo(SHOP)
        for number in range(150):
            gh.state.new_run(SHOP, at=NOW - timedelta(minutes=number), jobs=())
        gh.state.rename_repo(SHOP, "acme/store")
        assert collector.collect(repos=[SHOP]).exit_code == 0
        assert len(collector.rows("workflow_runs")) == 150
        collector.lake.close()


def test_full_disk_ends_the_collection_and_says_so(shop: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(name: str, data: Content, if_match: str | Absent | None = None) -> str:
        raise StoreFull(f"{name} has no room left; free some space.")

    monkeypatch.setattr(shop.lake.store, "write", full)
    done = shop.collect(repos=[SHOP])
    assert done.exit_code == 1
    assert "no room left" in str(done.problem)
    monkeypatch.undo()
    assert shop.collect(repos=[SHOP]).exit_code == 0
    assert len(shop.rows("workflow_runs")) == 1
