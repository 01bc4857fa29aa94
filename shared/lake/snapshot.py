"""A snapshot: which partitions there are, each by ETag. Its version is the cache key of everything computed from it."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from shared.lake.store import Blob

if TYPE_CHECKING:
    from shared.datasets.dataset import Dataset

TABLES = "tables/"

_PARTITION = re.compile(r"tables/(?P<dataset>[a-z_]+)/(?:month=(?P<month>\d{4}-\d{2})/)?part\.parquet")


def partition_name(dataset: "Dataset", month: str | None) -> str:
    """The blob of a partition: `tables/<dataset>/month=2026-04/part.parquet`, or without the month."""
    return f"{TABLES}{dataset.name}/{f'month={month}/' if month else ''}part.parquet"


def month_of(blob: Blob) -> datetime | None:
    """The month of a partition as its first moment in UTC; None where it has none."""
    match = _PARTITION.fullmatch(blob.name)
    month = match["month"] if match else None
    return datetime.strptime(month, "%Y-%m").replace(tzinfo=UTC) if month else None


@dataclass(frozen=True)
class Snapshot:
    """The partitions of the lake at one moment."""

    blobs: tuple[Blob, ...]

    @cached_property
    def version(self) -> str:
        """A hash that changes when any partition does."""
        return hashlib.sha256(repr(self.blobs).encode()).hexdigest()[:20]

    @cached_property
    def _by_dataset(self) -> dict[str, tuple[Blob, ...]]:
        found: dict[str, list[Blob]] = {}
        for blob in self.blobs:
            if match := _PARTITION.fullmatch(blob.name):
                found.setdefault(match["dataset"], []).append(blob)
        return {name: tuple(blobs) for name, blobs in found.items()}

    def partitions(self, dataset: "Dataset") -> tuple[Blob, ...]:
        """The blobs of a dataset, oldest month first."""
        return self._by_dataset.get(dataset.name, ())

    def of(self, datasets: Iterable["Dataset"]) -> list[Blob]:
        """The blobs of several datasets."""
        return [blob for dataset in datasets for blob in self.partitions(dataset)]

    def months(self, dataset: "Dataset") -> dict[str, Blob]:
        """The blobs of a dataset by month, oldest first; by "" where there is one blob."""
        matches = ((_PARTITION.fullmatch(blob.name), blob) for blob in self.partitions(dataset))
        return {match["month"] or "": blob for match, blob in matches if match}

    def only(self, datasets: Iterable["Dataset"], month: str) -> "Snapshot":
        """The snapshot with no other partitions than those of one month of some datasets."""
        found = (self.months(dataset).get(month) for dataset in datasets)
        return Snapshot(tuple(sorted(blob for blob in found if blob)))

    def replace(self, copied: Iterable[Blob]) -> "Snapshot":
        """The snapshot as it was really read, where a writer was quicker than the reader."""
        newer = {blob.name: blob for blob in copied}
        return Snapshot(tuple(newer.get(blob.name, blob) for blob in self.blobs))
