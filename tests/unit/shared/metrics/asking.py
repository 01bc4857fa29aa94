"""Asking a metric: rows in, rows out."""

from collections.abc import Callable, Hashable, Mapping
from datetime import datetime, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from ibis.backends.duckdb import Backend

from shared.datasets import DATASETS
from shared.lake.prepared import Build, ask
from shared.lake.reading import Tables
from shared.lake.scan import Scan
from shared.metrics import metric
from shared.policy import Policy
from shared.scope import Scope
from tests.builders import NOW, Row


def scope(days: float | None = 90, until: datetime = NOW, **filters: Any) -> Scope:
    """The last `days` days before `until`; all time if None."""
    return Scope(until=until, since=None if days is None else until - timedelta(days=days), **filters)


def tables_of(rows: Mapping[str, list[Row]]) -> dict[str, ir.Table]:
    """Every dataset as an Ibis table, with rows where they are given."""
    return {name: ibis.memtable(dataset.table(rows.get(name, []))) for name, dataset in DATASETS.items()}


SCANS = {name: Scan(f"rows_of_{name}", dataset, mixed=False, changed_at=None) for name, dataset in DATASETS.items()}


class Ask:
    """Computes metrics over rows of plain dicts."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self._filled: set[str] = set(DATASETS)

    def __call__(self, name: str, scope: Scope, by: str | None = None, **rows: list[Row]) -> list[Row]:
        """The rows of a registered metric, whose SQL is made once for all examples of a property."""
        found: list[Row] = self.table(name, scope, by, rows).to_pylist()
        return found

    def table(self, name: str, scope: Scope, by: str | None, rows: Mapping[str, list[Row]]) -> pa.Table:
        """The answer of a registered metric."""

        def build(given: Mapping[str, ir.Table], asked: Scope) -> ir.Table:
            return metric(name).compute(given, asked, by)

        return ask(self.tables(rows), (name, by), build, scope)

    def tables(self, rows: Mapping[str, list[Row]]) -> Tables:
        """Every dataset as a table of this database, with rows where they are given.

        One that was empty and stays so is left as it is: most questions of tests are about one or two datasets.
        """
        filled = {name for name, some in rows.items() if some}
        for name in filled | self._filled:
            self.backend.con.register(SCANS[name].name, DATASETS[name].table(rows.get(name, [])))
        self._filled = filled
        return Tables(self.backend, SCANS.values(), "test", "real")

    def under(
        self, policy: Policy, name: str, scope: Scope, rows: Mapping[str, list[Row]], by: str | None = None
    ) -> list[Row]:
        """The rows of a registered metric under a policy."""

        def build(given: Mapping[str, ir.Table], asked: Scope) -> ir.Table:
            return metric(name).compute(given, asked, by, policy)

        return self._prepared((name, by, _text(policy)), build, scope, rows)

    def behind(self, policy: Policy, name: str, scope: Scope, rows: Mapping[str, list[Row]]) -> list[Row]:
        """The rows behind a registered metric under a policy, with why some do not count."""

        def build(given: Mapping[str, ir.Table], asked: Scope) -> ir.Table:
            return metric(name).rows(given, asked, policy)

        return self._prepared(("behind", name, _text(policy)), build, scope, rows)

    def formula(
        self, formula: Callable[..., ir.Table], scope: Scope, rows: Mapping[str, list[Row]], **options: Any
    ) -> list[Row]:
        """The rows of a metric's function, with its own options."""
        told = tuple((name, _text(value)) for name, value in sorted(options.items()))
        question = (formula.__module__, formula.__qualname__, told)
        return self._prepared(question, lambda given, asked: formula(given, asked, **options), scope, rows)

    def _prepared(self, question: Hashable, build: Build, scope: Scope, rows: Mapping[str, list[Row]]) -> list[Row]:
        found: list[Row] = ask(self.tables(rows), question, build, scope).to_pylist()
        return found

    def rows(self, expression: ir.Table) -> list[Row]:
        rows: list[Row] = self.backend.to_pyarrow(expression).to_pylist()
        return rows


def _text(option: object) -> str:
    """What tells one value of an option from another."""
    return option.model_dump_json() if isinstance(option, Policy) else repr(option)
