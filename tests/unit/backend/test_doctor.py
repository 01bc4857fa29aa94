"""Doctor: what it looks at, and what it says of it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backend.doctor import MOST_SOURCES, STALE_HOURS, examine
from shared.datasets import COLLECTIONS, WORKFLOW_RUNS
from shared.lake.opening import open_lake
from shared.lake.quarantine import Reject
from shared.settings import load_settings
from tests.builders import collection
from tests.standins.azurite import ACCOUNT, KEY, free_port
from tests.standins.github import GitHubStandin, faults


@pytest.fixture
def gh(shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHubStandin]:
    with GitHubStandin() as server:
        monkeypatch.setenv("GITHUB_API_URL", server.url)
        monkeypatch.setenv("GITHUB_TOKEN", server.token)
        yield server


def findings(*subjects: str) -> list[tuple[str, bool, str]]:
    found = [(finding.subject, finding.good, finding.text) for finding in examine(load_settings())]
    return [finding for finding in found if not subjects or finding[0] in subjects]


def put_collection(hours_ago: float, **values: object) -> None:
    lake = open_lake(load_settings())
    started_at = datetime.now(UTC) - timedelta(hours=hours_ago)
    lake.upsert(COLLECTIONS, COLLECTIONS.table([collection(started_at=started_at, **values)]))
    lake.close()


def test_all_is_good_with_a_token_a_store_and_a_fresh_collection(gh: GitHubStandin) -> None:
    put_collection(2)
    found = findings()
    assert {good for _, good, _ in found} == {True}
    assert {subject for subject, _, _ in found} == {"store", "github", "sign-in", "data", "freshness", "ledger"}
    assert (("freshness", True, "GitHub was collected 2 h ago")) in found
    assert any(f"{gh.url} accepts the token, " in text and "classic scopes: " in text for _, _, text in found)


def test_an_empty_store_is_good_and_says_how_to_begin(gh: GitHubStandin, tmp_path: Path) -> None:
    assert findings("store", "freshness", "ledger") == [
        ("store", True, f"{(tmp_path / '.fettle/store').as_uri()} can be listed, written and deleted from"),
        ("freshness", True, "GitHub was never collected; run `python -m backend collect --org ORG`"),
        ("ledger", True, "nothing was collected or imported yet"),
    ]


def test_the_probe_of_the_store_leaves_nothing_behind(gh: GitHubStandin) -> None:
    findings()
    assert list(open_lake(load_settings()).store.list("")) == []


def test_no_token_is_a_problem_and_the_rest_is_still_told(tmp_path: Path) -> None:
    found = findings("store", "github")
    assert [(subject, good) for subject, good, _ in found] == [("store", True), ("github", False)]
    assert found[1][2].startswith("GITHUB_TOKEN is not set; make a token at ")


def test_a_wrong_token_is_a_problem_and_is_not_shown(gh: GitHubStandin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "ghp_wrongsecret")
    ((_, good, text),) = findings("github")
    assert not good
    assert text.startswith("GITHUB_TOKEN was rejected")
    assert "ghp_wrongsecret" not in text


def test_a_github_that_limits_no_rate_is_good(gh: GitHubStandin) -> None:
    """GitHub Enterprise Server answers 404 with these words unless its administrator set limits."""
    gh.faults.add(faults.status(404, "Rate limiting is not enabled."), path="/rate_limit")
    assert findings("github") == [("github", True, f"{gh.url} accepts the token and limits no rate")]


def test_a_collection_that_missed_its_turn_is_a_problem(gh: GitHubStandin) -> None:
    put_collection(STALE_HOURS + 4)
    ((_, good, text),) = findings("freshness")
    assert not good
    assert text.startswith("GitHub was collected 40 h ago; look whether the scheduled collection still runs: ")


def test_a_source_that_was_not_complete_is_a_problem_with_its_reason_and_its_last_good_time(
    gh: GitHubStandin,
) -> None:
    since, until = datetime(2026, 4, 2, tzinfo=UTC), datetime(2026, 7, 1, 3, 43, tzinfo=UTC)
    put_collection(30, covered_since=since, covered_until=until)
    put_collection(1, outcome="forbidden", reason="give the token the permission Actions: read")
    ((_, good, text),) = findings("ledger")
    assert not good
    assert text == (
        "acme/api workflow_runs: forbidden, last good 30 h ago, covers from 2026-04-02 to 2026-07-01 03:43Z "
        "(give the token the permission Actions: read)"
    )


def test_a_source_that_was_read_from_its_beginning_says_so(gh: GitHubStandin) -> None:
    put_collection(1, covered_since=None, covered_until=datetime(2026, 7, 1, 3, 43, tzinfo=UTC))
    ((_, _, text),) = findings("ledger")
    assert text == "acme/api workflow_runs: ok, last good 1 h ago, covers from the beginning to 2026-07-01 03:43Z"


def test_very_many_sources_are_summed_up_and_those_with_a_problem_told(gh: GitHubStandin) -> None:
    lake = open_lake(load_settings())
    good = [collection(repo=f"acme/good{n}") for n in range(MOST_SOURCES)]
    refused = [collection(repo=f"acme/no{n}", dataset="scans", outcome="forbidden") for n in range(MOST_SOURCES + 20)]
    lake.upsert(COLLECTIONS, COLLECTIONS.table([*good, *refused, collection(repo="acme/off", outcome="disabled")]))
    lake.close()
    found = findings("ledger")
    assert found[:2] == [
        ("ledger", False, "scans: 120 forbidden of 120 sources"),
        ("ledger", True, "workflow_runs: 100 ok, 1 disabled of 101 sources"),
    ]
    assert len(found) == 2 + MOST_SOURCES + 1
    assert not any(good for _, good, _ in found[2:])
    assert found[-1] == ("ledger", False, "and 20 more: 20 forbidden; see the Data page")


def test_what_is_switched_off_is_no_problem(gh: GitHubStandin) -> None:
    put_collection(1, outcome="disabled", reason="Dependabot alerts are disabled")
    ((_, good, text),) = findings("ledger")
    assert good
    assert "disabled, never good" in text


def test_rows_in_quarantine_are_a_problem_with_their_reason_and_number(gh: GitHubStandin) -> None:
    lake = open_lake(load_settings())
    lake.quarantine(WORKFLOW_RUNS, [Reject("no run_id", {"n": n}) for n in range(3)], "github")
    lake.close()
    assert findings("quarantine") == [("quarantine", False, "workflow_runs: 3 rows: no run_id")]


def test_a_store_that_cannot_be_used_is_told_once_beside_github(
    gh: GitHubStandin, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "taken").touch()
    monkeypatch.setenv("FETTLE_STORE", "file://taken")
    found = findings()
    assert [(subject, good) for subject, good, _ in found] == [("store", False), ("github", True), ("sign-in", True)]
    assert "check FETTLE_STORE" in found[0][2]


def test_a_store_that_can_only_be_read_still_tells_its_data(gh: GitHubStandin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FETTLE_STORE", "file:///proc/none")
    found = findings("store", "data")
    assert found[0][:2] == ("store", False)
    assert "check the path and permissions of FETTLE_STORE" in found[0][2]
    assert len(found) > 1


def test_a_store_without_its_account_is_told_beside_github(gh: GitHubStandin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FETTLE_STORE", "az://fettle")
    found = findings()
    assert [(subject, good) for subject, good, _ in found] == [("store", False), ("github", True), ("sign-in", True)]


@pytest.mark.slow
def test_a_store_at_which_nobody_answers_is_asked_once(gh: GitHubStandin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FETTLE_STORE", "az://fettle")
    monkeypatch.setenv(
        "AZURE_STORAGE_CONNECTION_STRING",
        f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};"
        f"BlobEndpoint=http://127.0.0.1:{free_port()}/{ACCOUNT};",
    )
    began = datetime.now(UTC)
    found = findings()
    assert [(subject, good) for subject, good, _ in found] == [("store", False), ("github", True), ("sign-in", True)]
    assert KEY not in found[0][2]
    assert (datetime.now(UTC) - began).total_seconds() < 15
