"""Spark: the lake's tables as Ibis tables of a Spark session, over the same Parquet; for what outgrows one machine.

PySpark is installed apart (requirements-spark.txt). What Spark makes comes back as Arrow, and is stored as all else is.
"""

import warnings
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from shared.datasets import DATASETS, TELLING
from shared.datasets.dataset import DEMO_SOURCE, OWN_SOURCE, Dataset
from shared.errors import SettingsError
from shared.lake.digests import RowsOf, of_kind
from shared.lake.file_statistics import NEVER
from shared.lake.reading import UPDATED, Rows, Tables
from shared.lake.snapshot import Snapshot
from shared.lake.spark_words import in_sparks_words
from shared.lake.store import Blob
from shared.lake.tables import Lake
from shared.scope import Known, Scope
from shared.settings import Settings, split_store

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend
    from pyspark.sql import SparkSession

LONG = 15_000
"""Characters of SQL from which on Spark is not to make code of whole stages: that takes longer than it saves."""

_VIEW = "fettle_"


Run = Callable[[ir.Table], pa.Table]
"""Has Spark work out an expression."""


class SparkTables(Tables):
    """The datasets of one snapshot by name, as Spark reads them. rows: "real" or "demo".

    What roll-ups ask of Tables is answered by Spark; digests and prepared questions are DuckDB's, and not used.
    """

    def __init__(self, run: Run, tables: Mapping[str, ir.Table], rows: RowsOf) -> None:
        super().__init__(cast("Backend", None), (), "", rows)
        self._run, self._found = run, tables
        self._changed: dict[str, datetime | None] = {}

    def __getitem__(self, name: str) -> ir.Table:
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def arrow(self, expression: ir.Table) -> pa.Table:
        """See Tables."""
        return self._run(expression)

    def count_of(self, name: str) -> int:
        """See Tables."""
        return int(self._run(self[name].aggregate(n=self[name].count()))["n"][0].as_py())

    def settled(self, until: datetime) -> bool:
        """Whether nothing that is known of runs, alerts and the like was changed at or after a time."""
        versioned = [name for name in self if DATASETS[name].version == UPDATED]
        return all(last is not None and last < until for last in map(self._last_change, versioned))

    def _last_change(self, name: str) -> datetime | None:
        """When a row of a dataset changed last; None where that is not known of every row. Looked for once."""
        if name not in self._changed:
            rows = self[name]
            known = rows.aggregate(last=rows[UPDATED].max(), unknown=rows[UPDATED].isnull().sum())
            (told,) = self._run(known).to_pylist()
            self._changed[name] = None if told["unknown"] else (told["last"] or NEVER)
        return self._changed[name]

    def ask(self, build: Callable[[Mapping[str, ir.Table], Scope], ir.Table], scope: Scope) -> pa.Table:
        """The rows of the expression that `build` makes of the tables and the scope."""
        return self._run(build(self, replace(scope, known=Known(settled=self.settled(scope.until)))))


def _any(run: Run, rows: ir.Table) -> bool:
    return bool(run(rows.limit(1)).num_rows)


