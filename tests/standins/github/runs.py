"""Workflow runs: how one is written, and the book in which a repository keeps them, newest last."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha1
from typing import Any, Protocol

from tests.standins.github.accounts import API, WEB, Account
from tests.standins.github.moments import epoch, iso

RunObject = dict[str, Any]
Attempts = dict[int, RunObject]


@dataclass(frozen=True, kw_only=True)
class RunFacts:
    """What distinguishes one run from another; times are epoch seconds."""

    id: int
    number: int
    workflow: dict[str, Any]
    actor: Account
    created: int
    started: int
    updated: int
    status: str = "completed"
    conclusion: str | None = "success"
    event: str = "push"
    branch: str = "main"
    attempt: int = 1


class RunSource(Protocol):
    """Makes runs on demand, so that a million of them need no memory."""

    def keys(self) -> list[tuple[int, int]]:
        """(created epoch, id) of every run, oldest first."""

    def attempts(self, run_id: int) -> Attempts:
        """The attempts of one run, each without its repository."""


@dataclass
class RunBook:
    """A repository's runs by id; a run is the dict of its attempts, and the last is its present state."""

    source: RunSource | None = None
    _stored: dict[int, Attempts] = field(default_factory=dict)
    _keys: list[tuple[int, int]] | None = None
    _created: dict[int, int] = field(default_factory=dict)

    def __contains__(self, run_id: int) -> bool:
        self._index()
        return run_id in self._created

    def __len__(self) -> int:
        return len(self._index())

    def attempts(self, run_id: int) -> Attempts:
        """All attempts of a run; KeyError for a run that is not here."""
        if run_id not in self:
            raise KeyError(run_id)
        if run_id in self._stored or self.source is None:
            return self._stored[run_id]
        return self.source.attempts(run_id)

    def made_on_demand(self, run_id: int) -> bool:
        """Whether the run comes from the source and has not been changed since."""
        return self.source is not None and run_id in self and run_id not in self._stored

    def latest(self, run_id: int) -> RunObject:
        """The run as lists show it."""
        attempts = self.attempts(run_id)
        return attempts[max(attempts)]

    def put(self, attempts: Attempts) -> None:
        """Adds a run, or replaces the one with the same id."""
        run = attempts[max(attempts)]
        self.remove(run["id"])
        self._stored[run["id"]] = attempts
        self._created[run["id"]] = epoch(run["created_at"])
        insort(self._index(), (self._created[run["id"]], run["id"]))

    def remove(self, run_id: int) -> None:
        """Forgets a run, as retention does; unknown ids are no error."""
        keys = self._index()
        if run_id in self._created:
            keys.remove((self._created.pop(run_id), run_id))
            self._stored.pop(run_id, None)

    def newest_first(self, since: int | None = None, until: int | None = None) -> list[int]:
        """Ids of the runs created within [since, until], both ends included."""
        keys = self._index()
        low = 0 if since is None else bisect_left(keys, (since, 0))
        high = len(keys) if until is None else bisect_right(keys, (until + 1, 0))
        return [run_id for _, run_id in reversed(keys[low:high])]

    def rewrite(self, change: Callable[[RunObject], RunObject]) -> None:
        """Applies `change` to each attempt of the runs that are kept here; those of a source need none."""
        self._stored = {
            run_id: {number: change(run) for number, run in attempts.items()}
            for run_id, attempts in self._stored.items()
        }

    def _index(self) -> list[tuple[int, int]]:
        if self._keys is None:
            self._keys = self.source.keys() if self.source else []
            self._created = {run_id: created for created, run_id in self._keys}
        return self._keys


def run_object(full_name: str, facts: RunFacts) -> RunObject:
    """A run with every field GitHub gives, save the repositories, which are added when it is shown."""
    actor = facts.actor.simple()
    return {
        **_identity(full_name, facts),
        "pull_requests": [],
        "created_at": iso(facts.created),
        "updated_at": iso(facts.updated),
        "actor": actor,
        "run_attempt": facts.attempt,
        "referenced_workflows": [],
        "run_started_at": iso(facts.started),
        "triggering_actor": actor,
        **_addresses(full_name, facts),
        "head_commit": _commit(facts),
    }


def _identity(full_name: str, facts: RunFacts) -> RunObject:
    url = f"{full_name}/actions/runs/{facts.id}"
    return {
        "id": facts.id,
        "name": facts.workflow["name"],
        "node_id": f"WFR_{facts.id:x}",
        "head_branch": facts.branch,
        "head_sha": _sha(f"{full_name}:{facts.number}"),
        "path": facts.workflow["path"],
        "display_title": f"{facts.workflow['name']} on {facts.branch}",
        "run_number": facts.number,
        "event": facts.event,
        "status": facts.status,
        "conclusion": facts.conclusion,
        "workflow_id": facts.workflow["id"],
        "check_suite_id": facts.id + 1_000_000,
        "check_suite_node_id": f"CS_{facts.id:x}",
        "url": f"{API}/repos/{url}",
        "html_url": f"{WEB}/{url}",
    }


def _addresses(full_name: str, facts: RunFacts) -> RunObject:
    repo, run = f"{API}/repos/{full_name}", f"{API}/repos/{full_name}/actions/runs/{facts.id}"
    earlier = f"{run}/attempts/{facts.attempt - 1}" if facts.attempt > 1 else None
    return {
        "jobs_url": f"{run}/jobs",
        "logs_url": f"{run}/logs",
        "check_suite_url": f"{repo}/check-suites/{facts.id + 1_000_000}",
        "artifacts_url": f"{run}/artifacts",
        "cancel_url": f"{run}/cancel",
        "rerun_url": f"{run}/rerun",
        "previous_attempt_url": earlier,
        "workflow_url": f"{repo}/actions/workflows/{facts.workflow['id']}",
    }


def _commit(facts: RunFacts) -> RunObject:
    person = {"name": facts.actor.login, "email": f"{facts.actor.login}@users.noreply.github.com"}
    return {
        "id": _sha(f"commit:{facts.id}"),
        "tree_id": _sha(f"tree:{facts.id}"),
        "message": f"Change {facts.number}",
        "timestamp": iso(facts.created - 30),
        "author": person,
        "committer": {"name": "GitHub", "email": "noreply@github.com"},
    }


def _sha(text: str) -> str:
    return sha1(text.encode(), usedforsecurity=False).hexdigest()
