"""Exports in whatever form they come are imported, once, and say what is wrong with them."""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backend.imports.importing import import_files
from shared.datasets import ALERTS, WORKFLOW_JOBS, WORKFLOW_RUNS, Dataset
from shared.lake.merge import Changes
from shared.lake.quarantine import quarantine_counts, quarantined
from shared.lake.tables import Lake
from tests.unit.backend.imports.examples import HEADER, RUN, TABLE, Write, stored


def test_one_import_says_what_it_did(lake: Lake, write: Write) -> None:
    done = import_files(lake, "runs", [write("runs.json", json.dumps([RUN, {**RUN, "id": 43}, "noise"]))], None)
    assert (done.rows, done.changes, done.rejected) == (2, Changes(inserted=2), 1)
    assert done.warnings == ("runs.json: 1 rows are in quarantine: not an object but str (1).",)
    assert {row["source"] for row in stored(lake)} == {"import:runs.json"}
    assert quarantine_counts(lake.store) == {("workflow_runs", "not an object but str"): 1}


OTHER = {**RUN, "id": 43}


@pytest.mark.parametrize(
    "content",
    [
        json.dumps([RUN, OTHER]),
        json.dumps({"42": RUN, "43": OTHER}),
        json.dumps({"total_count": 2, "workflow_runs": [RUN, OTHER]}),
        json.dumps([{"total_count": 2, "workflow_runs": [RUN]}, {"total_count": 2, "workflow_runs": [OTHER]}]),
        json.dumps(RUN) + "\n" + json.dumps(OTHER) + "\n",
        json.dumps(RUN) + "\r\n\r\n" + json.dumps(OTHER),
        json.dumps([RUN]) + json.dumps([OTHER]),
        json.dumps(RUN, indent=2) + "\n" + json.dumps(OTHER, indent=2),
        json.dumps([{"action": "completed", "workflow_run": run, "repository": {}} for run in (RUN, OTHER)]),
        json.dumps([RUN, OTHER]).encode("utf-8-sig"),
        json.dumps([RUN, OTHER]).encode("utf-16"),
        gzip.compress(json.dumps([RUN, OTHER]).encode()),
        json.dumps([RUN, {**OTHER, "score": float("nan"), "text": "\ud800"}]),
    ],
)
def test_json_is_read_in_every_form(lake: Lake, write: Write, content: str | bytes) -> None:
    import_files(lake, "runs", [write("runs.json", content)], None)
    assert [(row["run_id"], row["repo"], row["duration_s"]) for row in stored(lake)] == [
        (42, "acme/api", 300.0),
        (43, "acme/api", 300.0),
    ]


def test_a_broken_line_of_json_lines_is_set_aside(lake: Lake, write: Write) -> None:
    done = import_files(lake, "runs", [write("runs.ndjson", json.dumps(RUN) + '\n{"id": 43, "na')], None)
    assert (done.rows, done.rejected) == (1, 1)
    assert [entry["reason"] for entry in quarantined(lake.store)] == ["line 2 is not JSON"]


def test_what_the_github_command_line_lists_can_be_imported(lake: Lake, write: Write) -> None:
    listed = {
        "databaseId": 42,
        "attempt": 1,
        "number": 9,
        "conclusion": "success",
        "createdAt": "2026-03-01T10:00:00Z",
        "startedAt": "2026-03-01T10:00:30Z",
        "updatedAt": "2026-03-01T10:05:30Z",
        "status": "completed",
        "headBranch": "main",
        "workflowName": "CI",
        "workflowDatabaseId": 7,
        "url": "https://github.com/acme/api/actions/runs/42",
    }
    import_files(lake, "runs", [write("gh.json", json.dumps([listed]))], None)
    [row] = stored(lake)
    assert (row["repo"], row["run_number"], row["workflow_id"], row["branch"]) == ("acme/api", 9, 7, "main")
    assert (row["queued_s"], row["duration_s"]) == (30.0, 300.0)


@pytest.mark.parametrize(
    "content",
    [
        TABLE,
        TABLE.replace("odd, ", "odd; ").replace(",", ";").replace("odd; ", "odd, "),
        "sep=,\n" + TABLE,
        TABLE.replace("odd, ", "odd@").replace(",", "\t").replace("odd@", "odd, "),
        TABLE.encode("utf-8-sig"),
        TABLE.encode("utf-16"),
        TABLE.replace("\n", "\r\n").replace('name""\r\n', 'name""\n'),
        gzip.compress(TABLE.encode()),
        TABLE.replace("run_id,run_attempt,branch", "Run ID,Attempt,Head Branch"),
        TABLE.replace("2026-03-01T10:00:30Z", "2026-03-01 11:00:30 Europe/Berlin"),
    ],
)
def test_tables_are_read_in_every_form(lake: Lake, write: Write, content: str | bytes) -> None:
    import_files(lake, "runs", [write("runs.csv", content)], "acme/api")
    [row] = stored(lake)
    assert (row["run_id"], row["branch"]) == (42, 'odd, "name"\nof two lines')
    assert (row["status"], row["duration_s"], row["queued_s"]) == ("completed", 300.0, None)


