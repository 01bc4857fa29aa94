"""The installations of a GitHub App: one for each account that is read."""

import re
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from github import Auth

from backend.collect.answers import message, parsed
from backend.collect.connection.app_tokens import AppToken
from backend.collect.connection.apps import App
from backend.collect.problems import Forbidden, quoted

_OWNER = re.compile(r"/(?:orgs|users|repos)/([^/]+)")
_NUMBERED = re.compile(r"/(?:repositories|organizations)/\d+")


class Installations:
    """Every account's own installation, found when first needed.

    number: of the one installation that reads everything; None: each account is read by its own.
    owners: accounts that will be read; the first one's signs what belongs to no account.
    """

    def __init__(self, app: App, number: int | None = None, owners: Sequence[str] = ()) -> None:
        self._app, self._owners = app, tuple(owners)
        self._only = AppToken(app, number) if number is not None else None
        self._lock = threading.Lock()
        self._found: dict[str, AppToken] = {}
        self._numbered: dict[str, str] = {}

    def auth(self, path: str) -> Auth.Auth:
        """The token of the installation that `path` belongs to. Raises Forbidden if the app is not installed there."""
        return self._of(path).auth()

    def renewed(self, path: str, refused: Auth.Auth) -> Auth.Auth:
        """A newer token of the same installation."""
        return self._of(path).instead_of(refused)

    def note(self, path: str, headers: Mapping[str, str]) -> None:
        """Learns GitHub's time, and whose the numbers are by which GitHub names what follows."""
        self._app.clock.note(headers)
        if owner := self._owner(path):
            for address in _NUMBERED.findall(headers.get("link", "") + headers.get("location", "")):
                self._numbered[address] = owner

    def _of(self, path: str) -> AppToken:
        if self._only is not None:
            return self._only
        owner = self._owner(path) or (self._owners[0].partition("/")[0].lower() if self._owners else "")
        with self._lock:
            if owner not in self._found:
                self._found[owner] = AppToken(self._app, self._number(owner) if owner else self._any())
            return self._found[owner]

    def _owner(self, path: str) -> str | None:
        if found := _OWNER.match(path):
            return found[1].lower()
        numbered = _NUMBERED.match(path)
        return self._numbered.get(numbered[0]) if numbered else None

    def _number(self, owner: str) -> int:
        reply = self._app.ask(f"/orgs/{owner}/installation")
        if reply.status == 404:
            reply = self._app.ask(f"/users/{owner}/installation")
        found: Any = parsed(reply.body) if reply.status == 200 else None
        if found is None:
            raise Forbidden(  # not NotFound, after which a source would look for the account elsewhere
                f"The GitHub App {self._app.id} is not installed on {owner} "
                f"({reply.status}{quoted(message(reply.body))}); install it there, or leave {owner} out."
            )
        return int(found["id"])

    def _any(self) -> int:
        reply = self._app.ask("/app/installations")
        found: Any = parsed(reply.body) if reply.status == 200 else None
        if not found:
            raise Forbidden(f"The GitHub App {self._app.id} is installed nowhere; install it on what you want to read.")
        return int(found[0]["id"])
