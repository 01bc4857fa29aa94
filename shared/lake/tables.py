"""The lake: datasets as hive-partitioned Parquet, one blob per partition, swapped whole."""

import hashlib
import uuid
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import reduce
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from filelock import FileLock, Timeout

from shared.datasets import DATASETS
from shared.datasets.dataset import Dataset
from shared.lake.cache import cache_errors
from shared.lake.digests import DigestFiles
from shared.lake.documents import Document, delete_document, read_document, retry_conflicts, update_document
from shared.lake.empty_files import EmptyFiles
from shared.lake.engine import Engine
from shared.lake.excerpts import Excerpts
from shared.lake.merge import Announce, Changes, merge, without
from shared.lake.mirror import Mirror, download
from shared.lake.months import by_month
from shared.lake.prepared_files import PreparedFiles
from shared.lake.quarantine import Reject, quarantine
from shared.lake.reading import Rows, Tables, read_tables
from shared.lake.renaming import datasets_with_repo, has_repo, rename_rows
from shared.lake.replacing import replaced
from shared.lake.snapshot import TABLES, Snapshot, partition_name
from shared.lake.store import ABSENT, Blob, BlobNotFound, Store

TURN_TIMEOUT_S = 10.0
"""The longest wait for other writers of a partition on this machine; a merge takes less than a second."""

Rewrite = Callable[[list[Path], Path], tuple[int, int]]
"""Makes a partition anew: from its files, to a path; returns the rows it touched, and those the partition has then.

Nothing is written where either is 0.
"""


