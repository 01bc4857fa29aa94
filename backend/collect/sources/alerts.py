"""Security alerts of all three kinds, of one repository or of a whole organisation in one listing.

An organisation's listing says nothing of repositories without alerts: whether the feature is off there, or all is
well, only the repository's own listing tells. So a repository that it has not spoken for is asked itself, once a
week, unless something else that was read tells.
"""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial

from backend.collect.cursors import time_in
from backend.collect.github import Params
from backend.collect.ledger import Covered
from backend.collect.problems import Disabled, GitHubError
from backend.collect.sources.listing import Listing
from backend.collect.visit import Visit
from backend.mapping.alerts import alert_row
from backend.mapping.values import nested
from shared.datasets import ALERTS

CHECKED_FOR = timedelta(days=7)
"""How long we believe what a repository's own listing said while the organisation's is silent about it."""


@dataclass(frozen=True)
class AlertKind:
    """A kind of alert, where the API keeps it, and how to ask for it.

    name: one of KINDS; the ledger and the cursors have it under this name, since one row for all alerts could not say
    that one kind is off and another forbidden.
    """

    name: str
    folder: str
    params: Params

    def path(self, place: str) -> str:
        """The listing of a repository or organisation."""
        return f"{place}/{self.folder}/alerts"


_CHANGED_LAST_FIRST: Params = {"sort": "updated", "direction": "desc"}

ALERT_KINDS = (
    AlertKind("code_scanning", "code-scanning", _CHANGED_LAST_FIRST),
    AlertKind("dependabot", "dependabot", _CHANGED_LAST_FIRST),
    # Of a leaked secret we need to know that it leaked, never the secret.
    AlertKind("secret_scanning", "secret-scanning", {**_CHANGED_LAST_FIRST, "hide_secret": "true"}),
)


@dataclass(frozen=True)
class Spoken:
    """What an organisation's listing said of its repositories.

    covered: how far it was read.  rows: this time, by id of the repository.  speaks_for: ids of the repositories that
    were in it when it was read from its beginning.  error: why it could not be read to its end.
    """

    covered: Covered
    rows: Counter[int] = field(default_factory=Counter)
    speaks_for: frozenset[int] = frozenset()
    error: GitHubError | None = None


def read_organisation(kind: AlertKind, visit: Visit) -> Spoken:
    """Reads an organisation's alerts that changed since the last visit."""
    listing = Listing(visit, kind.path(f"/orgs/{visit.repo.owner}"), kind.params)
    speaks_for = set(visit.cursor.get("speaks_for", []))
    rows: Counter[int] = Counter()
    for raws in listing:
        visit.keep(ALERTS, partial(alert_row, kind.name, repo=None, stamp=visit.stamp), raws)
        found = [number for raw in raws if isinstance(number := nested(raw, "repository", "id"), int)]
        rows.update(found)
        # What is new in a listing says nothing of the older alerts of a repository that has joined since.
        if listing.from_beginning and not speaks_for.issuperset(found):
            speaks_for.update(found)
            listing.more["speaks_for"] = sorted(speaks_for)
    return Spoken(listing.covered(), rows, frozenset(speaks_for))


def read(kind: AlertKind, visit: Visit, spoken: Spoken | None = None) -> Covered:
    """Reads one repository's alerts, open and closed, that changed since the last visit.

    spoken: what the organisation's listing said; then the repository's own is asked only where that does not tell.
    """
    if spoken is None:
        return _own_listing(kind, visit)
    if spoken.error:
        raise spoken.error
    visit.rows = spoken.rows[visit.repo.id]
    if visit.repo.id in spoken.speaks_for or visit.cursor.get("spoken_for") == visit.repo.owner:
        return replace(spoken.covered, unchanged=not visit.rows)
    return _checked(kind, visit, spoken.covered)


def _checked(kind: AlertKind, visit: Visit, covered: Covered) -> Covered:
    """Asks a repository itself, unless it is known already whether it has anything to tell. Raises Disabled."""
    at = time_in(visit.cursor, "checked_at")
    if at is not None and visit.now - at < CHECKED_FOR:
        return replace(covered, unchanged=True)
    if visit.switch.off and not visit.rows:
        raise Disabled(visit.switch.off)
    if visit.switch.on:
        return covered
    own = _own_listing(kind, visit)
    visit.save({**visit.cursor, "checked_at": visit.now, "spoken_for": visit.repo.owner if visit.rows else None})
    return own


def _own_listing(kind: AlertKind, visit: Visit) -> Covered:
    listing = Listing(visit, kind.path(visit.repo.path), kind.params)
    for raws in listing:
        visit.keep(ALERTS, partial(alert_row, kind.name, repo=visit.repo.name, stamp=visit.stamp), raws)
    return listing.covered()
