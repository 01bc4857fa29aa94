"""Security alerts of all three kinds, of one repository or of a whole organisation in one listing.

Every kind lists what changed last first, so a visit stops where the last one began. An organisation's listing
says nothing of repositories without alerts: whether the feature is off there, or all is well, only the
repository's own listing tells. So a repository that it has not spoken for is asked itself, once a week.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from backend.collect.answers import Answer
from backend.collect.cursors import latest, time_in
from backend.collect.github import Params
from backend.collect.ledger import Covered
from backend.collect.visit import Visit, items
from backend.mapping.alerts import alert_row
from backend.mapping.values import moment, nested
from shared.datasets import ALERTS

OVERLAP = timedelta(days=1)
"""How far behind the newest alert of the last visit a visit reads on: a listing may lag behind its alerts."""


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


def read(kind: AlertKind, visit: Visit) -> Covered:
    """Reads one repository's alerts, open and closed, that changed since the last visit."""
    listing = _Listing(kind, visit, kind.path(visit.repo.path))
    for raws in listing.pages():
        visit.keep(ALERTS, lambda raw: alert_row(kind.name, raw, visit.repo.name, visit.stamp), raws)
    listing.save({})
    return listing.covered()


def read_organisation(kind: AlertKind, org: str, visit: Visit) -> tuple[Covered, Counter[str]]:
    """Reads an organisation's alerts that changed since the last visit; and counts them by repository.

    Names are in lower case. The cursor keeps what is known of repositories that the listing is silent about.
    """
    listing = _Listing(kind, visit, kind.path(f"/orgs/{org}"))
    found: Counter[str] = Counter()
    for raws in listing.pages():
        visit.keep(ALERTS, lambda raw: alert_row(kind.name, raw, None, visit.stamp), raws)
        found.update(str(nested(raw, "repository", "full_name")).lower() for raw in raws)
    listing.save({"checked": visit.cursor.get("checked", {})})
    return listing.covered(), found


class _Listing:
    """A listing of alerts that is read down to where the last visit began."""

    def __init__(self, kind: AlertKind, visit: Visit, path: str) -> None:
        self._kind, self._visit, self._path = kind, visit, path
        self._watermark = time_in(visit.cursor, "watermark")
        self._covered_since = time_in(visit.cursor, "covered_since")
        self._newest = self._watermark
        self._etag: str | None = None
        self._unchanged = False
        self._until = visit.now

    def pages(self) -> Iterator[list[Any]]:
        """Pages of alert objects; none if GitHub says that nothing has changed."""
        known = None if self._visit.since else self._visit.cursor.get("etag")
        for number, answer in enumerate(self._visit.github.pages(self._path, self._kind.params, known)):
            if number == 0:
                self._begin(answer)
            if self._unchanged:
                return
            raws = items(answer)
            yield raws
            if self._reached_the_known(raws):
                return

    def save(self, more: dict[str, Any]) -> None:
        """Moves the cursor on, unless `--since` has left out a stretch that nobody has read yet."""
        since = self._visit.since
        if self._unchanged or (since and self._watermark and since > self._watermark):
            return
        # An alert dated in the future must not hide those that come before that day.
        newest = min(self._newest, self._until) if self._newest else None
        self._visit.save({"watermark": newest, "etag": self._etag, "covered_since": self._since(), **more})

    def covered(self) -> Covered:
        """What has been read."""
        return Covered(self._until, self._since(), unchanged=self._unchanged)

    def _begin(self, answer: Answer) -> None:
        self._unchanged = answer.status == 304
        self._etag = answer.etag
        self._until = self._visit.now

    def _since(self) -> datetime | None:
        """The time before which changes may be missing; None if all alerts have been read."""
        if self._visit.since is None:
            return self._covered_since
        if self._watermark is not None and self._covered_since is None:
            return None
        return min(self._visit.since, self._covered_since or self._visit.since)

    def _reached_the_known(self, raws: list[Any]) -> bool:
        changed = [_changed_at(raw) for raw in raws]
        self._newest = latest(self._newest, *changed)
        stop = self._visit.since or (self._watermark - OVERLAP if self._watermark else None)
        last = changed[-1] if changed else None
        return stop is not None and last is not None and last < stop


def _changed_at(raw: object) -> datetime | None:
    return moment(nested(raw, "updated_at")) or moment(nested(raw, "created_at"))
