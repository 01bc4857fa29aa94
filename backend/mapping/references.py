"""References: alerts, pull requests and agent sessions as people and agents name them in free text.

Only the first LIMIT characters of a text are searched, by patterns whose every repetition is bounded: whatever
somebody writes into a pull request costs a moment.
"""

import re
from collections.abc import Iterable

LIMIT = 200_000
"""A pull request's text has 65 536 characters at most."""

_ALERT = re.compile(
    r"""
    (?<! [\w.-] )
    (?:
        (?P<ticket> CQLF- (?: R\d{1,9}- )? \d{1,9} )
      | (?P<owner> [a-z0-9] [a-z0-9_-]{0,38} ) / (?P<name> [\w.-]{1,100} )
        / (?: security/ )? (?P<kind> code[_-]scanning | dependabot | secret[_-]scanning ) / (?: alerts/ )?
        (?P<number> [1-9]\d{0,17} )
    )
    (?! [0-9a-z] )
    """,
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
"""Leftmost first: `acme/api/security/dependabot/3` is read as the address it is, not as `api/security/…`."""

_SESSION = re.compile(
    r"(?<![0-9a-z])(?P<marked>devin[-_]|sessions/(?:devin-)?)?(?P<id>[0-9a-f]{32})(?![0-9a-z])", re.IGNORECASE
)
_SESSION_ID = re.compile(r"[0-9a-f]{32}", re.IGNORECASE)

_PULL_REQUEST = re.compile(
    r"https?://[^\s/?#@\"'<>()]{1,255}/[^\s?#@\"'<>()]{1,300}?"
    r"/(?:pull|pull-requests|pullrequest|merge_requests)/[1-9]\d{0,17}(?![0-9a-z])",
    re.IGNORECASE | re.ASCII,
)
_REPOSITORY = re.compile(r"https?://[^/]+/(?:.*/)?([^/\s]+/[^/\s]+)/pull/\d+", re.IGNORECASE)


def alert_refs(*texts: str | None) -> list[str]:
    """The alerts that texts refer to, each once, in their order.

    `CQLF-R1-0001` and `CQLF-12` stay as they are, in upper case. `owner/name/kind/number` and the addresses of
    alerts, on any host, on its pages (`…/owner/name/security/code-scanning/12`) or in its API
    (`…/repos/owner/name/code-scanning/alerts/12`), become `owner/name/code_scanning/12`.
    """
    return _unique(_alert(found) for found in _matches(_ALERT, texts))


def session_ids(*texts: str | None) -> list[str]:
    """The Devin sessions that texts name, each once, in the form of `session_id`.

    First come those that are told by `devin-` or by an address (`…/sessions/<id>`), then bare groups of 32 hex
    digits, which might be something else's.
    """
    found = list(_matches(_SESSION, texts))
    ordered = sorted(found, key=lambda match: match["marked"] is None)
    return _unique(match["id"].lower() for match in ordered)


def session_id(value: str) -> str:
    """The one form of a Devin session's id: without `devin-`, which only some of its APIs and pages write."""
    bare = value.removeprefix("devin-")
    return bare.lower() if _SESSION_ID.fullmatch(bare) else bare


def pull_request_urls(*texts: str | None) -> list[str]:
    """The addresses of pull requests in texts, on any host, each once, in their order, without what follows the number.

    Addresses with a user or a password in them are left out.
    """
    return _unique(found[0] for found in _matches(_PULL_REQUEST, texts))


def pull_request_repository(url: str) -> str | None:
    """The `owner/name` in the address of a pull request on GitHub or a server like it; None for other addresses."""
    found = _REPOSITORY.match(url)
    return found[1] if found else None


def _alert(found: re.Match[str]) -> str:
    if found["ticket"]:
        return found["ticket"].upper()
    kind = found["kind"].lower().replace("-", "_")
    return f"{found['owner']}/{found['name']}/{kind}/{found['number']}"


def _matches(pattern: re.Pattern[str], texts: Iterable[str | None]) -> Iterable[re.Match[str]]:
    for text in texts:
        yield from pattern.finditer(text or "", 0, LIMIT)


def _unique(found: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(found))
