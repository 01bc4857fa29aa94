"""Deliveries and collections of the same things: neither overwrites what is newer, and nothing happens twice."""

from datetime import datetime
from typing import Any

import pytest

from backend.ingest.alert_deliveries import is_untimed
from backend.ingest.fold import fold
from backend.mapping.alert_events import events_of
from backend.mapping.alerts import alert_row
from backend.mapping.stamp import Stamp
from shared.datasets import ALERT_EVENTS, ALERTS, REPOSITORIES, WORKFLOW_JOBS, WORKFLOW_RUNS
from shared.lake.tables import Lake
from tests.builders import NOW, job, repository, run
from tests.unit.backend.ingest.payloads import (
    MINUTE,
    REPO,
    at,
    code_scanning,
    delivered,
    dependabot,
    pull_request,
    put_in_inbox,
    workflow_job,
    workflow_run,
)


def push(lake: Lake, *told: tuple[str, dict[str, Any], float]) -> None:
    put_in_inbox(lake.store, *(delivered(event, payload, minute) for event, payload, minute in told))
    fold(lake)


def collect(lake: Lake, kind: str, minute: float, **alert: Any) -> None:
    """Stores an alert as a collection does that read it at a minute."""
    raw = {"number": 1, "created_at": at(0), "repository": REPO, **alert}
    row = alert_row(kind, raw, None, Stamp("github", NOW + minute * MINUTE))
    lake.upsert(ALERTS, ALERTS.table([row]), lambda changed: _keep(lake, changed))


def _keep(lake: Lake, changed: Any) -> None:
    lake.upsert(ALERT_EVENTS, events_of(changed))


def the_alert(lake: Lake) -> dict[str, Any]:
    (row,) = lake.tables("real")["alerts"].to_pyarrow().to_pylist()
    return dict(row)


def events(lake: Lake) -> list[tuple[str, datetime]]:
    rows = lake.tables("real")["alert_events"].to_pyarrow().to_pylist()
    return sorted(((row["action"], row["at"]) for row in rows), key=lambda event: (event[1], event[0]))


def minute(number: float) -> datetime:
    return NOW + number * MINUTE


FIXED = {"state": "fixed", "updated_at": at(5), "fixed_at": at(5)}


def test_a_late_delivery_never_overwrites_what_was_collected_since(lake: Lake) -> None:
    collect(lake, "dependabot", 20, **FIXED)
    push(lake, ("dependabot_alert", dependabot("created", "open", 0), 30))
    assert (the_alert(lake)["state"], the_alert(lake)["source"]) == ("fixed", "github")
    push(lake, ("dependabot_alert", dependabot("fixed", "fixed", 5, fixed_at=at(5)), 31))
    assert the_alert(lake)["source"] == "github"
    assert events(lake) == [("created", minute(0)), ("fixed", minute(5))]


def test_a_collection_never_overwrites_a_newer_delivery(lake: Lake) -> None:
    push(lake, ("dependabot_alert", dependabot("reopened", "open", 9), 9.5))
    collect(lake, "dependabot", 20, **FIXED)
    assert (the_alert(lake)["state"], the_alert(lake)["source"]) == ("open", "webhook")


def test_what_both_tell_happened_once_whoever_comes_first(lake: Lake) -> None:
    push(lake, ("dependabot_alert", dependabot("fixed", "fixed", 5, fixed_at=at(5)), 6))
    collect(lake, "dependabot", 20, **FIXED)
    collect(lake, "dependabot", 40, state="open", updated_at=at(30))
    push(lake, ("dependabot_alert", dependabot("reopened", "open", 30), 50))
    assert events(lake) == [("created", minute(0)), ("fixed", minute(5)), ("reopened", minute(30))]
    assert the_alert(lake)["reopened_count"] == 1
    rows = lake.tables("real")["alert_events"].to_pyarrow().to_pylist()
    assert {row["action"]: row["actor"] for row in rows} == {"created": None, "fixed": "octocat", "reopened": "octocat"}


def test_a_fix_without_a_time_has_that_of_its_receipt_until_a_collection_corrects_it(lake: Lake) -> None:
    push(lake, ("code_scanning_alert", code_scanning("created", "open"), 1))
    push(lake, ("code_scanning_alert", code_scanning("fixed", "fixed"), 10))
    told = the_alert(lake)
    assert (told["state"], told["closed_at"], told["close_reason"]) == ("fixed", minute(10), "fixed")
    collect(lake, "code_scanning", 60, state="fixed", updated_at=at(9), fixed_at=at(9))
    told = the_alert(lake)
    assert (told["closed_at"], told["source"]) == (minute(9), "github")
    assert events(lake) == [("created", minute(0)), ("fixed", minute(10))]


