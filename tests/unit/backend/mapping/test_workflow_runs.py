"""Run objects become rows of workflow_runs."""

from datetime import UTC, datetime
from typing import Any

import pytest

from backend.mapping.stamp import Stamp, Unusable
from backend.mapping.workflow_runs import run_row

STAMP = Stamp("github", datetime(2026, 1, 1, tzinfo=UTC))


def mapped(**values: Any) -> dict[str, Any]:
    raw = {
        "id": 42,
        "run_attempt": 1,
        "status": "completed",
        "conclusion": "success",
        "created_at": "2026-03-01T10:00:00Z",
        "run_started_at": "2026-03-01T10:00:30Z",
        "updated_at": "2026-03-01T10:05:30Z",
        "html_url": "https://github.com/acme/api/actions/runs/42",
    }
    return run_row({**raw, **values}, None, STAMP)


def test_a_completed_run_took_the_time_from_its_start_to_its_last_update() -> None:
    row = mapped()
    assert row["completed_at"] == datetime(2026, 3, 1, 10, 5, 30, tzinfo=UTC)
    assert (row["queued_s"], row["duration_s"]) == (30.0, 300.0)
    assert (row["repo"], row["org"]) == ("acme/api", "acme")


def test_a_running_run_has_neither_end_nor_duration() -> None:
    row = mapped(status="in_progress", conclusion=None)
    assert (row["completed_at"], row["duration_s"]) == (None, None)


def test_a_later_attempt_has_no_queue_time_since_created_at_is_the_first_ones() -> None:
    row = mapped(run_attempt=2, run_started_at="2026-03-01T13:00:00Z", updated_at="2026-03-01T13:01:00Z")
    assert (row["queued_s"], row["duration_s"]) == (None, 60.0)


def test_a_run_that_ended_before_it_started_has_no_duration() -> None:
    assert mapped(updated_at="2026-03-01T09:00:00Z")["duration_s"] is None


def test_a_completed_run_may_have_no_conclusion() -> None:
    row = mapped(conclusion=None)
    assert (row["status"], row["conclusion"], row["duration_s"]) == ("completed", None, 300.0)


def test_created_at_falls_back_and_then_tells_no_queue_time() -> None:
    row = mapped(created_at=None)
    assert row["created_at"] == datetime(2026, 3, 1, 10, 0, 30, tzinfo=UTC)
    assert row["queued_s"] is None
    assert mapped(created_at=None, run_started_at=None)["created_at"] == datetime(2026, 3, 1, 10, 5, 30, tzinfo=UTC)


def test_the_actor_is_who_caused_the_run_not_who_ran_it_again() -> None:
    row = mapped(
        run_attempt=2,
        actor={"login": "dependabot[bot]", "type": "Bot"},
        triggering_actor={"login": "octocat", "type": "User"},
    )
    assert (row["actor"], row["actor_is_bot"]) == ("dependabot[bot]", True)


@pytest.mark.parametrize(
    ("actor", "is_bot"),
    [
        ({"login": "renovate[bot]"}, True),
        ({"login": "x", "type": "Bot"}, True),
        ({"login": "octocat", "type": "User"}, False),
        (None, None),
    ],
)
def test_bots_are_told_by_type_or_login(actor: dict[str, str] | None, is_bot: bool | None) -> None:
    assert mapped(actor=actor)["actor_is_bot"] is is_bot


def test_pull_requests_between_forks_are_not_the_runs_own() -> None:
    def entry(repo: str, number: int) -> dict[str, Any]:
        return {"number": number, "base": {"repo": {"url": f"https://api.github.com/repos/{repo}"}}}

    assert mapped(pull_requests=[entry("someone/api", 3), entry("Acme/API", 17)])["pull_request"] == 17
    assert mapped(pull_requests=[entry("someone/api", 3)])["pull_request"] is None


def test_a_path_is_stored_without_its_ref() -> None:
    assert mapped(path=".github/workflows/ci.yml@refs/heads/main")["workflow_path"] == ".github/workflows/ci.yml"


@pytest.mark.parametrize("missing", [{"id": None}, {"html_url": None}, {"run_attempt": "first"}, {"run_attempt": 0}])
def test_a_run_without_what_identifies_it_is_unusable(missing: dict[str, Any]) -> None:
    with pytest.raises(Unusable):
        mapped(**missing)


def test_the_repository_is_the_objects_own_then_the_callers_then_the_addresss() -> None:
    assert mapped(repository={"full_name": "own/name"})["repo"] == "own/name"
    assert run_row({"id": 1, "created_at": "2026-01-01", "html_url": "https://x/a/b/"}, "c/d", STAMP)["repo"] == "c/d"
    server = {"id": 1, "created_at": "2026-01-01", "url": "https://ghe.corp/api/v3/repos/a/b/actions/runs/1"}
    assert run_row(server, None, STAMP)["repo"] == "a/b"
