"""Scan: a dataset's files in a snapshot, as the engine knows them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from shared.datasets.dataset import Dataset
from shared.lake.digests import Part


@dataclass(frozen=True)
class Scan:
    """A dataset's files under one name of the engine. mixed: whether they may hold both real and demo rows.

    changed_at: no row was changed later, as far as the files' statistics tell; None where they do not.
    parts: the files with rows, of which digests may be made.
    files: all, the first of them without rows; the engine is told of them when a question reads them.
    """

    name: str
    dataset: Dataset
    mixed: bool
    changed_at: datetime | None
    parts: tuple[Part, ...] = ()
    files: tuple[Path, ...] = ()

    def empty(self) -> "Scan":
        """The same without rows."""
        return replace(self, name=scan_name(self.dataset, self.files[:1]), parts=(), files=self.files[:1])


def scan_name(dataset: Dataset, paths: Sequence[Path]) -> str:
    """The engine's name for a dataset's files, the same for the same files."""
    return f"{dataset.name}_{hashlib.sha256(repr(list(paths)).encode()).hexdigest()[:20]}"