def test_attempts_of_a_table_share_the_time_their_run_was_created(lake: Lake, write: Write) -> None:
    rows = "7,2,main,2026-05-01T00:10:00Z,2026-05-01T00:20:00Z,success\n7,1,main,2026-04-30T23:50:00Z,,failure\n"
    import_files(lake, "runs", [write("runs.csv", HEADER + rows)], "acme/api")
    found = {row["run_attempt"]: row for row in stored(lake)}
    assert {row["created_at"] for row in found.values()} == {datetime(2026, 4, 30, 23, 50, tzinfo=UTC)}
    assert (found[1]["is_latest_attempt"], found[2]["is_latest_attempt"]) == (False, True)
    assert (found[1]["duration_s"], found[2]["duration_s"]) == (None, 600.0)


def test_a_table_without_created_at_never_splits_a_run_that_is_known(lake: Lake, write: Write) -> None:
    known = {**RUN, "id": 7, "created_at": "2026-04-30T23:59:50Z", "run_started_at": "2026-05-01T00:00:10Z"}
    import_files(lake, "runs", [write("api.json", json.dumps([known]))], None)
    again = "7,1,main,2026-05-01T00:00:10Z,2026-05-01T00:05:00Z,success\n"
    import_files(lake, "runs", [write("runs.csv", HEADER + again)], "acme/api")
    [row] = stored(lake)
    assert row["created_at"] == datetime(2026, 4, 30, 23, 59, 50, tzinfo=UTC)
    assert row["workflow_id"] == 7, "GitHub's own row knows more, and stays"


@pytest.mark.parametrize(
    ("kind", "dataset", "file"),
    [
        ("runs", WORKFLOW_RUNS, "runs/ionic_stencil_workflow_runs.json"),
        ("jobs", WORKFLOW_JOBS, "runs/ionic_stencil_jobs.json"),
        ("alerts", ALERTS, "alerts/code_scanning_autopromote.json"),
        ("alerts", ALERTS, "alerts/dependabot_openmrs.json"),
    ],
)
def test_our_own_csv_can_be_imported_again(
    lake: Lake, shared_data: Path, tmp_path: Path, kind: str, dataset: Dataset, file: str
) -> None:
    import_files(lake, kind, [shared_data / file], None)
    table, before = lake.tables()[dataset.name], stored(lake, dataset.name)
    table.to_pyarrow().to_pandas().to_csv(tmp_path / "download.csv", index=False)
    lake.remove(dataset, before[0]["source"])
    import_files(lake, kind, [tmp_path / "download.csv"], None)
    assert [{**row, "source": before[0]["source"]} for row in stored(lake, dataset.name)] == before


def test_demo_rows_do_not_become_real_ones(lake: Lake, write: Write) -> None:
    header, day = "run_id,run_attempt,repo,created_at,source\n", "2026-03-01"
    rows = f"1,1,acme/api,{day},demo\n2,1,acme/api,{day},github\n"
    done = import_files(lake, "runs", [write("download.csv", header + rows)], None)
    assert ([row["run_id"] for row in stored(lake)], done.rejected) == ([2], 1)


def test_damaged_rows_are_set_aside_with_a_reason(lake: Lake, write: Write) -> None:
    rows = [
        "1,1,main,2026-03-01T10:00:00Z,,success",
        "none,1,main,2026-03-01T10:00:00Z,,success",
        "3,1,main,soon,,success",
        "4,0,main,2026-03-01T10:00:00Z,,success",
        "5,1,main,2026-03",
        "99999999999999999999,1,main,2026-03-01T10:00:00Z,,success",
    ]
    done = import_files(lake, "runs", [write("runs.csv", HEADER + "\n".join(rows))], "acme/api")
    assert (done.rows, done.rejected) == (1, 5)
    assert quarantine_counts(lake.store) == {
        ("workflow_runs", "no run_id"): 2,
        ("workflow_runs", "no created_at, run_started_at or updated_at"): 1,
        ("workflow_runs", "run_attempt is 0, not a number from 1"): 1,
        ("workflow_runs", "4 cells where the header has 6"): 1,
    }


