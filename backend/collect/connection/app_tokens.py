"""The tokens of a GitHub App's installation, which last an hour and are renewed before they end.

PyGithub's AppInstallationAuth would do this over one connection that all threads share, by this machine's clock,
20 seconds before the end and once for each thread that finds the token too old.
"""

import threading
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from github import Auth

from backend.collect.answers import Broken, message, parsed
from backend.collect.connection.apps import App, Postponed
from backend.collect.connection.line import Reply
from backend.collect.problems import Forbidden, GitHubError, NotFound, Unavailable, quoted

RENEWAL_S = 300.0
"""A token that ends in less is renewed."""

RETRY_S = 30.0
"""How long to go on with the old token after GitHub failed to give a new one."""


class AppToken:
    """The present token of one installation. One thread renews it, while the others go on with the old one."""

    def __init__(self, app: App, number: int) -> None:
        self._installation = number
        self._app = app
        self._lock = threading.Lock()
        self._held: _Held | None = None

    def auth(self) -> Auth.Token:
        """The present token. Raises Forbidden, NotFound, BadToken, Unavailable, Broken and Postponed."""
        held, now = self._held, self._app.clock.now()
        if held and now < held.renew_at:
            return held.auth
        usable = held if held and now < held.ends_at else None
        if not self._lock.acquire(blocking=usable is None) and usable:
            return usable.auth
        try:
            if self._held is None or self._held is held:
                self._held = self._renewed(usable)
            return self._held.auth
        finally:
            self._lock.release()

    def instead_of(self, refused: Auth.Auth) -> Auth.Token:
        """Another token than the one which GitHub refused. Raises as `auth` does."""
        with self._lock:
            if self._held is None or self._held.auth.token == refused.token:
                self._held = self._issued()
            return self._held.auth

    def _renewed(self, usable: "_Held | None") -> "_Held":
        try:
            return self._issued()
        except (Broken, Postponed):
            if usable is None:
                raise
            return replace(usable, renew_at=min(self._app.clock.now() + RETRY_S, usable.ends_at))

    def _issued(self) -> "_Held":
        reply = self._app.ask(f"/app/installations/{self._installation}/access_tokens", "POST")
        if reply.status != 201:
            raise self._problem(reply)
        try:
            given: Any = parsed(reply.body)
            ends_at = datetime.fromisoformat(given["expires_at"]).timestamp()
            auth = Auth.Token(given["token"])
        except (KeyError, TypeError, ValueError) as error:
            raise Broken("an answer without a token") from error
        now = self._app.clock.now()
        return _Held(auth, ends_at - min(RENEWAL_S, (ends_at - now) / 2), ends_at)

    def _problem(self, reply: Reply) -> GitHubError:
        said = message(reply.body)
        what = f"installation {self._installation} of the GitHub App {self._app.id} ({reply.status}{quoted(said)})"
        if reply.status == 404:
            return NotFound(
                f"GitHub knows no {what}; correct GITHUB_APP_INSTALLATION_ID, or unset it to have it found."
            )
        if reply.status == 403 and "suspended" in said.lower():
            return Forbidden(f"Suspended is {what}; unsuspend it in the account's settings, under GitHub Apps.")
        return Unavailable(f"GitHub gives no token to {what}; check the app's settings, or try again later.")


@dataclass(frozen=True)
class _Held:
    """A token with the times, by GitHub's clock, at which to renew it and at which it ends."""

    auth: Auth.Token
    renew_at: float
    ends_at: float
