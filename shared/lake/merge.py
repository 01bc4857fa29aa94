"""Merging rows into a partition: by key, the greater version wins, at equal versions the newer write.

A demo row never replaces a real one. A row that differs from the stored one in nothing but the time it was read is no
change: then the partition is not written, its ETag stays, and every cache built on it stays warm.

The steps are Ibis expressions over three named tables, compiled once per dataset, since compiling them costs fifty
times what running them on a small partition does.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
from duckdb import DuckDBPyConnection, DuckDBPyRelation
from ibis.backends.duckdb import Backend

from shared.datasets import DATASETS
from shared.datasets.dataset import DEMO_SOURCE, Dataset

ROW_GROUP_ROWS = 122_880
"""DuckDB's own default: a scan prunes by row group and works on several at a time."""

ORDER, KNOWN = "_order", "_known"
"""Columns of a merge in progress: the order of reading, and whether a row replaces a stored one."""

# The names under which a merge's tables are known to its cursor.
_READ, _STORED, _NEW, _CHANGED = "_read", "_stored", "_new", "_changed"


@dataclass(frozen=True)
class Changes:
    """Rows of an upsert by what became of them."""

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0

    def __add__(self, other: "Changes") -> "Changes":
        return Changes(self.inserted + other.inserted, self.updated + other.updated, self.unchanged + other.unchanged)

    @property
    def written(self) -> int:
        """Rows that changed what is stored."""
        return self.inserted + self.updated


def merge(backend: Backend, dataset: Dataset, stored: list[Path], rows: pa.Table, target: Path) -> Changes:
    """Writes the union of a stored partition and new rows to `target`; writes nothing if nothing changes.

    stored: Parquet files whose union by name has the dataset's columns and the partition's rows.
    rows: rows of the dataset's schema, in the order they were read; keys may repeat.
    """
    plan = _plan(dataset.name)
    con = backend.con
    new = rows
    if not _unique(rows, dataset.key):
        numbered = rows.append_column(ORDER, pa.array(np.arange(rows.num_rows)))
        with _named(con, _READ, numbered):
            new = con.sql(plan.latest).to_arrow_table()
    with _named(con, _NEW, new), _named(con, _STORED, _read_parquet(con, stored)):
        changed = con.sql(plan.changed).to_arrow_table()
        updated = int(np.asarray(changed[KNOWN]).sum())
        changes = Changes(changed.num_rows - updated, updated, new.num_rows - changed.num_rows)
        if changes.written:
            with _named(con, _CHANGED, changed.select(dataset.schema.names)):
                _write(con, plan.merged, target)
    return changes


def without_source(
    backend: Backend, dataset: Dataset, stored: list[Path], source: str, target: Path
) -> tuple[int, int]:
    """Writes a partition's rows of all other sources to `target`; returns how many were dropped and kept.

    Nothing is written if none is dropped or none is kept.
    """
    con = backend.con
    with _named(con, _STORED, _read_parquet(con, stored)):
        rows = ibis.table(ibis.Schema.from_pyarrow(dataset.schema), name=_STORED)
        matches = (rows.source == source).fill_null(False)
        counts = (
            con.sql(_sql(rows.aggregate(dropped=matches.sum(), total=rows.count()))).to_arrow_table().to_pylist()[0]
        )
        dropped = int(counts["dropped"] or 0)
        kept = int(counts["total"]) - dropped
        if dropped and kept:
            _write(con, _sql(_contract(dataset, rows.filter(~matches))), target)
    return dropped, kept


@dataclass(frozen=True)
class _Plan:
    """The SQL of a merge.

    latest: of the rows read, one per key.  changed: of those, what changes the partition, with KNOWN true where a
    stored row is replaced.  merged: the partition as it is to be.
    """

    latest: str
    changed: str
    merged: str


@lru_cache(maxsize=len(DATASETS))
def _plan(name: str) -> _Plan:
    dataset = DATASETS[name]
    schema = ibis.Schema.from_pyarrow(dataset.schema)
    read = ibis.table(ibis.Schema({**schema, ORDER: "int64"}), name=_READ)
    stored, new, changed = (ibis.table(schema, name=table) for table in (_STORED, _NEW, _CHANGED))
    return _Plan(
        latest=_sql(_latest(dataset, read)),
        changed=_sql(_changed(dataset, new, stored)),
        merged=_sql(_contract(dataset, changed.union(stored.anti_join(changed, dataset.key)))),
    )


def _latest(dataset: Dataset, read: ir.Table) -> ir.Table:
    rank = ibis.row_number().over(
        group_by=list(dataset.key),
        order_by=[
            ibis.desc(_is_real(read.source)),
            _version(read[dataset.version]).desc(),
            read[ORDER].desc(),
        ],
    )
    return read.mutate(rank=rank).filter(ibis._.rank == 0).drop("rank", ORDER)


def _changed(dataset: Dataset, new: ir.Table, stored: ir.Table) -> ir.Table:
    own = {*dataset.key, *dataset.derived}
    old = stored.rename({f"_old_{name}": name for name in dataset.schema.names if name not in dataset.key})
    pairs = new.left_join(old.mutate(**{KNOWN: ibis.literal(True)}), dataset.key, rname="_key_{name}")
    pairs = pairs.mutate(**{KNOWN: pairs[KNOWN].fill_null(False)})
    differs = [
        ~pairs[name].identical_to(pairs[f"_old_{name}"])
        for name in dataset.schema.names
        if name not in own and name != "collected_at"
    ]
    real, was_real = _is_real(pairs.source), _is_real(pairs["_old_source"])
    newer = _version(pairs[dataset.version]) >= _version(pairs[f"_old_{dataset.version}"])
    replaces = ((real & ~was_real) | ((real == was_real) & newer)) & ibis.or_(*differs)
    return pairs.filter(~pairs[KNOWN] | replaces).select(*dataset.schema.names, KNOWN)


def _contract(dataset: Dataset, rows: ir.Table) -> ir.Table:
    """Rows as they are stored: the contract's columns, derived ones computed, sorted."""
    derived = {column: expression(rows) for column, expression in dataset.derived.items()}
    return rows.mutate(**derived).select(dataset.schema.names).order_by(list(dataset.sort))


def _is_real(source: ir.StringValue) -> ir.BooleanValue:
    return source.fill_null("") != DEMO_SOURCE


def _version(column: ir.TimestampValue) -> ir.TimestampValue:
    """A version that is unknown is older than any that is known."""
    return column.fill_null(ibis.timestamp("0001-01-01T00:00:00Z"))


def _sql(rows: ir.Table) -> str:
    return str(ibis.to_sql(rows, dialect="duckdb"))


def _unique(rows: pa.Table, key: tuple[str, ...]) -> bool:
    """Whether no key repeats; cheaper than ranking rows that need no ranking."""
    return bool(rows.group_by(list(key)).aggregate([]).num_rows == rows.num_rows)


def _read_parquet(con: DuckDBPyConnection, paths: list[Path]) -> DuckDBPyRelation:
    return con.read_parquet([str(path) for path in paths], union_by_name=True)


def _write(con: DuckDBPyConnection, sql: str, target: Path) -> None:
    con.sql(sql).write_parquet(str(target), compression="zstd", row_group_size=ROW_GROUP_ROWS)


@contextmanager
def _named(con: DuckDBPyConnection, name: str, rows: pa.Table | DuckDBPyRelation) -> Iterator[None]:
    """Makes rows known to this cursor alone under a name."""
    con.register(name, rows)
    try:
        yield
    finally:
        con.unregister(name)
