"""Slices: a partition that is too large to be sorted in memory is written in pieces along its first sort column."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq


@dataclass(frozen=True)
class Slice:
    """The rows whose value in a column is at least `since` and less than `until`; None is without end."""

    column: str
    since: Any
    until: Any

    def of(self, rows: pa.Table) -> pa.Table:
        """Its rows of a table."""
        for bound, within in ((self.since, pc.greater_equal), (self.until, pc.less)):
            if bound is not None:
                rows = rows.filter(within(rows[self.column], pa.scalar(bound, rows[self.column].type)))
        return rows

    def scanned(self, rows: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
        """Its rows of a scan, which skips row groups that hold none."""
        column = duckdb.ColumnExpression(self.column)
        if self.since is not None:
            rows = rows.filter(column >= duckdb.ConstantExpression(self.since))
        if self.until is not None:
            rows = rows.filter(column < duckdb.ConstantExpression(self.until))
        return rows


def slices(files: list[Path], column: str, rows_at_once: int) -> list[Slice]:
    """Slices of about so many rows, in the order of the column; a single one if the files hold no more.

    They follow the row groups of the files, whose rows are sorted by the column.
    """
    cuts, held = [], 0
    for first, rows in sorted(_row_groups(files, column), key=lambda group: group[0]):
        if held and held + rows > rows_at_once:
            cuts.append(first)
            held = 0
        held += rows
    cuts = sorted(set(cuts))
    return [Slice(column, since, until) for since, until in pairwise([None, *cuts, None])]


def _row_groups(files: list[Path], column: str) -> Iterator[tuple[Any, int]]:
    """The smallest value and the number of rows of every row group that tells it."""
    for file in files:
        metadata = pq.read_metadata(file)
        place = metadata.schema.names.index(column) if column in metadata.schema.names else None
        for number in range(metadata.num_row_groups):
            group = metadata.row_group(number)
            statistics = group.column(place).statistics if place is not None else None
            if statistics is not None and statistics.has_min_max:
                yield statistics.min, group.num_rows
