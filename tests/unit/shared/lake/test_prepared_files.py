"""The SQL of questions outlives the process that made it, and never the code that it was made by."""

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pytest

from shared.datasets import ALERTS, WORKFLOW_RUNS
from shared.lake import prepared, prepared_files
from shared.lake.local import LocalStore
from shared.lake.prepared import ask
from shared.lake.reading import Tables
from shared.lake.tables import Lake
from shared.metrics import METRICS
from shared.scope import Scope
from tests.builders import NOW, alert, run

QUESTION = Scope(until=NOW, since=NOW - timedelta(days=30), repos=("acme/api",))

Asked = list[str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "prepared"


@pytest.fixture
def tables(tmp_path: Path, folder: Path) -> Iterator[Tables]:
    lake = Lake(LocalStore(tmp_path / "store"), tmp_path / "cache", lambda: NOW, prepared=folder)
    lake.upsert(ALERTS, ALERTS.table([alert(number=n) for n in range(1, 4)]))
    lake.upsert(WORKFLOW_RUNS, WORKFLOW_RUNS.table([run(run_id=n) for n in range(1, 6)]))
    yield lake.tables("real")
    lake.close()


@pytest.fixture(autouse=True)
def another_process(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Forgets what this process prepared, as one that was just started has prepared nothing."""

    def forget() -> None:
        monkeypatch.setattr(prepared, "_prepared", type(prepared._prepared)())

    forget()
    return forget


def builder(name: str, made: Asked) -> prepared.Build:
    def build(given: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
        made.append(name)
        return METRICS[name].compute(given, scope)

    return build


@pytest.mark.parametrize(
    "name",
    [
        "open_alerts",
        "flaky_workflows",
        *(pytest.param(name, marks=pytest.mark.slow) for name in ("success_rate", "repository_health", "alert_trend")),
    ],
)
def test_another_process_makes_no_sql_and_answers_the_same(
    name: str, tables: Tables, another_process: Callable[[], None]
) -> None:
    made: Asked = []
    first = ask(tables, name, builder(name, made), QUESTION)
    another_process()
    again = ask(tables, name, builder(name, made), replace(QUESTION, repos=("acme/api",)))
    assert (len(made), again.schema) == (1, first.schema)
    assert again.to_pylist() == first.to_pylist()


def test_other_code_makes_its_own(
    tables: Tables, another_process: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    made: Asked = []
    ask(tables, "open", builder("open_alerts", made), QUESTION)
    another_process()
    monkeypatch.setattr(prepared_files, "code_version", lambda _builder: "the next one")
    ask(tables, "open", builder("open_alerts", made), QUESTION)
    assert len(made) == 2


def test_any_change_of_the_code_is_another_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package, builds = tmp_path / "shared", tmp_path / "builds.py"
    package.mkdir()
    (package / "metric.py").write_text("")
    builds.write_text("")
    monkeypatch.setattr(prepared_files, "_SHARED", package)

    def version() -> str:
        prepared_files.code_version.cache_clear()
        return prepared_files.code_version(str(builds))

    versions = [version(), version()]
    (package / "metric.py").write_text("1")
    versions.append(version())
    builds.write_text("2")
    versions.append(version())
    prepared_files.code_version.cache_clear()
    assert versions[0] == versions[1]
    assert len(set(versions)) == 3


@pytest.mark.parametrize("harm", ["", "{}", "no JSON", '{"sql": "SELECT 1", "digests": ["none such"]}'])
def test_what_cannot_be_read_is_made_anew(
    harm: str, tables: Tables, folder: Path, another_process: Callable[[], None]
) -> None:
    made: Asked = []
    expected = ask(tables, "open", builder("open_alerts", made), QUESTION).to_pylist()
    for file in folder.rglob("*.json"):
        file.write_text(harm)
    another_process()
    assert ask(tables, "open", builder("open_alerts", made), QUESTION).to_pylist() == expected
    assert len(made) == 2


def test_a_folder_that_cannot_be_written_is_done_without(tmp_path: Path, folder: Path, tables: Tables) -> None:
    folder.write_text("not a folder")
    made: Asked = []
    assert ask(tables, "open, nowhere kept", builder("open_alerts", made), QUESTION).num_rows
    assert len(made) == 1


def test_a_full_folder_takes_no_more(tables: Tables, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared_files, "MOST_FILES", 2)
    for text in ("one", "two", "three"):
        ask(tables, ("typed", text), builder("open_alerts", []), QUESTION)
    assert len(list(folder.rglob("*.json"))) == 2


def test_what_old_code_left_is_deleted_when_new_code_begins(tables: Tables, folder: Path) -> None:
    old, recent = folder / "old", folder / "recent"
    for other in (old, recent):
        other.mkdir(parents=True)
    long_ago = time.time() - prepared_files.UNUSED_S - 60
    os.utime(old, (long_ago, long_ago))
    ask(tables, "old code", builder("open_alerts", []), QUESTION)
    assert (old.exists(), recent.exists()) == (False, True)


def test_nothing_of_the_question_but_its_sql_is_kept(tables: Tables, folder: Path) -> None:
    ask(tables, ("typed", "a secret word"), builder("open_alerts", []), QUESTION)
    (file,) = folder.rglob("*.json")
    kept: dict[str, Any] = json.loads(file.read_text())
    assert set(kept) == {"sql", "digests", "times", "names", "schema", "relies"}
    assert "acme/api" not in file.read_text()
    assert "a secret word" not in file.read_text() + file.parent.name
