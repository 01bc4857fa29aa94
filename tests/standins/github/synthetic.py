"""Many repositories with many runs, made on demand and always the same for the same seed."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from zlib import crc32

from tests.standins.github.accounts import Account
from tests.standins.github.alerts import KINDS
from tests.standins.github.moments import DAY_S, Moment, epoch, iso
from tests.standins.github.repositories import Repository
from tests.standins.github.runs import Attempts, RunFacts, run_object
from tests.standins.github.state import State

WORKFLOWS = ("CI", "Release", "Nightly")
# Out of a hundred, about as in the recordings that come with the project.
CONCLUSIONS = ("success",) * 80 + ("failure",) * 14 + ("cancelled",) * 4 + ("skipped",) * 2
EVENTS = ("push", "pull_request", "schedule")
ALERT_AGE_DAYS = 180


@dataclass(frozen=True)
class SyntheticRuns:
    """The runs of one repository over `days` up to `end`, evenly spread; `reruns` in 100 ran twice."""

    repo: Repository
    actor: Account
    first_id: int
    count: int
    end: int
    days: int
    seed: int
    reruns: int

    def __len__(self) -> int:
        return self.count

    def __contains__(self, run_id: object) -> bool:
        return run_id in self._ids

    def between(self, since: int | None, until: int | None) -> range:
        """Ids of the runs created within [since, until], oldest first; None is without end."""
        low = 0 if since is None else bisect_left(self._ids, since, key=self.created)
        high = self.count if until is None else bisect_right(self._ids, until, key=self.created)
        return self._ids[low:high]

    def created(self, run_id: int) -> int:
        """When a run was created, in epoch seconds."""
        return self.end - (self.count - run_id + self.first_id) * self.days * DAY_S // self.count

    def facts(self, run_id: int) -> list[RunFacts]:
        """The attempts of one run, first to last."""
        noise = crc32(f"{self.seed}:{self.repo.id}:{run_id - self.first_id}".encode())
        conclusion, length = CONCLUSIONS[noise % 100], 30 + noise % 1_800
        created = self.created(run_id)
        only = self._facts(run_id, noise, created, length, conclusion)
        if (noise >> 8) % 100 >= self.reruns:
            return [only]
        again = created + length + 600
        return [
            replace(only, conclusion="failure"),
            replace(only, attempt=2, started=again, updated=again + length),
        ]

    def attempts(self, run_id: int) -> Attempts:
        """The same as objects, each without its repository."""
        return {facts.attempt: run_object(self.repo.full_name, facts) for facts in self.facts(run_id)}

    @property
    def _ids(self) -> range:
        return range(self.first_id, self.first_id + self.count)

    def _facts(self, run_id: int, noise: int, created: int, length: int, conclusion: str) -> RunFacts:
        workflows = tuple(self.repo.workflows.values())
        event = EVENTS[(noise >> 4) % len(EVENTS)]
        return RunFacts(
            id=run_id,
            number=run_id - self.first_id + 1,
            workflow=workflows[noise % len(workflows)],
            actor=self.actor,
            created=created,
            started=created,
            updated=created + length,
            conclusion=conclusion,
            event=event,
            branch="main" if noise % 4 else f"topic-{noise % 17}",
            pull=1 + noise % 900 if event == "pull_request" else None,
        )


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
    reruns: int = 3,
) -> list[str]:
    """Adds `repos` repositories (`acme/service-0001`, ...) with `runs` runs and `alerts` alerts of each kind.

    Run ids are distinct over the whole state; `reruns` in 100 runs ran twice; a third of the alerts is fixed. Returns
    the full names.
    """
    actor = state.create_user("octocat")
    names = []
    for number in range(1, repos + 1):
        repo = state.create_repo(f"{org}/service-{number:04}")
        for workflow in WORKFLOWS:
            state.new_workflow(repo.full_name, workflow)
        source = SyntheticRuns(repo, actor, repo.id * 1_000_000, runs, epoch(end), days, seed, reruns)
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
