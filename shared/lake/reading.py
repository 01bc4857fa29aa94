"""Reading: a snapshot's files as Ibis tables, real and demo rows kept apart."""

import hashlib
import uuid
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Literal

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import pyarrow.parquet as pq
from ibis.backends.duckdb import Backend

from shared.datasets import DATASETS
from shared.datasets.dataset import DEMO_SOURCE, Dataset
from shared.lake.engine import Engine
from shared.lake.snapshot import Snapshot
from shared.lake.store import Blob

Rows = Literal["auto", "real", "demo"]


class Tables(Mapping[str, ir.Table]):
    """The datasets of one snapshot by name, each an Ibis table with exactly the contract's columns.

    version: identifies the snapshot and the choice of rows.  rows: "real" or "demo".  Use it on the thread it was
    made on. A dataset without files is a table without rows.
    """

    def __init__(self, backend: Backend, tables: dict[str, ir.Table], version: str, rows: Rows) -> None:
        self.backend = backend
        self.version = version
        self.rows = rows
        self._tables = tables

    def __getitem__(self, name: str) -> ir.Table:
        return self._tables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)


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


def read_tables(
    engine: Engine,
    empty: EmptyFiles,
    datasets: Iterable[Dataset],
    snapshot: Snapshot,
    files: Mapping[Blob, Path],
    rows: Rows,
) -> Tables:
    """The tables of a snapshot whose blobs are at `files`. See Lake.tables."""
    chosen = rows if rows != "auto" else ("real" if _any_real(files.values()) else "demo")
    tables = {}
    for dataset in datasets:
        kept = [files[blob] for blob in snapshot.partitions(dataset)]
        kept = [path for path in kept if sources(path).may_hold(chosen)]
        table = _scan(engine, dataset, [empty[dataset.name], *kept])
        if any(sources(path).mixed for path in kept):
            is_demo = (table.source == DEMO_SOURCE).fill_null(False)
            table = table.filter(is_demo if chosen == "demo" else ~is_demo)
        tables[dataset.name] = table
    return Tables(engine.backend, tables, f"{snapshot.version}-{chosen}", chosen)


def _scan(engine: Engine, dataset: Dataset, paths: list[Path]) -> ir.Table:
    """Files as one table.

    The schema is the contract's, so DuckDB need not be asked for it, which would cost more than most queries do.
    """
    name = f"{dataset.name}_{hashlib.sha256(repr(paths).encode()).hexdigest()[:20]}"
    engine.name_scan(name, paths)
    schema = ibis.Schema.from_pyarrow(dataset.schema)
    return ops.DatabaseTable(name=name, schema=schema, source=engine.backend, namespace=ops.Namespace()).to_expr()


class Sources:
    """What a file's statistics say of its `source` column."""

    def __init__(self, all_demo: bool, none_demo: bool) -> None:
        self.all_demo = all_demo
        self.none_demo = none_demo

    @property
    def mixed(self) -> bool:
        """Whether the file may hold both real and demo rows."""
        return not (self.all_demo or self.none_demo)

    def may_hold(self, rows: Rows) -> bool:
        """Whether the file may hold such rows."""
        return not (self.none_demo if rows == "demo" else self.all_demo)


@lru_cache(maxsize=4096)
def sources(path: Path) -> Sources:
    """Reads the statistics of a mirrored file, which never changes under its name."""
    metadata = pq.read_metadata(path)
    column = metadata.schema.names.index("source") if "source" in metadata.schema.names else None
    if column is None:
        return Sources(all_demo=False, none_demo=True)
    ranges = [metadata.row_group(group).column(column).statistics for group in range(metadata.num_row_groups)]
    known = [(str(r.min), str(r.max)) for r in ranges if r is not None and r.has_min_max]
    whole = len(known) == len(ranges)
    nulls = sum(r.null_count or 0 for r in ranges if r is not None)
    return Sources(
        all_demo=whole and nulls == 0 and all(low == high == DEMO_SOURCE for low, high in known),
        none_demo=whole and all(not low <= DEMO_SOURCE <= high for low, high in known),
    )


def _write_empty(folder: Path, dataset: Dataset) -> Path:
    digest = hashlib.sha256(str(dataset.schema).encode()).hexdigest()[:12]
    path = folder / f"{dataset.name}-{digest}.parquet"
    if not path.exists():
        unfinished = path.with_suffix(f".{uuid.uuid4().hex}")
        pq.write_table(dataset.empty(), unfinished)
        unfinished.replace(path)
    return path


def _any_real(paths: Iterable[Path]) -> bool:
    return any(not sources(path).all_demo for path in paths)