def test_a_fix_without_a_time_that_comes_late_changes_no_collected_fix(lake: Lake) -> None:
    collect(lake, "code_scanning", 20, state="fixed", updated_at=at(5), fixed_at=at(5))
    push(lake, ("code_scanning_alert", code_scanning("fixed", "fixed"), 30))
    assert the_alert(lake)["closed_at"] == minute(5)


def test_what_was_created_last_of_all_deliveries_is_still_fixed(lake: Lake) -> None:
    push(lake, ("code_scanning_alert", code_scanning("fixed", "fixed"), 10))
    push(lake, ("code_scanning_alert", code_scanning("created", "open"), 11))
    push(lake, ("code_scanning_alert", code_scanning("appeared_in_branch", "open"), 12))
    assert the_alert(lake)["state"] == "fixed"
    assert [action for action, _ in events(lake)] == ["appeared_in_branch", "created", "fixed"]


def test_the_body_of_an_old_fix_sent_again_changes_nothing(lake: Lake) -> None:
    fix = code_scanning("fixed", "fixed")
    push(lake, ("code_scanning_alert", fix, 10), ("code_scanning_alert", code_scanning("reopened", "open"), 20))
    before = the_alert(lake), events(lake)
    push(lake, ("code_scanning_alert", fix, 30))
    assert (the_alert(lake), events(lake)) == before
    assert before[0]["state"] == "open"


@pytest.mark.parametrize(
    ("action", "state", "stored"),
    [
        ("reopened_by_user", "open", "reopened_by_user"),
        ("reopened", "open", "reopened"),
        ("appeared_in_branch", "open", "appeared_in_branch"),
        ("closed_by_user", "dismissed", "dismissed"),
        ("fixed", "fixed", "fixed"),
        ("something_new", "open", "something_new"),
    ],
)
def test_every_action_of_code_scanning_is_an_event(lake: Lake, action: str, state: str, stored: str) -> None:
    push(lake, ("code_scanning_alert", code_scanning(action, state, updated_at=at(5)), 6))
    assert (stored, minute(5)) in events(lake)
    assert the_alert(lake)["state"] == state


def test_a_delivery_keeps_what_only_a_collection_knows(lake: Lake) -> None:
    rule = {
        "id": "js/xss",
        "severity": "error",
        "security_severity_level": "critical",
        "tags": ["external/cwe/cwe-079"],
    }
    collect(lake, "code_scanning", 1, state="open", updated_at=at(0), rule=rule, html_url="https://x.test/1")
    push(lake, ("code_scanning_alert", code_scanning("fixed", "fixed", updated_at=at(5), rule={"id": "js/xss"}), 6))
    told = the_alert(lake)
    assert (told["state"], told["severity"], told["cwes"]) == ("fixed", "critical", ["CWE-79"])
    assert (told["html_url"], told["cwe_family"]) == ("https://x.test/1", alert_row_family())


def alert_row_family() -> Any:
    return alert_row("code_scanning", code_scanning("created", "open")["alert"], "acme/api", Stamp("x", NOW))[
        "cwe_family"
    ]


def test_a_run_is_as_it_was_told_last_by_its_own_time_and_then_by_how_far_it_came(lake: Lake) -> None:
    done = workflow_run("completed", 5, conclusion=None)
    push(lake, ("workflow_run", done, 6))
    push(lake, ("workflow_run", workflow_run("in_progress", 5), 7), ("workflow_run", workflow_run("queued", 1), 8))
    (row,) = lake.tables("real")["workflow_runs"].to_pyarrow().to_pylist()
    assert (row["status"], row["conclusion"], row["completed_at"]) == ("completed", None, minute(5))
    lake.upsert(
        WORKFLOW_RUNS, WORKFLOW_RUNS.table([run(created_at=minute(0), updated_at=minute(4), conclusion="failure")])
    )
    (row,) = lake.tables("real")["workflow_runs"].to_pyarrow().to_pylist()
    assert row["source"] == "webhook"


def test_a_job_never_goes_back(lake: Lake) -> None:
    done = workflow_job("completed", started_at=at(1), completed_at=at(2), conclusion="success")
    push(lake, ("workflow_job", done, 3), ("workflow_job", workflow_job("queued"), 9))
    push(lake, ("workflow_job", workflow_job("in_progress", started_at=at(1)), 10))
    (row,) = lake.tables("real")["workflow_jobs"].to_pyarrow().to_pylist()
    assert (row["status"], row["duration_s"]) == ("completed", 60)
    later = job(job_id=1, status="completed", conclusion="failure", created_at=minute(0), collected_at=minute(99))
    lake.upsert(WORKFLOW_JOBS, WORKFLOW_JOBS.table([later]))
    assert lake.tables("real")["workflow_jobs"].conclusion.to_pyarrow().to_pylist() == ["failure"]


