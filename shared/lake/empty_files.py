"""Empty files: a Parquet file without rows for each dataset, which gives scans their columns."""

import hashlib
import uuid
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from shared.datasets import DATASETS
from shared.datasets.dataset import Dataset


class EmptyFiles(Mapping[str, Path]):
    """One Parquet file without rows per dataset, with exactly the contract's columns.

    Read first, in a union by name, it gives every dataset its columns whatever an older version of Fettle wrote, and a
    dataset that has no file yet.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._paths = {name: _write_empty(folder, dataset) for name, dataset in DATASETS.items()}

    def __getitem__(self, name: str) -> Path:
        return self._paths[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


def _write_empty(folder: Path, dataset: Dataset) -> Path:
    name, content = _empty_file(dataset.name)
    path = folder / name
    if not path.exists():
        unfinished = path.with_suffix(f".{uuid.uuid4().hex}")
        unfinished.write_bytes(content)
        unfinished.replace(path)
    return path


@lru_cache(maxsize=64)
def _empty_file(dataset: str) -> tuple[str, bytes]:
    """Name and content, made once for all lakes of this process."""
    schema, made = DATASETS[dataset].schema, pa.BufferOutputStream()
    pq.write_table(schema.empty_table(), made)
    digest = hashlib.sha256(str(schema).encode()).hexdigest()[:12]
    return f"{dataset}-{digest}.parquet", made.getvalue().to_pybytes()