def test_importing_again_changes_nothing_not_even_the_quarantine(lake: Lake, write: Write) -> None:
    path = write("runs.json", json.dumps([RUN, "noise"]))
    import_files(lake, "runs", [path], None)
    version, quarantine = lake.snapshot().version, quarantine_counts(lake.store)
    again = import_files(lake, "runs", [path], None)
    assert again.changes == Changes(unchanged=1)
    assert (lake.snapshot().version, quarantine_counts(lake.store)) == (version, quarantine)


def test_the_ledger_says_what_a_file_brought(lake: Lake, write: Write) -> None:
    later = {**RUN, "id": 43, "created_at": "2026-03-02T10:00:00Z", "updated_at": "2026-03-02T11:00:00Z"}
    other = {**RUN, "id": 44, "repository": {"full_name": "acme/web"}}
    import_files(lake, "runs", [write("runs.json", json.dumps([RUN, later, other, 5]))], None)
    entries = {row["repo"]: row for row in stored(lake, "collections")}
    assert set(entries) == {"acme/api", "acme/web"}
    api = entries["acme/api"]
    assert (api["dataset"], api["org"], api["outcome"], api["rows"]) == (
        "workflow_runs",
        "acme",
        "partial",
        2,
    )
    assert api["reason"] == "not an object but int (1)"
    assert api["covered_since"] == datetime(2026, 3, 1, 10, 0, tzinfo=UTC)
    assert api["covered_until"] == datetime(2026, 3, 2, 11, 0, tzinfo=UTC)
    assert api["collection_id"].startswith("import-")
    assert api["requests"] is None


def test_columns_that_are_not_used_are_named(lake: Lake, write: Write) -> None:
    content = "run_id,started_at,conclusion,mood,weather\n1,2026-03-01,success,fine,rain\n"
    assert import_files(lake, "runs", [write("r.csv", content)], "a/b").warnings == ("r.csv: not used: mood, weather",)


def test_tables_of_jobs(lake: Lake, write: Write) -> None:
    content = (
        "job_id,run_id,repo,job_name,labels,created_at,started_at,completed_at,conclusion\n"
        '1,42,acme/api,build,"[""ubuntu-latest""]",2026-03-01T10:00:00Z,2026-03-01T10:00:05Z,2026-03-01T10:02:06Z,success\n'
        "2,42,acme/api,test,self-hosted;linux,2026-03-01T10:00:00Z,2026-03-01T10:00:05Z,2026-03-01T10:02:06Z,failure\n"
    )
    import_files(lake, "jobs", [write("jobs.csv", content)], None)
    rows = stored(lake, "workflow_jobs")
    assert [row["labels"] for row in rows] == [["ubuntu-latest"], ["self-hosted", "linux"]]
    assert [row["billable_minutes"] for row in rows] == [3.0, None]
    assert [row["runner_os"] for row in rows] == ["linux", "linux"]


def test_tables_of_alerts(lake: Lake, write: Write) -> None:
    content = (
        "repository,alert_number,type,state,severity,cwe,resolution,created_at,closed_at,package\n"
        "acme/api,1,dependabot,Auto-dismissed,Moderate,CWE-079,,2026-03-01,2026-03-02,semver\n"
        "acme/api,2,secret-scanning,resolved,,,revoked,2026-03-01,2026-03-03,\n"
        "acme/api,3,code_scanning,dismissed,error,cwe-89;CWE-20,won't fix,2026-03-01,2026-03-04,\n"
        "acme/api,4,,open,high,,,2026-03-01,,left-pad\n"
        "acme/api,5,malware,open,high,,,2026-03-01,,\n"
    )
    done = import_files(lake, "alerts", [write("alerts.csv", content)], None)
    names = ("kind", "state", "severity", "cwe_family", "close_reason")
    assert [
        tuple(row[name] for name in names) for row in sorted(stored(lake, "alerts"), key=lambda r: r["number"])
    ] == [
        ("dependabot", "auto_dismissed", "medium", "xss", "auto"),
        ("secret_scanning", "fixed", "unknown", "secrets", "revoked"),
        ("code_scanning", "dismissed", "high", "injection", "wont_fix"),
        ("dependabot", "open", "high", None, None),
    ]
    assert done.rejected == 1


def test_rejected_alerts_do_not_leave_their_secret_behind(lake: Lake, write: Write) -> None:
    good = {"number": 1, "secret_type": "x", "secret": "hunter2", "repository": {"full_name": "acme/api"}}
    done = import_files(lake, "alerts", [write("a.json", json.dumps([good, {**good, "number": None}]))], None)
    assert (done.rows, done.rejected) == (1, 1)
    assert "hunter2" not in repr(stored(lake, "alerts"))
    assert "hunter2" not in repr(list(quarantined(lake.store)))
