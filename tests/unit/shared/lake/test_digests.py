"""Digests: what is answered from the months' digests is what the rows themselves say."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pyarrow.parquet as pq
import pytest

from shared.datasets import ALERTS, DATASETS, WORKFLOW_RUNS
from shared.lake.local import LocalStore
from shared.lake.prepared import ask
from shared.lake.reading import Tables
from shared.lake.tables import Lake
from shared.metrics import METRICS
from shared.metrics.digest import RECENT
from shared.policy import Policy
from shared.scope import Scope
from tests.builders import NOW, Row, alert, alert_event, merged_change, repository, run
from tests.unit.shared.metrics.plain import rounded

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
YEARS = 420 * DAY

QUESTIONS = ("workflow_state", "restore_episodes", "open_alerts", "flakes", "deployments", "changes")

POLICY = Policy.model_validate({"delivery": {"deployments": ["acme/*:Ship*"], "failure_window": "72h"}})

WITH_HEALTH = ("settled, all", "months ago")
"""Scopes in which health is asked for as well; to make its SQL takes seconds."""


class ByRows(Tables):
    """The same tables with nothing known about them, so that every question is answered from the rows themselves."""

    def settled(self, until: datetime) -> bool:  # noqa: ARG002 - as it is of the other tables
        return False

    def changing(self, until: datetime) -> datetime | None:  # noqa: ARG002 - likewise
        return None

    def unfolded(self, since: datetime) -> bool:  # noqa: ARG002 - likewise
        return False


SCOPES = {
    "settled": Scope(until=NOW + 9 * DAY, since=NOW - 81 * DAY),
    "settled, longer than what is not folded": Scope(until=NOW + 9 * DAY, since=NOW - 300 * DAY),
    "settled, all": Scope(until=NOW + 9 * DAY),
    "now, while things change": Scope(until=NOW - 2 * DAY, since=NOW - 92 * DAY),
    "months ago": Scope(until=NOW - 100 * DAY, since=NOW - 190 * DAY),
    "before the folded months end": Scope(until=NOW - 300 * DAY, since=NOW - 390 * DAY),
    "narrowed": Scope(until=NOW + 9 * DAY, since=NOW - 81 * DAY, repos=("acme/api",), workflows=("build",)),
    "a branch": Scope(until=NOW + 9 * DAY, since=NOW - 81 * DAY, branch="topic"),
    "all branches": Scope(until=NOW - 20 * DAY, since=NOW - 110 * DAY, branch="*"),
    "without bots": Scope(until=NOW + 9 * DAY, since=NOW - 81 * DAY, bots=False),
}


def runs_at_random(dice: Random, number: int) -> Iterator[Row]:
    for run_id in range(1, number + 1):
        created_at = NOW - dice.random() * YEARS
        conclusion = dice.choice(("success", "success", "failure", "timed_out", "cancelled", None))
        first = run(
            run_id=run_id,
            repo=dice.choice(("acme/api", "acme/web", "acme/unlisted")),
            workflow_id=(workflow := dice.choice((1, 2, None))),
            workflow_name="renamed" if workflow == 2 and created_at > NOW - 200 * DAY else "build",
            workflow_path=dice.choice((".github/workflows/ship.yml", None)),
            head_sha=dice.choice(("a1b2c3" * 7, "no number", None, f"{run_id // 3:040x}", f"{run_id // 3:040x}")),
            branch=dice.choice(("main", "main", "main", "topic", None)),
            event=dice.choice(("push", "push", "schedule", "pull_request")),
            actor_is_bot=dice.random() < 0.2,
            created_at=created_at,
            status="completed" if conclusion else "in_progress",
            conclusion=conclusion,
            completed_at=created_at + dice.random() * 40 * DAY if conclusion else None,
        )
        yield first
        if conclusion and dice.random() < 0.2:
            began = first["completed_at"] + dice.random() * 20 * DAY
            again = {"run_attempt": 2, "run_started_at": began, "completed_at": began + HOUR, "conclusion": "success"}
            yield run(**{**first, **again, "updated_at": began + HOUR})


def alerts_at_random(dice: Random, number: int) -> Iterator[Row]:
    for n in range(1, number + 1):
        created_at = NOW - dice.random() * YEARS
        closed_at = created_at + dice.random() * 200 * DAY if dice.random() < 0.7 else None
        state = dice.choice(("fixed", "dismissed")) if closed_at else "open"
        yield alert(
            number=n, state=state, created_at=created_at, closed_at=closed_at, updated_at=closed_at or created_at
        )


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    folder, dice = tmp_path_factory.mktemp("lake"), Random(4)
    lake = Lake(LocalStore(folder / "store"), folder / "cache", lambda: NOW)
    rows: dict[str, list[Row]] = {
        "workflow_runs": list(runs_at_random(dice, 500)),
        "alerts": list(alerts_at_random(dice, 80)),
        "alert_events": [alert_event(number=n, at=NOW - n * DAY, action="reopened") for n in range(1, 40, 3)],
        "pull_requests": [
            merged_change(number=n, created_at=NOW - n * 9 * DAY, merged_at=NOW - n * 8 * DAY) for n in range(1, 40)
        ],
        "repositories": [repository(), repository(repo="acme/web", default_branch="main")],
    }
    for name, some in rows.items():
        lake.upsert(DATASETS[name], DATASETS[name].table(some))
    yield lake
    lake.close()


@pytest.fixture(scope="module")
def tables(lake: Lake) -> Tables:
    return lake.tables("real")


@pytest.fixture(scope="module")
def rows(tables: Tables) -> ByRows:
    """To make their SQL takes longest, so that most scopes are of one length and share it."""
    return ByRows(tables.backend, tables._scans.values(), "rows", tables.rows)


def asked(tables: Tables, name: str, scope: Scope) -> list[Row]:
    found: list[Row] = ask(tables, name, partial(METRICS[name].compute, policy=POLICY), scope).to_pylist()
    return found


READ_AS_ROWS = ("narrowed", "a branch", "all branches", "without bots")
"""Scopes of whose runs digests tell little or nothing."""

BETWEEN = ("settled, all", "months ago")
"""Scopes that lie between others."""


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=pytest.mark.slow if kind in (*READ_AS_ROWS, *BETWEEN) else ()) for kind in SCOPES]
)
def test_answers_are_those_of_the_rows(tables: Tables, rows: ByRows, kind: str) -> None:
    scope = SCOPES[kind]
    for name in (*QUESTIONS, *(["health_signals"] if kind in WITH_HEALTH else [])):
        assert rounded(asked(tables, name, scope)) == rounded(asked(rows, name, scope)), name


ONE_REPO: dict[str, Any] = {"repos": ("acme/api",)}


@pytest.mark.parametrize("name", ["success_rate", "runs_list"])
@pytest.mark.parametrize(
    "scope",
    [
        Scope(until=NOW + 9 * DAY, since=NOW - 80 * DAY, **ONE_REPO),
        Scope(until=NOW - 100 * DAY, since=NOW - 330 * DAY, **ONE_REPO),
    ],
    ids=["now", "months ago, with months that are not sorted"],
)
def test_answers_about_one_repository_are_those_of_the_rows(
    tables: Tables, rows: ByRows, name: str, scope: Scope
) -> None:
    expected = asked(rows, name, scope)
    assert any(row.get("runs", 1) for row in expected)
    assert rounded(asked(tables, name, scope)) == rounded(expected)


def test_runs_of_one_repository_are_read_from_what_is_sorted_by_it(tables: Tables, lake: Lake) -> None:
    asked(tables, "success_rate", Scope(until=NOW + 9 * DAY, since=NOW - 80 * DAY, **ONE_REPO))
    kept, columns = [pq.read_table(path) for path in files(lake)], WORKFLOW_RUNS.schema.names
    repos: list[list[Any]] = [rows["repo"].to_pylist() for rows in kept if rows.schema.names == columns]
    assert 6 <= len(repos) < len(lake.snapshot().partitions(WORKFLOW_RUNS))
    assert all(names == sorted(names) for names in repos)


def test_the_world_has_rows_for_every_question(tables: Tables) -> None:
    assert all(asked(tables, name, SCOPES["settled, longer than what is not folded"]) for name in QUESTIONS)


def test_digests_of_chosen_rows_are_made_for_the_months_of_the_range_alone(tmp_path: Path) -> None:
    lake = Lake(LocalStore(tmp_path / "store"), tmp_path / "cache", lambda: NOW)
    rows = [run(run_id=n, created_at=NOW - n * 31 * DAY) for n in range(9)]
    lake.upsert(WORKFLOW_RUNS, WORKFLOW_RUNS.table(rows))
    asked(lake.tables("real"), "flakes", Scope(until=NOW, since=NOW - DAY))
    assert len(files(lake)) == 2 * 2
    asked(lake.tables("real"), "flakes", Scope(until=NOW))
    assert len(files(lake)) == 2 * 9
    lake.close()


def test_the_world_has_months_that_are_folded_and_some_that_are_not(tables: Tables, lake: Lake) -> None:
    asked(tables, "workflow_state", SCOPES["settled"])
    months = len(lake.snapshot().partitions(WORKFLOW_RUNS))
    assert months > 13
    assert tables.unfolded(NOW - RECENT + 31 * DAY)
    assert not tables.unfolded(NOW - 300 * DAY)
    assert len(list((lake.cache / "digests").glob("*/*.parquet"))) > months


def test_only_the_month_that_changed_is_digested_again(tmp_path: Path) -> None:
    lake = Lake(LocalStore(tmp_path / "store"), tmp_path / "cache", lambda: NOW)
    rows = [run(run_id=n, created_at=NOW - n * 31 * DAY) for n in range(1, 6)]
    lake.upsert(WORKFLOW_RUNS, WORKFLOW_RUNS.table(rows))
    assert [row["runs"] for row in asked(lake.tables("real"), "workflow_state", Scope(until=NOW))] == [5]
    before = files(lake)
    lake.upsert(WORKFLOW_RUNS, WORKFLOW_RUNS.table([run(run_id=9, created_at=NOW - 31 * DAY, conclusion="failure")]))
    (found,) = asked(lake.tables("real"), "workflow_state", Scope(until=NOW))
    assert (found["runs"], found["state"], found["failure_streak"]) == (6, "failing", 1)
    assert all(files(lake)[path] == made for path, made in before.items())
    folders = {path.parent for path in files(lake)}
    assert 0 < len(files(lake)) - len(before) <= len(folders)
    lake.close()


@pytest.mark.parametrize("name", ["workflow_state", "restore_episodes", "health_signals"])
def test_a_view_of_the_past_does_not_read_the_runs_of_months_that_are_long_over(tmp_path: Path, name: str) -> None:
    lake = Lake(LocalStore(tmp_path / "store"), tmp_path / "cache", lambda: NOW)
    rows = [run(run_id=n, created_at=NOW - n * 31 * DAY, conclusion="failure") for n in range(9)]
    lake.upsert(WORKFLOW_RUNS, WORKFLOW_RUNS.table(rows))
    tables, then = lake.tables("real"), Scope(until=NOW - DAY, since=NOW - 31 * DAY)
    assert tables.changing(then.until) is not None
    before = asked(tables, name, then)
    assert before
    copies = [path for path in lake.cache.glob("*/*.parquet") if path.parent.name not in ("empty", "digests")]
    begun: dict[Path, list[Any]] = {path: pq.read_table(path)["created_at"].to_pylist() for path in copies}
    old = [path for path, times in begun.items() if max(times) < NOW - 150 * DAY]
    assert len(old) == 4
    for path in old:
        path.unlink()
    assert asked(tables, name, then) == before
    lake.close()


def files(lake: Lake) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in (lake.cache / "digests").glob("*/*.parquet")}


def test_a_changed_alert_is_seen_and_the_sample_is_kept_apart(tmp_path: Path) -> None:
    lake = Lake(LocalStore(tmp_path / "store"), tmp_path / "cache", lambda: NOW)

    def put(*rows: Row) -> None:
        lake.upsert(ALERTS, ALERTS.table(list(rows)))

    def n_open(rows: Any = "auto") -> int:
        (found,) = asked(lake.tables(rows), "open_alerts", Scope(until=NOW))
        return int(found["n"])

    old: datetime = NOW - 9 * DAY
    put(
        alert(number=1, created_at=old), alert(number=2, created_at=old), alert(number=3, source="demo", created_at=old)
    )
    assert (n_open(), n_open("demo")) == (2, 1)
    put(alert(number=1, created_at=old, state="fixed", closed_at=NOW - DAY, updated_at=NOW - DAY))
    assert (n_open(), n_open("demo")) == (1, 1)
    lake.close()