class Spark:
    """A Spark session that reads the store that the settings name."""

    def __init__(self, settings: Settings, session: "SparkSession | None" = None) -> None:
        self._root = root_of(settings)
        self.session = session or open_session()
        self.session.conf.set("spark.sql.session.timeZone", "UTC")
        self._backend = ibis.pyspark.connect(self.session)
        self._views = 0

    def tables(self, snapshot: Snapshot, datasets: Collection[Dataset], rows: Rows) -> SparkTables:
        """The tables of a snapshot. rows: as for Lake.tables."""
        found = {dataset.name: self._table(dataset, snapshot.partitions(dataset)) for dataset in datasets}
        telling = [found[dataset.name] for dataset in TELLING if dataset.name in found]
        any_real = rows == "auto" and any(_any(self.run, table) for table in _real(telling))
        any_demo = rows == "auto" and any(_any(self.run, table) for table in _demo(found.values()))
        kind: RowsOf = rows if rows != "auto" else ("demo" if any_demo and not any_real else "real")
        return SparkTables(self.run, {name: of_kind(table, kind) for name, table in found.items()}, kind)

    def run(self, expression: ir.Table) -> pa.Table:
        """The rows of an expression over tables of this session, with the types that Ibis gives it."""
        # Ibis' own way goes through pandas, which takes minutes for what takes seconds.
        said = expression.op().replace(in_sparks_words).to_expr()
        sql = self._backend.compile(said)
        self.session.conf.set("spark.sql.codegen.wholeStage", str(len(sql) < LONG).lower())
        found = self.session.sql(sql).toArrow()
        typed: pa.Table = found.cast(expression.schema().to_pyarrow())
        return typed

    def _table(self, dataset: Dataset, blobs: Iterable[Blob]) -> ir.Table:
        """A dataset's rows. Spark is told the schema, so that it takes older files and none for what they are."""
        from pyspark.sql.pandas.types import from_arrow_schema

        paths = [f"{self._root}/{blob.name}" for blob in blobs]
        schema = from_arrow_schema(dataset.schema)
        read: Any = self.session.read.schema(schema)
        frame = read.parquet(*paths) if paths else self.session.createDataFrame([], schema)
        self._views += 1
        name = f"{_VIEW}{dataset.name}_{self._views}"
        frame.createOrReplaceTempView(name)
        return self._backend.table(name).cast(ibis.Schema.from_pyarrow(dataset.schema))


class SparkLake(Lake):
    """A lake whose tables Spark reads; it writes as any other does."""

    def __init__(self, spark: Spark, *lake: Any) -> None:  # noqa: ANN401 - as for Lake
        super().__init__(*lake)
        self._spark = spark

    def tables(
        self,
        rows: Rows = "auto",
        snapshot: Snapshot | None = None,
        only: Collection[Dataset] = (),
        month: str | None = None,
    ) -> SparkTables:
        """See Lake.tables."""
        datasets = tuple(DATASETS.values()) if rows == "auto" or not only else tuple(only)
        fixed = snapshot or self.snapshot()
        return self._spark.tables(fixed if month is None else fixed.only(datasets, month), datasets, rows)


def _real(tables: Iterable[ir.Table]) -> Iterator[ir.Table]:
    told = (DEMO_SOURCE, OWN_SOURCE)
    return (table.filter(table.source.fill_null("").notin(told)) for table in tables if "source" in table.columns)


def _demo(tables: Iterable[ir.Table]) -> Iterator[ir.Table]:
    return (table.filter(table.source == DEMO_SOURCE) for table in tables if "source" in table.columns)


def open_session() -> "SparkSession":
    """The session that Spark was submitted with, or one on this machine. Raises SettingsError without PySpark."""
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise SettingsError(
            "FETTLE_ENGINE=spark needs PySpark, which is not installed: pip install -r requirements-spark.txt (and Java"
            " 17), or submit the command to a cluster that has it."
        ) from None
    # What is said of pandas is of no concern: rows come as Arrow.
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
    builder: Any = SparkSession.builder
    session: SparkSession = builder.appName("fettle").config("spark.ui.showConsoleProgress", "false").getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


def root_of(settings: Settings) -> str:
    """Where Spark reads the store. Raises SettingsError."""
    scheme, place, prefix = split_store(settings.store)
    if scheme == "file":
        from pathlib import Path

        return Path(place).absolute().as_uri()
    account = settings.azure_account
    if not account:
        raise SettingsError("FETTLE_ENGINE=spark reads az:// stores by account: set AZURE_STORAGE_ACCOUNT to its name.")
    name = (urlsplit(account).hostname or account).partition(".")[0]
    return f"abfss://{place}@{name}.dfs.core.windows.net/{prefix}".rstrip("/")
