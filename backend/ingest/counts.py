"""Counts of what was delivered, by event and outcome: kept in memory, and added to a state document now and then."""

import threading
from collections import Counter
from datetime import datetime
from typing import Any

from shared.delivery_counts import DOCUMENT
from shared.lake.documents import Document
from shared.lake.tables import Lake

LONGEST_NAME = 60
MOST_NAMES = 200
"""Names of events come from outside."""


class DeliveryCounts:
    """Counts deliveries; may be used from several threads. What was counted since the last `keep` dies with us."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, str]] = Counter()
        self.totals: Counter[str] = Counter()
        """Deliveries by outcome since we began."""

    def add(self, event: str, outcome: str) -> None:
        """Counts a delivery with one of OUTCOMES."""
        with self._lock:
            self._counts[event[:LONGEST_NAME], outcome] += 1
            self.totals[outcome] += 1

    def keep(self, lake: Lake) -> None:
        """Adds what was counted to the document. Raises StoreError, and then it is for the next time."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
        if not counts:
            return
        try:
            lake.update_document(DOCUMENT, lambda known: _added(known, counts, lake.clock()))
        except BaseException:
            with self._lock:
                self._counts.update(counts)
            raise


def _added(known: Document, counts: Counter[tuple[str, str]], now: datetime) -> Document:
    events: dict[str, dict[str, Any]] = {name: dict(told) for name, told in known.get("events", {}).items()}
    for (event, outcome), number in counts.items():
        name = event if event in events or len(events) < MOST_NAMES else "other"
        told = events.setdefault(name, {})
        told[outcome] = told.get(outcome, 0) + number
        told["last_at"] = now.isoformat()
    return {**known, "events": events}