def test_a_job_without_created_at_has_that_of_its_start(lake: Lake) -> None:
    push(lake, ("workflow_job", workflow_job("in_progress", created_at=None, started_at=at(1)), 3))
    assert lake.tables("real")["workflow_jobs"].created_at.to_pyarrow().to_pylist() == [minute(1)]


def test_a_renamed_repository_takes_its_rows_along_if_it_is_still_the_same(lake: Lake) -> None:
    new = {**REPO, "full_name": "acme/new", "name": "new", "updated_at": at(5)}
    payload = {"action": "renamed", "changes": {"repository": {"name": {"from": "api"}}}, "repository": new}
    lake.upsert(REPOSITORIES, REPOSITORIES.table([repository(repo="acme/api", repo_id=1)]))
    push(lake, ("workflow_run", workflow_run("completed", 1), 1))
    push(lake, ("repository", payload, 6))
    assert lake.tables("real")["workflow_runs"].repo.to_pyarrow().to_pylist() == ["acme/new"]
    assert lake.tables("real")["repositories"].repo.to_pyarrow().to_pylist() == ["acme/new"]

    lake.upsert(REPOSITORIES, REPOSITORIES.table([repository(repo="acme/api", repo_id=2)]))
    push(lake, ("workflow_run", workflow_run("completed", 1, run_id=2), 7), ("repository", payload, 8))
    assert sorted(lake.tables("real")["workflow_runs"].repo.to_pyarrow().to_pylist()) == ["acme/api", "acme/new"]


def test_a_repository_collected_since_is_not_overwritten(lake: Lake) -> None:
    collected = repository(repo="acme/api", archived=True, collected_at=minute(10), source="github")
    lake.upsert(REPOSITORIES, REPOSITORIES.table([collected]))
    late = {"action": "edited", "repository": {**REPO, "archived": False, "updated_at": at(5)}}
    push(lake, ("repository", late, 20))
    assert lake.tables("real")["repositories"].archived.to_pyarrow().to_pylist() == [True]
    since = {"action": "unarchived", "repository": {**REPO, "archived": False, "updated_at": at(15)}}
    push(lake, ("repository", since, 21))
    assert lake.tables("real")["repositories"].archived.to_pyarrow().to_pylist() == [False]


@pytest.mark.parametrize(
    ("action", "alert", "untimed"),
    [
        ("fixed", {"created_at": at(0)}, True),
        ("fixed", {"fixed_at": at(1)}, False),
        ("fixed", {"updated_at": at(1)}, False),
        ("closed_by_user", {"dismissed_at": at(1)}, False),
        ("reopened", {"created_at": at(0), "fixed_at": at(1)}, True),
        ("created", {"created_at": at(0)}, False),
        ("created", {}, True),
        ("appeared_in_branch", {}, False),
    ],
)
def test_what_says_when_it_happened_is_told_from_what_does_not(
    action: str, alert: dict[str, Any], untimed: bool
) -> None:
    assert is_untimed({"action": action, "alert": alert}) is untimed


def test_a_secret_is_never_kept(lake: Lake) -> None:
    alert = {"number": 3, "secret": "hunter2", "created_at": at(0), "state": "open"}
    push(lake, ("secret_scanning_alert", {"action": "created", "alert": alert, "repository": REPO}, 1))
    nameless = {"action": "created", "alert": {"secret": "hunter2"}, "repository": REPO}
    push(lake, ("secret_scanning_alert", nameless, 2))
    kept = [lake.store.read(blob.name)[0] for blob in lake.store.list("")]
    assert len([data for data in kept if b"no number" in data]) == 1
    assert not any(b"hunter2" in data for data in kept)


@pytest.mark.parametrize(
    "name", ['it\'s "quoted"; DROP TABLE runs; --', "two\nlines\r\n\u2028", "\u202eright to left", "\0", "x" * 10_000]
)
def test_names_are_stored_as_they_are_whatever_is_in_them(lake: Lake, name: str) -> None:
    push(
        lake,
        ("workflow_run", workflow_run("completed", 1, name=name, head_branch=name, actor={"login": name}), 1),
        ("pull_request", pull_request("open", 1, title=name), 2),
        ("code_scanning_alert", code_scanning("created", "open", rule={"id": name, "description": name}), 3),
    )
    tables = lake.tables("real")
    (run_,) = tables["workflow_runs"].to_pyarrow().to_pylist()
    assert (run_["workflow_name"], run_["branch"], run_["actor"]) == (name, name, name)
    assert tables["pull_requests"].title.to_pyarrow().to_pylist() == [name]
    assert (the_alert(lake)["rule_id"], the_alert(lake)["rule_name"]) == (name, name)
