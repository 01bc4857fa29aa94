"""A GitHub with an app, its clock, and the collector that asks it."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from backend.collect.connection.apps import App
from backend.collect.connection.installations import Installations
from backend.collect.connection.line import Line
from backend.collect.connection.server_clock import ServerClock
from backend.collect.github import GitHub
from tests.contract.collecting import Hours
from tests.standins.authority import KeyPair
from tests.standins.github import EVERYTHING, GitHubStandin

APP_ID = 7
HOUR_S = 3_600
DAY_S = 86_400
ISSUED = r"/access_tokens$"
SHOP = "/repos/acme/shop"


@dataclass
class Clock:
    """GitHub's clock, which a test may move."""

    ahead_s: float = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead_s


@dataclass
class Shop:
    """A GitHub with an app that is installed on acme, which has one private repository."""

    gh: GitHubStandin
    keys: KeyPair
    clock: Clock

    def open(
        self,
        *owners: str,
        number: int | None = None,
        local: Callable[[], float] = time.time,
        hours: Hours | None = None,
        **who: str,
    ) -> GitHub:
        """The collector's client; `who` may give another app_id or key."""
        given = {"app_id": str(APP_ID), "key": self.keys.private} | who
        app = App(given["app_id"], given["key"], Line(self.gh.url, 10.0), ServerClock(local))
        access = Installations(app, number, owners)
        return GitHub(access, self.gh.url, timeout_s=10.0, clock=(hours or Hours()).time)

    def install(self, account: str, permissions: frozenset[str] = EVERYTHING) -> int:
        """The number of a new installation on an account, which has one private repository."""
        self.gh.state.create_repo(f"{account}/shop", private=True)
        apps = self.gh.state.tokens.apps
        return apps.install(apps.known[str(APP_ID)], account, permissions).id

    @property
    def issued(self) -> int:
        """How many tokens GitHub has given."""
        return len(self.gh.log.matching(ISSUED, method="POST", status=201))

    def refused(self) -> list[str]:
        """What was answered with 401."""
        return [entry.path for entry in self.gh.log if entry.status == 401]

    def token(self) -> str:
        """The newest installation token."""
        return [value for value, token in self.gh.state.tokens.known.items() if token.installation][-1]
