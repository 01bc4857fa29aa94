"""A provider: an agent whose sessions can be read."""

from collections.abc import Callable
from typing import Protocol

from backend.collect.ledger import Covered
from backend.collect.problems import GitHubError
from backend.collect.visit import Visit


class Provider(Protocol):
    """Reads the sessions of one agent. name: what the column `provider` of its rows says."""

    @property
    def name(self) -> str:
        """See the class."""

    def read(self, visit: Visit) -> Covered:
        """Reads the sessions that changed since the last visit. Raises the errors of `problems`."""


class Remote(Provider, Protocol):
    """A provider elsewhere than on GitHub, which waits and is stopped by itself."""

    def tell(self, say: Callable[[str], None]) -> None:
        """From now on `say` is told when and why requests wait."""

    def stop(self, why: GitHubError | None = None) -> None:
        """Ends all waits and refuses further requests. why: what the refusals are to say."""
