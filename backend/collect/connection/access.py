"""What authenticates the collector's requests: a token here, or the installations of a GitHub App."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from github import Auth


class Access(Protocol):
    """What signs requests, from any number of threads. There is no access without a credential."""

    def auth(self, path: str) -> Auth.Auth:
        """What signs a request for `path`. Raises the errors of `problems`, Broken and Postponed."""

    def renewed(self, path: str, refused: Auth.Auth) -> Auth.Auth | None:
        """What to try in place of what GitHub refused with 401; None if there is nothing else."""

    def note(self, path: str, headers: Mapping[str, str]) -> None:
        """Learns from the headers of an answer."""


@dataclass(frozen=True)
class Token:
    """One token for everything."""

    value: str = field(repr=False)

    def auth(self, path: str) -> Auth.Auth:  # noqa: ARG002
        """The token, whatever is read."""
        return Auth.Token(self.value)

    def renewed(self, path: str, refused: Auth.Auth) -> None:  # noqa: ARG002
        """None: nobody but its owner can renew a token."""
        return

    def note(self, path: str, headers: Mapping[str, str]) -> None:
        """Nothing to learn."""
