"""Job objects become rows of workflow_jobs."""

from datetime import UTC, datetime
from typing import Any

import pytest

from backend.mapping.stamp import Stamp, Unusable
from backend.mapping.workflow_jobs import job_row, runner_os

STAMP = Stamp("github", datetime(2026, 1, 1, tzinfo=UTC))


def mapped(**values: Any) -> dict[str, Any]:
    raw = {
        "id": 7,
        "run_id": 42,
        "run_attempt": 1,
        "run_url": "https://api.github.com/repos/acme/api/actions/runs/42",
        "status": "completed",
        "conclusion": "success",
        "created_at": "2026-03-01T10:00:00Z",
        "started_at": "2026-03-01T10:00:05Z",
        "completed_at": "2026-03-01T10:02:06Z",
        "labels": ["ubuntu-latest"],
        "runner_id": 3,
    }
    return job_row({**raw, **values}, None, STAMP)


def test_a_job_waited_and_took_its_time() -> None:
    row = mapped()
    assert (row["queued_s"], row["duration_s"], row["billable_minutes"]) == (5.0, 121.0, 3.0)
    assert (row["repo"], row["runner_os"]) == ("acme/api", "linux")


def test_a_whole_minute_is_billed_once() -> None:
    assert mapped(completed_at="2026-03-01T10:01:05Z")["billable_minutes"] == 1.0


def test_self_hosted_runners_are_not_billed() -> None:
    assert mapped(labels=["self-hosted", "ubuntu-22.04"])["billable_minutes"] is None
    assert mapped(labels=["gpu-pool"])["billable_minutes"] is None


def test_a_job_that_is_only_listed_again_in_a_later_attempt_costs_nothing() -> None:
    row = mapped(run_attempt=2, runner_id=0, created_at="2026-03-01T12:00:00Z")
    assert (row["billable_minutes"], row["queued_s"], row["duration_s"]) == (0.0, None, 121.0)


def test_a_skipped_job_costs_nothing() -> None:
    row = mapped(conclusion="skipped", labels=[], runner_id=None, completed_at="2026-03-01T10:00:05Z")
    assert (row["billable_minutes"], row["runner_os"]) == (0.0, None)


def test_a_queued_job_has_not_waited_its_time_yet() -> None:
    row = mapped(status="queued", conclusion=None, started_at="2026-03-01T10:00:00Z", completed_at=None, runner_id=0)
    assert (row["queued_s"], row["duration_s"], row["billable_minutes"]) == (None, None, None)


def test_a_job_without_created_at_is_stored_by_its_start() -> None:
    row = mapped(created_at=None)
    assert row["created_at"] == datetime(2026, 3, 1, 10, 0, 5, tzinfo=UTC)
    assert row["queued_s"] is None


def test_a_missing_attempt_stays_unknown() -> None:
    assert mapped(run_attempt=None)["run_attempt"] is None


def test_a_job_without_an_id_or_any_time_is_unusable() -> None:
    with pytest.raises(Unusable):
        mapped(id=None)
    with pytest.raises(Unusable):
        mapped(created_at=None, started_at=None, completed_at=None)


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (["ubuntu-24.04-arm"], "linux"),
        (["windows-2022"], "windows"),
        (["macos-15-xlarge"], "macos"),
        (["self-hosted", "Linux", "X64"], "linux"),
        (["self-hosted", "macOS"], "macos"),
        (["my-ubuntu-pool"], None),
        ([], None),
    ],
)
def test_the_operating_system_is_told_by_the_labels(labels: list[str], expected: str | None) -> None:
    assert runner_os(labels) == expected
