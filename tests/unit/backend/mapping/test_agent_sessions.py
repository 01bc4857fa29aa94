"""Sessions of Devin and tasks of Copilot become rows of agent_sessions."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.mapping.agent_sessions import copilot_row, devin_row
from backend.mapping.stamp import Raw, Row, Stamp, Unusable, map_rows
from shared.datasets import AGENT_SESSIONS
from shared.datasets.agent_sessions import SESSION_STATUSES

STAMP = Stamp("devin", datetime(2026, 1, 1, tzinfo=UTC))
ID = "76d1afdeaadc4fa796872adca009def2"
SEVEN = "https://github.com/acme/api/pull/7"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TWO = datetime(2026, 3, 1, 14, tzinfo=UTC)

FIRST = {
    "session_id": f"devin-{ID}",
    "status": "running",
    "status_enum": "working",
    "title": "Fix CQLF-R1-0001",
    "created_at": "2026-03-01T12:00:00Z",
    "updated_at": "2026-03-01T14:00:00.000Z",
    "pull_request": {"url": SEVEN},
    "tags": ["security", "acme/api/code-scanning/12"],
    "structured_output": None,
}
SECOND = {
    "session_id": f"devin-{ID}",
    "org_id": "org-1",
    "status": "exit",
    "title": "Fix CQLF-R1-0001",
    "created_at": "2026-03-01T12:00:00Z",
    "updated_at": "2026-03-01T14:00:00Z",
    "acus_consumed": 2,
    "pull_requests": [{"url": SEVEN, "state": "open"}],
    "tags": ["security", "acme/api/code-scanning/12"],
    "url": f"https://app.devin.ai/sessions/{ID}",
    "user_id": "user-1",
}
THIRD = {
    **SECOND,
    "session_id": ID,
    "status": "running",
    "status_detail": "working",
    "created_at": 1772366400,
    "updated_at": 1772373600,
    "acus_consumed": 2.25,
    "pull_requests": [{"pr_url": SEVEN, "pr_state": "open"}],
    "structured_output": {},
}


def devin(raw: Raw, **values: Any) -> Row:
    return devin_row({**raw, **values}, STAMP)


@pytest.mark.parametrize("raw", [FIRST, SECOND, THIRD], ids=["v1", "v2", "v3"])
def test_a_session_is_the_same_row_in_every_version(raw: Raw) -> None:
    row = AGENT_SESSIONS.table([devin(raw)]).to_pylist()[0]
    assert {name: row[name] for name in ("provider", "session_id", "title", "repo", "org", "url", "source")} == {
        "provider": "devin",
        "session_id": ID,
        "title": "Fix CQLF-R1-0001",
        "repo": "acme/api",
        "org": "acme",
        "url": f"https://app.devin.ai/sessions/{ID}",
        "source": "devin",
    }
    assert (row["created_at"], row["updated_at"], row["pull_request_urls"]) == (NOON, TWO, [SEVEN])
    assert row["alert_refs"] == ["CQLF-R1-0001", "acme/api/code_scanning/12"]
    assert row["tags"] == ["security", "acme/api/code-scanning/12"]
    assert row["acus"] == raw.get("acus_consumed")
    assert row["cost_usd"] is None


def statuses(shared_data: Path) -> dict[str, Any]:
    shapes: dict[str, Any] = json.loads((shared_data / "agents" / "devin_shapes.json").read_text("utf-8"))
    return shapes


def test_every_documented_status_of_version_1_is_known(shared_data: Path) -> None:
    found = {word: devin(FIRST, status_enum=word)["status"] for word in statuses(shared_data)["v1_get"]["status_enum"]}
    assert found == {
        "working": "running",
        "blocked": "waiting",
        "expired": "expired",
        "finished": "finished",
        "suspend_requested": "stopped",
        "suspend_requested_frontend": "stopped",
        "resume_requested": "running",
        "resume_requested_frontend": "running",
        "resumed": "running",
    }


def test_every_documented_status_and_detail_of_version_3_is_known(shared_data: Path) -> None:
    listed = statuses(shared_data)["v3_list"]
    found = {word: devin(THIRD, status=word, status_detail=None) for word in listed["status"]}
    assert {word: row["status"] for word, row in found.items()} == {
        "new": "queued",
        "claimed": "queued",
        "running": "running",
        "exit": "finished",
        "error": "failed",
        "suspended": "stopped",
        "resuming": "running",
    }
    assert [row["provider_status"] for row in found.values()] == listed["status"]
    details = {
        (status, detail): devin(THIRD, status=status, status_detail=detail)
        for status, words in listed["status_detail"].items()
        for detail in words
    }
    assert {key: row["status"] for key, row in details.items() if row["status"] != "stopped"} == {
        ("running", "working"): "running",
        ("running", "waiting_for_user"): "waiting",
        ("running", "waiting_for_approval"): "waiting",
        ("running", "finished"): "finished",
        ("suspended", "error"): "failed",
    }
    assert details["suspended", "out_of_credits"]["provider_status"] == "suspended/out_of_credits"


@pytest.mark.parametrize("word", ["hibernating", "", None, 5, ["running"]])
def test_a_status_that_is_new_is_unknown(word: object) -> None:
    row = devin(THIRD, status=word)
    assert (row["status"], row["ended_at"]) == ("unknown", None)
    assert copilot({"state": word})["status"] == "unknown"


def test_only_what_has_ended_has_an_end() -> None:
    ended = {status: devin(THIRD, status=status, status_detail=None)["ended_at"] for status in ("exit", "suspended")}
    assert ended == {"exit": TWO, "suspended": TWO}
    assert devin(THIRD)["ended_at"] is None


def test_pull_requests_come_from_the_output_then_the_result_then_the_session() -> None:
    one, two, three = (f"https://ghe.corp/other/web/pull/{number}" for number in (1, 2, 3))
    output = {"pull_request_url": one, "result": {"pull_request_url": two}}
    row = devin(THIRD, structured_output=output, result=f"opened {three}/files and {one}")
    assert row["pull_request_urls"] == [one, two, three, SEVEN]
    assert (row["repo"], row["org"]) == ("other/web", "other")
    assert devin(THIRD, structured_output=json.dumps(output), result=None)["pull_request_urls"] == [one, two, SEVEN]
    assert devin(THIRD, pull_requests=None, pull_request={"url": two})["pull_request_urls"] == [two]


def test_a_session_without_pull_requests_belongs_to_no_repository() -> None:
    row = devin(THIRD, pull_requests=[])
    assert (row["pull_request_urls"], row["repo"], row["org"]) == ([], None, None)


def test_alerts_are_found_in_every_text_of_the_output() -> None:
    output = {"log": "read\nacme/api/dependabot/3", "fixed": [{"id": "CQLF-2"}], "n": 1}
    expected = ["CQLF-R1-0001", "acme/api/code_scanning/12", "acme/api/dependabot/3", "CQLF-2"]
    assert devin(THIRD, structured_output=output)["alert_refs"] == expected
    assert devin(THIRD, structured_output=json.dumps(output))["alert_refs"] == expected


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (None, None),
        ({"tests": "ok", "n": [1, 2.5, None]}, '{"tests": "ok", "n": [1, 2.5, null]}'),
        ('{"tests":"ok"}', '{"tests":"ok"}'),
        ("plain words", "plain words"),
        ("", None),
        ([], "[]"),
        ({"name": "Zoë\ud800", "n": 2**70}, '{"name": "Zoë?", "n": 1180591620717411303424}'),
    ],
)
def test_structured_output_is_kept_as_json(output: object, expected: str | None) -> None:
    assert devin(THIRD, structured_output=output)["structured_output"] == expected


def test_an_output_that_is_nested_beyond_reason_is_left_out() -> None:
    deep: object = "CQLF-9"
    for _ in range(5_000):
        deep = [deep]
    row = devin(THIRD, structured_output=deep)
    assert (row["structured_output"], "CQLF-9" in row["alert_refs"]) == (None, True)
    assert devin(THIRD, structured_output="[" * 5_000)["structured_output"] == "[" * 5_000


def copilot(values: Raw, repo: str | None = "acme/api") -> Row:
    raw = {"id": "t-1", "created_at": "2026-03-01T12:00:00Z", "updated_at": "2026-03-01T14:00:00Z", **values}
    return copilot_row(raw, repo, STAMP)


def test_the_published_example_of_a_task_is_mapped(shared_data: Path) -> None:
    raw = json.loads((shared_data / "responses" / "agents_tasks.200.default.json").read_text("utf-8"))["tasks"][0]
    row = AGENT_SESSIONS.table([copilot_row(raw, None, STAMP)]).to_pylist()[0]
    assert {name: value for name, value in row.items() if value is not None} == {
        "provider": "copilot",
        "session_id": "a1b2c3d4-e5f6-7890-abcd-ef1234567890",
        "title": "Fix the login button on the homepage",
        "status": "finished",
        "provider_status": "completed",
        "repo": "octocat/hello-world",
        "org": "octocat",
        "alert_refs": [],
        "created_at": datetime(2025, 1, 1, tzinfo=UTC),
        "updated_at": datetime(2025, 1, 1, 1, tzinfo=UTC),
        "ended_at": datetime(2025, 1, 1, 1, tzinfo=UTC),
        "url": "https://github.com/octocat/hello-world/copilot/tasks/a1b2c3d4-e5f6-7890-abcd-ef1234567890",
        "collected_at": STAMP.collected_at,
        "source": "devin",
    }


def test_every_published_state_of_a_task_is_known(shared_data: Path) -> None:
    text = (shared_data / "agents" / "github_copilot_agent_tasks_openapi.json").read_text("utf-8")
    listed = json.loads(text)["/agents/repos/{owner}/{repo}/tasks"]["get"]["responses"]["200"]["content"]
    task = listed["application/json"]["schema"]["properties"]["tasks"]["items"]["properties"]
    assert {state: copilot({"state": state})["status"] for state in task["state"]["enum"]} == {
        "queued": "queued",
        "in_progress": "running",
        "completed": "finished",
        "failed": "failed",
        "idle": "waiting",
        "waiting_for_user": "waiting",
        "timed_out": "expired",
        "cancelled": "stopped",
    }


def test_pull_requests_of_a_task_are_unknown_only_where_there_are_any() -> None:
    branch = {"provider": "github", "type": "branch", "data": {"head_ref": "copilot/fix", "base_ref": "main"}}
    pull = {"provider": "github", "type": "pull", "data": {"id": 42}}
    assert copilot({"artifacts": [branch]})["pull_request_urls"] == []
    assert copilot({"artifacts": [branch, pull]})["pull_request_urls"] is None


def test_a_session_without_an_id_is_unusable() -> None:
    with pytest.raises(Unusable, match="session_id"):
        devin(FIRST, session_id=None)
    with pytest.raises(Unusable, match="no id"):
        copilot({"id": ""})
    with pytest.raises(Unusable, match="repository"):
        copilot({}, repo=None)


FIELDS = ("session_id", "id", "status", "status_enum", "status_detail", "state", "title", "name", "tags", "artifacts")
MORE = ("structured_output", "result", "pull_request", "pull_requests", "acus_consumed", "created_at", "updated_at")

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from([SEVEN, "running", "CQLF-1"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["url", "pr_url", "type"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@pytest.mark.parametrize(
    "mapper",
    [lambda raw: devin_row(raw, STAMP), lambda raw: copilot_row(raw, "acme/api", STAMP)],
    ids=["devin", "copilot"],
)
@given(raw=st.dictionaries(st.sampled_from([*FIELDS, *MORE]), anything))
def test_any_object_is_a_row_or_a_reject(mapper: Callable[[Raw], Row], raw: Raw) -> None:
    table, rejects = map_rows(AGENT_SESSIONS, mapper, [raw])
    assert table.num_rows + len(rejects) == 1
    assert all(reject.reason in ("no session_id", "no id") for reject in rejects)
    assert set(table["status"].to_pylist()) <= set(SESSION_STATUSES)
