"""What the stand-in knows: accounts and repositories behind one lock and one version number."""

import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from time import time
from typing import Any

from tests.standins.github.accounts import Account, AccountType
from tests.standins.github.alerts import KINDS, AlertName
from tests.standins.github.examples import DATA
from tests.standins.github.repositories import Feature, Repository, renamed
from tests.standins.github.tokens import Tokens


class Store:
    """Accounts, repositories and what they hold; every method may be called from any thread at any time.

    `version` grows with each change, so that answers can be kept until then. Repositories are named
    `owner/name`; times are datetimes, ISO text or epoch seconds, and default to now.
    """

    def __init__(self, data: Path = DATA, clock: Callable[[], float] = time) -> None:
        self.data, self.clock = data, clock
        self.lock = threading.RLock()
        self.version = 0
        self.search_limit = 1_000
        self.unfiltered_limit = 40_000
        self.tokens = Tokens()
        self.accounts: dict[str, Account] = {}
        self.repos: dict[int, Repository] = {}
        self._by_name: dict[str, int] = {}
        self._moved: dict[str, int] = {}
        self._ids = count(10_001)
        self._derived: dict[Hashable, Any] = {}
        self._derived_version = 0

    @contextmanager
    def change(self, repo: Repository | None = None) -> Iterator[None]:
        """Holds the lock, and marks the repository (and so the whole state) as changed at the end."""
        with self.lock:
            try:
                yield
            finally:
                self.version += 1
                if repo is not None:
                    repo.version += 1

    def create_org(self, login: str, **fields: Any) -> Account:
        """An organisation; the one that exists already if there is one."""
        return self._account(login, "Organization", **fields)

    def create_user(self, login: str, **fields: Any) -> Account:
        """A user; the one that exists already if there is one."""
        return self._account(login, "User", **fields)

    def create_repo(
        self,
        full_name: str,
        *,
        repo_id: int | None = None,
        features: dict[str, Feature] | None = None,
        **facts: Any,
    ) -> Repository:
        """A repository, all alert features on; `facts` override fields (`private`, `archived`, ...)."""
        owner, _, name = full_name.partition("/")
        with self.change():
            account = self.accounts.get(owner.lower()) or self.create_org(owner)
            on: dict[str, Feature] = dict.fromkeys(KINDS, "on")
            repo = Repository(repo_id or self.next_id(), account, name, self.data, facts, on | (features or {}))
            self.repos[repo.id] = repo
            self._by_name[full_name.lower()] = repo.id
            return repo

    def rename_repo(self, full_name: str, new_full_name: str) -> Repository:
        """Renames or transfers: same id, addresses rewritten, and the old name answers 301 from now on."""
        repo = self.repo(full_name)
        owner, _, name = new_full_name.partition("/")
        with self.change(repo):
            old = repo.full_name
            repo.owner, repo.name = self.accounts.get(owner.lower()) or self.create_org(owner), name
            repo.runs.rewrite(lambda run: renamed(run, old, new_full_name))
            shelves: tuple[dict[int, Any], ...] = (repo.workflows, repo.jobs, repo.pulls, repo.analyses)
            for shelf in (*shelves, *repo.alerts.values()):
                shelf.update({key: renamed(value, old, new_full_name) for key, value in shelf.items()})
            del self._by_name[old.lower()]
            self._moved[old.lower()] = repo.id
            self._by_name[new_full_name.lower()] = repo.id
        return repo

    def delete_repo(self, full_name: str) -> None:
        """The repository answers 404 from now on, under every name it had."""
        repo = self.repo(full_name)
        with self.change():
            del self.repos[repo.id], self._by_name[full_name.lower()]
            self._moved = {name: id_ for name, id_ in self._moved.items() if id_ != repo.id}

    def edit_repo(self, full_name: str, **facts: Any) -> None:
        """Overrides fields of the repository object (`archived=True`)."""
        repo = self.repo(full_name)
        with self.change(repo):
            repo.facts |= facts

    def switch(self, full_name: str, kind: AlertName, feature: Feature) -> None:
        """Switches an alert feature of a repository `on`, `off` or (code scanning) `never analysed`."""
        repo = self.repo(full_name)
        with self.change(repo):
            repo.features[kind] = feature

    def repo(self, full_name: str) -> Repository:
        """The repository of that present name; KeyError names the one that is missing."""
        return self.repos[self._by_name[full_name.lower()]]

    def moved_to(self, full_name: str) -> Repository | None:
        """The repository that had this name before, if it still exists."""
        return self.repos.get(self._moved.get(full_name.lower(), 0))

    def repos_of(self, owner: str) -> list[Repository]:
        """The repositories of an account, in order of creation."""
        return [repo for repo in self.repos.values() if repo.owner.login.lower() == owner.lower()]

    def until_change(self, key: Hashable, build: Callable[[], Any]) -> Any:
        """What `build` returned for this key since the last change; for views that sort much, show little."""
        with self.lock:
            if self._derived_version != self.version:
                self._derived.clear()
                self._derived_version = self.version
            if key not in self._derived:
                self._derived[key] = build()
            return self._derived[key]

    def next_id(self) -> int:
        """A number that has not been given before."""
        return next(self._ids)

    def _account(self, login: str, type_: AccountType, **fields: Any) -> Account:
        with self.change():
            if login.lower() not in self.accounts:
                fields.setdefault("id", self.next_id())
                self.accounts[login.lower()] = Account(login=login, type=type_, **fields)
            return self.accounts[login.lower()]
