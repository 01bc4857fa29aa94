"""The book in which a repository keeps its runs, newest last: what was told, and what is made on demand."""

from bisect import bisect_left, insort
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from tests.standins.github.moments import epoch
from tests.standins.github.runs import Attempts, RunFacts, RunObject


class RunSource(Protocol):
    """Makes runs on demand, so that a million of them need no memory; ids grow with the time of creation."""

    def __len__(self) -> int:
        """How many runs there are."""

    def __contains__(self, run_id: object) -> bool:
        """Whether a run is one of them."""

    def between(self, since: int | None, until: int | None) -> Sequence[int]:
        """Ids of the runs created within [since, until], oldest first; None is without end."""

    def created(self, run_id: int) -> int:
        """When a run was created, in epoch seconds."""

    def facts(self, run_id: int) -> list[RunFacts]:
        """The attempts of one run, first to last."""

    def attempts(self, run_id: int) -> Attempts:
        """The same as objects, each without its repository."""


@dataclass
class RunBook:
    """A repository's runs by id; a run is the dict of its attempts, and the last is its present state.

    Runs of the source that were changed or deleted are no longer asked of it.
    """

    source: RunSource | None = None
    _stored: dict[int, Attempts] = field(default_factory=dict)
    _keys: list[tuple[int, int]] = field(default_factory=list)
    _taken: set[int] = field(default_factory=set)

    def __contains__(self, run_id: int) -> bool:
        return run_id in self._stored or self.made_on_demand(run_id)

    def __len__(self) -> int:
        return len(self._stored) + (len(self.source) if self.source else 0) - len(self._taken)

    def attempts(self, run_id: int) -> Attempts:
        """All attempts of a run; KeyError for a run that is not here."""
        if self.source is not None and self.made_on_demand(run_id):
            return self.source.attempts(run_id)
        return self._stored[run_id]

    def made_on_demand(self, run_id: int) -> bool:
        """Whether the run comes from the source and has not been changed since."""
        return self.source is not None and run_id in self.source and run_id not in self._taken

    def latest(self, run_id: int) -> RunObject:
        """The run as lists show it."""
        attempts = self.attempts(run_id)
        return attempts[max(attempts)]

    def put(self, attempts: Attempts) -> None:
        """Adds a run, or replaces the one with the same id."""
        run = attempts[max(attempts)]
        self.remove(run["id"])
        self._stored[run["id"]] = attempts
        insort(self._keys, _key(run))

    def remove(self, run_id: int) -> None:
        """Forgets a run, as retention does; unknown ids are no error."""
        if run_id in self._stored:
            self._keys.remove(_key(self.latest(run_id)))
            del self._stored[run_id]
        elif self.made_on_demand(run_id):
            self._taken.add(run_id)

    def newest_first(self, since: int | None = None, until: int | None = None) -> Sequence[int]:
        """Ids of the runs created within [since, until], both ends included, by time of creation and id."""
        low = 0 if since is None else bisect_left(self._keys, (since, 0))
        high = len(self._keys) if until is None else bisect_left(self._keys, (until + 1, 0))
        told = self._keys[low:high]
        made = self.source.between(since, until) if self.source else ()
        if self.source is None or not (told or self._taken):
            return [run_id for _, run_id in reversed(told)] or made[::-1]
        told.extend((self.source.created(run_id), run_id) for run_id in made if run_id not in self._taken)
        return [run_id for _, run_id in sorted(told, reverse=True)]

    def rewrite(self, change: Callable[[RunObject], RunObject]) -> None:
        """Applies `change` to each attempt of the runs that are kept here; those of a source need none."""
        self._stored = {
            run_id: {number: change(run) for number, run in attempts.items()}
            for run_id, attempts in self._stored.items()
        }


def _key(run: RunObject) -> tuple[int, int]:
    return epoch(run["created_at"]), run["id"]
