"""Listings that GitHub sorts by what changed last: alerts, pull requests, analyses.

A visit reads down to where the last one began, and costs nothing while the first page is as it was. One that ends
early remembers where, so that the next one reads what is new and then goes on there.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Any, Self

from backend.collect.answers import Answer
from backend.collect.cursors import latest, time_in
from backend.collect.github import Params
from backend.collect.ledger import Covered
from backend.collect.visit import Visit, items
from backend.mapping.values import moment, nested

OVERLAP = timedelta(days=1)
"""How far behind the newest item of the last visit a visit reads on: a listing may lag behind its items."""


@dataclass(frozen=True)
class Rest:
    """A part of a listing that is still unread: where its next page is, and the change at which it ends."""

    path: str
    params: Params
    stop: datetime | None

    @classmethod
    def of(cls, document: dict[str, Any]) -> Self:
        """Reads it from a cursor."""
        return cls(document["path"], document["params"], moment(document["stop"]))

    @property
    def document(self) -> dict[str, Any]:
        """What the cursor keeps."""
        return {
            "path": self.path,
            "params": dict(self.params),
            "stop": self.stop.isoformat() if self.stop else None,
        }


class Listing:
    """A listing during one visit. Iterating gives its pages as lists of objects; `save` moves the cursor on.

    changed_at: the keys of an object that may hold the time of its last change; the first that does counts.
    key: under which a page holds its objects, if it is not the list itself.
    unchanged: whether GitHub said that all is as it was.
    from_beginning: whether the page at hand belongs to a reading of everything there is.
    more: what else the cursor is to keep.
    """

    def __init__(
        self,
        visit: Visit,
        path: str,
        params: Params,
        changed_at: tuple[str, ...] = ("updated_at", "created_at"),
        key: str | None = None,
    ) -> None:
        self._visit, self._path, self._params = visit, path, params
        self._changed_at, self._key = changed_at, key
        cursor = visit.cursor
        self._etag: str | None = cursor.get("etag")
        self._newest = self._watermark = time_in(cursor, "watermark")
        self._covered_since = self._since(time_in(cursor, "covered_since"))
        self._rests = [Rest.of(rest) for rest in cursor.get("rests", [])]
        self.more = {key: value for key, value in cursor.items() if key not in _OWN}
        self.unchanged = False
        self.from_beginning = False

    def __iter__(self) -> Iterator[list[Any]]:
        """Pages, what changed last first; none if nothing has changed."""
        asked = self._visit.since is None or self._visit.has_begun(self._visit.dataset)
        first = self._visit.github.get(self._path, {"per_page": 100, **self._params}, self._etag if asked else None)
        if first.status == 304:
            self.unchanged = not self._rests
        else:
            self._etag = first.etag
            yield from self._read(first, self._visit.since or (self._watermark - OVERLAP if self._watermark else None))
        while self._rests:
            rest = self._rests.pop(0)
            yield from self._read(self._visit.github.get(rest.path, rest.params), rest.stop)
        self.save()

    def save(self) -> None:
        """Moves the cursor on, unless `--since` has left out a stretch that nobody has read yet."""
        since = self._visit.since
        self._visit.covered = self.covered()
        if since and self._watermark and since > self._watermark:
            return
        # What is dated in the future must not hide what comes before that day.
        newest = min(self._newest, self._visit.now) if self._newest else None
        self._visit.save(
            {
                **self.more,
                "etag": self._etag,
                "watermark": newest,
                "covered_since": self._covered_since,
                "rests": [rest.document for rest in self._rests],
            }
        )

    def covered(self) -> Covered:
        """What has been read."""
        # Of a listing that is half read nothing is certain but what changed since its last complete reading.
        since = self._visit.now if self._rests else self._covered_since
        return Covered(self._visit.now, since, unchanged=self.unchanged)

    def _read(self, first: Answer, stop: datetime | None) -> Iterator[list[Any]]:
        """A page and those after it, down to what changed before `stop`."""
        self.from_beginning = stop is None
        for answer in chain((first,), self._visit.github.pages_after(first)):
            raws = items(answer, self._key)
            yield raws
            changed = [self._change(raw) for raw in raws]
            self._newest = latest(self._newest, *changed)
            last = changed[-1] if changed else None
            if answer.next_page is None or (stop and last and last < stop):
                return
            # By the repository's name, not by the number in GitHub's link: who may read it is told by its owner.
            rest = Rest(self._path, self._visit.github.target(answer.next_page)[1], stop)
            self._rests.insert(0, rest)
            self.save()
            self._rests.pop(0)

    def _change(self, raw: object) -> datetime | None:
        return next((at for key in self._changed_at if (at := moment(nested(raw, key)))), None)

    def _since(self, covered_since: datetime | None) -> datetime | None:
        """The time before which changes may be missing; None if everything has been read."""
        since = self._visit.since
        if since is None or (self._watermark is not None and covered_since is None):
            return covered_since
        return min(since, covered_since or since)


_OWN = frozenset({"etag", "watermark", "covered_since", "rests"})
