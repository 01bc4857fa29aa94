"""Many repositories with many runs, made on demand and always the same for the same seed."""

from dataclasses import dataclass
from typing import Any
from zlib import crc32

from tests.standins.github.accounts import Account
from tests.standins.github.alerts import KINDS
from tests.standins.github.moments import Moment, epoch, iso
from tests.standins.github.repositories import Repository
from tests.standins.github.runs import Attempts, RunFacts, run_object
from tests.standins.github.state import State

DAY_S = 86_400
WORKFLOWS = ("CI", "Release", "Nightly")
# Out of a hundred, about as in the recordings that come with the project.
CONCLUSIONS = ("success",) * 80 + ("failure",) * 14 + ("cancelled",) * 4 + ("skipped",) * 2
RERUN_PERCENT = 3
ALERT_AGE_DAYS = 180


@dataclass(frozen=True)
class SyntheticRuns:
    """The runs of one repository over `days` up to `end`, evenly spread; about 3 in 100 ran twice."""

    repo: Repository
    actor: Account
    first_id: int
    count: int
    end: int
    days: int
    seed: int

    def keys(self) -> list[tuple[int, int]]:
        """(created epoch, id) of every run, oldest first."""
        return [(self._created(index), self.first_id + index) for index in range(self.count)]

    def attempts(self, run_id: int) -> Attempts:
        """The attempts of one run."""
        index = run_id - self.first_id
        noise = crc32(f"{self.seed}:{self.repo.id}:{index}".encode())
        conclusion, length = CONCLUSIONS[noise % 100], 30 + noise % 1_800
        created = self._created(index)
        if (noise >> 8) % 100 >= RERUN_PERCENT:
            return {1: self._run(index, noise, 1, created, length, conclusion)}
        first = self._run(index, noise, 1, created, length, "failure")
        return {1: first, 2: self._run(index, noise, 2, created + length + 600, length, conclusion)}

    def _created(self, index: int) -> int:
        return self.end - (self.count - index) * self.days * DAY_S // self.count

    def _run(self, index: int, noise: int, attempt: int, started: int, length: int, conclusion: str) -> dict[str, Any]:
        workflows = tuple(self.repo.workflows.values())
        facts = RunFacts(
            id=self.first_id + index,
            number=index + 1,
            workflow=workflows[noise % len(workflows)],
            actor=self.actor,
            created=self._created(index),
            started=started,
            updated=started + length,
            conclusion=conclusion,
            event=("push", "pull_request", "schedule")[(noise >> 4) % 3],
            branch="main" if noise % 4 else f"topic-{noise % 17}",
            attempt=attempt,
        )
        return run_object(self.repo.full_name, facts)


def populate(
    state: State,
    *,
    org: str = "acme",
    repos: int = 10,
    runs: int = 100,
    alerts: int = 0,
    days: int = 90,
    end: Moment = "2026-11-01T00:00:00Z",
    seed: int = 1,
) -> list[str]:
    """Adds `repos` repositories (`acme/service-0001`, ...) with `runs` runs and `alerts` alerts of each kind.

    Run ids are distinct over the whole state. A third of the alerts is fixed. Returns the full names.
    """
    actor = state.create_user("octocat")
    names = []
    for number in range(1, repos + 1):
        repo = state.create_repo(f"{org}/service-{number:04}")
        for workflow in WORKFLOWS:
            state.new_workflow(repo.full_name, workflow)
        source = SyntheticRuns(repo, actor, repo.id * 1_000_000, runs, epoch(end), days, seed)
        repo.runs.source = source
        _add_alerts(state, repo.full_name, alerts, epoch(end))
        names.append(repo.full_name)
    return names


def _add_alerts(state: State, full_name: str, count: int, end: int) -> None:
    for kind in KINDS:
        for number in range(1, count + 1):
            at = end - ALERT_AGE_DAYS * DAY_S + (number * ALERT_AGE_DAYS * DAY_S) // (count + 1)
            state.new_alert(full_name, KINDS[kind].name, at=at)
            if number % 3 == 0:
                state.fix_alert(full_name, KINDS[kind].name, number, at=iso(at + (end - at) // 2))
