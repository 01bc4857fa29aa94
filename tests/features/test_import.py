"""Steps of import.feature, on the real exports."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median
from typing import Any

import pytest
from pytest_bdd import given, parsers, scenarios, then, when

from backend.imports.importing import import_files
from shared.errors import FettleError
from shared.lake.tables import Lake

scenarios("import.feature")


@dataclass
class Done:
    """What came of the imports so far: the lake's versions after each, and the last error."""

    versions: list[str]
    error: str = ""


@pytest.fixture
def done() -> Done:
    return Done([])


def rows(lake: Lake, dataset: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = lake.tables()[dataset].to_pyarrow().to_pylist()
    return found


@given(parsers.parse('I have imported {kind} from "{file}" for "{repo}"'))
@when(parsers.parse('I import {kind} from "{file}" for "{repo}"'))
def import_for(lake: Lake, shared_data: Path, done: Done, kind: str, file: str, repo: str) -> None:
    import_files(lake, kind, [shared_data / file], repo)
    done.versions.append(lake.snapshot().version)


@when(parsers.re(r'I import (?P<kind>\w+) from "(?P<file>[^"]+)"$'))
def import_alone(lake: Lake, shared_data: Path, done: Done, kind: str, file: str) -> None:
    try:
        import_files(lake, kind, [shared_data / file], None)
    except FettleError as error:
        done.error = str(error)


@then(parsers.parse("there are {count:d} workflow runs with {ids:d} different run ids"))
def runs_and_ids(lake: Lake, count: int, ids: int) -> None:
    found = rows(lake, "workflow_runs")
    assert (len(found), len({row["run_id"] for row in found})) == (count, ids)


@then("the conclusions are")
def conclusions(lake: Lake, datatable: list[list[str]]) -> None:
    found = Counter(row["conclusion"] for row in rows(lake, "workflow_runs"))
    assert found == {conclusion: int(count) for conclusion, count in datatable[1:]}


@then("every run has exactly one latest attempt")
def one_latest(lake: Lake) -> None:
    found = rows(lake, "workflow_runs")
    highest: dict[int, int] = {}
    for row in found:
        highest[row["run_id"]] = max(row["run_attempt"], highest.get(row["run_id"], 0))
    latest = {row["run_id"]: row["run_attempt"] for row in found if row["is_latest_attempt"]}
    assert latest == highest
    assert sum(row["is_latest_attempt"] for row in found) == len(highest)


@then("all attempts of a run were created at the same time")
def same_creation(lake: Lake) -> None:
    found = {(row["run_id"], row["created_at"]) for row in rows(lake, "workflow_runs")}
    assert len(found) == len({run_id for run_id, _ in found})


@then(parsers.parse("{count:d} of them are second attempts"))
def second_attempts(lake: Lake, count: int) -> None:
    assert [row["run_attempt"] for row in rows(lake, "workflow_runs")].count(2) == count


@then(parsers.parse("there are {count:d} workflow jobs"))
def jobs(lake: Lake, count: int) -> None:
    assert len(rows(lake, "workflow_jobs")) == count


@then(parsers.parse("there are {count:d} {kind} alerts that are {state}"))
def alerts(lake: Lake, count: int, kind: str, state: str) -> None:
    found = Counter((row["kind"], row["state"]) for row in rows(lake, "alerts"))
    assert found[kind, state] == count


@then(parsers.parse("fixing took {average:g} hours on average and {middle:g} hours at the median"))
def time_to_fix(lake: Lake, average: float, middle: float) -> None:
    fixed = [row for row in rows(lake, "alerts") if row["close_reason"] == "fixed"]
    hours = [(row["closed_at"] - row["created_at"]).total_seconds() / 3600 for row in fixed]
    assert (round(mean(hours), 2), round(median(hours), 2)) == (average, middle)


@then("nothing has changed")
def unchanged(done: Done) -> None:
    first, second = done.versions
    assert first == second


@then(parsers.re(r'I am told to (add|try) "(?P<what>[^"]+)"'))
def told(done: Done, what: str) -> None:
    assert what in done.error
