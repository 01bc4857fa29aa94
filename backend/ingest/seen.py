"""What was delivered lately: a delivery that is sent again has no effect, and is answered only once the first is kept.

This is for the sake of work saved and of being told; that nothing is stored twice is for fold.
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from typing import Literal

REMEMBERED = 20_000

Again = Literal["duplicate", "replay"]


@dataclass(frozen=True, slots=True)
class Seen:
    """A delivery that is kept, or on its way: by which hook it came."""

    delivery_id: str
    hook_id: str | None
    kept: "asyncio.Future[None]"


class LatelySeen:
    """The deliveries of lately, by their id and by the digest of their body. For one thread."""

    def __init__(self, most: int = REMEMBERED) -> None:
        self._most = most
        self._ids: OrderedDict[str, Seen] = OrderedDict()
        self._bodies: OrderedDict[bytes, Seen] = OrderedDict()

    def again(self, delivery_id: str, hook_id: str | None, digest: bytes) -> tuple[Again, Seen] | None:
        """What a delivery is that was there before: sent again by GitHub, or by somebody else; None for a new one.

        The same body by another hook of the same event is GitHub's doing, too.
        """
        if (known := self._ids.get(delivery_id)) and not _failed(known):
            return "duplicate", known
        if (known := self._bodies.get(digest)) and not _failed(known):
            return "duplicate" if hook_id != known.hook_id else "replay", known
        return None

    def add(self, seen: Seen, digest: bytes) -> None:
        """Remembers a delivery; the oldest is forgotten."""
        for memory, key in ((self._ids, seen.delivery_id), (self._bodies, digest)):
            memory[key] = seen  # type: ignore[index]
            if len(memory) > self._most:
                memory.popitem(last=False)


def _failed(seen: Seen) -> bool:
    kept = seen.kept
    return kept.done() and (kept.cancelled() or kept.exception() is not None)
