"""What commands print, in this process and on a tiny lake."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from backend.__main__ import main
from backend.terminal import first_of
from shared.datasets import ALERTS, DATASETS, WORKFLOW_RUNS
from shared.lake.opening import open_lake
from shared.metrics import METRICS
from shared.settings import load_settings
from tests.builders import alert, run
from tests.standins.github import GitHubStandin

RUNS = """run_id,run_attempt,repo,conclusion,created_at,run_started_at,updated_at
1,1,octo/robot,success,2026-03-01T10:00:00Z,2026-03-01T10:00:00Z,2026-03-01T10:05:00Z
2,1,octo/robot,failure,2026-03-02T10:00:00Z,2026-03-02T10:00:00Z,2026-03-02T10:05:00Z
3,1,octo/shop,success,2026-04-01T10:00:00Z,2026-04-01T10:00:00Z,2026-04-01T10:05:00Z
"""


class Done(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


Fettle = Callable[..., Done]


@pytest.fixture
def fettle(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Fettle:
    """Runs a command as a user would, in July 2026."""
    monkeypatch.setenv("FETTLE_NOW", "2026-07-01T00:00:00Z")
    (tmp_path / "runs.csv").write_text(RUNS)

    def run_command(*arguments: str) -> Done:
        code = main(list(arguments))
        return Done(code, *capsys.readouterr())

    return run_command


def store_rows() -> None:
    """Three successes and one failure in two repositories, and one alert that was fixed after three hours."""
    lake = open_lake(load_settings())
    now = load_settings().now()
    runs = [
        run(run_id=1, created_at=now - timedelta(days=2)),
        run(run_id=2, created_at=now - timedelta(days=2), conclusion="failure"),
        run(run_id=3, created_at=now - timedelta(days=40)),
        run(run_id=4, created_at=now - timedelta(hours=2), repo="acme/web"),
    ]
    lake.upsert(WORKFLOW_RUNS, WORKFLOW_RUNS.table(runs))
    raised = now - timedelta(days=3)
    lake.upsert(ALERTS, ALERTS.table([alert(created_at=raised, closed_at=raised + timedelta(hours=3))]))
    lake.close()


# --- import


def test_import_says_per_file_what_became_of_its_rows(fettle: Fettle) -> None:
    assert fettle("import", "runs", "runs.csv") == Done(
        0, "runs.csv: 3 runs read, 3 new or changed, 0 known already\n", ""
    )
    assert fettle("import", "runs", "runs.csv").out == "runs.csv: 3 runs read, 0 new or changed, 3 known already\n"


def test_import_says_which_rows_it_rejected_and_which_columns_it_left_out(fettle: Fettle, tmp_path: Path) -> None:
    lines = (RUNS + "4,0,octo/robot,success,2026-03-01T10:00:00Z,,\n").splitlines()
    (tmp_path / "odd.csv").write_text("\n".join([f"{lines[0]},mood", *(f"{line},fine" for line in lines[1:])]))
    done = fettle("import", "runs", "odd.csv")
    assert done.code == 0
    assert done.out.splitlines() == [
        "odd.csv: 3 runs read, 3 new or changed, 0 known already, 1 rejected (see quarantine on the Data page)",
        "Note: odd.csv: not used: mood",
        "Note: odd.csv: 1 rows are in quarantine: run_attempt is 0, not a number from 1 (1).",
    ]


# --- demo


def test_demo_is_loaded_with_its_history_if_the_store_is_empty_and_cleared_alone(fettle: Fettle) -> None:
    size = ("--repos", "2", "--days", "3", "--runs", "40")
    loaded = fettle("demo", "load", "--if-empty", *size)
    assert (loaded.code, loaded.err) == (0, "")
    assert loaded.out.startswith("Sample data loaded: 2 repositories, ")
    assert ", 40 workflow_runs, " in loaded.out
    history, days = of_the_sample("health_history"), of_the_sample("workflow_daily")
    assert len({row["day"] for row in history}) > 1
    assert {row["source"] for row in (*history, *days)} == {"demo"}
    latest = sum(row["is_latest_attempt"] for row in of_the_sample("workflow_runs"))
    assert sum(row["runs"] for row in days) == latest

    assert fettle("demo", "load", "--if-empty", *size) == Done(0, "", "")
    fettle("import", "runs", "runs.csv")
    cleared = fettle("demo", "clear")
    assert cleared.code == 0
    assert cleared.out.startswith("Sample data removed: ")
    assert fettle("demo", "clear").out == "Sample data removed: 0 rows\n"
    assert json.loads(fettle("metrics", "success_rate", "--format", "json").out)[0]["runs"] == 3


@pytest.mark.slow
def test_demo_regenerate_replaces_one_sample_by_another_and_its_roll_ups(fettle: Fettle, tmp_path: Path) -> None:
    # Beside real rows of yesterday, as past days are worked out of those that are shown.
    (tmp_path / "yesterday.csv").write_text(
        RUNS.splitlines()[0] + "\n4,1,octo/robot,success" + ",2026-06-30T10:00Z" * 3
    )
    fettle("import", "runs", "yesterday.csv")
    assert fettle("demo", "load", "--repos", "2", "--days", "10", "--runs", "50").code == 0
    assert 30 < sum(row["runs"] for row in of_the_sample("workflow_daily")) <= 50
    assert "30 workflow_runs" in fettle("demo", "regenerate", "--repos", "2", "--days", "10", "--runs", "30").out
    assert 0 < sum(row["runs"] for row in of_the_sample("workflow_daily")) <= 30


def test_demo_load_keeps_the_sample_where_a_roll_up_fails(fettle: Fettle, tmp_path: Path) -> None:
    fettle("import", "runs", "runs.csv")
    store = next(tmp_path.rglob("workflow_runs")).parent
    (store / "health_history").mkdir()
    break_health_history(store)
    done = fettle("demo", "load", "--repos", "1", "--days", "2", "--runs", "5")
    assert (done.code, ", 5 workflow_runs, " in done.out) == (2, True)
    assert done.err.startswith("fettle: health_history is not up to date: tables/health_history/")
    assert len(of_the_sample("workflow_runs")) == 5


def of_the_sample(dataset: str) -> list[dict[str, Any]]:
    """What is stored of the sample in a dataset."""
    lake = open_lake(load_settings())
    rows: list[dict[str, Any]] = lake.tables("demo", only=[DATASETS[dataset]])[dataset].to_pyarrow().to_pylist()
    lake.close()
    return rows


def break_health_history(folder: Path) -> None:
    """Leaves a file that nobody can read where the roll-up of health reads what is kept."""
    garbage = next(folder.rglob("health_history")) / "month=2020-01/part.parquet"
    garbage.parent.mkdir()
    garbage.write_bytes(b"nothing that could be read")


# --- metrics


def test_metrics_lists_every_metric_with_its_definition(fettle: Fettle) -> None:
    done = fettle("metrics")
    assert done.code == 0
    for name, metric in METRICS.items():
        assert f"{name}\n    {metric.title} ({metric.unit}). {metric.definition}" in done.out


def test_metrics_as_json_has_the_figures(fettle: Fettle) -> None:
    store_rows()
    (row,) = json.loads(fettle("metrics", "success_rate", "--format", "json").out)
    assert row == {"runs": 4, "successes": 3, "failures": 1, "cancelled": 0, "other": 0, "success_rate": 0.75}


def test_metrics_as_csv_has_a_header_and_the_figures(fettle: Fettle) -> None:
    store_rows()
    done = fettle("metrics", "success_rate", "--by", "repo", "--format", "csv")
    assert list(csv.DictReader(io.StringIO(done.out))) == [
        {"repo": "acme/api", "runs": "3", "successes": "2", "failures": "1", "cancelled": "0", "other": "0",
         "success_rate": str(2 / 3)},
        {"repo": "acme/web", "runs": "1", "successes": "1", "failures": "0", "cancelled": "0", "other": "0",
         "success_rate": "1.0"},
    ]  # fmt: skip


def test_metrics_as_a_table_is_for_reading(fettle: Fettle) -> None:
    store_rows()
    done = fettle("metrics", "time_to_remediate")
    assert "Time to remediate" in done.out
    assert "3.00 h" in done.out


def test_metrics_by_range(fettle: Fettle) -> None:
    store_rows()
    ranges = {"24h": 1, "7d": 3, "90d": 4, "all": 4, "2026-05-01..2026-05-31": 1, "2w": 3}
    assert {name: asked(fettle, "success_rate", "--range", name)[0]["runs"] for name in ranges} == ranges


def test_metrics_by_filter(fettle: Fettle) -> None:
    store_rows()
    filters = {
        ("--repo", "acme/web"): 1,
        ("--org", "acme"): 4,
        ("--org", "none"): 0,
        ("--repo", "acme/web", "--repo", "acme/api"): 4,
        ("--workflow", "build"): 4,
        ("--branch", "dev"): 0,
    }
    assert {chosen: asked(fettle, "success_rate", *chosen)[0]["runs"] for chosen in filters} == filters


def test_metrics_of_nothing_says_so(fettle: Fettle) -> None:
    assert fettle("metrics", "success_rate", "--by", "repo") == Done(0, "Success rate: nothing in this scope.\n", "")


def asked(fettle: Fettle, *arguments: str) -> list[dict[str, Any]]:
    """What a metric answers as JSON."""
    done = fettle("metrics", *arguments, "--format", "json")
    assert (done.code, done.err) == (0, "")
    rows: list[dict[str, Any]] = json.loads(done.out)
    return rows


def test_an_alert_that_is_closed_later_was_open_then(fettle: Fettle) -> None:
    store_rows()
    then = {
        "2026-06-27T23:59Z": 0,  # not yet raised
        "2026-06-28T02:59Z": 1,  # what was fixed at three is open
        "2026-06-28T04:59+02:00": 1,
        "2026-06-28T02:59": 1,
        "2026-06-28T03:01Z": 0,
    }
    assert {as_of: asked(fettle, "open_alerts", "--as-of", as_of)[0]["n"] for as_of in then} == then


def test_a_run_that_ended_later_was_unfinished_then_and_ranges_end_at_that_time(fettle: Fettle) -> None:
    store_rows()
    question = ("success_rate", "--repo", "acme/web")
    (then,) = asked(fettle, *question, "--as-of", "2026-06-30T22:02Z")
    (now,) = asked(fettle, *question)
    assert (then["other"], then["successes"]) == (1, 0)
    assert (now["other"], now["successes"]) == (0, 1)
    assert asked(fettle, "success_rate", "--as-of", "2026-06-29T12:00Z", "--range", "24h")[0]["runs"] == 2
    assert asked(fettle, *question, "--as-of", "2026-06-30T12:00Z")[0]["runs"] == 0


def test_a_switch_changes_what_counts_and_the_rows_say_so(fettle: Fettle) -> None:
    raised = load_settings().now() - timedelta(days=3)
    lake = open_lake(load_settings())
    rows = [
        alert(number=1, created_at=raised, closed_at=raised + timedelta(hours=1)),
        alert(number=2, created_at=raised, closed_at=raised + timedelta(hours=3), state="dismissed"),
        alert(number=3, created_at=raised, closed_at=raised + timedelta(hours=9), state="auto_dismissed"),
        alert(number=4, created_at=raised),
    ]
    lake.upsert(ALERTS, ALERTS.table(rows))
    lake.close()
    name, on = "time_to_remediate", ("--switch", "include_dismissed")
    assert [asked(fettle, name, *switches)[0]["mean_s"] for switches in ((), on)] == [3600, 7200]
    for switches, counted in (((), {1}), (on, {1, 2})):
        behind = asked(fettle, name, "--rows", *switches)
        assert {row["number"] for row in behind if row["excluded_because"] is None} == counted
        assert all(row["excluded_because"] for row in behind if row["number"] not in counted)
    as_csv = fettle("metrics", name, "--rows", "--format", "csv")
    assert [row["excluded_because"] == "" for row in csv.DictReader(io.StringIO(as_csv.out))].count(True) == 1
    assert "Rows behind time to remediate" in fettle("metrics", name, "--rows").out


# --- collect


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


# --- rollup


def test_rollup_says_what_changed_and_then_that_nothing_did(fettle: Fettle) -> None:
    lake = open_lake(load_settings())
    lake.upsert(WORKFLOW_RUNS, WORKFLOW_RUNS.table([run()]))
    lake.close()
    first, second = fettle("rollup"), fettle("rollup")
    assert (first.code, first.err) == (0, "")
    assert "workflow_daily: 1 new, changed or removed, 0 made again and the same" in first.out.splitlines()
    nothing = "0 new, changed or removed, 0 made again and the same"
    assert [line.split(": ")[1] for line in second.out.splitlines()] == [nothing] * 5


# --- help


@pytest.mark.parametrize("arguments", [[], ["demo"]])
def test_without_a_command_the_help_is_shown_as_it_is(fettle: Fettle, arguments: list[str]) -> None:
    done = fettle(*arguments)
    assert done.code == 1
    assert done.err.startswith("Usage: python -m backend")
    assert "Commands:" in done.err


def test_help_is_good(fettle: Fettle) -> None:
    done = fettle("collect", "--help")
    assert (done.code, done.err) == (0, "")
    assert "Ends with 0 if all is good, 2 if some sources failed" in done.out


def test_the_first_reason_stands_for_all_and_the_others_are_counted() -> None:
    assert first_of([None, "No.", "No."]) == "No."
    assert first_of(["No.", "Nor this.", "Nor that."]) == "No. (2 more: see `python -m backend metrics coverage`.)"
