"""Measuring side by side: two ways in turn, several times, and the ratio of their medians."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

Way = Callable[[], object]


@dataclass(frozen=True)
class Comparison:
    """Median seconds of ours and theirs, from runs that took turns on the same machine."""

    ours_s: float
    theirs_s: float

    @property
    def ratio(self) -> float:
        """Ours by theirs; below 1 is faster."""
        return self.ours_s / self.theirs_s

    def __str__(self) -> str:
        return f"{self.ours_s:.3f} s against {self.theirs_s:.3f} s, ratio {self.ratio:.2f}"


def compare(ours: Way, theirs: Way, times: int = 5) -> Comparison:
    """Runs both ways in turn, once unmeasured and then `times` times."""
    ours()
    theirs()
    measured = [(seconds_of(ours), seconds_of(theirs)) for _ in range(times)]
    return Comparison(*(statistics.median(column) for column in zip(*measured, strict=True)))


def seconds_of(way: Way) -> float:
    """What one run takes by the clock."""
    began = time.perf_counter()
    way()
    return time.perf_counter() - began
