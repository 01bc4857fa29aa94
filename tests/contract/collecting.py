"""A stand-in GitHub, a lake in a temporary folder, and collections from the one into the other."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from backend.collect.buffer import Buffer
from backend.collect.github import GitHub
from backend.collect.limits import Time
from backend.collect.run import Collected, collect
from backend.collect.selection import Selection
from shared.datasets import DATASETS
from shared.lake.local import LocalStore
from shared.lake.tables import Lake
from tests.standins.github import AlertName, GitHubStandin

Row = dict[str, Any]

SHOP = "acme/shop"
NOW = datetime.now(UTC).replace(microsecond=0)


def open_lake(folder: Path) -> Lake:
    """A lake in a folder, with the real clock."""
    return Lake(LocalStore(folder / "store"), folder / "cache", lambda: datetime.now(UTC))


@dataclass
class Hours:
    """Time that passes only where somebody sleeps; `naps` are the sleeps that there were."""

    at: float = 0.0
    naps: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.at += seconds

    @property
    def time(self) -> Time:
        return Time(monotonic=lambda: self.at, sleep=self.sleep)


@dataclass
class Collector:
    """Collects from one stand-in into one lake."""

    gh: GitHubStandin
    lake: Lake
    hours: Hours = field(default_factory=Hours)

    def collect(
        self,
        *,
        orgs: Iterable[str] = (),
        repos: Iterable[str] = (),
        token: str | None = None,
        timeout_s: float = 10.0,
        buffer: Buffer | None = None,
        **selection: Any,
    ) -> Collected:
        """One collection, as the command line would ask for it."""
        self.gh.log.clear()
        github = GitHub(token or self.gh.token, self.gh.url, timeout_s=timeout_s, clock=self.hours.time)
        return collect(self.lake, github, Selection.parse(orgs=orgs, repos=repos, **selection), buffer=buffer)

    def rows(self, dataset: str) -> list[Row]:
        """The lake's rows of a dataset, in the order of their key, without the time they were read."""
        key = DATASETS[dataset].key
        table = self.lake.tables("real")[dataset].drop("collected_at").to_pyarrow()
        return sorted(table.to_pylist(), key=lambda row: [str(row[column]) for column in key])

    def everything(self) -> dict[str, list[Row]]:
        """All rows but the ledger's."""
        return {name: self.rows(name) for name in DATASETS if name != "collections"}

    def versions(self) -> dict[str, str]:
        """The ETag of every partition but the ledger's."""
        return {blob.name: blob.etag for blob in self.lake.snapshot().blobs if "/collections/" not in blob.name}


def outcomes(done: Collected) -> dict[tuple[str, str], str]:
    """The outcome of each (dataset, repository)."""
    return {(entry.dataset, entry.repo): entry.outcome for entry in done.entries}


@contextmanager
def collector_in(folder: Path) -> Iterator[Collector]:
    """A collector with an empty lake, and an empty GitHub."""
    with GitHubStandin() as gh:
        lake = open_lake(folder)
        yield Collector(gh, lake)
        lake.close()


def add_shop(gh: GitHubStandin) -> None:
    """An organisation with one repository that has a run, and an alert of each kind, all three days old."""
    gh.state.create_repo(SHOP)
    gh.state.new_run(SHOP, at=NOW - timedelta(days=3))
    kinds: tuple[AlertName, ...] = ("code-scanning", "dependabot", "secret-scanning")
    for kind in kinds:
        gh.state.new_alert(SHOP, kind, at=NOW - timedelta(days=3))
