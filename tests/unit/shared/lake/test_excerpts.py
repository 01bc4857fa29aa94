"""Excerpts: a repository's rows in memory give the answers that the files give, and take no more room than allowed."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.datasets import ALERT_EVENTS, ALERTS, WORKFLOW_RUNS
from shared.lake import excerpts as module
from shared.lake.excerpts import Excerpts
from shared.lake.prepared import ask
from shared.lake.reading import Tables
from shared.lake.tables import Lake
from shared.metrics import METRICS
from shared.policy import Policy
from shared.scope import Scope
from tests.builders import NOW, alert, alert_event, run
from tests.lakes import lake_in
from tests.unit.shared.metrics.plain import rounded

DAY = timedelta(days=1)
REPO = "acme/api"
OF_ALERTS = ("open_alerts", "time_to_remediate", "alert_trend", "sla_summary")
OF_RUNS = ("success_rate", "runs_list", "flakes")
RANGE = Scope(until=NOW, since=NOW - 90 * DAY, repos=(REPO,))
PAST = Scope(until=NOW - 90 * DAY, since=NOW - 180 * DAY, repos=(REPO,))


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    lake = lake_in(tmp_path_factory.mktemp("excerpts"), lambda: NOW)
    rows = [
        alert(number=n, repo=(REPO, "acme/web", "it's; drop table")[n % 3], created_at=NOW - n * DAY)
        | ({"state": "fixed", "fixed_at": closed, "closed_at": closed, "updated_at": closed} if n % 2 else {})
        for n in range(1, 300)
        for closed in [NOW - n * DAY / 2]
    ]
    lake.upsert(ALERTS, ALERTS.table(rows))
    lake.upsert(ALERT_EVENTS, ALERT_EVENTS.table([alert_event(repo=REPO, number=3, at=NOW - 100 * DAY)]))
    runs = [
        run(run_id=n // 2, run_attempt=1 + n % 2, repo=(REPO, "acme/web")[n // 2 % 2], created_at=NOW - n // 2 * DAY)
        | {"conclusion": ("failure", "success")[n % 2], "is_latest_attempt": bool(n % 2), "head_sha": f"{n // 2:040x}"}
        for n in range(2, 300)
    ]
    lake.upsert(WORKFLOW_RUNS, WORKFLOW_RUNS.table(runs))
    yield lake
    lake.close()


def asked(tables: Tables, name: str, scope: Scope) -> list[dict[str, Any]]:
    entry = METRICS[name]
    answer = ask(tables, name, lambda given, scope: entry.compute(given, scope, None, Policy()), scope)
    rows: list[dict[str, Any]] = answer.to_pylist()
    return rows


def rows_of_excerpts(lake: Lake) -> set[int]:
    con = lake.tables("real").backend.con
    names = [name for (name,) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
    return {con.table(name).count("*").fetchall()[0][0] for name in names if name.startswith("excerpt_")}


@pytest.mark.parametrize("scope", [RANGE, PAST], ids=["now", "as of then"])
@pytest.mark.parametrize("name", [*OF_ALERTS, *OF_RUNS])
def test_answers_are_those_of_the_files(lake: Lake, name: str, scope: Scope) -> None:
    tables = lake.tables("real")
    expected = asked(tables, name, scope)
    assert expected
    assert rounded(asked(tables.of_repository(REPO), name, scope)) == rounded(expected)


def test_an_excerpt_has_the_rows_of_its_repository_alone(lake: Lake) -> None:
    quoted = "it's; drop table"
    answer = asked(lake.tables("real").of_repository(quoted), "open_alerts", Scope(until=NOW, repos=(quoted,)))
    assert sum(row["n"] for row in answer) == 50
    assert 100 in rows_of_excerpts(lake)


def test_a_changed_alert_is_seen(tmp_path: Path) -> None:
    lake = lake_in(tmp_path, lambda: NOW)
    lake.upsert(ALERTS, ALERTS.table([alert(number=1, repo=REPO, created_at=NOW - DAY)]))
    before = asked(lake.tables("real").of_repository(REPO), "open_alerts", RANGE)
    lake.upsert(ALERTS, ALERTS.table([alert(number=2, repo=REPO, created_at=NOW - DAY)]))
    after = asked(lake.tables("real").of_repository(REPO), "open_alerts", RANGE)
    assert [sum(row["n"] for row in rows) for rows in (before, after)] == [1, 2]
    lake.close()


def test_a_repository_with_too_many_rows_is_read_from_the_files(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ROWS", 10)
    con, kept = lake.tables("real").backend.con, Excerpts()
    con.execute("CREATE OR REPLACE TEMP TABLE long AS SELECT 'acme/api' AS repo, n FROM range(50) AS r(n)")
    assert kept.of(con, REPO, "long", "long", 1) == "long"
    con.execute("DROP TABLE long")
    assert kept.of(con, REPO, "long", "long", 1) == "long", "it was counted once more"


def test_the_longest_unused_give_way(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ROWS_TOGETHER", 30)
    monkeypatch.setattr(module, "LEAST_ROWS", 1)
    con, kept = lake.tables("real").backend.con, Excerpts()
    con.execute("CREATE OR REPLACE TEMP TABLE many AS SELECT 'r' || n % 9 AS repo, n FROM range(90) AS r(n)")
    names = [kept.of(con, f"r{n}", "many", "many", 1) for n in (0, 1, 2, 0, 3)]
    assert names[0] == names[3]
    assert kept.rows == 30
    assert kept.of(con, "r1", "many", "many", 1) != names[1]
    left = [name for (name,) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
    assert names[1] not in left, "the one that gave way two before is still there"


def test_excerpts_that_hold_nothing_give_way_too(lake: Lake) -> None:
    con, kept = lake.tables("real").backend.con, Excerpts()
    con.execute("CREATE OR REPLACE TEMP TABLE nothing AS SELECT 'r' AS repo WHERE false")
    names = [kept.of(con, REPO, "nothing", f"version {n}", 1) for n in range(300)]
    left = {name for (name,) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    assert len(left & set(names)) <= module.MOST_ROWS_TOGETHER / module.LEAST_ROWS + 1


def test_threads_that_ask_at_once_share_one(lake: Lake) -> None:
    kept = Excerpts()

    def name(_: int) -> str:
        tables = lake.tables("real")
        return kept.of(tables.backend.con, REPO, tables._scans["alerts"].name, "alerts", 1)

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(name, range(8)))) == 1


def test_one_that_is_made_keeps_nobody_from_another(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, made, other_is_there = Excerpts(), module._made, threading.Event()

    def slowly(con: Any, repo: str, scan: str, reach: int) -> Any:
        assert repo != "slow" or other_is_there.wait(10), "the other one waited for it"
        return made(con, repo, scan, reach)

    def name(repo: str) -> str:
        tables = lake.tables("real")
        return kept.of(tables.backend.con, repo, tables._scans["alerts"].name, "alerts", 1)

    monkeypatch.setattr(module, "_made", slowly)
    with ThreadPoolExecutor(2) as pool:
        slow = pool.submit(name, "slow")
        while not kept._turns:
            time.sleep(0.001)
        other = pool.submit(name, REPO).result()
        other_is_there.set()
        assert slow.result() != other
