"""Repositories: GitHub's repository object to a row, and the repository that any other object belongs to."""

import re

from backend.mapping.stamp import Raw, Row, Stamp, Unusable
from backend.mapping.values import boolean, integer, moment, nested, strings, text

_FULL_NAME = re.compile(r"[^\s/]+/[^\s/]+")
_API_URL = re.compile(r"https?://[^/]+/(?:.*/)?repos/([^\s/]+/[^\s/?#]+)")
_WEB_URL = re.compile(r"https?://[^/]+/([^\s/]+/[^\s/?#]+)")


def repository_row(raw: Raw, stamp: Stamp) -> Row:
    """A row of `repositories`. owner_team and importance are not GitHub's to say: null. Raises Unusable."""
    repo = repository_name(raw.get("full_name"))
    if repo is None:
        raise Unusable("no full_name")
    private = boolean(raw.get("private"))
    visibility = None if private is None else ("private" if private else "public")
    return {
        "repo": repo,
        "org": owner(repo),
        "name": repo.partition("/")[2],
        "repo_id": integer(raw.get("id")),
        "default_branch": text(raw.get("default_branch")),
        "visibility": text(raw.get("visibility")) or visibility,
        "archived": boolean(raw.get("archived")),
        "fork": boolean(raw.get("fork")),
        "language": text(raw.get("language")),
        "topics": strings(raw.get("topics")),
        "created_at": moment(raw.get("created_at")),
        "pushed_at": moment(raw.get("pushed_at")),
        "html_url": text(raw.get("html_url")),
        **stamp.columns,
    }


def owner(repo: str) -> str:
    """The owner in `owner/name`."""
    return repo.partition("/")[0]


def repository_name(value: object) -> str | None:
    """A text of the form `owner/name`; None for anything else."""
    name = text(value)
    return name if name is not None and _FULL_NAME.fullmatch(name) else None


def repository_of(raw: Raw, repo: str | None) -> str:
    """The `owner/name` an object belongs to: its own word, else `repo`, else what its addresses say.

    Raises Unusable where none of them says it.
    """
    given = raw.get("repository")
    named = repository_name(nested(given, "full_name")) or repository_name(given)
    found = named or repository_name(repo) or repository_in_url(raw.get("url")) or _in_web_url(raw.get("html_url"))
    if found is None:
        raise Unusable("no repository: neither the object nor its addresses name one")
    return found


def repository_in_url(url: object) -> str | None:
    """The `owner/name` in an address of GitHub's API, also of a GitHub Enterprise Server."""
    return _matched(_API_URL, url)


def _in_web_url(url: object) -> str | None:
    return repository_in_url(url) or _matched(_WEB_URL, url)


def _matched(pattern: re.Pattern[str], url: object) -> str | None:
    match = pattern.match(text(url) or "")
    return match[1] if match else None
