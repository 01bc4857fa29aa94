"""A stand-in GitHub, a lake in a temporary folder, and collections from the one into the other."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from backend.collect.agents.provider import Remote
from backend.collect.buffer import Buffer
from backend.collect.github import GitHub
from backend.collect.limits import Time
from backend.collect.plan import Planned
from backend.collect.run import USUAL, Collected, collect, plan
from backend.collect.selection import Selection
from shared.datasets import DATASETS
from shared.lake.reading import Tables
from shared.lake.tables import Lake
from shared.policy import Policy
from tests.lakes import lake_in
from tests.standins.github import AlertName, GitHubStandin

Row = dict[str, Any]

SHOP = "acme/shop"
NOW = datetime.now(UTC).replace(microsecond=0)
KINDS: tuple[AlertName, ...] = ("code-scanning", "dependabot", "secret-scanning")


@dataclass
class Clock:
    """A clock that tests move; it stands still else."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


def real_time() -> datetime:
    """The clock of this machine."""
    return datetime.now(UTC)


def open_lake(folder: Path, clock: Callable[[], datetime] = real_time) -> Lake:
    """A lake in a folder."""
    return lake_in(folder, clock)


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
        budget: int | None = None,
        policy: Policy = USUAL,
        providers: Sequence[Remote] = (),
        **selection: Any,
    ) -> Collected:
        """One collection, as the command line would ask for it."""
        self.gh.log.clear()
        github = GitHub(token or self.gh.token, self.gh.url, timeout_s=timeout_s, clock=self.hours.time)
        github.spend_at_most(budget)
        chosen = Selection.parse(orgs=orgs, repos=repos, **selection)
        return collect(self.lake, github, chosen, buffer=buffer, policy=policy, providers=providers)

    def plan(self, policy: Policy = USUAL, *, budget: int | None = None, **selection: Any) -> list[Planned]:
        """The requests that such a collection would make."""
        self.gh.log.clear()
        github = GitHub(self.gh.token, self.gh.url)
        github.spend_at_most(budget)
        planned, _ = plan(self.lake, github, Selection.parse(**selection), policy)
        return planned

    def rows(self, dataset: str) -> list[Row]:
        """The lake's rows of a dataset, in the order of their key, without the time they were read."""
        return _rows(self.lake.tables("real", only=[DATASETS[dataset]]), dataset)

    def everything(self) -> dict[str, list[Row]]:
        """All rows but the ledger's."""
        tables = self.lake.tables("real")
        return {name: _rows(tables, name) for name in DATASETS if name != "collections"}

    def versions(self) -> dict[str, str]:
        """The ETag of every partition but the ledger's."""
        return {blob.name: blob.etag for blob in self.lake.snapshot().blobs if "/collections/" not in blob.name}


def _rows(tables: Tables, dataset: str) -> list[Row]:
    table = tables[dataset].to_pyarrow().drop_columns(["collected_at"])
    key = DATASETS[dataset].key
    return sorted(table.to_pylist(), key=lambda row: [str(row[column]) for column in key])


def outcomes(done: Collected) -> dict[tuple[str, str], str]:
    """The outcome of each (dataset, repository)."""
    return {(entry.dataset, entry.repo): entry.outcome for entry in done.entries}


@contextmanager
def collector_in(folder: Path, clock: Clock | None = None) -> Iterator[Collector]:
    """A collector with an empty lake, and an empty GitHub; with a clock, both have the time that it shows."""
    with GitHubStandin() as gh:
        if clock is not None:
            gh.state.clock = lambda: clock().timestamp()
        lake = open_lake(folder, clock or real_time)
        yield Collector(gh, lake)
        lake.close()


@contextmanager
def undisturbed(collector: Collector, folder: Path) -> Iterator[Collector]:
    """A collector of the same GitHub with an empty lake of its own."""
    lake = open_lake(folder, collector.lake.clock)
    yield Collector(collector.gh, lake)
    lake.close()


def add_repository(
    gh: GitHubStandin,
    name: str,
    *,
    runs: int = 0,
    apart: timedelta = timedelta(hours=1),
    alerts: int = 0,
    pulls: int = 0,
    analyses: int = 0,
) -> None:
    """A repository with runs (`apart` from each other), and with alerts of each kind and the rest an hour apart."""
    state = gh.state
    state.create_repo(name)
    for number in range(runs):
        state.new_run(name, at=NOW - (number + 1) * apart, jobs=())
    for number in range(max(alerts, pulls, analyses)):
        at = NOW - timedelta(hours=number + 1)
        for kind in KINDS if number < alerts else ():
            state.new_alert(name, kind, at=at)
        if number < pulls:
            state.new_pull(name, at=at)
        if number < analyses:
            state.new_analysis(name, at=at)


def add_shop(gh: GitHubStandin) -> None:
    """An organisation with one repository that has a run, and an alert of each kind, all three days old."""
    gh.state.create_repo(SHOP)
    gh.state.new_run(SHOP, at=NOW - timedelta(days=3))
    for kind in KINDS:
        gh.state.new_alert(SHOP, kind, at=NOW - timedelta(days=3))
