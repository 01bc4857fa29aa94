"""Tallies of folding: a few numbers that the process that folds adds to, and the one that serves reads."""

import time
from multiprocessing.sharedctypes import RawArray

_FIELDS = ("folds", "failures", "seconds", "lines", "rejected", "last_s", "rounds")


class FoldTallies:
    """Sums since the API began. One process writes and others read, without a lock, which a killed one would keep."""

    def __init__(self) -> None:
        self._numbers = RawArray("d", len(_FIELDS))

    def add(self, began: float, lines: int, rejected: int) -> None:
        """Counts a fold. began: by the monotonic clock."""
        took = time.monotonic() - began
        for place, number in enumerate((1, 0, took, lines, rejected)):
            self._numbers[place] += number
        self._numbers[_FIELDS.index("last_s")] = took

    def add_failure(self) -> None:
        """Counts a fold that failed."""
        self._numbers[_FIELDS.index("failures")] += 1

    def end_round(self) -> None:
        """Counts a look at the inbox, whatever came of it."""
        self._numbers[_FIELDS.index("rounds")] += 1

    def __getattr__(self, name: str) -> float:
        """Any of the sums."""
        if name not in _FIELDS:
            raise AttributeError(name)
        return float(self._numbers[_FIELDS.index(name)])
