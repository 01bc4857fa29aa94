"""Rows on their way into the lake: gathered, as a write swaps a whole partition; cursors come after."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa

from backend.collect.spool import Spool
from backend.collect.thrift import give_back
from backend.mapping.alert_events import events_of
from shared.datasets import ALERT_EVENTS, ALERTS, DATASETS
from shared.datasets.dataset import Dataset
from shared.lake.documents import Document
from shared.lake.quarantine import Reject
from shared.lake.tables import Lake

ROWS = 40_000
SECONDS = 60.0
"""Whichever comes first makes the buffer write: enough rows of one partition, or enough time since the last write."""

PACE = 5
"""So many times as long as the last write took we wait before the next, at least a third of SECONDS and at most that:
what a write costs grows with what is stored, and most of the time is to go into reading."""

HELD = 15_000
"""Rows that wait in memory; more wait on the local disk."""

BEHIND = 3
"""So many times as many rows may be held while others are being written; then whoever brings more has to wait."""

WRITERS = 8
"""Documents written at a time: each is small, and waits for the store most of the time."""

Change = Callable[[Document], Document]


class Buffer:
    """Gathers rows and changes of state documents; may be used from several threads.

    A change that is handed in after some rows is written after those rows: killed anywhere, a cursor never
    claims what is not stored. What writes raises StoreError, and keeps what was not written for the next try.
    """

    def __init__(
        self,
        lake: Lake,
        *,
        rows: int = ROWS,
        seconds: float = SECONDS,
        held: int = HELD,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._lake, self._seconds, self._monotonic = lake, seconds, monotonic
        self._rows, self._most_held = rows, min(held, rows)
        self._spool = Spool(lake)
        self._lock, self._relieving = threading.Lock(), threading.Lock()
        self._writer = ThreadPoolExecutor(1, "writer")
        self._tables: dict[str, list[pa.Table]] = {}
        self._changes: dict[str, list[Change]] = {}
        self._held = 0
        self._written_at, self._took = monotonic(), 0.0
        self.stored: Counter[str] = Counter()
        """Rows of each dataset that have been written, those that were there before included."""

    def add(self, dataset: Dataset, rows: pa.Table) -> None:
        """Takes rows of a dataset, and writes if it is time."""
        with self._lock:
            self._tables.setdefault(dataset.name, []).append(rows)
            self._held += rows.num_rows
            full, behind = self._held >= self._most_held, self._held >= BEHIND * self._most_held
        if (full or self._is_late) and self._relieving.acquire(blocking=behind):
            try:
                self._writer.submit(self._relieve).result()
            finally:
                self._relieving.release()

    def change(self, name: str, change: Change) -> None:
        """Takes a change of the state document `name`, to be made once the rows before it are stored."""
        with self._lock:
            self._changes.setdefault(name, []).append(change)

    def reject(self, dataset: Dataset, rejects: list[Reject], source: str) -> None:
        """Puts what cannot be a row into quarantine, at once."""
        self._lake.quarantine(dataset, rejects, source)

    def flush(self) -> None:
        """Writes all rows, then all changes; in one thread, since each thread that writes has an engine's cursor."""
        self._writer.submit(self._flush).result()

    def close(self) -> None:
        """Gives up what could not be written; the buffer is of no use afterwards."""
        self._writer.shutdown()
        self._spool.close()

    def _flush(self) -> None:
        began = self._monotonic()
        changes = self._set_aside()
        try:
            for part, number in list(self._spool.rows.items()):
                rows = self._spool.read(part)
                self._lake.upsert(DATASETS[part.dataset], rows, _announced(self._lake, part.dataset))
                self.stored[part.dataset] += number
                self._spool.drop(part)
            with ThreadPoolExecutor(WRITERS, "cursors") as pool:
                for name in pool.map(lambda item: self._write(*item), list(changes.items())):
                    del changes[name]
        except BaseException:
            self._put_back({}, changes)
            raise
        self._written_at = self._monotonic()
        self._took = self._written_at - began
        give_back()

    @property
    def _is_late(self) -> bool:
        wait = min(max(PACE * self._took, self._seconds / 3), self._seconds)
        return self._monotonic() - self._written_at >= wait

    def _relieve(self) -> None:
        """Puts rows on the disk, or writes; nothing if that was done while this waited for its turn."""
        with self._lock:
            full = self._held >= self._most_held
        if full and not self._is_late:
            self._put_back({}, self._set_aside())
        if self._is_late or max(self._spool.rows.values(), default=0) >= self._rows:
            self._flush()

    def _set_aside(self) -> dict[str, list[Change]]:
        """Puts all rows on the disk, and returns the changes that were handed in after them or before."""
        tables, changes = self._take()
        try:
            for name in list(tables):
                self._spool.add(DATASETS[name], pa.concat_tables(tables[name]))
                del tables[name]
        except BaseException:
            self._put_back(tables, changes)
            raise
        return changes

    def _write(self, name: str, steps: list[Change]) -> str:
        self._lake.update_document(name, _in_turn(steps))
        return name

    def _take(self) -> tuple[dict[str, list[pa.Table]], dict[str, list[Change]]]:
        with self._lock:
            taken = self._tables, self._changes
            self._tables, self._changes, self._held = {}, {}, 0
        return taken

    def _put_back(self, tables: dict[str, list[pa.Table]], changes: dict[str, list[Change]]) -> None:
        with self._lock:
            for name, parts in tables.items():
                self._tables[name] = parts + self._tables.get(name, [])
                self._held += sum(part.num_rows for part in parts)
            for name, steps in changes.items():
                self._changes[name] = steps + self._changes.get(name, [])


def _announced(lake: Lake, name: str) -> Callable[[pa.Table], None] | None:
    """What is to be done with rows before they replace what is stored: changes of alerts become events."""
    if name != ALERTS.name:
        return None
    return lambda changed: _keep_events(lake, changed)


def _keep_events(lake: Lake, changed: pa.Table) -> None:
    events = events_of(changed)
    if events.num_rows:
        lake.upsert(ALERT_EVENTS, events)


def _in_turn(steps: list[Change]) -> Change:
    def change(document: Document) -> Document:
        for step in steps:
            document = step(document)
        return document

    return change