class Lake:
    """Reads and writes datasets in a store.

    store: where the blobs are.  cache: a local folder for copies and spilled data.
    prepared: a folder for the SQL of questions; None for one in the cache.
    clock: the time now, in UTC.  Every method is safe to call from several threads and processes.
    """

    def __init__(
        self,
        store: Store,
        cache: Path,
        clock: Callable[[], datetime],
        memory_limit: str = "2GB",
        prepared: Path | None = None,
    ) -> None:
        self.store = store
        self.clock = clock
        self.cache = cache
        self._scratch = cache / "scratch"
        self._scratch.mkdir(parents=True, exist_ok=True)
        self._mirror = Mirror(store, cache)
        self._empty = EmptyFiles(cache / "empty")
        self._engine = Engine(cache / "spill", memory_limit)
        self._digests = DigestFiles(self._engine, cache / "digests", self._empty)
        self._excerpts = Excerpts()
        self._prepared = PreparedFiles(prepared or cache / "prepared")

    # --- writing

    def upsert(self, dataset: Dataset, rows: pa.Table, announce: Announce | None = None) -> Changes:
        """Merges rows (of the dataset's schema) into their partitions; running it again changes nothing.

        Rows without a key or partition time go to quarantine. Partitions are swapped one by one: after a crash some
        are newer than others, and the same call again completes them. Raises StoreError.

        announce: told of each partition's changes before it is swapped, and told anew when the swap was lost to another
        writer, so it must bear to hear of changes more than once; what it stores is stored before the rows are, so that
        no crash can lose it. It may write other datasets. What it raises leaves the partition as it was.
        """
        changes = Changes()
        for month, part in by_month(dataset, self._storable(dataset, rows.cast(dataset.schema))):
            changes += retry_conflicts(lambda month=month, part=part: self._merge(dataset, month, part, announce))  # type: ignore[misc]
        return changes

    def replace(self, dataset: Dataset, month: str | None, query: str | pa.Table) -> tuple[Changes, str | None]:
        """Makes a partition hold exactly the rows of a query over this lake's tables as they were read on this thread.

        Returns what changed, and the ETag that the partition has now: None for no rows, hence no partition. What
        differs from the stored rows in nothing but `collected_at` is not written. Raises StoreError.

        query: SQL that Ibis made, see replacing.replaced; or the rows, where another engine made them.
        """
        name = partition_name(dataset, month)

        def attempt() -> tuple[Changes, str | None]:
            with cache_errors(self.cache), self._turn(dataset, name), self._files() as (stored, target):
                etag = self._download(name, stored)
                files = [self._empty[dataset.name], *([stored] if etag else [])]
                changes, kept = replaced(self._engine.backend, dataset, files, query, target)
                if changes.written and kept:
                    etag = self.store.write(name, target, if_match=etag or ABSENT)
                elif changes.written:
                    self.store.delete(name, if_match=etag)
                return changes, etag if kept else None

        return retry_conflicts(attempt)

    def remove(self, dataset: Dataset, source: str) -> int:
        """Removes a dataset's rows of one source and returns how many; other rows stay as they are."""

        def rewrite(stored: list[Path], target: Path) -> tuple[int, int]:
            return without(self._engine.backend, dataset, stored, "source", (source,), target)

        return sum(self._rewrite(dataset, blob.name, rewrite) for blob in self.snapshot().partitions(dataset))

    def rename_repo(self, old: str, new: str) -> int:
        """Moves a renamed or transferred repository's rows to its new name and returns how many. See renaming.

        Rows that are already there under the new name are merged with as by an upsert that came last. Partitions are
        swapped one by one: killed in the middle, the same call again moves the rest. Raises StoreError.
        """

        def rewrite(stored: list[Path], target: Path) -> tuple[int, int]:
            return rename_rows(self._engine.backend, dataset, stored, old, new, target)

        moved = 0
        for dataset in datasets_with_repo() if old != new else ():
            with cache_errors(self.cache):
                _, files = self._fetched(self.snapshot(), [dataset])
            names = [blob.name for blob, path in files.items() if has_repo(path, old)]
            moved += sum(self._rewrite(dataset, name, rewrite) for name in names)
        return moved

    def quarantine(self, dataset: Dataset, rejects: list[Reject], source: str) -> int:
        """Keeps rows that failed validation, with the reason; returns how many."""
        return quarantine(self.store, dataset.name, rejects, source, self.clock())

    # --- reading

    def snapshot(self) -> Snapshot:
        """The partitions there are now."""
        return Snapshot(tuple(self.store.list(TABLES)))

    def tables(
        self,
        rows: Rows = "auto",
        snapshot: Snapshot | None = None,
        only: Collection[Dataset] = (),
        month: str | None = None,
    ) -> Tables:
        """The datasets as Ibis tables over local copies of one snapshot, on this thread's engine cursor.

        rows: "real" leaves demo rows out, "demo" shows them alone, "auto" is "real" as soon as there is a real row.
        only: the datasets that are needed, so that no others are copied from a remote store; empty means all. To judge
        "auto" takes them all.
        month: such as "2026-04", with `only`: the one month that is needed of those datasets.
        """
        datasets = tuple(DATASETS.values()) if rows == "auto" or not only else tuple(only)
        with cache_errors(self.cache):
            fixed, files = self._fetched(snapshot or self.snapshot(), datasets, month)
            return read_tables(
                self._engine, self._empty, self._digests, datasets, fixed, files, rows, self._prepared, self._excerpts
            )

    # --- state documents

    def document(self, name: str) -> Document:
        """The state document of that name; empty if there is none."""
        return read_document(self.store, name)

    def update_document(self, name: str, change: Callable[[Document], Document]) -> Document:
        """Changes a state document by compare-and-swap. See documents.update_document."""
        return update_document(self.store, name, change)

    def delete_document(self, name: str) -> None:
        """Deletes a state document; one that is not there is no error."""
        delete_document(self.store, name)

    def close(self) -> None:
        """Frees the engine."""
        self._engine.close()

    # --- private

    def _merge(self, dataset: Dataset, month: str | None, rows: pa.Table, announce: Announce | None) -> Changes:
        name = partition_name(dataset, month)
        with cache_errors(self.cache), self._turn(dataset, name), self._files() as (stored, target):
            etag = self._download(name, stored)
            files = [self._empty[dataset.name], *([stored] if etag else [])]
            changes = merge(self._engine.backend, dataset, files, rows, target, announce, self._engine.rows_at_once)
            if changes.written:
                self.store.write(name, target, if_match=etag or ABSENT)
        return changes

    def _rewrite(self, dataset: Dataset, name: str, rewrite: Rewrite) -> int:
        """Swaps a partition for what `rewrite` makes of its files; returns how many rows it touched."""

        def attempt() -> int:
            with cache_errors(self.cache), self._turn(dataset, name), self._files() as (stored, target):
                etag = self._download(name, stored)
                touched, kept = rewrite([self._empty[dataset.name], stored], target) if etag else (0, 0)
                if touched and kept:
                    self.store.write(name, target, if_match=etag)
                elif touched:
                    self.store.delete(name, if_match=etag)
                return touched

        return retry_conflicts(attempt)

    def _download(self, name: str, target: Path) -> str | None:
        try:
            return download(self.store, name, target)
        except BlobNotFound:
            return None

    @contextmanager
    def _turn(self, dataset: Dataset, name: str) -> Iterator[None]:
        """Lets writers on this machine merge a partition one after the other, so that none merges in vain.

        Only the swap by ETag makes a write safe; a writer that waited too long for its turn goes on without it. Each
        dataset has locks of its own: a merge that announces its changes writes another dataset in its turn.
        """
        stripe = hashlib.sha256(name.encode()).hexdigest()[:2]
        lock = FileLock(self._scratch / f"{dataset.name}-{stripe}.turn", poll_interval=0.005)
        try:
            lock.acquire(timeout=TURN_TIMEOUT_S)
        except Timeout:
            yield
            return
        try:
            yield
        finally:
            lock.release()

    @contextmanager
    def _files(self) -> Iterator[tuple[Path, Path]]:
        """Two scratch paths, one for what is stored and one for what is to be."""
        stem = self._scratch / uuid.uuid4().hex
        stored, target = stem.with_suffix(".stored.parquet"), stem.with_suffix(".merged.parquet")
        try:
            yield stored, target
        finally:
            stored.unlink(missing_ok=True)
            target.unlink(missing_ok=True)

    def _storable(self, dataset: Dataset, rows: pa.Table) -> pa.Table:
        """Rows that have all they need to be stored; the others go to quarantine."""
        if not any(rows[column].null_count for column in dataset.required):
            return rows
        whole = reduce(pc.and_, (pc.is_valid(rows[column]) for column in dataset.required))
        reason = f"no {' or '.join(dataset.required)}"
        refused = rows.filter(pc.invert(whole)).to_pylist()
        source = next((str(row["source"]) for row in refused if row["source"]), "unknown")
        self.quarantine(dataset, [Reject(reason, row) for row in refused], source)
        return rows.filter(whole)

    def _fetched(
        self, snapshot: Snapshot, datasets: Collection[Dataset], month: str | None = None
    ) -> tuple[Snapshot, dict[Blob, Path]]:
        """The snapshot as its files could be copied, or one month of it, and where the copies are."""

        def wanted() -> Snapshot:
            return snapshot if month is None else snapshot.only(datasets, month)

        try:
            copied = self._mirror.fetch(wanted().of(datasets))
        except BlobNotFound:  # a partition was removed since it was listed
            snapshot = self.snapshot()
            copied = self._mirror.fetch(wanted().of(datasets))
        self._mirror.prune(snapshot.replace(copied).blobs)  # what other months need stays
        return wanted().replace(copied), {blob: self._mirror.path(blob) for blob in copied}
