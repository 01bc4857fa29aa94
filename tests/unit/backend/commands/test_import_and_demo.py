"""What `import` and `demo` print and store."""

import json
from pathlib import Path

import pytest

from tests.unit.backend.commands.running import RUNS, Done, Fettle, break_health_history, of_the_sample


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
