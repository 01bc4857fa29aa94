"""The objects GitHub publishes and real exports hold are all mapped."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from backend.mapping.alerts import alert_row
from backend.mapping.repositories import repository_row
from backend.mapping.stamp import Stamp, map_rows
from backend.mapping.workflow_jobs import job_row
from backend.mapping.workflow_runs import run_row
from backend.mapping.workflows import workflow_row
from shared.datasets import REPOSITORIES, WORKFLOW_JOBS, WORKFLOW_RUNS, WORKFLOWS

STAMP = Stamp("webhook", datetime(2026, 1, 1, tzinfo=UTC))


def read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8-sig"))


def deliveries(shared_data: Path, key: str) -> list[tuple[Path, dict[str, Any]]]:
    found = [(path, read(path)) for path in sorted((shared_data / "webhooks").glob("*.json"))]
    return [(path, delivery) for path, delivery in found if key in delivery]


def test_every_delivered_run_is_mapped(shared_data: Path) -> None:
    found = deliveries(shared_data, "workflow_run")
    for _, delivery in found:
        table, rejects = map_rows(
            WORKFLOW_RUNS,
            lambda raw, name=delivery["repository"]["full_name"]: run_row(raw, name, STAMP),  # type: ignore[misc]
            [delivery["workflow_run"]],
        )
        assert rejects == []
        assert table["run_id"].to_pylist() == [delivery["workflow_run"]["id"]]
    assert len(found) == 6


def test_every_delivered_job_is_mapped(shared_data: Path) -> None:
    found = deliveries(shared_data, "workflow_job")
    rows = [job_row(delivery["workflow_job"], None, STAMP) for _, delivery in found]
    assert [row["job_id"] for row in rows] == [delivery["workflow_job"]["id"] for _, delivery in found]
    assert all(row["created_at"] for row in rows)
    assert len(found) == 9


def test_every_delivered_alert_is_mapped(shared_data: Path) -> None:
    found = deliveries(shared_data, "alert")
    for path, delivery in found:
        kind = next(kind for kind in ("code_scanning", "dependabot", "secret_scanning") if f"{kind}_alert" in path.name)
        row = alert_row(kind, delivery["alert"], delivery["repository"]["full_name"], STAMP)
        assert row["number"] == delivery["alert"]["number"]
        assert row["state"] == {"created": "open", "reopened": "open", "closed_by_user": "dismissed"}.get(
            delivery["action"], delivery["action"]
        )
        assert (row["closed_at"] is None) == (row["state"] == "open")
    assert len(found) == 13


def test_published_response_examples_are_mapped(shared_data: Path) -> None:
    responses = shared_data / "responses"
    repos = read(responses / "repos_org.200.default.json")
    table, rejects = map_rows(REPOSITORIES, lambda raw: repository_row(raw, STAMP), repos)
    assert rejects == []
    first = table.to_pylist()[0]
    assert {name: first[name] for name in ("repo", "org", "name", "visibility", "topics")} == {
        "repo": "octocat/Hello-World",
        "org": "octocat",
        "name": "Hello-World",
        "visibility": "public",
        "topics": ["octocat", "atom", "electron", "api"],
    }
    workflows = read(responses / "list_workflows.200.default.json")["workflows"]
    table, rejects = map_rows(WORKFLOWS, lambda raw: workflow_row(raw, None, STAMP), workflows)
    assert (rejects, table["repo"].to_pylist()) == ([], ["octo-org/octo-repo"] * 2)
    assert table["created_at"].to_pylist()[0] == datetime(2020, 1, 9, 7, 48, 37, tzinfo=UTC)


def test_the_real_jobs_cost_what_their_own_runners_took(shared_data: Path) -> None:
    raws = list(read(shared_data / "runs" / "ionic_stencil_jobs.json").values())
    table, rejects = map_rows(WORKFLOW_JOBS, lambda raw: job_row(raw, None, STAMP), raws)
    assert (rejects, table.num_rows) == ([], 296)
    # Thirty-two jobs are listed again in a later attempt; they have no runner there and are not paid twice.
    again = [raw["id"] for raw in raws if raw["created_at"] > raw["started_at"]]
    free = {row["job_id"] for row in table.to_pylist() if row["billable_minutes"] == 0}
    assert len(again) == 32
    assert set(again) < free
    assert len(free) == 33


def test_the_real_runs_pull_request_is_the_one_into_the_repository(shared_data: Path) -> None:
    raws = read(shared_data / "runs" / "ionic_stencil_workflow_runs.json").values()
    table, _ = map_rows(WORKFLOW_RUNS, lambda raw: run_row(raw, None, STAMP), raws)
    assert [number for number in table["pull_request"].to_pylist() if number is not None] == [29078]
    assert table["queued_s"].null_count == 7
