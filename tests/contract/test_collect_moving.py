"""GitHub moves between collections and while one is reading; the next collection has everything right."""

import random
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from shared.lake.local import LocalStore
from shared.lake.tables import Lake
from tests.contract.collecting import Collector
from tests.standins.github import AlertName, GitHubStandin, faults
from tests.standins.github.state import State

START = datetime(2026, 6, 15, 12, tzinfo=UTC)
REPOS = ("acme/shop", "acme/tools")
KINDS: tuple[AlertName, ...] = ("code-scanning", "dependabot", "secret-scanning")
PAGES = 3
"""Runs of the last thirty days in the busier repository, in hundreds: most of them are on no first page."""

WITHOUT_SHRINKING: dict[str, Any] = {
    "deadline": None,
    "phases": [Phase.explicit, Phase.generate],
    "suppress_health_check": [HealthCheck.too_slow],
}
"""A seed is as small as any other."""


class World:
    """A GitHub whose clock the test moves, and random moves on it."""

    def __init__(self, gh: GitHubStandin, seed: int) -> None:
        self.gh, self.chance, self.now = gh, random.Random(seed), START
        self.state: State = gh.state
        self.state.clock = self._seconds
        for number, repo in enumerate(REPOS):
            self.state.create_repo(repo)
            for age in range(PAGES * 100 if number == 0 else 20):
                self.state.new_run(repo, at=START - timedelta(hours=2 * age, seconds=age % 3), jobs=())
            for kind in KINDS:
                for age in range(3):
                    self.state.new_alert(repo, kind, at=START - timedelta(days=age))
            self.state.new_pull(repo, at=START - timedelta(days=1))

    def _seconds(self) -> float:
        return self.now.timestamp()

    def move(self) -> None:
        """One thing happens."""
        moves: list[Callable[[str], object]] = [
            self._start, self._start, self._burst, self._rerun, self._rerun, self._complete, self._expire,
            self._alert, self._close, self._close, self._reopen, self._reopen, self._pull,
        ]  # fmt: skip
        self.now += timedelta(seconds=self.chance.randrange(3))
        self.chance.choice(moves)(self.chance.choice(REPOS))

    def truth(self) -> dict[tuple[object, ...], tuple[object, ...]]:
        """Every attempt of every run and every alert that GitHub has now."""
        found: dict[tuple[object, ...], tuple[object, ...]] = {}
        for name in REPOS:
            repo = self.state.repo(name)
            for run_id in repo.runs.newest_first():
                attempts = repo.runs.attempts(run_id)
                for number, run in attempts.items():
                    facts = run["status"], run["conclusion"], run["updated_at"], number == max(attempts)
                    found[(name, run_id, number)] = facts
            for kind in KINDS:
                for number, alert in repo.alerts[kind].items():
                    found[(name, kind.replace("-", "_"), number)] = (alert["state"], alert["updated_at"])
            for number, pull in repo.pulls.items():
                state = "merged" if pull["merged_at"] else pull["state"]
                found[(name, "pull", number)] = (state, pull["updated_at"])
        return found

    def _runs(self, repo: str) -> Sequence[int]:
        since = int((self.now - timedelta(days=29)).timestamp())
        return self.state.repo(repo).runs.newest_first(since)

    def _start(self, repo: str) -> None:
        self.state.new_run(repo, conclusion=self.chance.choice(["success", "failure", None]), jobs=())

    def _burst(self, repo: str) -> None:
        for _ in range(self.chance.choice([5, 120])):
            self.state.new_run(repo, jobs=())

    def _rerun(self, repo: str) -> None:
        self.state.rerun(self.chance.choice(self._runs(repo)), self.chance.choice(["success", "failure", None]))

    def _complete(self, repo: str) -> None:
        waiting = [run for run in self._runs(repo) if self.state.repo(repo).runs.latest(run)["status"] != "completed"]
        for run in waiting[:3]:
            self.state.complete(run, self.chance.choice(["success", "cancelled"]))

    def _expire(self, repo: str) -> None:
        oldest = self.state.repo(repo).runs.newest_first()[-3:]
        if len(oldest) == 3:
            self.state.delete_run(self.chance.choice(oldest))

    def _alert(self, repo: str) -> None:
        self.state.new_alert(repo, self.chance.choice(KINDS))

    def _close(self, repo: str) -> None:
        kind, number = self._pick(repo, open_=True)
        if number and self.chance.random() < 0.5:
            self.state.fix_alert(repo, kind, number)
        elif number:
            self.state.dismiss_alert(repo, kind, number)

    def _reopen(self, repo: str) -> None:
        kind, number = self._pick(repo, open_=False)
        if number:
            self.state.reopen_alert(repo, kind, number)

    def _pull(self, repo: str) -> None:
        self.state.new_pull(repo)

    def _pick(self, repo: str, open_: bool) -> tuple[AlertName, int | None]:
        kind = self.chance.choice(KINDS)
        alerts = self.state.repo(repo).alerts[kind]
        found = [number for number, alert in alerts.items() if (alert["state"] == "open") == open_]
        return kind, self.chance.choice(found) if found else None


