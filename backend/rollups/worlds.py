"""Worlds: a roll-up of real rows and one of sample rows, kept apart in one table."""

from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass, field

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from shared.datasets import DEMO_SOURCE, Dataset
from shared.lake.merge_plan import contract
from shared.lake.reading import Rows, Tables
from shared.lake.snapshot import Snapshot
from shared.lake.spark import SparkTables
from shared.lake.sql import sql_text
from shared.lake.tables import Lake

SOURCE = "rollup"
"""The `source` of rows that are made of others; those made of the sample keep the sample's."""

WORLDS: tuple[Rows, ...] = ("real", "demo")


def source_of(rows: Rows) -> str:
    """The `source` of a roll-up of such rows."""
    return DEMO_SOURCE if rows == "demo" else SOURCE


def worlds_of(lake: Lake, snapshot: Snapshot, only: Collection[Dataset], month: str | None = None) -> list[Tables]:
    """The tables of each world, of which the first dataset has a row; those of real rows if none has any."""
    first, *_ = only
    found = [lake.tables(rows, snapshot, only, month) for rows in WORLDS]
    return [tables for tables in found if tables.arrow(tables[first.name].limit(1)).num_rows] or found[:1]


@dataclass(frozen=True)
class Recipe:
    """How the rows of a roll-up are made. formula: makes its columns but `source` of tables."""

    dataset: Dataset
    formula: Callable[[Mapping[str, ir.Table]], ir.Table]
    _queries: dict[Hashable, str] = field(default_factory=dict)

    def query(self, worlds: Collection[Tables]) -> str | pa.Table:
        """The SQL of all rows, or by Spark the rows. Of two rows with one key the real one stays.

        It is made once for all that hold rows of one world, which takes longer than to run it on many a month.
        """
        if len(worlds) > 1:
            real, demo = (self._rows(tables, tables.rows) for tables in worlds)
            return self._made(worlds, real.union(demo.anti_join(real, self.dataset.key)))
        (tables,) = worlds
        if isinstance(tables, SparkTables):
            return self._made(worlds, self._rows(tables, tables.rows))
        if tables.layout not in self._queries:
            self._queries[tables.layout] = self._sql(self._rows(tables.placeholders(), tables.rows))
        return tables.with_scans(self._queries[tables.layout])

    def _rows(self, tables: Mapping[str, ir.Table], rows: Rows) -> ir.Table:
        schema = ibis.Schema.from_pyarrow(self.dataset.schema)
        return self.formula(tables).mutate(source=ibis.literal(source_of(rows))).select(*schema).cast(schema)

    def _made(self, worlds: Collection[Tables], rows: ir.Table) -> str | pa.Table:
        first = next(iter(worlds))
        return first.arrow(rows) if isinstance(first, SparkTables) else self._sql(rows)

    def _sql(self, rows: ir.Table) -> str:
        return sql_text(contract(self.dataset, rows))


def keyed(rows: ir.Table, *columns: str) -> ir.Table:
    """Rows whose texts in some columns are empty where they are not known, as a key is never null."""
    return rows.mutate(**{name: rows[name].fill_null("") for name in columns})
