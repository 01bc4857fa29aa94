"""The sample of the default size, made once."""

from collections import defaultdict
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pyarrow as pa
import pytest

from backend.demo.load import demo_tables
from backend.demo.size import DemoSize

Row = dict[str, Any]

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


class Sample:
    """The tables of a sample, also as plain rows."""

    def __init__(self, size: DemoSize, now: datetime = NOW) -> None:
        self.size, self.now = size, now
        parts: dict[str, list[pa.Table]] = defaultdict(list)
        for dataset, table in demo_tables(size, now):
            parts[dataset.name].append(table)
        self.parts = dict(parts)
        self.tables = {name: pa.concat_tables(tables) for name, tables in parts.items()}
        self.rows = cache(self._rows)

    def _rows(self, name: str) -> list[Row]:
        return self.tables[name].to_pylist()

    def of(self, dataset: str, /, **wanted: object) -> list[Row]:
        """Rows whose columns have these values."""
        return [row for row in self.rows(dataset) if all(row[column] == value for column, value in wanted.items())]


@pytest.fixture(scope="session")
def sample() -> Sample:
    """The default sample."""
    return Sample(DemoSize())
