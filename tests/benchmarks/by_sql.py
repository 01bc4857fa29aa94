"""By hand: the pages' questions in DuckDB's SQL on the same Parquet files, as a good engineer would write them.

`sql/<question>.sql` is the counterpart of a question. It reads the datasets under their names, which are views on the
files of the store, and `alerts_at(t)` and `runs_at(t)`: alerts and the latest attempts of runs as they were at a time.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow.parquet as pq

from shared.datasets import DATASETS
from shared.metrics.buckets import every_for
from shared.scope import Scope
from tests.benchmarks.questions_of_pages import Question

FOLDER = Path(__file__).parent / "sql"

_PARAMETER = re.compile(r"\$(\w+)")

_ALWAYS = """
CREATE TEMP MACRO seconds(a, b) AS (epoch_us(b) - epoch_us(a)) / 1e6;
""" + (FOLDER / "as_of_a_time_past.sql").read_text()

_NOW = """
CREATE TEMP MACRO alerts_at(t) AS TABLE SELECT * FROM alerts WHERE created_at < t OR closed_at < t;
CREATE TEMP MACRO runs_at(t) AS TABLE SELECT * FROM workflow_runs WHERE is_latest_attempt AND created_at < t;
"""
"""What is stored is how it is now."""

_THEN = """
CREATE TEMP MACRO alerts_at(t) AS TABLE SELECT * FROM alerts_then(t);
CREATE TEMP MACRO runs_at(t) AS TABLE SELECT * FROM runs_then(t);
"""
"""What changed since then is told by the events and by the times of what is stored."""


def counterpart(question: Question) -> str | None:
    """The hand-written SQL of a question; None if there is none."""
    path = FOLDER / f"{question.name}.sql"
    return path.read_text() if path.exists() else None


@dataclass
class BySql:
    """The hand-written side over one store, at one time called now."""

    store: Path
    now: datetime
    threads: int = 2
    memory_limit: str = "2GB"
    _cursors: dict[Any, duckdb.DuckDBPyConnection] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._database = duckdb.connect(config={"threads": self.threads, "memory_limit": self.memory_limit})
        self._database.execute("SET GLOBAL TimeZone = 'UTC'")

    def ask(self, question: Question) -> pd.DataFrame:
        """The answer of the question's counterpart."""
        sql = counterpart(question)
        if sql is None:
            raise LookupError(f"{question.name} has no counterpart")
        values = self._values(question)
        wanted = {name: values[name] for name in _PARAMETER.findall(sql)}
        found: pd.DataFrame = self._cursor(question.scope).sql(sql, params=wanted).to_arrow_table().to_pandas()
        return found

    def _values(self, question: Question) -> dict[str, Any]:
        """The parameters that SQL may name."""
        scope = question.scope or Scope(until=self.now)
        since = scope.since or datetime.min.replace(tzinfo=scope.until.tzinfo, year=1970)
        names = [detail for detail in question.details if isinstance(detail, str)]
        return {
            "since": since,
            "until": scope.until,
            "before": since - (scope.until - since),
            "every": every_for(scope),
            "week_ago": scope.until - timedelta(days=7),
            "repo": names[-1] if names else "",
            "only": question.details[3][0][1] if question.name.endswith(".due_within") else "",
        }

    def _cursor(self, scope: Scope | None) -> duckdb.DuckDBPyConnection:
        """A cursor whose views are narrowed to the scope's filters, which are few."""
        narrowed = {} if scope is None else _narrowed(scope)
        is_now = scope is None or scope.until >= self.now
        key = (tuple(narrowed.items()), is_now)
        if key not in self._cursors:
            cursor = self._database.cursor()
            for name, dataset in DATASETS.items():
                renamed = {**narrowed, "name": narrowed.get("workflow_name", ())} if name == "workflows" else narrowed
                columns = {column: values for column, values in renamed.items() if column in dataset.schema.names}
                where = " AND ".join(f"{column} IN ({_quoted(values)})" for column, values in columns.items() if values)
                files = sorted(str(path) for path in (self.store / "tables" / name).glob("**/*.parquet"))
                source = f"read_parquet({files}, hive_partitioning = false)" if files else _empty(cursor, name)
                view = f"CREATE TEMP VIEW {name} AS SELECT * FROM {source} WHERE {where or 'true'}"  # noqa: S608
                cursor.execute(view)
            cursor.execute(_ALWAYS + (_NOW if is_now else _THEN))
            self._cursors[key] = cursor
        return self._cursors[key]


def _narrowed(scope: Scope) -> dict[str, tuple[str, ...]]:
    """The columns that a scope narrows, with the values that it lets through."""
    return {
        "org": scope.orgs,
        "repo": scope.repos,
        "workflow_name": scope.workflows,
        "severity": scope.severities,
        "kind": scope.kinds,
        "event": scope.events,
    }


def _quoted(values: tuple[str, ...]) -> str:
    return ", ".join("'" + value.replace("'", "''") + "'" for value in values)


def _empty(cursor: duckdb.DuckDBPyConnection, name: str) -> str:
    """A table without rows for a dataset without files."""
    rows = DATASETS[name].empty()  # noqa: F841 - DuckDB finds it by its name
    cursor.execute(f"CREATE TEMP TABLE empty_{name} AS SELECT * FROM rows")  # noqa: S608
    return f"empty_{name}"


def rows_in(store: Path, name: str) -> int:
    """How many rows a dataset of a store has."""
    return sum(pq.read_metadata(path).num_rows for path in (store / "tables" / name).glob("**/*.parquet"))
