"""Made: what each part of a roll-up was made of, so that only what has changed since is made again.

Kept per roll-up in a state document. A part is a month, or "" where the roll-up is one blob. It is made again if what
it is made of has other ETags than then, or if it has itself: whoever writes it otherwise, or deletes it, or makes it at
the same time of older rows, makes it be made again.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from shared.lake.documents import Document
from shared.lake.store import Blob
from shared.lake.tables import Lake


@dataclass(frozen=True)
class Part:
    """A part of a roll-up as it is to be. of: what it is made of (see made_of)."""

    name: str
    of: str


class Made:
    """What the parts of one roll-up were made of."""

    def __init__(self, lake: Lake, rollup: str) -> None:
        self._lake = lake
        self._document = f"rollups/{rollup}"
        self._known = lake.document(self._document)

    @property
    def parts(self) -> set[str]:
        """The parts that are known to be made."""
        return set(self._known)

    def is_current(self, part: Part, etag: str | None, now: datetime) -> bool:
        """Whether a part, which has this ETag now, was made of the same and has not expired."""
        known = self._known.get(part.name, {})
        if (known.get("of"), known.get("etag")) != (part.of, etag) or "of" not in known:
            return False
        return "until" not in known or now < datetime.fromisoformat(known["until"])

    def keep(self, part: Part, etag: str | None, until: datetime | None = None) -> None:
        """Remembers of what a part is made, with the ETag that it has got. until: when it expires."""
        entry = {"of": part.of, "etag": etag} | ({"until": until.isoformat()} if until else {})
        self._change(lambda document: {**document, part.name: entry})

    def forget(self, names: Iterable[str]) -> None:
        """Forgets parts that there is nothing of any more."""
        gone = set(names)
        if gone:
            self._change(lambda document: {name: entry for name, entry in document.items() if name not in gone})

    def _change(self, change: Callable[[Document], Document]) -> None:
        self._known = self._lake.update_document(self._document, change)


def made_of(blobs: Iterable[Blob], *others: object) -> str:
    """What tells whether a part would be made anew: the versions of partitions, and all else that it depends on."""
    versions = sorted((blob.name, blob.etag) for blob in blobs)
    return hashlib.sha256(repr((versions, others)).encode()).hexdigest()[:20]
