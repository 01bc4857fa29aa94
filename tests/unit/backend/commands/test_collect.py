"""What `collect` and `rollup` print, and what `collect` leaves behind where something fails."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.datasets import WORKFLOW_RUNS
from shared.lake.opening import open_lake
from shared.settings import load_settings
from tests.builders import run
from tests.standins.github import GitHubStandin
from tests.unit.backend.commands.running import Fettle, break_health_history


@pytest.fixture
def gh(fettle: Fettle, shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHubStandin]:
    """A GitHub with one repository, and settings that name it."""
    with GitHubStandin() as server:
        server.state.create_org("acme")
        server.state.create_repo("acme/shop", created_at=f"{datetime.now(UTC) - timedelta(days=2):%Y-%m-%dT%H:%M:%SZ}")
        for hours in range(3):
            server.state.new_run("acme/shop", at=datetime.now(UTC) - timedelta(hours=hours), jobs=())
        monkeypatch.setenv("GITHUB_API_URL", server.url)
        monkeypatch.setenv("GITHUB_TOKEN", server.token)
        monkeypatch.delenv("FETTLE_NOW")
        yield server


def test_collect_prints_what_it_stored_and_ends_with_0(fettle: Fettle, gh: GitHubStandin) -> None:
    done = fettle("collect", "--org", "acme", "--only", "workflow_runs")
    again = fettle("collect", "--repo", "acme/shop", "--only", "workflow_runs")
    assert done.code == 0
    assert done.out.startswith("3 rows stored from 2 of 2 sources with ")
    assert "acme/shop: workflow_runs 3\n" in done.err
    assert again.code == 0
    assert json.loads(fettle("metrics", "success_rate", "--format", "json").out)[0]["runs"] == 3
    assert gh.token not in done.out + done.err


def test_collect_that_can_store_nothing_ends_with_1(
    fettle: Fettle, gh: GitHubStandin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FETTLE_STORE", "file:///proc/none")
    done = fettle("collect", "--org", "acme")
    assert done.code == 1
    assert done.out == ""


def test_collect_rolls_up_and_a_roll_up_that_fails_costs_none_of_what_was_collected(
    fettle: Fettle, gh: GitHubStandin, tmp_path: Path
) -> None:
    assert fettle("collect", "--org", "acme", "--only", "workflow_runs").code == 0
    lake = open_lake(load_settings())
    assert sum(lake.tables("real")["workflow_daily"].runs.to_pyarrow().to_pylist()) == 3
    lake.close()
    break_health_history(tmp_path)
    gh.state.new_run("acme/shop", at=datetime.now(UTC), jobs=())
    done = fettle("collect", "--org", "acme", "--only", "workflow_runs")
    assert done.code == 2
    assert done.out.splitlines()[0].startswith("4 rows stored from 2 of 2 sources with ")
    assert done.out.splitlines()[1].startswith("health_history is not up to date: tables/health_history/")


def test_rollup_says_what_changed_and_then_that_nothing_did(fettle: Fettle) -> None:
    lake = open_lake(load_settings())
    lake.upsert(WORKFLOW_RUNS, WORKFLOW_RUNS.table([run()]))
    lake.close()
    first, second = fettle("rollup"), fettle("rollup")
    assert (first.code, first.err) == (0, "")
    assert "workflow_daily: 1 new, changed or removed, 0 made again and the same" in first.out.splitlines()
    nothing = "0 new, changed or removed, 0 made again and the same"
    assert [line.split(": ")[1] for line in second.out.splitlines()] == [nothing] * 5
