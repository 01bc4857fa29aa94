"""What the lake promises of a repository that was renamed or transferred, on both stores."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.datasets import (
    AGENT_SESSIONS,
    ALERT_EVENTS,
    ALERTS,
    COLLECTIONS,
    PULL_REQUESTS,
    REPOSITORIES,
    WORKFLOW_RUNS,
    WORKFLOWS,
    Dataset,
)
from shared.datasets.alert_events import alert_event_id
from shared.lake.reading import Rows
from shared.lake.store import Content
from shared.lake.tables import Lake
from tests.builders import NOW, alert, collection, repository, run, workflow
from tests.properties import few

OLD, NEW = "acme/api", "umbrella/gateway"
BOTH: tuple[Rows, Rows] = ("real", "demo")


def put(lake: Lake, dataset: Dataset, *rows: dict[str, Any]) -> None:
    lake.upsert(dataset, dataset.table(list(rows)))


def values(lake: Lake, dataset: Dataset, *columns: str) -> list[tuple[Any, ...]]:
    rows = lake.tables("real", only=[dataset])[dataset.name].to_pyarrow().to_pylist()
    return [tuple(row[column] for column in columns) for row in rows]


def test_the_rows_of_every_dataset_follow_and_the_ledger_keeps_the_old_name(lake: Lake) -> None:
    other = "acme/other"
    put(lake, REPOSITORIES, repository(), repository(repo=other, repo_id=2))
    put(lake, WORKFLOWS, workflow(), workflow(repo=other))
    put(lake, WORKFLOW_RUNS, run(), run(run_id=2, created_at=NOW - timedelta(days=60)), run(run_id=3, repo=other))
    put(lake, ALERTS, alert(), alert(repo=other))
    put(lake, COLLECTIONS, collection())
    assert lake.rename_repo(OLD, NEW) == 5
    assert values(lake, REPOSITORIES, "repo", "org", "name", "html_url") == [
        (other, "acme", "other", "https://github.com/acme/other"),
        (NEW, "umbrella", "gateway", "https://github.com/umbrella/gateway"),
    ]
    assert values(lake, WORKFLOWS, "repo", "org", "name") == [(other, "acme", "build"), (NEW, "umbrella", "build")]
    assert sorted(values(lake, WORKFLOW_RUNS, "run_id", "repo")) == [(1, NEW), (2, NEW), (3, other)]
    assert values(lake, ALERTS, "repo", "org") == [(other, "acme"), (NEW, "umbrella")]
    assert values(lake, COLLECTIONS, "repo", "org") == [(OLD, "acme")]


def test_addresses_follow_where_they_name_the_repository_and_nowhere_else(lake: Lake) -> None:
    before = {
        1: "https://github.com/acme/api/security/code-scanning/1",
        2: "https://ghe.corp/acme/api-docs/issues/2",
        3: "https://github.com/Acme/API",
        4: "https://github.com/other/repo?from=/acme/api/",
        5: "https://github.com/acme/api/blob/main/acme/api/x.py",
        6: None,
    }
    put(lake, ALERTS, *(alert(number=number, html_url=url) for number, url in before.items()))
    lake.rename_repo(OLD, NEW)
    assert dict(values(lake, ALERTS, "number", "html_url")) == {
        **before,
        1: "https://github.com/umbrella/gateway/security/code-scanning/1",
        3: "https://github.com/umbrella/gateway",
        5: "https://github.com/umbrella/gateway/blob/main/acme/api/x.py",
    }


def test_the_pull_requests_of_a_session_follow_and_sessions_of_no_repository_stay(lake: Lake) -> None:
    links = ["https://github.com/acme/api/pull/3", "https://github.com/acme/other/pull/4"]
    for session, repo, urls in [("s1", OLD, links), ("s2", OLD, None), ("s3", OLD, []), ("s4", None, links)]:
        row = {"provider": "devin", "session_id": session, "repo": repo, "pull_request_urls": urls, "created_at": NOW}
        put(lake, AGENT_SESSIONS, row)
    assert lake.rename_repo(OLD, NEW) == 3
    assert values(lake, AGENT_SESSIONS, "session_id", "repo", "pull_request_urls") == [
        ("s1", NEW, ["https://github.com/umbrella/gateway/pull/3", links[1]]),
        ("s2", NEW, None),
        ("s3", NEW, []),
        ("s4", None, links),
    ]


def test_an_event_told_again_under_the_new_name_is_the_same_event(lake: Lake) -> None:
    def event(repo: str, event_id: str | None = None) -> dict[str, Any]:
        happening = {"kind": "dependabot", "number": 7, "action": "fixed", "at": NOW}
        made = alert_event_id(repo, **happening)  # type: ignore[arg-type]
        return {
            "event_id": event_id or made,
            "repo": repo,
            "org": repo.partition("/")[0],
            **happening,
            "source": "webhook",
        }

    put(lake, ALERT_EVENTS, event(OLD), event(OLD, "an id of its own"))
    lake.rename_repo(OLD, NEW)
    put(lake, ALERT_EVENTS, event(NEW))
    expected = [(event(NEW)["event_id"], NEW), ("an id of its own", NEW)]
    assert sorted(values(lake, ALERT_EVENTS, "event_id", "repo")) == sorted(expected)


def test_where_both_names_have_a_row_the_greater_version_wins_and_counts_go_on(lake: Lake) -> None:
    later = NOW + timedelta(hours=1)
    put(
        lake,
        ALERTS,
        alert(number=1, updated_at=later, rule_id="old"),
        alert(number=1, repo=NEW, updated_at=NOW, rule_id="new"),
        alert(number=2, updated_at=NOW, rule_id="old", reopened_count=2),
        alert(number=2, repo=NEW, updated_at=later, rule_id="new", reopened_count=None),
        alert(number=3, updated_at=NOW, rule_id="old"),
        alert(number=3, repo=NEW, updated_at=NOW, rule_id="new"),
        alert(number=4, repo=NEW, rule_id="new"),
    )
    assert lake.rename_repo(OLD, NEW) == 3
    assert values(lake, ALERTS, "repo", "number", "rule_id", "reopened_count") == [
        (NEW, 1, "old", 0),
        (NEW, 2, "new", 2),
        (NEW, 3, "new", 0),
        (NEW, 4, "new", 0),
    ]


def test_partitions_without_such_rows_are_not_written(lake: Lake) -> None:
    put(lake, WORKFLOW_RUNS, run(), run(run_id=2, repo="acme/other", created_at=NOW - timedelta(days=60)))
    put(lake, ALERTS, alert(repo="acme/api-docs"))
    before = {blob.name: blob.etag for blob in lake.snapshot().blobs}
    assert lake.rename_repo(OLD, NEW) == 1
    changed = [blob.name for blob in lake.snapshot().blobs if before[blob.name] != blob.etag]
    assert changed == ["tables/workflow_runs/month=2026-06/part.parquet"]


def test_a_name_that_is_not_there_or_does_not_change_moves_nothing(lake: Lake) -> None:
    put(lake, ALERTS, alert())
    before = lake.snapshot()
    assert (lake.rename_repo("acme/gone", NEW), lake.rename_repo(OLD, OLD)) == (0, 0)
    assert lake.snapshot() == before


def test_demo_rows_move_and_stay_demo_rows(lake: Lake) -> None:
    put(lake, ALERTS, alert(source="demo", updated_at=NOW), alert(repo=NEW, updated_at=NOW - timedelta(days=1)))
    lake.rename_repo(OLD, NEW)
    assert values(lake, ALERTS, "repo", "source") == [(NEW, "github")]


def test_a_rename_that_was_killed_is_completed_by_the_same_call(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    put(lake, REPOSITORIES, repository())
    put(lake, ALERTS, alert())
    put(lake, WORKFLOW_RUNS, run(), run(run_id=2, created_at=NOW - timedelta(days=60)))
    write, kills = lake.store.write, 0
    while True:
        written: list[str] = []

        def write_one(name: str, data: Content, if_match: Any = None, written: list[str] = written) -> str:
            if written:
                raise KeyboardInterrupt
            written.append(name)
            return write(name, data, if_match)

        with monkeypatch.context() as patch:
            patch.setattr(lake.store, "write", write_one)
            try:
                lake.rename_repo(OLD, NEW)
                break
            except KeyboardInterrupt:
                kills += 1
        # As long as there is something left to rename, the repository says so by its old name.
        assert values(lake, REPOSITORIES, "repo") == [(OLD,)]
    assert kills == 3
    for dataset, count in [(REPOSITORIES, 1), (ALERTS, 1), (WORKFLOW_RUNS, 2)]:
        assert values(lake, dataset, "repo") == [(NEW,)] * count


def test_a_row_that_another_writer_adds_meanwhile_follows_too(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(lake, ALERTS, alert())
    rival = Lake(lake.store, tmp_path / "rival", lake.clock)
    write, quicker = lake.store.write, [alert(number=2)]

    def write_second(name: str, data: Content, if_match: Any = None) -> str:
        if quicker:
            put(rival, ALERTS, quicker.pop())
        return write(name, data, if_match)

    with monkeypatch.context() as patch:
        patch.setattr(lake.store, "write", write_second)
        assert lake.rename_repo(OLD, NEW) == 2
    rival.close()
    assert values(lake, ALERTS, "repo", "number") == [(NEW, 1), (NEW, 2)]


Stored = list[tuple[str, int, int, bool]]

stored = st.lists(
    st.tuples(st.sampled_from([OLD, NEW, "acme/other"]), st.integers(1, 3), st.integers(0, 2), st.booleans()),
    max_size=10,
)


@pytest.mark.parametrize("store_settings", ["local"], indirect=True)
@given(before=stored)
@few(10)
def test_a_rename_loses_no_row_and_once_more_changes_nothing(lake: Lake, before: Stored) -> None:
    assert_law(lake, before)


@pytest.mark.parametrize("store_settings", ["azure"], indirect=True)
@given(before=stored)
@few(6)
def test_a_rename_loses_no_row_in_azure_either(lake: Lake, before: Stored) -> None:
    assert_law(lake, before)


def assert_law(lake: Lake, before: Stored) -> None:
    """The oracle is a dict by the new key: real before demo, then the greater version, then the one already there."""
    for source in ("github", "demo"):
        lake.remove(PULL_REQUESTS, source)
    held: dict[tuple[str, int], tuple[bool, int]] = {}
    given_rows = []
    for repo, number, hour, real in before:
        held[repo, number] = max(held.get((repo, number), (False, -1)), (real, hour))
        source = "github" if real else "demo"
        row = {"repo": repo, "number": number, "updated_at": NOW + timedelta(hours=hour), "title": repo}
        given_rows.append({**row, "source": source, "collected_at": NOW})
    put(lake, PULL_REQUESTS, *given_rows)
    expected: dict[tuple[str, int], tuple[bool, int, bool]] = {}
    for (repo, number), (real, hour) in held.items():
        key = NEW if repo == OLD else repo, number
        expected[key] = max(expected.get(key, (False, -1, False)), (real, hour, repo != OLD))
    assert lake.rename_repo(OLD, NEW) == sum(repo == OLD for repo, _ in held)
    tables = [lake.tables(rows, only=[PULL_REQUESTS])["pull_requests"] for rows in BOTH]
    kept = [row for table in tables for row in table.to_pyarrow().to_pylist()]
    found = {(row["repo"], row["number"]): standing(row) for row in kept}
    assert (found, len(kept)) == (expected, len(expected))
    after = lake.snapshot()
    assert lake.rename_repo(OLD, NEW) == 0
    assert lake.snapshot() == after


def standing(row: dict[str, Any]) -> tuple[bool, int, bool]:
    """Whether a row is real, its version in hours, and whether it always had the name it has."""
    return row["source"] != "demo", (row["updated_at"] - NOW) // timedelta(hours=1), row["title"] != OLD
