"""A local copy of partitions by ETag: downloaded once, in parallel, never changed afterwards."""

import hashlib
import time
import uuid
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from shared.lake.store import Blob, Store, StoreError

PARALLEL_DOWNLOADS = 8

KEEP_S = 3600
"""Copies of replaced partitions stay this long, since another process may still be reading them."""

_MAGIC = b"PAR1"
"""Begins and ends every Parquet file."""


def download(store: Store, name: str, target: Path) -> str:
    """Downloads a partition and returns its ETag. Raises BlobNotFound, and StoreError if it is not whole."""
    etag = store.download(name, target)
    if not _is_parquet(target):
        raise StoreError(
            f"{name} in {store.url} is not a whole Parquet file; restore it from a backup, "
            "or delete it and collect or import again."
        )
    return etag


class Mirror:
    """Copies of a store's blobs below a cache folder; hard links where the store is a folder on the same disk.

    A copy is named by the blob's name and ETag, so it is immutable and a reader of an old snapshot is not disturbed.
    """

    def __init__(self, store: Store, cache: Path) -> None:
        self._store = store
        self._folder = cache / hashlib.sha256(store.url.encode()).hexdigest()[:16]
        self._folder.mkdir(parents=True, exist_ok=True)

    def path(self, blob: Blob) -> Path:
        """Where the copy of a blob is or would be."""
        return self._folder / f"{hashlib.sha256(f'{blob.name}@{blob.etag}'.encode()).hexdigest()[:40]}.parquet"

    def fetch(self, blobs: Iterable[Blob]) -> list[Blob]:
        """Copies what is missing. Returns the blobs as copied: newer ones where a writer was quicker.

        Raises BlobNotFound when a blob was deleted since it was listed.
        """
        wanted = list(blobs)
        missing = [blob for blob in wanted if not self.path(blob).exists()]
        if not missing:
            return wanted
        with ThreadPoolExecutor(min(PARALLEL_DOWNLOADS, len(missing))) as pool:
            copied = dict(zip(missing, pool.map(self._copy, missing), strict=True))
        return [copied.get(blob, blob) for blob in wanted]

    def prune(self, keep: Iterable[Blob]) -> None:
        """Deletes copies that are not in `keep` and were made more than KEEP_S seconds ago."""
        kept = {self.path(blob) for blob in keep}
        oldest = time.time() - KEEP_S
        for path in self._folder.iterdir():
            with suppress(FileNotFoundError):  # another process gave it its name, or deleted it
                # The change time of a hard link is when it was made; its modification time is the blob's.
                if path not in kept and path.stat().st_ctime < oldest:
                    path.unlink()

    def _copy(self, blob: Blob) -> Blob:
        landing = self._folder / f"{uuid.uuid4().hex}.new"
        try:
            etag = download(self._store, blob.name, landing)
            copied = Blob(blob.name, etag, landing.stat().st_size)
            landing.replace(self.path(copied))
        finally:
            landing.unlink(missing_ok=True)
        return copied


def _is_parquet(path: Path) -> bool:
    with path.open("rb") as file:
        start = file.read(len(_MAGIC))
        file.seek(max(len(_MAGIC), path.stat().st_size - len(_MAGIC)))
        return start == file.read() == _MAGIC