@contextmanager
def world(seed: int) -> Iterator[tuple[World, Collector]]:
    with GitHubStandin() as gh, tempfile.TemporaryDirectory() as folder:
        moving = World(gh, seed)
        lake = Lake(LocalStore(Path(folder) / "store"), Path(folder) / "cache", lambda: moving.now)
        yield moving, Collector(gh, lake)
        lake.close()


def known(collector: Collector) -> dict[tuple[object, ...], tuple[object, ...]]:
    """What the lake says, in the form of `World.truth`."""

    def text(at: datetime) -> str:
        return at.strftime("%Y-%m-%dT%H:%M:%SZ")

    found: dict[tuple[object, ...], tuple[object, ...]] = {}
    for row in collector.rows("workflow_runs"):
        facts = row["status"], row["conclusion"], text(row["updated_at"]), row["is_latest_attempt"]
        found[(row["repo"], row["run_id"], row["run_attempt"])] = facts
    for row in collector.rows("alerts"):
        state = {"secret_scanning": {"fixed": "resolved", "dismissed": "resolved"}}.get(row["kind"], {})
        found[(row["repo"], row["kind"], row["number"])] = (
            state.get(row["state"], row["state"]),
            text(row["updated_at"]),
        )
    for row in collector.rows("pull_requests"):
        found[(row["repo"], "pull", row["number"])] = (row["state"], text(row["updated_at"]))
    return found


def check(seed: int, rounds: int) -> None:
    with world(seed) as (moving, collector):
        for _ in range(rounds):
            for _ in range(moving.chance.randrange(12)):
                moving.move()
            for _ in range(moving.chance.randrange(4)):
                collector.gh.faults.add(faults.hook(lambda _: moving.move()), nth=moving.chance.randrange(1, 25))
            assert collector.collect(orgs=["acme"]).exit_code == 0
            moving.now += timedelta(hours=moving.chance.choice([1, 26]))
        collector.gh.faults.clear()
        moving.now += timedelta(days=1)
        assert collector.collect(orgs=["acme"]).exit_code == 0
        truth, found = moving.truth(), known(collector)
        assert {key: (fact, found.get(key)) for key, fact in truth.items() if found.get(key) != fact} == {}
        collector.collect(orgs=["acme"])  # asks for unfinished runs that have left the first page, each by itself
        before = collector.versions()
        again = collector.collect(orgs=["acme"])
        assert (again.exit_code, collector.gh.log.points, collector.versions()) == (0, 0, before)


@given(st.integers(0, 10**6))
@settings(max_examples=2, **WITHOUT_SHRINKING)
def test_next_collection_has_everything_right(shared_data: Path, seed: int) -> None:
    check(seed, rounds=3)


@pytest.mark.slow
@given(st.integers(0, 10**6))
@settings(max_examples=60, **WITHOUT_SHRINKING)
def test_next_collection_has_everything_right_after_long_histories(shared_data: Path, seed: int) -> None:
    check(seed, rounds=6)
