"""Fold: what waits in the inbox becomes rows of the tables; killed anywhere it can simply run again.

A blob is deleted only after all it holds is stored or in quarantine. Rows are merged by key, so that what is folded
twice, by this process or another, is there once.
"""

import gc
import logging
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
from filelock import FileLock, Timeout

from backend.ingest.delivery import DELIVERIES
from backend.ingest.fold_deliveries import fold_deliveries
from backend.ingest.fold_rows import fold_rows
from shared.datasets import DATASETS
from shared.lake.inbox import INBOX
from shared.lake.quarantine import Reject, quarantine
from shared.lake.store import Blob, BlobNotFound, StoreError
from shared.lake.tables import Lake

BYTES_AT_ONCE = 64_000_000
BLOBS_AT_ONCE = 1_000
"""Whichever comes first: what is held in memory of the inbox."""

PARALLEL = 8
"""Blobs read or deleted at a time, since each waits for the store."""

TURN_S = 30.0
"""The longest wait for another process on this machine that folds; folding at once is safe, only in vain."""

log = logging.getLogger(__name__)

Line = dict[str, Any]


@dataclass(frozen=True)
class Folded:
    """blobs: of the inbox, that are gone.  lines: they held.  changed: rows that are new or other than they were.

    rejected: lines that are in quarantine.  more: whether some was left for the next time.
    """

    blobs: int = 0
    lines: int = 0
    changed: int = 0
    rejected: int = 0
    more: bool = False

    def __add__(self, other: "Folded") -> "Folded":
        return Folded(
            self.blobs + other.blobs,
            self.lines + other.lines,
            self.changed + other.changed,
            self.rejected + other.rejected,
        )


def fold(lake: Lake, most: int | None = None) -> Folded:
    """Folds all that is in the inbox now. Raises StoreError; then the rest waits for the next time.

    most: so many batches of each dataset and no more.
    """
    folded, batches = Folded(), Counter[str]()
    with _turn(lake):
        for dataset, blobs in _batches(lake):
            batches[dataset] += 1
            if most is None or batches[dataset] <= most:
                folded += _fold_batch(lake, dataset, blobs)
    return replace(folded, more=most is not None and any(count > most for count in batches.values()))


def _batches(lake: Lake) -> Iterator[tuple[str, list[Blob]]]:
    """The blobs of each dataset, the oldest first, as many at a time as may be held."""
    waiting: dict[str, list[Blob]] = defaultdict(list)
    for blob in lake.store.list(INBOX):
        _, _, rest = blob.name.partition("/")
        waiting[rest.partition("/")[0]].append(blob)
    for dataset, blobs in waiting.items():
        batch: list[Blob] = []
        for blob in blobs:
            if batch and (len(batch) == BLOBS_AT_ONCE or sum(b.size for b in batch) + blob.size > BYTES_AT_ONCE):
                yield dataset, batch
                batch = []
            batch.append(blob)
        yield dataset, batch


def _fold_batch(lake: Lake, dataset: str, blobs: list[Blob]) -> Folded:
    with ThreadPoolExecutor(PARALLEL, "inbox") as pool, _uncollected():
        read = [found for found in pool.map(lambda blob: _read(lake, blob), blobs) if found]
        try:
            changed, rejected = _store(lake, dataset, read)
        except StoreError:
            raise
        except Exception:  # a flaw in one blob's lines, of whatever kind, and the others are not to wait for it
            if len(blobs) > 1:
                middle = len(blobs) // 2
                return _fold_batch(lake, dataset, blobs[:middle]) + _fold_batch(lake, dataset, blobs[middle:])
            log.exception("%s cannot be folded and goes to quarantine.", blobs[0].name)
            changed, rejected = 0, _give_up(lake, dataset, read)
        for _ in pool.map(lambda blob: lake.store.delete(blob.name), blobs):
            pass
    return Folded(len(blobs), sum(one.count for one in read), changed, rejected)


@dataclass
class _Read:
    """A blob as it was read. count, malformed: how many lines it holds, and others; known once they were asked for."""

    blob: Blob
    data: bytes
    count: int = 0
    malformed: list[Reject] = field(default_factory=list)

    def lines(self) -> list[Line]:
        """Its lines, parsed. That takes ten times their room, so that those of few blobs should be held at a time."""
        lines: list[Line] = []
        self.malformed = []
        for raw in self.data.splitlines() if b"\r" not in self.data else self.data.split(b"\n"):
            if not raw.strip():
                continue
            try:
                line = orjson.loads(raw)
            except orjson.JSONDecodeError as error:
                self.malformed.append(Reject(f"not JSON: {error}", raw.decode("utf-8", "replace")))
                continue
            if isinstance(line, dict):
                lines.append(line)
            else:
                self.malformed.append(Reject(f"not an object but {type(line).__name__}", line))
        self.count = len(lines)
        return lines


def _read(lake: Lake, blob: Blob) -> _Read | None:
    """A blob; None if another process has folded it meanwhile."""
    try:
        data, _ = lake.store.read(blob.name)
    except BlobNotFound:
        return None
    return _Read(blob, data)


def _store(lake: Lake, dataset: str, read: list[_Read]) -> tuple[int, int]:
    """Stores the lines, puts the rest into quarantine; returns rows changed and lines rejected."""
    changed = 0
    if dataset == DELIVERIES:
        changed, found = fold_deliveries(lake, (one.lines() for one in read))
    elif dataset in DATASETS:
        changed, found = fold_rows(lake, DATASETS[dataset], [one.lines() for one in read])
    else:
        found = [[Reject(f"there is no dataset {dataset!r}", line) for line in one.lines()] for one in read]
    rejected = 0
    for one, unusable in zip(read, found, strict=True):
        rejected += _quarantine(lake, dataset, one.blob, one.malformed + unusable)
    return changed, rejected


def _give_up(lake: Lake, dataset: str, read: list[_Read]) -> int:
    rejected = 0
    for one in read:
        unusable = [Reject("could not be folded; see the log", line) for line in one.lines()]
        rejected += _quarantine(lake, dataset, one.blob, one.malformed + unusable)
    return rejected


def _quarantine(lake: Lake, dataset: str, blob: Blob, rejects: list[Reject]) -> int:
    """Under the name that the blob has in the inbox: folded again it is there once."""
    stem = blob.name.rpartition("/")[2].removesuffix(".ndjson")
    return quarantine(lake.store, dataset, rejects, "inbox", lake.clock(), stem)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without Python's search for cycles: what is parsed has none, and to look at it takes a quarter of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@contextmanager
def _turn(lake: Lake) -> Iterator[None]:
    lock = FileLock(lake.cache / "fold.turn")
    try:
        lock.acquire(timeout=TURN_S)
    except Timeout:
        yield
        return
    try:
        yield
    finally:
        lock.release()
