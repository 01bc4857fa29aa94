"""Columns from numpy arrays: words by code, times, hexadecimal digits. No Python object per row is made."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, TypeAlias, TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from shared.datasets.dataset import DEMO_SOURCE, TS, Dataset

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Bytes = NDArray[np.uint8]

Column: TypeAlias = "pa.Array[Any]"

Columns = TypeVar("Columns")
"""A dataclass whose every field is an array, all of one length."""

_HEX = np.array([list(f"{byte:02x}".encode()) for byte in range(256)], dtype=np.uint8)


def words(values: Sequence[Any], codes: Ints, kind: pa.DataType | None = None) -> Column:
    """The value of each code. kind: the Arrow type, string unless told."""
    return pa.array(values, kind or pa.string()).take(codes)


def times(seconds: Ints, known: Bools | None = None) -> Column:
    """Seconds since the epoch as times; null where not known."""
    return pa.array(seconds * 1_000_000, mask=None if known is None else ~known).cast(TS)


def numbers(values: Ints | Floats, known: Bools) -> Column:
    """Numbers; null where not known."""
    return pa.array(values, mask=~known)


def hexes(raw: Bytes) -> Column:
    """Rows of bytes as lower-case hexadecimal strings."""
    count, width = raw.shape
    offsets = np.arange(count + 1, dtype=np.int64) * (2 * width)
    buffers = [None, pa.py_buffer(offsets.data), pa.py_buffer(_HEX[raw].reshape(-1).data)]
    return pa.Array.from_buffers(pa.large_string(), count, buffers).cast(pa.string())


def constant(value: str | bool, count: int) -> Column:
    """The same value in every row."""
    column: Column = pa.repeat(value, count)
    return column


def demo_table(dataset: Dataset, as_of: int, columns: dict[str, Column]) -> pa.Table:
    """A table of the dataset's schema, marked as sample data; columns that are not given are null.

    as_of: seconds since the epoch, the time that the rows were "collected".
    """
    count = len(next(iter(columns.values())))
    given = {
        **columns,
        "collected_at": times(np.full(count, as_of, dtype=np.int64)),
        "source": constant(DEMO_SOURCE, count),
    }
    if unknown := given.keys() - set(dataset.schema.names):
        raise KeyError(f"{dataset.name} has no column {', '.join(sorted(unknown))}")
    arrays = [
        given[field.name].cast(field.type) if field.name in given else pa.nulls(count, field.type)
        for field in dataset.schema
    ]
    return pa.Table.from_arrays(arrays, schema=dataset.schema)


def taken(columns: Columns, positions: Ints) -> Columns:
    """The rows at these positions."""
    arrays = [getattr(columns, field.name) for field in fields(columns)]  # type: ignore[arg-type]
    return type(columns)(*(array[positions] for array in arrays))


def position_in_group(lengths: Ints) -> Ints:
    """0, 1, … within each group of rows that follow each other; lengths: rows per group."""
    starts = np.repeat(np.cumsum(lengths) - lengths, lengths)
    return np.arange(len(starts), dtype=np.int64) - starts


def rank_in_group(groups: Ints) -> Ints:
    """How many earlier rows are in the same group."""
    order = np.argsort(groups, kind="stable")
    lengths = np.unique(groups, return_counts=True)[1].astype(np.int64)
    ranks = np.empty(len(groups), dtype=np.int64)
    ranks[order] = position_in_group(lengths)
    return ranks
