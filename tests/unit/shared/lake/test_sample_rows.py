"""Sample rows give way to real ones that tell of something, and to nothing that a look at the sample leaves behind."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from shared.access.audit import entry
from shared.datasets import AUDIT_LOG, DEMO_SOURCE, MODEL_USAGE_DAILY, OWN_SOURCE, REQUESTS, TELLING, WORKFLOW_RUNS
from shared.lake.tables import Lake
from tests.builders import request, run
from tests.conftest import NOW
from tests.lakes import lake_in


@pytest.fixture
def lake(tmp_path: Path, clock: Callable[[], datetime]) -> Iterator[Lake]:
    lake = lake_in(tmp_path, clock)
    yield lake
    lake.close()


def visited(lake: Lake) -> None:
    """Somebody signs in and asks the API."""
    lake.upsert(AUDIT_LOG, AUDIT_LOG.table([entry("ann", "sign_in", "local", NOW, "sign-in", {})]))
    lake.upsert(REQUESTS, REQUESTS.table([request(2, source=OWN_SOURCE)]))


def test_a_visit_to_sample_rows_leaves_them_in_sight(lake: Lake) -> None:
    lake.upsert(REQUESTS, REQUESTS.table([request(1, source=DEMO_SOURCE)]))
    lake.upsert(WORKFLOW_RUNS, WORKFLOW_RUNS.table([run(run_id=1, source=DEMO_SOURCE)]))
    visited(lake)
    tables = lake.tables()
    assert tables.rows == "demo"
    assert [tables.count_of(name) for name in ("workflow_runs", "requests", "audit_log")] == [1, 1, 0]


def test_the_first_real_row_hides_them(lake: Lake) -> None:
    lake.upsert(WORKFLOW_RUNS, WORKFLOW_RUNS.table([run(run_id=1, source=DEMO_SOURCE)]))
    visited(lake)
    lake.upsert(REQUESTS, REQUESTS.table([request(3, source="api")]))
    tables = lake.tables()
    assert tables.rows == "real"
    assert [tables.count_of(name) for name in ("workflow_runs", "requests", "audit_log")] == [0, 2, 1]


def test_without_sample_rows_what_is_there_is_shown(lake: Lake) -> None:
    visited(lake)
    assert lake.tables().rows == "real"
    assert lake.tables().count_of("requests") == 1


def test_what_is_made_of_other_rows_tells_nothing(lake: Lake) -> None:
    assert not {AUDIT_LOG.name, MODEL_USAGE_DAILY.name} & {dataset.name for dataset in TELLING}
    assert WORKFLOW_RUNS in TELLING
