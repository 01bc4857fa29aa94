"""Replacing: a partition that is made of other rows is written anew, unless it would be as it was."""

from pathlib import Path
from typing import TypeAlias

import ibis
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from duckdb import ColumnExpression, FunctionExpression
from ibis.backends.duckdb import Backend

from shared.datasets.dataset import Dataset
from shared.lake.merge import ROW_GROUP_ROWS, Changes
from shared.lake.merge_plan import contract
from shared.lake.sql import sql_text

_MADE = "_made"
"""The name under which rows that another engine made are known to the cursor."""

_Hashes: TypeAlias = npt.NDArray[np.uint64]


def replaced(
    backend: Backend, dataset: Dataset, stored: list[Path], query: str | pa.Table, target: Path
) -> tuple[Changes, int]:
    """Writes the rows of a query to `target` as a partition; returns what changes, and how many rows there are.

    stored: Parquet files whose union by name has the dataset's columns and the partition's rows.
    query: gives the columns of the dataset and no others, sorted; see merge_plan.contract. Or the rows, in any order.
    """
    if isinstance(query, pa.Table):
        backend.con.register(_MADE, query)
        try:
            given = ibis.table(ibis.Schema.from_pyarrow(dataset.schema), name=_MADE)
            return replaced(backend, dataset, stored, sql_text(contract(dataset, given)), target)
        finally:
            backend.con.unregister(_MADE)
    backend.con.sql(query).write_parquet(str(target), compression="zstd", row_group_size=ROW_GROUP_ROWS)
    (old_keys, old_rows), (new_keys, new_rows) = (_hashes(backend, dataset, files) for files in (stored, [target]))
    both, old, new = np.intersect1d(old_keys, new_keys, assume_unique=True, return_indices=True)
    updated = int(np.count_nonzero(old_rows[old] != new_rows[new]))
    changes = Changes(
        inserted=new_keys.size - both.size,
        updated=updated,
        unchanged=both.size - updated,
        removed=old_keys.size - both.size,
    )
    return changes, int(new_keys.size)


def _hashes(backend: Backend, dataset: Dataset, files: list[Path]) -> tuple[_Hashes, _Hashes]:
    """Hashes of the key of each row, and of all in it that makes a difference: 16 bytes a row, however many columns."""
    rows = backend.con.read_parquet([str(path) for path in files], union_by_name=True)
    told = [name for name in dataset.schema.names if name != "collected_at"]
    key, row = (FunctionExpression("hash", *map(ColumnExpression, names)) for names in (dataset.key, told))
    found = rows.select(key.alias("key"), row.alias("row")).fetchnumpy()
    return np.asarray(found["key"], np.uint64), np.asarray(found["row"], np.uint64)
