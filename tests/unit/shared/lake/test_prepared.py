"""A prepared question gives what its expression gives, whatever it was prepared with."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa
import pytest

from shared.datasets import ALERTS, DATASETS, WORKFLOW_RUNS
from shared.lake import prepared
from shared.lake.local import LocalStore
from shared.lake.prepared import ask
from shared.lake.reading import Tables
from shared.lake.tables import Lake
from shared.metrics import METRICS, Metric
from shared.metrics.findings.search import matching
from shared.scope import Scope
from tests.builders import NOW, alert, alert_event, collection, repository, run, workflow
from tests.unit.shared.metrics.plain import rounded

DAY = timedelta(days=1)
TRICKY = 'acme/o\'brien "x" $time_0 --'

GROUPINGS = {by: entry for entry in METRICS.values() for by in reversed(entry.by)}
"""Each grouping with one of the metrics that know it."""

QUESTIONS = [*((entry, None) for entry in METRICS.values()), *((entry, by) for by, entry in GROUPINGS.items())]

TYPICAL = (
    *("open_alerts", "alert_list", "sla_worklist", "success_rate", "run_trend", "flakes"),
    *("workflow_state", "restore_episodes", "customer_signals", "coverage"),
)
"""For every day; the tests of metrics ask the others in prepared questions too, and know the answers."""

NARROW = Scope(until=NOW - 4 * DAY, since=NOW - 94 * DAY, orgs=("else",), repos=(TRICKY, "acme/no"), branch="it's")
SCOPES = [
    replace(NARROW, until=NOW, since=NOW - 90 * DAY, orgs=("acme",), repos=("acme/api", TRICKY), branch="main"),
    Scope(until=NOW + 33 * DAY, workflows=("build",), severities=("high",), kinds=("code_scanning",)),
]
"""The first is of NARROW's shape, so that what was prepared with that, which finds nothing, answers it."""


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tables]:
    folder = tmp_path_factory.mktemp("lake")
    lake = Lake(LocalStore(folder / "store"), folder / "cache", lambda: NOW)
    rows: dict[str, list[dict[str, Any]]] = {
        "alerts": [
            alert(number=n, repo=repo, created_at=NOW - n * DAY, closed_at=NOW - n * DAY / 2 if n % 3 else None)
            for n in range(1, 40)
            for repo in ("acme/api", TRICKY)
        ],
        "alert_events": [alert_event(number=3, at=NOW - 2 * DAY), alert_event(number=6, at=NOW - 5 * DAY)],
        "workflow_runs": [
            run(run_id=n, created_at=NOW - n * DAY / 2, conclusion="failure" if n % 4 == 0 else "success")
            for n in range(1, 60)
        ],
        "workflows": [workflow()],
        "repositories": [repository(), repository(repo=TRICKY)],
        "collections": [collection()],
    }
    for name, some in rows.items():
        lake.upsert(DATASETS[name], DATASETS[name].table(some))
    yield lake.tables("real")
    lake.close()


@pytest.mark.parametrize(
    ("entry", "by"),
    [
        pytest.param(entry, by, marks=() if entry.name in TYPICAL or by == "week" else pytest.mark.slow)
        for entry, by in QUESTIONS
    ],
    ids=lambda value: getattr(value, "name", str(value)),
)
def test_answer_is_that_of_the_expression(tables: Tables, entry: Metric, by: str | None) -> None:
    """Metrics over a range, groupings over all time: to make SQL of all four for each would take minutes."""
    scope, other = (SCOPES[0], NARROW) if by is None else (SCOPES[1], replace(SCOPES[1], until=NOW, workflows=("no",)))

    def build(given: Mapping[str, ir.Table], asked: Scope) -> ir.Table:
        return entry.compute(given, asked, by)

    ask(tables, (entry.name, by), build, other)
    prepared_answer = ask(tables, (entry.name, by), build, scope)
    expected = build(tables, scope).to_pyarrow()
    assert prepared_answer.schema == expected.schema
    assert rounded(prepared_answer.to_pylist()) == rounded(expected.to_pylist())


