"""The backlog: how long what is pushed has waited to be folded."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.lake.store import Blob

_STAMP = re.compile(r"(?<=/)\d{8}T\d{6}\.\d{6}(?=-)")

PUSHED_WITHIN_S = 2.0
"""Whoever pushed for the last time so long ago has ended; a slow store may take a second for a blob."""

LONGEST_BURST_S = 30.0
"""What waits for so long is folded, however much more is pushed."""


@dataclass(frozen=True)
class Backlog:
    """How long ago the first and the last of what waits were pushed, in seconds."""

    oldest_s: float
    newest_s: float

    @property
    def is_burst(self) -> bool:
        """Whether more is being pushed, and that has not gone on for long."""
        return self.newest_s < PUSHED_WITHIN_S and self.oldest_s < LONGEST_BURST_S


def backlog(blobs: Iterable[Blob]) -> Backlog:
    """Of blobs of the inbox, by their names; infinitely old if there are none, or nobody knows."""
    now = datetime.now(UTC)  # as the inbox, which goes by the real clock
    stamps = sorted(found[0] for blob in blobs if (found := _STAMP.search(blob.name)))
    if not stamps:
        return Backlog(math.inf, math.inf)
    return Backlog(_age_s(stamps[0], now), _age_s(stamps[-1], now))


def _age_s(stamp: str, now: datetime) -> float:
    try:
        return (now - datetime.strptime(stamp, "%Y%m%dT%H%M%S.%f").replace(tzinfo=UTC)).total_seconds()
    except ValueError:  # no blob of ours: there is no such day
        return math.inf
