"""Cursors: how far each source of each repository has been read, as state documents."""

from datetime import datetime
from typing import Any
from urllib.parse import quote

from backend.mapping.values import moment

WHOLE_ORG = "*"
"""In place of a repository's name: all repositories of an account, in one listing."""


def cursor_name(repo: str, dataset: str) -> str:
    """The document for a repository (`owner/name`, or `owner/*`) and a dataset.

    Names are quoted so that none leaves its folder, and lower-cased as GitHub takes no notice of case.
    """
    owner, _, name = repo.partition("/")
    place = ("orgs", _quoted(owner)) if name == WHOLE_ORG else ("repos", _quoted(owner), _quoted(name))
    return "/".join(("cursors", *place, _quoted(dataset)))


def time_in(document: dict[str, Any], key: str) -> datetime | None:
    """A time in a cursor; None if it is not there or not a time."""
    return moment(document.get(key))


def latest(*moments: datetime | None) -> datetime | None:
    """The latest of the times that are known."""
    return max((at for at in moments if at is not None), default=None)


def _quoted(part: str) -> str:
    return quote(part.lower(), safe="").replace(".", "%2E")
