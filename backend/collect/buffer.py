"""Rows on their way into the lake: gathered, as a write swaps a whole partition; cursors come after."""

import threading
import time
from collections.abc import Callable

import pyarrow as pa

from shared.datasets import DATASETS
from shared.datasets.dataset import Dataset
from shared.lake.documents import Document
from shared.lake.tables import Lake

ROWS = 20_000
SECONDS = 60.0
"""Whichever comes first makes the buffer write: enough rows, or enough time since the last write."""

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
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._lake, self._limit, self._seconds, self._monotonic = lake, rows, seconds, monotonic
        self._lock, self._writing = threading.Lock(), threading.Lock()
        self._tables: dict[str, list[pa.Table]] = {}
        self._changes: dict[str, list[Change]] = {}
        self._held = 0
        self._written_at = monotonic()
        self.stored = 0
        """Rows that have been written, those that were there before included."""

    def add(self, dataset: Dataset, rows: pa.Table) -> None:
        """Takes rows of a dataset, and writes if it is time."""
        with self._lock:
            self._tables.setdefault(dataset.name, []).append(rows)
            self._held += rows.num_rows
            due = self._held >= self._limit or self._monotonic() - self._written_at >= self._seconds
        if due:
            self.flush()

    def change(self, name: str, change: Change) -> None:
        """Takes a change of the state document `name`, to be made once the rows before it are stored."""
        with self._lock:
            self._changes.setdefault(name, []).append(change)

    def flush(self) -> None:
        """Writes all rows, then all changes."""
        with self._writing:
            tables, changes = self._take()
            try:
                for name, parts in tables.items():
                    rows = pa.concat_tables(parts)
                    self._lake.upsert(DATASETS[name], rows)
                    self.stored += rows.num_rows
                for name, steps in changes.items():
                    self._lake.update_document(name, _in_turn(steps))
            except BaseException:
                self._put_back(tables, changes)
                raise

    def _take(self) -> tuple[dict[str, list[pa.Table]], dict[str, list[Change]]]:
        with self._lock:
            taken = self._tables, self._changes
            self._tables, self._changes, self._held = {}, {}, 0
            self._written_at = self._monotonic()
        return taken

    def _put_back(self, tables: dict[str, list[pa.Table]], changes: dict[str, list[Change]]) -> None:
        with self._lock:
            for name, parts in tables.items():
                self._tables[name] = parts + self._tables.get(name, [])
                self._held += sum(part.num_rows for part in parts)
            for name, steps in changes.items():
                self._changes[name] = steps + self._changes.get(name, [])


def _in_turn(steps: list[Change]) -> Change:
    def change(document: Document) -> Document:
        for step in steps:
            document = step(document)
        return document

    return change