def test_questions_of_one_shape_are_prepared_once(tables: Tables) -> None:
    built: list[Scope] = []

    def build(given: Any, scope: Scope) -> Any:
        built.append(scope)
        return METRICS["open_alerts"].compute(given, scope)

    for later in range(5):
        ask(tables, "once", build, replace(SCOPES[0], until=NOW + later * DAY, since=NOW - (90 - later) * DAY))
    assert len(built) == 1
    ask(tables, "once", build, replace(SCOPES[0], since=NOW - 30 * DAY))
    ask(tables, "once", build, replace(SCOPES[0], severities=("low",)))
    assert len(built) == 3


@pytest.mark.parametrize("name", [TRICKY, "$repos_0", "'; DROP TABLE alerts; --", "repos_0", "\0"])
def test_names_are_values_and_never_sql(tables: Tables, name: str) -> None:
    question = Scope(until=NOW, repos=(name,))
    answer = ask(tables, "open", METRICS["open_alerts"].compute, question)
    assert answer["n"].to_pylist() == [13 if name == TRICKY else 0]


@pytest.mark.parametrize("text", ["repos_0", "branch_0", "$repos_0"])
def test_no_text_is_taken_for_a_name(tables: Tables, text: str) -> None:
    """A text that is searched for is part of the question's SQL, in which names stand for those narrowed to."""

    def build(given: Mapping[str, ir.Table], asked: Scope) -> ir.Table:
        return matching(METRICS["alert_list"].compute(given, asked), text)

    narrowed = Scope(until=NOW, repos=("acme/api",), branch="api")
    assert ask(tables, ("search", text), build, narrowed).num_rows == 0
    assert ask(tables, ("search", text), build, narrowed).equals(build(tables, narrowed).to_pyarrow())


def test_only_what_an_expression_looked_at_is_part_of_its_shape(lake: Lake) -> None:
    built: list[str] = []
    never_asked = uuid.uuid4().hex  # the SQL of an earlier run of the tests is still there

    def n_rows(name: str) -> int:
        def build(given: Mapping[str, ir.Table], asked: Scope) -> ir.Table:
            built.append(name)
            return METRICS[name].compute(given, asked)

        return int(ask(lake.tables("real"), ("looks", name, never_asked), build, SCOPES[1]).num_rows)

    def put(name: str, *rows: dict[str, Any]) -> None:
        lake.upsert(DATASETS[name], DATASETS[name].table(list(rows)))

    put("alerts", alert(updated_at=NOW))
    put("collections", collection())
    before = [n_rows(name) for name in ("alert_list", "coverage")]
    put("workflow_runs", run(updated_at=NOW + 99 * DAY))
    assert [n_rows(name) for name in ("alert_list", "coverage")] == before
    assert built == ["alert_list", "coverage", "alert_list"], "whether all is settled plays no part in coverage"
    put("collections", collection(repo="acme/sample", source="demo"))
    assert [n_rows(name) for name in ("alert_list", "coverage")] == before
    assert built[3:] == ["coverage"], "the sample's rows are to be left out of coverage alone"


def test_what_is_kept_is_bounded(tables: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared, "MOST", 3)
    for days in range(1, 9):
        scope = Scope(until=NOW, since=NOW - days * DAY)
        ask(tables, "bounded", METRICS["open_alerts"].compute, scope)
    assert len(prepared._prepared) <= 3


def test_settled_only_after_the_last_change(lake: Lake) -> None:
    def settled(until: datetime) -> bool:
        return lake.tables("real").settled(until)

    assert settled(NOW), "where nothing is, nothing was changed"
    lake.upsert(ALERTS, ALERTS.table([alert(updated_at=NOW - DAY)]))
    assert (settled(NOW), settled(NOW - DAY), settled(NOW - DAY + timedelta(seconds=1))) == (True, False, True)
    lake.upsert(WORKFLOW_RUNS, WORKFLOW_RUNS.table([run(updated_at=NOW + DAY)]))
    assert not settled(NOW)
    unknown = ALERTS.table([alert(number=2)]).set_column(
        ALERTS.schema.get_field_index("updated_at"), "updated_at", pa.nulls(1, ALERTS.schema.field("updated_at").type)
    )
    lake.upsert(ALERTS, unknown)
    assert not settled(NOW)


def test_empty_folder(tmp_path: Path) -> None:
    lake = Lake(LocalStore(tmp_path / "store"), tmp_path / "cache", lambda: NOW)
    answer = ask(lake.tables(), "none", METRICS["open_alerts"].compute, SCOPES[0])
    assert answer["n"].to_pylist() == [0]
    lake.close()
