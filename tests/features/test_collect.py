"""Promises of `python -m backend collect`."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from pytest_bdd import given, parsers, scenarios, then, when

from backend.collect.run import Collected
from tests.contract.collecting import NOW, Collector, collector_in
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


@pytest.fixture
def story(shared_data: Path, tmp_path: Path) -> Iterator[Story]:
    with collector_in(tmp_path) as collector:
        yield Story(collector)


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
