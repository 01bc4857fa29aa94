"""Backup and restore as docs/operate.md has them: copies of blobs, compared row by row after a loss."""

import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from azure.storage.blob import ContainerClient

from shared.lake.azure import AzureStore
from shared.lake.tables import Lake
from tests.contract.collecting import NOW, Collector, add_repository, real_time
from tests.standins.azurite import Azurite
from tests.standins.github import GitHubStandin

REPO = "acme/shop"

STEPS = ("state/", "inbox/", "")
"""What a backup copies first, and then: what says how far collecting got must not be newer than the rows."""


class Place:
    """A container, and a lake in it with a cache of its own."""

    def __init__(self, azurite: Azurite, folder: Path) -> None:
        name = f"fettle-{uuid.uuid4().hex}"
        secret = azurite.connection_string
        self.blobs = ContainerClient.from_connection_string(secret, name)
        self.blobs.create_container()
        self.lake = Lake(AzureStore(name, connection_string=secret), folder / name, real_time)

    def names(self, prefix: str = "") -> list[str]:
        return [blob.name for blob in self.blobs.list_blobs(name_starts_with=prefix)]

    def clear(self) -> None:
        for name in self.names():
            self.blobs.delete_blob(name)


def copy(source: Place, target: Place, between: Callable[[], object] = lambda: None) -> None:
    """Copies blobs as azcopy does, inside the storage account; `between` happens after the first of the steps."""
    done: set[str] = set()
    for step in STEPS:
        for name in source.names(step):
            if name not in done:
                done.add(name)
                target.blobs.get_blob_client(name).start_copy_from_url(source.blobs.get_blob_client(name).url)
        if step == STEPS[0]:
            between()


@pytest.fixture
def place(azurite: Azurite, tmp_path: Path) -> Iterator[Callable[[], Place]]:
    made: list[Place] = []

    def make() -> Place:
        made.append(Place(azurite, tmp_path))
        return made[-1]

    yield make
    for one in made:
        one.lake.close()


@pytest.fixture
def github() -> Iterator[GitHubStandin]:
    with GitHubStandin() as gh:
        add_repository(gh, REPO, runs=60, apart=timedelta(days=1), alerts=6, pulls=4)
        yield gh


def test_partitions_that_were_lost_come_back_row_by_row(github: GitHubStandin, place: Callable[[], Place]) -> None:
    store, backup = place(), place()
    collector = Collector(github, store.lake)
    collector.collect(repos=[REPO])
    before = collector.everything()
    assert len(before["workflow_runs"]) == 60
    assert len(before["alerts"]) == 18
    copy(store, backup)

    runs = store.names("tables/workflow_runs/")
    assert len(runs) >= 2
    for name in (*runs[1:], *store.names("tables/alerts/"), *store.names("state/")):
        store.blobs.delete_blob(name)
    assert collector.everything() != before

    store.clear()
    copy(backup, store)
    assert collector.everything() == before, "what this process has cached is the rows that came back"
    assert Collector(github, place().lake).everything()["alerts"] == []
    assert sorted(store.names()) == sorted(backup.names())


def test_after_a_restore_the_next_collection_brings_what_was_missed(
    github: GitHubStandin, place: Callable[[], Place]
) -> None:
    store, backup, whole = place(), place(), place()
    collector = Collector(github, store.lake)
    collector.collect(repos=[REPO])
    copy(store, backup)

    github.state.new_run(REPO, at=NOW, jobs=())
    github.state.new_alert(REPO, "dependabot", at=NOW)
    collector.collect(repos=[REPO])
    newest = collector.everything()

    store.clear()
    copy(backup, store)
    assert len(collector.rows("workflow_runs")) == 60
    collector.collect(repos=[REPO])
    assert collector.everything()["workflow_runs"] == newest["workflow_runs"]
    assert collector.everything()["alerts"] == newest["alerts"]

    Collector(github, whole.lake).collect(repos=[REPO])
    assert collector.rows("workflow_runs") == Collector(github, whole.lake).rows("workflow_runs")


def test_a_backup_that_is_taken_while_something_is_collected_loses_nothing(
    github: GitHubStandin, place: Callable[[], Place]
) -> None:
    store, backup = place(), place()
    collector = Collector(github, store.lake)
    collector.collect(repos=[REPO])

    def meanwhile() -> None:
        github.state.new_run(REPO, at=NOW, jobs=())
        collector.collect(repos=[REPO])

    copy(store, backup, between=meanwhile)
    newest = collector.everything()
    store.clear()
    copy(backup, store)
    collector.collect(repos=[REPO])
    assert collector.everything() == newest
