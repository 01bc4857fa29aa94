"""Sessions of agents are collected beside everything else, and pull requests know which session they come from."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from backend.collect.agents.devin import Devin, open_devin
from shared.policy import Policy
from shared.settings import Settings
from tests.contract.collecting import NOW, SHOP, Collector, collector_in, outcomes
from tests.standins.devin import ORG, V3_KEY, DevinStandin
from tests.standins.devin.faults import refused
from tests.standins.github import faults

ACME: dict[str, Any] = {"orgs": ["acme"]}
TASKS = Policy.model_validate({"collect": {"copilot": ["acme/sh*"]}})


@pytest.fixture
def acme(shared_data: Path, tmp_path: Path) -> Iterator[Collector]:
    with collector_in(tmp_path) as collector:
        for repo in (SHOP, "acme/tools"):
            collector.gh.state.create_repo(repo)
            collector.gh.state.new_run(repo, at=NOW - timedelta(days=1), jobs=())
        yield collector


@pytest.fixture
def devin() -> Iterator[DevinStandin]:
    with DevinStandin() as standin:
        yield standin


def opened(standin: DevinStandin, collector: Collector) -> list[Devin]:
    settings = Settings(DEVIN_API_KEY=SecretStr(V3_KEY), DEVIN_API_URL=standin.url, DEVIN_ORG_ID=ORG)
    found = open_devin(settings, clock=collector.hours.time)
    assert found is not None
    return [found]


def test_devins_sessions_are_a_source_beside_the_others(acme: Collector, devin: DevinStandin) -> None:
    session = devin.state.new_session(at=NOW - timedelta(hours=3), status="running", acus=4.25)
    done = acme.collect(**ACME, providers=opened(devin, acme))
    assert done.exit_code == 0
    assert outcomes(done)["agent_sessions", "devin/*"] == "ok"
    (row,) = acme.rows("agent_sessions")
    assert (row["provider"], row["session_id"], row["acus"], row["source"]) == ("devin", session.id, 4.25, "devin")
    assert len(acme.rows("workflow_runs")) == 2
    before = acme.versions()
    assert acme.collect(**ACME, providers=opened(devin, acme)).exit_code == 0
    assert acme.versions() == before


def test_sessions_alone(acme: Collector, devin: DevinStandin) -> None:
    devin.state.new_session()
    acme.gh.state.new_task(SHOP)
    done = acme.collect(**ACME, providers=opened(devin, acme), only=["agent_sessions"])
    assert {row["provider"] for row in acme.rows("agent_sessions")} == {"devin", "copilot"}
    assert {entry.dataset for entry in done.entries} == {"repositories", "agent_sessions"}
    assert acme.rows("workflow_runs") == []


def test_copilots_tasks_are_asked_for_where_policy_says_so(acme: Collector) -> None:
    acme.gh.state.new_task(SHOP)
    acme.gh.state.new_task("acme/tools")
    acme.collect(**ACME)
    assert not acme.gh.log.matching("^/agents/")
    done = acme.collect(**ACME, policy=TASKS)
    assert [row["repo"] for row in acme.rows("agent_sessions")] == [SHOP]
    assert outcomes(done)["agent_sessions", SHOP] == "ok"
    assert not acme.gh.log.matching("^/agents/repos/acme/tools")


def test_devin_that_refuses_costs_nothing_else(acme: Collector, devin: DevinStandin) -> None:
    devin.faults.add(refused(403, "Forbidden"), times=None)
    done = acme.collect(**ACME, providers=opened(devin, acme))
    assert done.exit_code == 2
    assert [(entry.dataset, entry.repo, entry.outcome) for entry in done.failures] == [
        ("agent_sessions", "devin/*", "forbidden")
    ]
    assert len(acme.rows("workflow_runs")) == 2
    devin.faults.clear()
    assert acme.collect(**ACME, providers=opened(devin, acme)).exit_code == 0


def test_github_that_ends_a_collection_keeps_devins_sessions(acme: Collector, devin: DevinStandin) -> None:
    devin.state.new_session()
    acme.gh.faults.add(faults.bad_credentials(), path="^/repos/", times=None)
    done = acme.collect(**ACME, providers=opened(devin, acme))
    assert (done.exit_code, len(acme.rows("agent_sessions"))) == (2, 1)


def test_pull_request_knows_the_session_that_names_it(acme: Collector, devin: DevinStandin) -> None:
    pull = acme.gh.state.new_pull(SHOP, at=NOW - timedelta(hours=2))
    acme.gh.state.new_pull(SHOP, at=NOW - timedelta(hours=1))
    acme.collect(**ACME)
    assert {row["session_id"] for row in acme.rows("pull_requests")} == {None}
    session = devin.state.new_session(at=NOW - timedelta(hours=3), pull_requests=(pull["html_url"],))
    acme.collect(**ACME, providers=opened(devin, acme))
    linked = {row["number"]: row["session_id"] for row in acme.rows("pull_requests")}
    assert linked == {pull["number"]: session.id, pull["number"] + 1: None}
    before = acme.versions()
    acme.collect(**ACME, full=True, providers=opened(devin, acme))
    assert {row["number"]: row["session_id"] for row in acme.rows("pull_requests")} == linked
    assert acme.versions() == before


def test_session_and_pull_request_meet_by_the_alert_that_both_name(acme: Collector, devin: DevinStandin) -> None:
    reference = f"{SHOP}/code_scanning/7"
    session = devin.state.new_session(at=NOW - timedelta(hours=3), title=f"Fix {reference}")
    acme.collect(**ACME, providers=opened(devin, acme))
    acme.gh.state.new_pull(SHOP, at=NOW - timedelta(hours=2), title=f"Fix {reference}")
    acme.collect(**ACME, providers=opened(devin, acme))
    (pull,) = acme.rows("pull_requests")
    assert (pull["session_id"], pull["alert_refs"]) == (session.id, [reference])
