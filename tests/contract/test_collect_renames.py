"""Repositories that are renamed, transferred, replaced, archived, forked or deleted, as collections see them."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.contract.collecting import NOW, SHOP, Collector, add_repository, collector_in

STORE = "acme/store"
BOTH: dict[str, Any] = {"orgs": ["acme", "other"]}
ONE: dict[str, Any] = {"repos": [SHOP]}


@pytest.fixture
def acme(shared_data: Path, tmp_path: Path) -> Iterator[Collector]:
    with collector_in(tmp_path / "lake") as collector:
        collector.gh.state.create_org("other")
        add_repository(collector.gh, SHOP, runs=130, alerts=2, pulls=3, analyses=1)
        add_repository(collector.gh, "acme/tools", runs=2, alerts=1)
        yield collector


def names(collector: Collector) -> dict[str, set[str]]:
    """The repositories that the rows of each dataset belong to."""
    return {name: {row["repo"] for row in rows} for name, rows in collector.everything().items() if rows}


@pytest.mark.parametrize(
    ("selected", "new"),
    [
        (BOTH, STORE),
        pytest.param(ONE, "other/shop", marks=pytest.mark.slow),
        pytest.param(BOTH, "other/shop", marks=pytest.mark.slow),
        pytest.param(BOTH, "acme/Shop", marks=pytest.mark.slow),
        pytest.param(ONE, STORE, marks=pytest.mark.slow),
        pytest.param(ONE, "acme/Shop", marks=pytest.mark.slow),
    ],
    ids=lambda value: value if isinstance(value, str) else next(iter(value)),
)
def test_rows_follow_a_rename_or_transfer_and_nothing_is_read_again(
    acme: Collector, selected: dict[str, Any], new: str
) -> None:
    acme.collect(**selected)
    before = {name: len(rows) for name, rows in acme.everything().items()}
    acme.gh.state.rename_repo(SHOP, new)
    acme.gh.state.new_run(new, jobs=())
    done = acme.collect(**selected)
    assert done.exit_code == 0
    assert all(SHOP not in found for found in names(acme).values())
    after = {name: len(rows) for name, rows in acme.everything().items()}
    assert after == {**before, "workflow_runs": before["workflow_runs"] + 1}
    assert {row["org"] for row in acme.rows("workflow_runs") if row["repo"] == new} == {new.partition("/")[0]}
    # The newest page, and what may still run again below it; nothing older.
    assert len([entry for entry in acme.gh.log.matching("/actions/runs") if entry.status == 200]) <= 3


def test_name_that_is_taken_over_keeps_two_histories_apart(acme: Collector) -> None:
    acme.collect(**BOTH)
    acme.gh.state.rename_repo(SHOP, STORE)
    add_repository(acme.gh, SHOP, runs=4, alerts=1)
    assert acme.collect(**BOTH).exit_code == 0
    runs = [row["repo"] for row in acme.rows("workflow_runs")]
    assert (runs.count(STORE), runs.count(SHOP)) == (130, 4)
    alerts = [row["repo"] for row in acme.rows("alerts")]
    assert (alerts.count(STORE), alerts.count(SHOP)) == (6, 3)


def test_chain_of_names_is_followed_in_the_order_that_loses_nothing(acme: Collector) -> None:
    acme.collect(**BOTH)
    acme.gh.state.rename_repo("acme/tools", "acme/spare")
    acme.gh.state.rename_repo(SHOP, "acme/tools")
    assert acme.collect(**BOTH).exit_code == 0
    runs = [row["repo"] for row in acme.rows("workflow_runs")]
    assert (runs.count("acme/tools"), runs.count("acme/spare"), runs.count(SHOP)) == (130, 2, 0)


def test_what_is_deleted_at_github_stays(acme: Collector) -> None:
    acme.collect(**BOTH)
    before = acme.everything()
    acme.gh.state.delete_repo(SHOP)
    assert acme.collect(**BOTH).exit_code == 0
    assert acme.everything() == before
    done = acme.collect(repos=[SHOP])
    assert [(entry.dataset, entry.outcome) for entry in done.failures] == [("repositories", "not_found")]
    assert acme.everything() == before


@pytest.mark.parametrize(
    ("switches", "left"),
    [
        ({}, {SHOP, "acme/tools", "acme/old", "acme/copy"}),
        ({"archived": False}, {SHOP, "acme/tools", "acme/copy"}),
        ({"forks": False}, {SHOP, "acme/tools", "acme/old"}),
        ({"archived": False, "forks": False}, {SHOP, "acme/tools"}),
    ],
    ids=["all", "without archived", "without forks", "without both"],
)
def test_archived_repositories_and_forks_by_switch(acme: Collector, switches: Any, left: set[str]) -> None:
    add_repository(acme.gh, "acme/old", runs=1)
    add_repository(acme.gh, "acme/copy", runs=1)
    acme.gh.state.edit_repo("acme/old", archived=True)
    acme.gh.state.edit_repo("acme/copy", fork=True)
    acme.collect(orgs=["acme"], **switches)
    assert {row["repo"] for row in acme.rows("workflow_runs")} == left
    # The list is read whole in any case, so that a repository's state is known although its runs are not wanted.
    assert {row["repo"]: (row["archived"], row["fork"]) for row in acme.rows("repositories")} == {
        SHOP: (False, False),
        "acme/tools": (False, False),
        "acme/old": (True, False),
        "acme/copy": (False, True),
    }


def test_repository_that_was_asked_for_by_name_is_read_though_it_is_archived(acme: Collector) -> None:
    acme.gh.state.edit_repo(SHOP, archived=True)
    acme.collect(repos=[SHOP], archived=False)
    assert len(acme.rows("workflow_runs")) == 130


def test_bots_are_marked(acme: Collector) -> None:
    acme.gh.state.new_run(SHOP, at=NOW + timedelta(seconds=1), actor="dependabot[bot]", jobs=())
    acme.collect(repos=[SHOP])
    newest = max(acme.rows("workflow_runs"), key=lambda row: row["created_at"])
    assert (newest["actor"], newest["actor_is_bot"]) == ("dependabot[bot]", True)
