"""One collection: choose repositories, visit their sources, write as it goes, and keep the ledger."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from backend.collect.buffer import Buffer
from backend.collect.crew import Crew, Task
from backend.collect.github import AT_ONCE, GitHub
from backend.collect.ledger import FAILED, GOOD, Covered, Entry, ledger, outcome_after, outcome_of
from backend.collect.organisations import Account, remember, visit_organisation, whole
from backend.collect.problems import BadToken, GitHubError, Interrupted, RateLimited
from backend.collect.progress import Reporter, Silent
from backend.collect.selection import REPOSITORIES, Selection
from backend.collect.sources import SOURCES, Source
from backend.collect.sources.alerts import ALERT_KINDS, AlertKind
from backend.collect.sources.repositories import named, of_account
from backend.collect.visit import Desk, Repo, Visit
from backend.mapping.repositories import repository_name, repository_row
from backend.mapping.stamp import Stamp
from backend.mapping.values import nested, text
from shared import datasets
from shared.datasets.alerts import KINDS
from shared.lake.store import StoreError
from shared.lake.tables import Lake

WORKERS = 6

ENDING = (BadToken, RateLimited, Interrupted, StoreError)
"""Errors after which no other source would fare better."""


@dataclass(frozen=True)
class Collected:
    """What a collection did. stored: rows the lake took; problem: why it ended early, None if it did not."""

    collection_id: str
    entries: tuple[Entry, ...]
    requests: int
    stored: int
    problem: str | None = None

    @property
    def failures(self) -> tuple[Entry, ...]:
        """The sources that are not complete."""
        return tuple(entry for entry in self.entries if entry.outcome in FAILED)

    @property
    def exit_code(self) -> int:
        """0: all good.  2: some sources failed, the rest is kept.  1: nothing could be collected."""
        if not self.problem and not self.failures:
            return 0
        return 2 if self.stored or any(entry.outcome in GOOD for entry in self.entries) else 1


def collect(
    lake: Lake,
    github: GitHub,
    selection: Selection,
    progress: Reporter | None = None,
    *,
    workers: int = WORKERS,
    buffer: Buffer | None = None,
) -> Collected:
    """Collects once and incrementally; running it again goes on where it stopped and changes nothing twice.

    What fails at one source is in the ledger and in the result. A rejected token, a lake that cannot be
    written and a rate limit that lasts too long end the collection: the result's `problem` says so. On
    KeyboardInterrupt what was read is written before it goes on. `github` is of no use after a collection
    that ended early.
    """
    stamp = Stamp("github", lake.clock())
    desk = Desk(lake, github, buffer or Buffer(lake), selection, stamp)
    collection = _Collection(desk, progress or Silent(), min(workers, AT_ONCE))
    github.tell(collection.progress.say)
    try:
        collection.run()
    except (GitHubError, StoreError) as error:
        collection.problem = str(error)
    finally:
        collection.finish()
    return collection.result()


class _Collection:
    """The state of one collection: what was chosen, and the ledger so far."""

    def __init__(self, desk: Desk, progress: Reporter, workers: int) -> None:
        self.id = f"{desk.stamp.collected_at:%Y%m%dT%H%M%SZ}-{uuid.uuid4().hex[:8]}"
        self.desk, self.progress = desk, progress
        self.problem: str | None = None
        self._crew = Crew(workers, desk.github.stop)
        self._entries: list[Entry] = []
        self._accounts: list[Account] = []
        self._repos: dict[int, Repo] = {}
        self._spoken_for: set[tuple[str, int]] = set()

    # --- the steps

    def run(self) -> None:
        """Reads everything. Raises the errors of ENDING."""
        for step in (self._choosing, self._organisations, self._sources):
            tasks = list(step())
            self.progress.expect(len(tasks))
            self._crew.all(tasks)

    def finish(self) -> None:
        """Writes what is still held, and the ledger."""
        self._crew.dismiss()
        try:
            self.desk.buffer.flush()
        except StoreError as error:
            self.problem = self.problem or str(error)
            self._entries = [_not_stored(entry, str(error)) for entry in self._entries]
        try:
            self.desk.lake.upsert(datasets.COLLECTIONS, ledger(self._entries, self.id, self.desk.stamp))
        except StoreError as error:  # without its ledger nobody knows what a source without rows means
            self.problem = self.problem or str(error)
            self._entries = [replace(entry, outcome="failed", reason=str(error)) for entry in self._entries]

    def result(self) -> Collected:
        """What was done."""
        requests, stored = self.desk.github.requests, self.desk.buffer.stored
        return Collected(self.id, tuple(self._entries), requests, stored, self.problem)

    def _choosing(self) -> Iterator[Task]:
        for login in self.desk.selection.orgs:
            yield partial(self._list, login)
        for name in self.desk.selection.repos:
            yield partial(self._find, name)

    def _organisations(self) -> Iterator[Task]:
        for account in self._listed_at_once():
            for kind in ALERT_KINDS:
                if self.desk.selection.wants(kind.name):
                    yield partial(self._read_organisation, account, kind)

    def _sources(self) -> Iterator[Task]:
        organisations = {repo.id: account.login for account in self._listed_at_once() for repo in account.repos}
        for repo in self._repos.values():
            for name, source in SOURCES.items():
                if self.desk.selection.wants(source.choice) and (name, repo.id) not in self._spoken_for:
                    yield partial(self._read, name, source, repo, organisations.get(repo.id))

    def _listed_at_once(self) -> list[Account]:
        """Organisations whose alerts are read in one listing; a shard would read those of all others, too."""
        if self.desk.selection.shard is not None:
            return []
        return [account for account in self._accounts if account.is_org and account.repos]

    # --- the tasks

    def _list(self, login: str) -> None:
        visit = self.desk.visit(REPOSITORIES, whole(login))
        raws: list[Any] = []

        def read() -> Covered:
            for page in of_account(visit.github, login):
                raws.extend(page)
                self._choose(visit, page)
            return Covered(visit.now)

        self._watch(visit, read)
        repos = tuple(repo for raw in raws if (repo := _repo(raw)) and repo.id in self._repos)
        is_org = any(nested(raw, "owner", "type") == "Organization" for raw in raws)
        self._accounts.append(Account(login, is_org, repos))

    def _find(self, name: str) -> None:
        visit = self.desk.visit(REPOSITORIES, Repo(name, 0))

        def read() -> Covered:
            raw = named(visit.github, name)
            visit.repo = _repo(raw) or visit.repo
            self._choose(visit, [raw])
            return Covered(visit.now)

        self._watch(visit, read)

    def _choose(self, visit: Visit, raws: list[Any]) -> None:
        chosen = [raw for raw in raws if self.desk.selection.holds(_name(raw))]
        self._repos.update({repo.id: repo for raw in chosen if (repo := _repo(raw))})
        if self.desk.selection.wants(REPOSITORIES):
            visit.keep(datasets.REPOSITORIES, partial(repository_row, stamp=visit.stamp), chosen)

    def _read_organisation(self, account: Account, kind: AlertKind) -> None:
        label = f"{account.login} {kind.name}"
        try:
            silent = visit_organisation(self.desk, self._record, account, kind)
        except ENDING as error:
            self._record(self.desk.visit(kind.name, whole(account.login)), "partial", str(error), None)
            raise
        finally:
            self.progress.done(label)
        left = {repo.id for repo in silent}
        self._spoken_for.update((kind.name, repo.id) for repo in account.repos if repo.id not in left)

    def _read(self, name: str, source: Source, repo: Repo, org: str | None) -> None:
        visit = self.desk.visit(name, repo)
        outcome, reason = self._watch(visit, partial(source.read, visit))
        if org is not None and source.choice in KINDS and outcome not in FAILED:
            remember(self.desk, org, name, repo, outcome, reason)

    # --- the ledger

    def _watch(self, visit: Visit, read: Callable[[], Covered]) -> tuple[str, str | None]:
        """Lets a source read, and records its outcome and reason. Raises the errors of ENDING."""
        covered: Covered | None = None
        outcome = "failed"
        reason: str | None = f"{visit.repo.name} ended unexpectedly; see the log."
        try:
            covered = read()
            outcome, reason = outcome_of(covered), covered.gap
        except (GitHubError, StoreError) as error:
            outcome, reason = outcome_after(error, visit.rows), str(error)
            if isinstance(error, ENDING):
                raise
        finally:
            self._record(visit, outcome, reason, covered)
            self.progress.done(f"{visit.repo.name} {visit.dataset}", _news(outcome, reason, visit.rows))
        return outcome, reason

    def _record(self, visit: Visit, outcome: str, reason: str | None, covered: Covered | None) -> None:
        self._entries.append(
            Entry(
                dataset=visit.dataset,
                repo=visit.repo.name,
                outcome=outcome,
                started_at=visit.started_at,
                finished_at=self.desk.lake.clock(),
                rows=visit.rows,
                tally=visit.github.tally,
                reason=reason,
                covered=covered,
            )
        )


def summary(collected: Collected) -> list[str]:
    """What a person at a terminal wants to know of a collection, a line each: rows, then what is missing and why."""
    good = sum(entry.outcome in GOOD for entry in collected.entries)
    sources = f"{good:,} of {len(collected.entries):,} sources"
    lines = [f"{collected.stored:,} rows stored from {sources} with {collected.requests:,} requests"]
    lines += [f"{entry.repo} {entry.dataset}: {entry.outcome}: {entry.reason}" for entry in collected.failures]
    return [*lines, collected.problem] if collected.problem else lines


def _name(raw: object) -> str:
    return text(nested(raw, "full_name")) or ""


def _repo(raw: object) -> Repo | None:
    name, number = repository_name(_name(raw)), nested(raw, "id")
    return Repo(name, number) if name and isinstance(number, int) else None


def _not_stored(entry: Entry, reason: str) -> Entry:
    return replace(entry, outcome="partial", reason=reason, covered=None) if entry.rows else entry


def _news(outcome: str, reason: str | None, rows: int) -> str | None:
    if outcome == "unchanged":
        return None
    return f"{rows} rows" if outcome == "ok" else f"{outcome}: {reason}"
