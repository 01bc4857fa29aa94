"""Copilot's tasks come into the lake, and cost next to nothing while nothing changes."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from backend.collect.agents.copilot import Copilot
from backend.collect.github import GitHub
from backend.collect.problems import Forbidden, GitHubError, NotFound, Unavailable
from backend.collect.visit import Repo
from tests.contract.agents import Visitor
from tests.contract.collecting import NOW, SHOP, Hours, open_lake
from tests.standins.github import GitHubStandin, faults
from tests.standins.github.faults import Effect


@pytest.fixture
def gh(shared_data: Path) -> Iterator[GitHubStandin]:
    with GitHubStandin() as standin:
        standin.state.create_repo(SHOP)
        yield standin


@pytest.fixture
def visitor(gh: GitHubStandin, tmp_path: Path) -> Iterator[Visitor]:
    lake = open_lake(tmp_path)
    github = GitHub(gh.token, gh.url, clock=Hours().time)
    yield Visitor(lake, github, Repo(SHOP, gh.state.repo(SHOP).id))
    lake.close()


def fill(gh: GitHubStandin, number: int) -> list[str]:
    begin = NOW - timedelta(days=10)
    return [gh.state.new_task(SHOP, at=begin + timedelta(minutes=minute))["id"] for minute in range(number)]


def test_tasks_become_rows(gh: GitHubStandin, visitor: Visitor) -> None:
    task = gh.state.new_task(SHOP, at=NOW - timedelta(hours=2), name="Fix acme/shop/code_scanning/3")["id"]
    gh.state.change_task(SHOP, task, at=NOW - timedelta(hours=1), state="completed")
    covered = visitor.read(Copilot())
    row = visitor.rows[task]
    assert (row["provider"], row["status"], row["repo"], row["org"]) == ("copilot", "finished", SHOP, "acme")
    assert (row["created_at"], row["ended_at"]) == (NOW - timedelta(hours=2), NOW - timedelta(hours=1))
    assert (row["alert_refs"], row["source"]) == (["acme/shop/code_scanning/3"], "github")
    assert row["url"] == f"https://github.com/{SHOP}/copilot/tasks/{task}"
    assert (covered.since, covered.unchanged) == (None, False)


def test_every_task_is_read_also_those_that_were_archived(gh: GitHubStandin, visitor: Visitor) -> None:
    ids = fill(gh, 250)
    for task in ids[:120]:
        gh.state.change_task(SHOP, task, at=NOW - timedelta(days=1), archived_at=NOW.isoformat(), state="cancelled")
    visitor.read(Copilot())
    assert sorted(visitor.rows) == sorted(ids)
    assert {visitor.rows[task]["status"] for task in ids[:120]} == {"stopped"}
    assert len(gh.log) == 4


def test_nothing_new_costs_nothing(gh: GitHubStandin, visitor: Visitor) -> None:
    fill(gh, 250)
    visitor.read(Copilot())
    before = visitor.lake.snapshot()
    gh.log.clear()
    covered = visitor.read(Copilot())
    assert (covered.unchanged, gh.log.points, [entry.status for entry in gh.log]) == (True, 0, [304, 304])
    assert visitor.lake.snapshot() == before
    assert visitor.tally is not None
    assert (visitor.tally.requests, visitor.tally.conditional_hits) == (2, 2)


def test_a_second_visit_reads_down_to_the_watermark(gh: GitHubStandin, visitor: Visitor) -> None:
    ids = fill(gh, 100)
    for day in range(200):
        ids.append(gh.state.new_task(SHOP, at=NOW - timedelta(days=20 + day))["id"])
    visitor.read(Copilot())
    gh.log.clear()
    gh.state.change_task(SHOP, ids[-1], at=NOW, state="waiting_for_user")
    assert visitor.read(Copilot()).unchanged is False
    assert visitor.rows[ids[-1]]["status"] == "waiting"
    assert [entry.status for entry in gh.log] == [200, 200, 304]
    assert len(visitor.rows) == 300


def test_tasks_may_move_while_they_are_read(gh: GitHubStandin, visitor: Visitor) -> None:
    ids = fill(gh, 250)

    def move(_: object) -> None:
        for task in ids[:5]:
            gh.state.change_task(SHOP, task, at=NOW)

    gh.faults.add(faults.hook(move), path="[?&]page=2")
    visitor.read(Copilot())
    visitor.read(Copilot())
    assert sorted(visitor.rows) == sorted(ids)


@pytest.mark.parametrize("effect", [faults.status(502), faults.reset(), faults.truncated()], ids=lambda e: e.name)
def test_what_passes_is_asked_again_and_what_does_not_is_gone_on_with(
    gh: GitHubStandin, visitor: Visitor, effect: Effect
) -> None:
    ids = fill(gh, 250)
    gh.faults.add(effect, path="/tasks", times=2)
    gh.faults.add(effect, path="[?&]page=3", times=5)
    with pytest.raises(Unavailable):
        visitor.read(Copilot())
    assert len(visitor.rows) == 200
    gh.log.clear()
    visitor.read(Copilot())
    assert sorted(visitor.rows) == sorted(ids)
    assert not gh.log.matching("[?&]page=2")


@pytest.mark.parametrize(
    ("effect", "kind"),
    [
        (faults.forbidden(), Forbidden),
        (faults.status(404, "Not Found"), NotFound),
    ],
    ids=["forbidden", "off"],
)
def test_where_tasks_cannot_be_seen_the_permission_is_named(
    gh: GitHubStandin, visitor: Visitor, effect: Effect, kind: type[GitHubError]
) -> None:
    gh.faults.add(effect, path="/tasks", times=None)
    with pytest.raises(kind, match=re.escape(f"/agents/repos/{SHOP}/tasks")):
        visitor.read(Copilot())


def test_states_that_are_new_and_broken_tasks_stop_nothing(gh: GitHubStandin, visitor: Visitor) -> None:
    odd = gh.state.new_task(SHOP, at=NOW, state="dreaming", artifacts="none")["id"]
    gh.state.change_task(SHOP, gh.state.new_task(SHOP, at=NOW)["id"], at=NOW, id="")
    visitor.read(Copilot())
    assert {task: row["status"] for task, row in visitor.rows.items()} == {odd: "unknown"}


def test_pages_of_tasks_are_as_github_publishes_them(gh: GitHubStandin) -> None:
    fill(gh, 3)
    github = GitHub(gh.token, gh.url)
    answer = github.get(f"/agents/repos/{SHOP}/tasks", {"per_page": 2})
    assert set(answer.data) == {"tasks", "total_active_count", "total_archived_count"}
    assert answer.next_page == f"{gh.url}/agents/repos/{SHOP}/tasks?per_page=2&page=2"
    assert answer.data["tasks"][0]["url"].startswith(f"{gh.url}/agents/repos/{SHOP}/tasks/")
