"""Promises of `python -m backend collect`."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from pytest_bdd import given, parsers, scenarios, then, when

from backend.collect.plan import Planned
from backend.collect.run import Collected
from tests.contract.collecting import NOW, SHOP, Clock, Collector, collector_in
from tests.standins.github import EVERYTHING, AlertName, Token, faults
from tests.standins.github.tokens import DEPENDABOT

scenarios("collect.feature")


@dataclass
class Story:
    """What happens in one scenario."""

    collector: Collector
    token: str | None = None
    done: Collected | None = None
    first_versions: dict[str, str] | None = None
    clock: Clock = field(default_factory=Clock)
    planned: list[Planned] = field(default_factory=list)
    run_again: int = 0


@pytest.fixture
def story(shared_data: Path, tmp_path: Path) -> Iterator[Story]:
    clock = Clock()
    with collector_in(tmp_path, clock) as collector:
        yield Story(collector, clock=clock)


@given(parsers.parse('an organisation "{org}" with the repository "{repo}"'))
def _(story: Story, org: str, repo: str) -> None:
    story.collector.gh.state.create_org(org)
    story.collector.gh.state.create_repo(repo)


@given(parsers.parse('"{repo}" has {runs:d} workflow runs and {alerts:d} alerts of each kind'))
def _(story: Story, repo: str, runs: int, alerts: int) -> None:
    state = story.collector.gh.state
    for number in range(runs):
        state.new_run(repo, at=NOW - timedelta(hours=number), jobs=())
    kinds: tuple[AlertName, ...] = ("code-scanning", "dependabot", "secret-scanning")
    for kind in kinds:
        for number in range(alerts):
            state.new_alert(repo, kind, at=NOW - timedelta(days=number))


@given(parsers.parse('Dependabot alerts are switched off for "{repo}"'))
def _(story: Story, repo: str) -> None:
    story.collector.gh.state.switch(repo, "dependabot", "off")


@given("my token may not read Dependabot alerts")
def _(story: Story) -> None:
    token = Token("ghp_narrow", kind="fine-grained", permissions=EVERYTHING - {DEPENDABOT})
    story.token = story.collector.gh.state.tokens.add(token).value


@given("my token is wrong")
def _(story: Story) -> None:
    story.token = "ghp_wrong"


@given("GitHub answers every third request with status 502")
def _(story: Story) -> None:
    for nth in range(1, 60, 3):
        story.collector.gh.faults.add(faults.status(502), nth=nth)


@when(parsers.parse('I collect "{org}"'))
def _(story: Story, org: str) -> None:
    story.done = story.collector.collect(orgs=[org], token=story.token)
    if story.first_versions is None:
        story.first_versions = story.collector.versions()


@when("GitHub deletes the oldest run")
def _(story: Story) -> None:
    oldest = min(story.collector.rows("workflow_runs"), key=lambda run: run["created_at"])
    story.collector.gh.state.delete_run(oldest["run_id"])


@when(parsers.parse('I collect "{org}" with a budget of {budget:d} requests'))
def _(story: Story, org: str, budget: int) -> None:
    story.done = story.collector.collect(orgs=[org], budget=budget)


@when(parsers.parse('I collect "{org}" with a budget of {budget:d} requests until it ends by itself'))
def _(story: Story, org: str, budget: int) -> None:
    for _ in range(20):
        story.done = story.collector.collect(orgs=[org], budget=budget)
        if not story.done.problem:
            break


@when(parsers.parse('I plan to collect "{org}"'))
def _(story: Story, org: str) -> None:
    story.planned = story.collector.plan(orgs=[org])


@when(parsers.parse('"{old}" is renamed "{new}"'))
def _(story: Story, old: str, new: str) -> None:
    story.collector.gh.state.rename_repo(old, new)


@when(parsers.parse("the oldest run of the last {days:d} days is started again and fails"))
def _(story: Story, days: int) -> None:
    since = story.clock.now - timedelta(days=days)
    recent = [run for run in story.collector.rows("workflow_runs") if run["created_at"] > since]
    story.run_again = min(recent, key=lambda run: run["created_at"])["run_id"]
    story.collector.gh.state.rerun(story.run_again, "failure")


@when("a day goes by")
def _(story: Story) -> None:
    story.clock.now += timedelta(days=1)


@when("GitHub says that the Dependabot alert is fixed")
def _(story: Story) -> None:
    story.collector.gh.state.fix_alert(SHOP, "dependabot", 1, at=NOW + timedelta(minutes=1))


@when("GitHub says that the Dependabot alert is open again")
def _(story: Story) -> None:
    story.collector.gh.state.reopen_alert(SHOP, "dependabot", 1, at=NOW + timedelta(minutes=2))


@then(parsers.parse('the plan names "{path}"'))
def _(story: Story, path: str) -> None:
    assert path in {request.path for request in story.planned}


@then("GitHub was asked for nothing but repositories")
def _(story: Story) -> None:
    assert {entry.path for entry in story.collector.gh.log} == {"/orgs/acme/repos"}


@then(parsers.parse('every row belongs to "{repo}"'))
def _(story: Story, repo: str) -> None:
    assert {row["repo"] for rows in story.collector.everything().values() for row in rows} == {repo}


@then(parsers.parse("the lake has {number:d} attempts of that run, of which the latest is a failure"))
def _(story: Story, number: int) -> None:
    attempts = [run for run in story.collector.rows("workflow_runs") if run["run_id"] == story.run_again]
    assert len(attempts) == number
    assert [run["conclusion"] for run in attempts if run["is_latest_attempt"]] == ["failure"]


@then(parsers.parse("the Dependabot alert is open, and was reopened {times:d} time"))
def _(story: Story, times: int) -> None:
    (alert,) = [row for row in story.collector.rows("alerts") if row["kind"] == "dependabot"]
    assert (alert["state"], alert["reopened_count"]) == ("open", times)


@then(parsers.parse('its events are "{actions}"'))
def _(story: Story, actions: str) -> None:
    rows = [row for row in story.collector.rows("alert_events") if row["kind"] == "dependabot"]
    assert ", ".join(row["action"] for row in sorted(rows, key=lambda row: row["at"])) == actions


@then(parsers.parse("it ends with exit code {code:d}"))
def _(story: Story, code: int) -> None:
    assert story.done is not None
    assert story.done.exit_code == code


@then(parsers.parse("the lake has {runs:d} workflow runs and {alerts:d} alerts"))
def _(story: Story, runs: int, alerts: int) -> None:
    assert len(story.collector.rows("workflow_runs")) == runs
    assert len(story.collector.rows("alerts")) == alerts


@then("no table has changed since the first collection")
def _(story: Story) -> None:
    assert story.collector.versions() == story.first_versions


@then(parsers.parse("it took at most {most:d} requests"))
def _(story: Story, most: int) -> None:
    assert len(story.collector.gh.log) <= most


@then(parsers.parse('the ledger says "{outcome}" for "{dataset}" of "{repo}"'))
def _(story: Story, outcome: str, dataset: str, repo: str) -> None:
    rows = story.collector.rows("collections")
    assert [row["outcome"] for row in rows if (row["dataset"], row["repo"]) == (dataset, repo)] == [outcome]


@then(parsers.parse('the reason names "{text}"'))
def _(story: Story, text: str) -> None:
    assert any(text in str(row["reason"]) for row in story.collector.rows("collections"))


@then(parsers.parse('it says "{text}"'))
def _(story: Story, text: str) -> None:
    assert story.done is not None
    assert text in str(story.done.problem)
