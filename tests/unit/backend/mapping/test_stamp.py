"""A batch of raw objects becomes a table, and no object can stop it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.mapping.alerts import alert_row
from backend.mapping.repositories import repository_row
from backend.mapping.stamp import Raw, Row, Stamp, map_rows
from backend.mapping.workflow_jobs import job_row
from backend.mapping.workflow_runs import run_row
from backend.mapping.workflows import workflow_row
from shared.datasets import ALERTS, REPOSITORIES, WORKFLOW_JOBS, WORKFLOW_RUNS, WORKFLOWS, Dataset

STAMP = Stamp("github", datetime(2026, 1, 1, tzinfo=UTC))

MAPPERS: list[tuple[Dataset, Callable[[Raw], Row]]] = [
    (REPOSITORIES, lambda raw: repository_row(raw, STAMP)),
    (WORKFLOWS, lambda raw: workflow_row(raw, "acme/api", STAMP)),
    (WORKFLOW_RUNS, lambda raw: run_row(raw, "acme/api", STAMP)),
    (WORKFLOW_JOBS, lambda raw: job_row(raw, "acme/api", STAMP)),
    *[
        (ALERTS, lambda raw, kind=kind: alert_row(kind, raw, "acme/api", STAMP))
        for kind in ("code_scanning", "dependabot", "secret_scanning")
    ],
]

FIELDS = [
    *(
        "id",
        "number",
        "run_id",
        "run_attempt",
        "full_name",
        "created_at",
        "started_at",
        "run_started_at",
        "updated_at",
    ),
    *(
        "fixed_at",
        "state",
        "status",
        "conclusion",
        "labels",
        "rule",
        "tool",
        "actor",
        "pull_requests",
        "instances",
    ),
    *(
        "security_advisory",
        "dependency",
        "most_recent_instance",
        "repository",
        "html_url",
        "path",
        "topics",
        "name",
    ),
    *(
        "resolution",
        "severity",
        "tags",
        "location",
        "start_line",
        "cwes",
        "cvss",
        "base",
        "repo",
        "url",
        "login",
    ),
]
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=8)
    | st.sampled_from(["2026-03-01T10:00:00Z", "completed", "fixed", "acme/api", "9999-12-31T23:59:59-23:00", "\ud800"])
)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=8),
    max_leaves=25,
)


@pytest.mark.parametrize(("dataset", "mapper"), MAPPERS)
@given(raws=st.lists(anything, max_size=4))
def test_every_object_becomes_a_row_or_a_reject(
    dataset: Dataset, mapper: Callable[[Raw], Row], raws: list[Any]
) -> None:
    table, rejects = map_rows(dataset, mapper, raws)
    assert table.num_rows + len(rejects) == len(raws)
    assert table.schema.names == dataset.schema.names
    assert all(table[column].null_count == 0 for column in dataset.required)


def test_a_bad_object_does_not_stop_the_good_ones() -> None:
    good = {"id": 1, "created_at": "2026-03-01T00:00:00Z"}
    table, rejects = map_rows(WORKFLOW_RUNS, MAPPERS[2][1], [good, {"name": "no id"}, "text", None, {**good, "id": 2}])
    assert table["run_id"].to_pylist() == [1, 2]
    assert [reject.reason for reject in rejects] == [
        "no id",
        "not an object but str",
        "not an object but NoneType",
    ]
    assert rejects[0].row == {"name": "no id"}


def test_a_value_that_fits_no_column_costs_only_its_own_row() -> None:
    table, rejects = map_rows(WORKFLOWS, lambda raw: {**raw, "repo": "a/b"}, [{"workflow_id": 1}, {"workflow_id": "x"}])
    assert table["workflow_id"].to_pylist() == [1]
    assert "does not fit workflows" in rejects[0].reason


def test_a_rejected_secret_is_not_kept() -> None:
    raw = {"secret": "hunter2", "secret_type": "x", "nested": [{"secret": "hunter2"}]}
    _, rejects = map_rows(ALERTS, MAPPERS[-1][1], [raw])
    assert "hunter2" not in repr(rejects)
    assert "secret_type" in repr(rejects)
