"""Every fault alone and mixed: the rest is kept, the ledger names the fault, and the next collection heals it."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from backend.collect.ledger import FAILED
from backend.collect.run import Collected
from tests.contract.collecting import NOW, SHOP, Collector, Row, add_repository, collector_in, open_lake
from tests.standins.github import GitHubStandin, faults
from tests.standins.github.faults import Effect

OTHER = "acme/other"
RUNS = f"/repos/{SHOP}/actions/runs"
PULLS = f"/repos/{SHOP}/pulls"
SECOND_PULLS = "/repositories/SHOP/pulls"

ACME: dict[str, Any] = {"orgs": ["acme"]}
Rows = dict[str, list[Row]]


def fill(gh: GitHubStandin) -> None:
    """Two repositories with lists of several pages, one run that was started again, and one that is under way."""
    for name in (SHOP, OTHER):
        add_repository(gh, name, runs=105, alerts=3, pulls=105, analyses=2)
        run = gh.state.new_run(name, at=NOW - timedelta(days=2), jobs=())
        gh.state.rerun(run["id"], "failure", at=NOW - timedelta(days=1))
        gh.state.new_run(name, at=NOW - timedelta(days=40), conclusion=None, jobs=())


@pytest.fixture(scope="module")
def untouched(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[GitHubStandin, Rows]]:
    """A GitHub where nothing moves, and all rows that an undisturbed collection brings of it."""
    with collector_in(tmp_path_factory.mktemp("undisturbed")) as collector:
        fill(collector.gh)
        assert collector.collect(**ACME).exit_code == 0
        yield collector.gh, collector.everything()


@contextmanager
def acme(untouched: tuple[GitHubStandin, Rows], folder: Path) -> Iterator[tuple[Collector, Rows]]:
    """A collector of that GitHub with an empty lake of its own, and what it is to bring."""
    gh, truth = untouched
    gh.faults.clear()
    gh.state.tokens.allowances.clear()
    lake = open_lake(folder)
    yield Collector(gh, lake), truth
    lake.close()


@pytest.fixture
def world(untouched: tuple[GitHubStandin, Rows], tmp_path: Path) -> Iterator[tuple[Collector, Rows]]:
    with acme(untouched, tmp_path) as found:
        yield found


def is_healed(collector: Collector, truth: Rows) -> None:
    """The next collection brings everything."""
    collector.gh.faults.clear()
    assert collector.collect(**ACME).exit_code == 0
    assert collector.everything() == truth


def of(rows: Rows, repo: str) -> Rows:
    return {name: [row for row in found if row["repo"] == repo] for name, found in rows.items()}


class Failing(NamedTuple):
    """What fails, where, and what the ledger is to say of which source."""

    effect: Effect
    path: str
    dataset: str
    outcome: str
    words: str


ALONE = [
    Failing(faults.status(502), RUNS, "workflow_runs", "failed", "status 502"),
    Failing(faults.reset(), RUNS, "workflow_runs", "failed", "did not answer"),
    Failing(faults.truncated(), RUNS, "workflow_runs", "failed", "in 5 attempts"),
    Failing(faults.forbidden(), RUNS, "workflow_runs", "forbidden", "Actions: read"),
    Failing(faults.repeat_page(1), SECOND_PULLS, "pull_requests", "partial", "the same page"),
    Failing(faults.status(502), SECOND_PULLS, "pull_requests", "partial", "status 502"),
    Failing(faults.status(502), f"{RUNS}/", "workflow_runs", "partial", "status 502"),
]


@pytest.mark.parametrize(
    "failing",
    [pytest.param(one, marks=() if place in (0, 4) else pytest.mark.slow) for place, one in enumerate(ALONE)],
    ids=lambda failing: f"{failing.effect.name}-{failing.dataset}",
)
def test_what_fails_in_one_source_leaves_all_others_whole(world: tuple[Collector, Rows], failing: Failing) -> None:
    collector, truth = world
    path = failing.path.replace("SHOP", str(collector.gh.state.repo(SHOP).id))
    collector.gh.faults.add(failing.effect, path=path, times=None)
    done = collector.collect(**ACME)
    assert (done.exit_code, done.problem) == (2, None)
    assert [(entry.dataset, entry.repo, entry.outcome) for entry in done.failures] == [
        (failing.dataset, SHOP, failing.outcome)
    ]
    ledger = {(row["dataset"], row["repo"]): row for row in collector.rows("collections")}
    assert failing.words in ledger[failing.dataset, SHOP]["reason"]
    kept = collector.everything()
    assert of(kept, OTHER) == of(truth, OTHER)
    assert {name: rows for name, rows in kept.items() if name != failing.dataset} == {
        name: rows for name, rows in truth.items() if name != failing.dataset
    }
    is_healed(collector, truth)


ENDING = [
    (faults.too_many(retry_after=7), "still limits"),
    (faults.too_many(), "still limits"),
    (faults.secondary_limit(retry_after=7), "still limits"),
    (faults.secondary_limit(), "still limits"),
    (faults.bad_credentials(), "was rejected"),
]


@pytest.mark.parametrize(
    ("effect", "words"),
    [pytest.param(*one, marks=pytest.mark.slow if 0 < place < 4 else ()) for place, one in enumerate(ENDING)],
    ids=lambda value: getattr(value, "name", ""),
)
def test_what_ends_a_collection_keeps_what_was_read(world: tuple[Collector, Rows], effect: Effect, words: str) -> None:
    collector, truth = world
    collector.gh.faults.add(effect, path=PULLS, times=None)
    done = collector.collect(**ACME)
    assert done.exit_code == 2
    assert words in str(done.problem)
    outcome = {(entry.dataset, entry.repo): entry for entry in done.entries}
    assert outcome["pull_requests", SHOP].outcome in FAILED
    assert words in str(outcome["pull_requests", SHOP].reason)
    assert len(collector.rows("repositories")) == 2
    assert_true(collector, done, truth)
    is_healed(collector, truth)


@pytest.mark.parametrize("skew", [-300, pytest.param(300, marks=pytest.mark.slow)])
def test_clock_that_differs_by_five_minutes_changes_nothing(world: tuple[Collector, Rows], skew: int) -> None:
    collector, truth = world
    collector.gh.faults.add(faults.clock_skew(skew), times=None)
    assert collector.collect(**ACME).exit_code == 0
    assert collector.everything() == truth
    is_healed(collector, truth)


def assert_true(collector: Collector, done: Collected, truth: Rows) -> None:
    """What is in the lake is so at GitHub; and if it is not everything, the ledger says what is missing and why."""
    kept = collector.everything()
    for name, rows in kept.items():
        assert all(row in truth[name] for row in rows if name not in ("repositories", "alert_events", "alerts")), name
    if done.exit_code == 0:
        assert kept == truth
        return
    assert done.problem or done.failures
    assert all(entry.reason for entry in done.failures)
    said = {(entry.dataset, entry.repo) for entry in done.entries if entry.outcome not in FAILED}
    for dataset, name in (("workflow_runs", "workflow_runs"), ("pull_requests", "pull_requests"), ("scans", "scans")):
        for repo in (SHOP, OTHER):
            if (dataset, repo) in said:
                assert of(kept, repo)[name] == of(truth, repo)[name], (dataset, repo)


EFFECTS = st.sampled_from(
    [
        faults.status(502),
        faults.reset(),
        faults.truncated(),
        faults.too_many(retry_after=3),
        faults.too_many(),
        faults.secondary_limit(retry_after=3),
        faults.secondary_limit(),
        faults.bad_credentials(),
        faults.forbidden(),
        faults.repeat_page(1),
        faults.clock_skew(300),
        faults.clock_skew(-300),
    ]
)
PLACES = st.sampled_from(
    ["", "/orgs/acme/", f"/repos/{SHOP}/", f"/repos/{OTHER}/", "/actions/runs", "/attempts/", "/pulls", "/alerts"]
)
FAULTS = st.lists(st.tuples(EFFECTS, PLACES, st.integers(1, 12), st.none() | st.integers(1, 6)), min_size=1, max_size=4)
Drawn = list[tuple[Effect, str, int, int | None]]


def check(untouched: tuple[GitHubStandin, Rows], drawn: Drawn) -> None:
    with tempfile.TemporaryDirectory() as folder, acme(untouched, Path(folder)) as (collector, truth):
        for effect, path, nth, times in drawn:
            collector.gh.faults.add(effect, path=path, nth=nth, times=times)
        assert_true(collector, collector.collect(**ACME), truth)
        is_healed(collector, truth)
        before = collector.versions()
        again = collector.collect(**ACME)
        assert (again.exit_code, collector.versions()) == (0, before)


QUIET: dict[str, Any] = {
    "deadline": None,
    "phases": [Phase.explicit, Phase.generate],
    "suppress_health_check": [HealthCheck.too_slow],
}


@given(FAULTS)
@settings(max_examples=2, **QUIET)
def test_mixed_faults_lose_nothing_and_are_healed(untouched: tuple[GitHubStandin, Rows], drawn: Drawn) -> None:
    check(untouched, drawn)


@pytest.mark.slow
@given(FAULTS)
@settings(max_examples=150, **QUIET)
def test_many_mixed_faults_lose_nothing_and_are_healed(untouched: tuple[GitHubStandin, Rows], drawn: Drawn) -> None:
    check(untouched, drawn)
