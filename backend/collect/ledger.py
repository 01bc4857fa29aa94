"""The completeness ledger: what became of each source of each repository in one collection."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from backend.collect.answers import Tally
from backend.collect.problems import (
    BudgetSpent,
    Disabled,
    Forbidden,
    GitHubError,
    Interrupted,
    NotFound,
    RateLimited,
)
from backend.mapping.stamp import Stamp
from shared.datasets import COLLECTIONS

GOOD = frozenset({"ok", "unchanged"})
FAILED = frozenset({"forbidden", "not_found", "partial", "failed"})
"""`disabled` is neither: there is nothing to read, and that is known."""

_OUTCOMES: dict[type[GitHubError], str] = {
    Disabled: "disabled",
    Forbidden: "forbidden",
    NotFound: "not_found",
    Interrupted: "partial",
    RateLimited: "partial",
    BudgetSpent: "partial",
}


@dataclass(frozen=True)
class Covered:
    """What a source has read: from when (None: from the beginning) until when.

    unchanged: GitHub says that nothing has changed.  gap: why something is missing although GitHub answered.
    """

    until: datetime | None
    since: datetime | None = None
    unchanged: bool = False
    gap: str | None = None


@dataclass(frozen=True)
class Entry:
    """One row of the ledger."""

    dataset: str
    repo: str
    outcome: str
    started_at: datetime
    finished_at: datetime
    rows: int
    tally: Tally
    reason: str | None = None
    covered: Covered | None = None

    def row(self, collection_id: str, stamp: Stamp) -> dict[str, object]:
        """The entry as a row of `collections`."""
        return {
            "collection_id": collection_id,
            "dataset": self.dataset,
            "repo": self.repo,
            "org": self.repo.partition("/")[0],
            "started_at": self.started_at,
            "finished_at": self.finished_at,
            "outcome": self.outcome,
            "reason": self.reason,
            "rows": self.rows,
            "requests": self.tally.requests,
            "conditional_hits": self.tally.conditional_hits,
            "rate_limit_remaining": self.tally.remaining,
            "covered_since": self.covered.since if self.covered else None,
            "covered_until": self.covered.until if self.covered else None,
            **stamp.columns,
        }


def ledger(entries: Iterable[Entry], collection_id: str, stamp: Stamp) -> pa.Table:
    """Entries as a table of `collections`."""
    return COLLECTIONS.table([entry.row(collection_id, stamp) for entry in entries])


def outcome_of(covered: Covered) -> str:
    """The outcome of a source that was read to its end."""
    if covered.gap:
        return "partial"
    return "unchanged" if covered.unchanged else "ok"


def outcome_after(error: Exception, rows: int) -> str:
    """The outcome of a source that ended with an error, after so many rows."""
    named = next((outcome for kind, outcome in _OUTCOMES.items() if isinstance(error, kind)), None)
    return named if named and not rows else ("partial" if rows else "failed")
