"""When a body was first received: what says no time itself has this one, however often it is sent again.

GitHub signs the body alone: whoever holds an old one can send it again. What says when it happened is then older than
what is stored; of the rest we remember the bodies.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from shared.lake.documents import Document
from shared.lake.tables import Lake

REMEMBERED = 2_000
"""Bodies in each of 256 documents; beyond, the oldest are forgotten."""


def first_received(lake: Lake, received: Mapping[str, datetime]) -> dict[str, datetime]:
    """By the hash of each body the time at which it was first received; `received` is remembered for new ones.

    Remembered before anything is made of it, so that what is told twice, also after a crash, has one time.
    """
    shards: dict[str, dict[str, datetime]] = defaultdict(dict)
    for digest, at in received.items():
        shards[digest[:2]][digest] = at
    firsts: dict[str, datetime] = {}
    for shard, bodies in shards.items():
        document = lake.update_document(f"webhooks/{shard}", lambda known, bodies=bodies: _with(known, bodies))  # type: ignore[misc]
        firsts.update({digest: datetime.fromisoformat(document[digest]) for digest in bodies})
    return firsts


def _with(known: Document, bodies: Mapping[str, datetime]) -> Document:
    times = {digest: at.isoformat() for digest, at in bodies.items()}
    # What is asked for goes last, so that it is not what is forgotten.
    whole = {digest: at for digest, at in known.items() if digest not in times}
    whole.update({digest: known.get(digest, at) for digest, at in times.items()})
    kept = list(whole.items())[-max(REMEMBERED, len(times)) :]
    return dict(kept)
