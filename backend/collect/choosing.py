"""Choosing: which repositories a collection reads, and what they were called before."""

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial

import orjson

from backend.collect.crew import Task
from backend.collect.cursors import NAME, account_cursor
from backend.collect.ledger import Covered
from backend.collect.recorder import Recorder
from backend.collect.sources.repositories import Found, read_account, read_named
from backend.collect.visit import Desk, Repo, Visit, whole
from shared.collecting.choices import REPOSITORIES
from shared.lake.documents import Document

NAMED = "named"
"""The section of an account's document that knows repositories which were asked for by name."""


@dataclass(frozen=True)
class Account:
    """An organisation or user with the repositories that were chosen of it."""

    login: str
    is_org: bool
    repos: tuple[Repo, ...]


class Choice:
    """The repositories of one collection, as they become known."""

    def __init__(self, desk: Desk, recorder: Recorder) -> None:
        self._desk, self._recorder = desk, recorder
        self._lock = threading.Lock()
        self._repos: dict[int, Repo] = {}
        self.accounts: list[Account] = []
        self._documents: dict[int, bytes] = {}
        self._names: dict[int, str] = {}

    @property
    def repos(self) -> list[Repo]:
        """The chosen repositories, in the order of their ids."""
        return [self._repos[number] for number in sorted(self._repos)]

    @property
    def left(self) -> list[Repo]:
        """Those of them that this turn has not been through."""
        return [repo for repo in self.repos if not self._desk.turn.is_over(repo.id)]

    def tasks(self) -> Iterator[tuple[str, Task]]:
        """What is to be done to know them, with labels."""
        for login in self._desk.selection.orgs:
            yield f"{login} repositories", partial(self._list, login)
        for name in self._desk.selection.repos:
            yield name, partial(self._find, name)

    def looking_up(self) -> Iterator[Task]:
        """What is to be done to know where the visits of the repositories that are left have stopped."""
        for repo in self.left:
            yield partial(self._look_up, repo)

    def taken(self, repo: Repo) -> Document:
        """The cursors of a repository, which are kept no longer."""
        document: Document = orjson.loads(self._documents.pop(repo.id))
        return document

    def renamed(self) -> list[tuple[str, str]]:
        """Old and new names of the repositories that are left whose rows are under an old one, in a safe order."""
        pairs = [(old, repo.name) for repo in self.left if (old := self._names.get(repo.id, repo.name)) != repo.name]
        # A name that is taken over is made free first.
        return sorted(pairs, key=lambda pair: sum(pair[1].lower() == old.lower() for old, _ in pairs))

    def _look_up(self, repo: Repo) -> None:
        document = self._desk.lake.document(repo.document)
        if name := document.get(NAME):
            self._names[repo.id] = name
        self._documents[repo.id] = orjson.dumps(document)  # in a tenth of the room

    def _list(self, login: str) -> None:
        visit = self._visit(login)

        def read() -> Covered:
            covered, found, is_org = read_account(visit)
            self._add(login, found, is_org)
            return covered

        self._recorder.watch(visit, read)

    def _find(self, name: str) -> None:
        visit = self._visit(name.partition("/")[0])
        document, short = visit.document, name.partition("/")[2].lower()
        known = None if visit.full and not visit.has_begun(name) else document.get(NAMED, {}).get(short)
        visit.repo = Repo(name, 0)

        def read() -> Covered:
            covered, found, remembered = read_named(visit, name, known)
            if found:
                visit.repo = found.repo
                self._take([found])
                if visit.wanted:
                    self._remember(name, short, remembered)
                    if visit.stretch:
                        visit.stretch.begun.add(name)
            return covered

        self._recorder.watch(visit, read)

    def _visit(self, login: str) -> Visit:
        return self._desk.visit(REPOSITORIES, whole(login))

    def _remember(self, name: str, short: str, remembered: Document) -> None:
        def change(document: Document) -> Document:
            return {**document, NAMED: {**document.get(NAMED, {}), short: remembered}}

        self._desk.buffer.change(account_cursor(name.partition("/")[0]), change)

    def _add(self, login: str, found: Iterable[Found], is_org: bool) -> None:
        selection = self._desk.selection
        kept = [one for one in found if (selection.archived or not one.archived) and (selection.forks or not one.fork)]
        repos = self._take(kept)
        with self._lock:
            self.accounts.append(Account(login, is_org, repos))

    def _take(self, found: Iterable[Found]) -> tuple[Repo, ...]:
        chosen = tuple(one.repo for one in found if self._desk.selection.holds(one.repo.name))
        with self._lock:
            self._repos.update({repo.id: repo for repo in chosen})
        return chosen
