"""The recorder: lets sources read, and writes down what became of each."""

import threading
from collections.abc import Callable
from dataclasses import replace

from backend.collect.ledger import Covered, Entry, ledger, outcome_after, outcome_of
from backend.collect.problems import BadToken, BudgetSpent, GitHubError, Interrupted, RateLimited
from backend.collect.visit import Desk, Visit
from shared import datasets
from shared.lake.store import StoreError

ENDING = (BadToken, BudgetSpent, RateLimited, Interrupted, StoreError)
"""Errors after which no other source would fare better."""


class Recorder:
    """The ledger of one collection; may be used from several threads."""

    def __init__(self, desk: Desk, collection_id: str) -> None:
        self._desk, self._id = desk, collection_id
        self._entries: list[Entry] = []
        self._lock = threading.Lock()

    @property
    def entries(self) -> tuple[Entry, ...]:
        """What became of each source, in the order in which they ended."""
        with self._lock:
            return tuple(self._entries)

    def watch(self, visit: Visit, read: Callable[[], Covered]) -> Entry:
        """Lets a source read, and records how that ended. Raises the errors of ENDING."""
        covered: Covered | None = None
        outcome = "failed"
        reason: str | None = f"{visit.repo.name} ended unexpectedly; see the log."
        try:
            covered = read()
            outcome, reason = outcome_of(covered), covered.gap
        except (GitHubError, StoreError) as error:
            outcome, reason, covered = outcome_after(error, visit.rows), str(error), visit.covered
            if isinstance(error, ENDING):
                raise
        finally:
            entry = self.record(visit, outcome, reason, covered)
        return entry

    def record(self, visit: Visit, outcome: str, reason: str | None, covered: Covered | None) -> Entry:
        """Records how a visit ended."""
        entry = Entry(
            dataset=visit.dataset,
            repo=visit.repo.name,
            outcome=outcome,
            started_at=visit.started_at,
            finished_at=self._desk.lake.clock(),
            rows=visit.rows,
            tally=visit.tally,
            reason=reason,
            covered=covered,
        )
        with self._lock:
            self._entries.append(entry)
        return entry

    def mark_unstored(self, reason: str) -> None:
        """What was read could not be stored: no source that brought rows is complete."""
        with self._lock:
            self._entries = [_not_stored(entry, reason) for entry in self._entries]

    def write(self) -> None:
        """Stores the ledger. Raises StoreError, and then every entry says that it failed."""
        try:
            self._desk.lake.upsert(datasets.COLLECTIONS, ledger(self._entries, self._id, self._desk.stamp))
        except StoreError as error:  # without its ledger nobody knows what a source without rows means
            self._entries = [replace(entry, outcome="failed", reason=str(error)) for entry in self._entries]
            raise


def _not_stored(entry: Entry, reason: str) -> Entry:
    return replace(entry, outcome="partial", reason=reason, covered=None) if entry.rows else entry
