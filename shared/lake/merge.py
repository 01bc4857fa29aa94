"""Merging rows into a partition: by key, the greater version wins, at equal versions the newer write.

A demo row never replaces a real one. A row that differs from the stored one in nothing but the time it was read is no
change: then the partition is not written, its ETag stays, and every cache built on it stays warm.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from duckdb import DuckDBPyConnection, DuckDBPyRelation
from ibis.backends.duckdb import Backend

from shared.datasets import DATASETS
from shared.datasets.dataset import Dataset
from shared.lake.merge_plan import CHANGED, KNOWN, NEW, ORDER, READ, STORED, contract, merge_plan
from shared.lake.slices import Slice, slices
from shared.lake.sql import sql_text

ROW_GROUP_ROWS = 122_880
"""DuckDB's own default: a scan prunes by row group and works on several at a time."""

ROWS_AT_ONCE = 1_000_000
"""To sort so many rows takes about a gigabyte."""

Announce = Callable[[pa.Table], None]
"""Is told of the rows that are about to change a partition: the dataset's columns, `was_known` (bool), and for each
watched column `old_<column>` as it was stored, null unless known.

A real row that replaces a demo row was not known.
"""


@dataclass(frozen=True)
class Changes:
    """Rows of an upsert by what became of them; removed: of a replaced partition, those that it no longer has."""

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0

    def __add__(self, other: "Changes") -> "Changes":
        return Changes(
            self.inserted + other.inserted,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
            self.removed + other.removed,
        )

    @property
    def written(self) -> int:
        """Rows that changed what is stored."""
        return self.inserted + self.updated + self.removed


def merge(
    backend: Backend,
    dataset: Dataset,
    stored: list[Path],
    rows: pa.Table,
    target: Path,
    announce: Announce | None = None,
    rows_at_once: int = ROWS_AT_ONCE,
) -> Changes:
    """Writes the union of a stored partition and new rows to `target`; writes nothing if nothing changes.

    stored: Parquet files whose union by name has the dataset's columns and the partition's rows.
    rows: rows of the dataset's schema, in the order they were read; keys may repeat.
    announce: called before the writing, unless nothing changes; it may itself merge on the same thread.
    rows_at_once: a partition of more rows is written in slices of about so many.
    """
    plan = merge_plan(dataset.name)
    con = backend.con
    new = rows
    if not _unique(rows, dataset.key):
        numbered = rows.append_column(ORDER, pa.array(np.arange(rows.num_rows)))
        with _named(con, READ, numbered):
            new = con.sql(plan.latest).to_arrow_table()
    held = _read_parquet(con, stored)
    with _named(con, NEW, new), _named(con, STORED, held):
        changed = con.sql(plan.changed).to_arrow_table()
    updated = int(np.asarray(changed[KNOWN]).sum())
    changes = Changes(changed.num_rows - updated, updated, new.num_rows - changed.num_rows)
    if changes.written:
        if announce:
            announce(changed.drop_columns([KNOWN]))
        parts = slices(stored, dataset.sort[0], rows_at_once)
        group = min(ROW_GROUP_ROWS, max(rows_at_once // 2, 1))  # slices follow row groups, which must fit twice
        with _named(con, CHANGED, changed := changed.select(dataset.schema.names)):
            if len(parts) == 1:
                with _named(con, NEW, changed), _named(con, STORED, held):
                    _write(con, plan.merged, target, group)
            else:
                _write_slices(con, plan.merged, parts, held, changed, target, group)
    return changes


def without(
    backend: Backend, dataset: Dataset, stored: list[Path], column: str, values: Collection[str], target: Path
) -> tuple[int, int]:
    """Writes a partition's rows but those with one of the values in a column; returns how many went and stay.

    Nothing is written if none goes or none stays.
    """
    con, (counted, rest) = backend.con, _without(dataset.name, column, tuple(sorted(values)))
    with _named(con, STORED, _read_parquet(con, stored)):
        (counts,) = con.sql(counted).to_arrow_table().to_pylist()
        gone = int(counts["gone"] or 0)
        kept = int(counts["total"]) - gone
        if gone and kept:
            _write(con, rest, target)
    return gone, kept


@lru_cache(maxsize=64)
def _without(name: str, column: str, values: tuple[str, ...]) -> tuple[str, str]:
    """The SQL that counts a dataset's rows with one of the values in a column and all rows, and that of the others."""
    dataset = DATASETS[name]
    rows = ibis.table(ibis.Schema.from_pyarrow(dataset.schema), name=STORED)
    matches = rows[column].isin(list(values)).fill_null(False)
    return (
        sql_text(rows.aggregate(gone=matches.sum(), total=rows.count())),
        sql_text(contract(dataset, rows.filter(~matches))),
    )


def _unique(rows: pa.Table, key: tuple[str, ...]) -> bool:
    """Whether no key repeats; cheaper than ranking rows that need no ranking."""
    return bool(rows.group_by(list(key)).aggregate([]).num_rows == rows.num_rows)


def _read_parquet(con: DuckDBPyConnection, paths: list[Path]) -> DuckDBPyRelation:
    return con.read_parquet([str(path) for path in paths], union_by_name=True)


def _write(con: DuckDBPyConnection, query: str, target: Path, group: int = ROW_GROUP_ROWS) -> None:
    con.sql(query).write_parquet(str(target), compression="zstd", row_group_size=group)


def _write_slices(
    con: DuckDBPyConnection,
    query: str,
    parts: list[Slice],
    held: DuckDBPyRelation,
    changed: pa.Table,
    target: Path,
    group: int,
) -> None:
    with pq.ParquetWriter(target, changed.schema, compression="zstd") as writer:
        for part in parts:
            with _named(con, NEW, part.of(changed)), _named(con, STORED, part.scanned(held)):
                rows = con.sql(query).to_arrow_table()
            writer.write_table(rows.cast(changed.schema), row_group_size=group)


@contextmanager
def _named(con: DuckDBPyConnection, name: str, rows: pa.Table | DuckDBPyRelation) -> Iterator[None]:
    """Makes rows known to this cursor alone under a name."""
    con.register(name, rows)
    try:
        yield
    finally:
        con.unregister(name)
