"""Cursors: how far each source has been read, as state documents; one for a repository, one for an account."""

from datetime import datetime
from typing import Any
from urllib.parse import quote

from backend.mapping.values import moment

NAME = "name"
"""The key under which a repository's document keeps the name that its rows have."""


def repository_cursor(repo_id: int) -> str:
    """The document of a repository, a section for each dataset; its id survives renaming and transfer."""
    return f"cursors/repositories/{repo_id}"


def account_cursor(login: str) -> str:
    """The document of an organisation, user or agent provider, a section for each dataset.

    The name is quoted so that it does not leave its folder, and lower-cased as GitHub takes no notice of case.
    """
    return f"cursors/accounts/{quote(login.lower(), safe='').replace('.', '%2E')}"


def time_in(document: dict[str, Any], key: str) -> datetime | None:
    """A time in a cursor; None if it is not there or not a time."""
    return moment(document.get(key))


def latest(*moments: datetime | None) -> datetime | None:
    """The latest of the times that are known."""
    return max((at for at in moments if at is not None), default=None)


def earliest(*moments: datetime | None) -> datetime | None:
    """The earliest of the times that are known."""
    return min((at for at in moments if at is not None), default=None)
