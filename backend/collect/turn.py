"""The turn: one way through all that a selection chooses, by as many collections as its budget of requests takes.

The cursors know how far each list has been read. The turn knows beside that what need not be asked again before it
is over, so that even the smallest budget comes to an end.
"""

from base64 import b64encode
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any

from backend.collect.cursors import time_in
from backend.collect.selection import Selection
from shared.lake.documents import Document
from shared.lake.tables import Lake

LASTS = timedelta(days=2)
"""How long a turn is taken up again; after that what it knows is too old to pass for the present."""


class Stretch:
    """What a turn knows of the visits that share a document of cursors: of one repository, or of one account.

    begun: datasets of which the cursor was written in this turn.  over: those that need no visit any more.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._answered: dict[str, int] = dict(document.get("answered", {}))
        self.begun: set[str] = set(document.get("begun", []))
        self.over: set[str] = set(document.get("over", []))

    def answered_at(self, path: str, params: Mapping[str, str | int], etag: str) -> datetime | None:
        """When GitHub gave this ETag to this question; None if it has not in this turn."""
        at = self._answered.get(_digest(path, params, etag))
        return None if at is None else datetime.fromtimestamp(at, UTC)

    def note_answer(self, path: str, params: Mapping[str, str | int], etag: str, at: datetime) -> None:
        """Remembers that this is GitHub's answer."""
        self._answered[_digest(path, params, etag)] = int(at.timestamp())

    @property
    def document(self) -> Document:
        """As JSON."""
        return {"answered": dict(self._answered), "begun": sorted(self.begun), "over": sorted(self.over)}


class Turn:
    """The turn of one selection.

    lasts: whether it takes up what an earlier collection has left, and a later one may take it up. A collection
    without a budget goes through everything by itself, and asks again whether anything has changed.
    """

    def __init__(self, lake: Lake, selection: Selection, *, lasts: bool) -> None:
        self._lake, self._name, self.lasts = lake, f"cursors/turns/{selection.signature}", lasts
        now = lake.clock()
        document = lake.document(self._name) if lasts else {}
        began = time_in(document, "began")
        if began is None or not now - LASTS < began <= now:
            document, began = {}, now
        self._began = began
        self._over: set[int] = set(document.get("over", []))
        self._stretches = {name: Stretch(part) for name, part in document.get("stretches", {}).items()}

    def stretch(self, name: str) -> Stretch | None:
        """What is known of the visits that share the cursors `name`; None if nothing is to be remembered."""
        return self._stretches.setdefault(name, Stretch({})) if self.lasts else None

    def is_over(self, repo_id: int) -> bool:
        """Whether a repository needs no visit any more."""
        return repo_id in self._over

    def finish(self, repo_id: int, name: str) -> None:
        """A repository needs no visit any more. name: of its cursors."""
        if self.lasts:
            self._over.add(repo_id)
            self._stretches.pop(name, None)

    def keep(self) -> None:
        """Lets the next collection go on here; all that this one has read must be stored."""
        if not self.lasts:
            return
        parts = {name: part.document for name, part in list(self._stretches.items())}
        document = {"began": self._began.isoformat(), "over": sorted(self._over), "stretches": parts}
        self._lake.update_document(self._name, lambda _: document)

    def end(self) -> None:
        """Lets the next collection begin anew."""
        if self._lake.document(self._name):
            self._lake.delete_document(self._name)


def _digest(path: str, params: Mapping[str, str | int], etag: str) -> str:
    parts: Iterable[object] = (path, *sorted(f"{name}={value}" for name, value in params.items()), etag)
    return b64encode(blake2b("\n".join(map(str, parts)).encode(), digest_size=9).digest()).decode()
