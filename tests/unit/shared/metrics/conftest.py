"""One database for all metric tests, and how a test asks a metric."""

from collections.abc import Iterator

import ibis
import pytest
from ibis.backends.duckdb import Backend

from tests.unit.shared.metrics.asking import Ask


@pytest.fixture(scope="session")
def ask() -> Iterator[Ask]:
    backend: Backend = ibis.duckdb.connect(threads=2)
    backend.raw_sql("SET TimeZone = 'UTC'")
    yield Ask(backend)
    backend.disconnect()
