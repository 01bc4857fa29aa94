"""Duration histogram: how many runs took how long, in buckets that add up, and the quantiles that they tell.

The buckets are those of `workflow_daily`. Each ends at 10^(1/10), about 1.26 times its beginning, and a duration in it
is taken for the middle of both (the geometric one), in the first bucket for half of its end. So a quantile of the
buckets is off by at most ERROR of the exact one, which interpolates between the closest ranks in the same way; and by
1.6 s more where the lower of them is below 3.2 s. The last bucket has no end; what is in it is taken for 33 days.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import floor, sqrt

import ibis.expr.types as ir

from shared.datasets.workflow_daily import BUCKETS_PER_DECADE, DURATION_BOUNDS_S, DURATION_BUCKETS

_STEP: float = 10.0 ** (1 / BUCKETS_PER_DECADE)

ERROR = sqrt(_STEP) - 1
"""The greatest relative error of a quantile: 12.2 %."""

_ENDS_S = (*DURATION_BOUNDS_S, DURATION_BOUNDS_S[-1] * _STEP)
_MIDDLES_S = (DURATION_BOUNDS_S[0] / 2, *(sqrt(start * end) for start, end in pairwise(_ENDS_S)))


def histogram(durations: ir.FloatingColumn) -> dict[str, ir.Value]:
    """The aggregates DURATION_BUCKETS of a column of seconds; nulls are in no bucket, negative ones in the first."""
    starts = (None, *DURATION_BOUNDS_S)
    ends = (*DURATION_BOUNDS_S, None)
    return {
        name: durations.count(where=_between(durations, start, end)).cast("int32")
        for name, start, end in zip(DURATION_BUCKETS, starts, ends, strict=True)
    }


def merged(days: ir.Table, *by: str) -> ir.Table:
    """The histograms of rows of `workflow_daily` added up, by some of its columns or in one row (0 without rows)."""
    sums = {name: days[name].sum().fill_null(0) for name in DURATION_BUCKETS}
    return days.group_by(*by).aggregate(**sums) if by else days.aggregate(**sums)


def quantile_s(buckets: Mapping[str, int] | Sequence[int], share: float) -> float | None:
    """About so long (in seconds) took the given share of runs at most, such as 0.95; None without runs.

    buckets: counts in the order of DURATION_BUCKETS, or by their names.
    """
    counts = [buckets[name] for name in DURATION_BUCKETS] if isinstance(buckets, Mapping) else buckets
    if not (total := sum(counts)):
        return None
    place = (total - 1) * share
    rank = floor(place)
    low, high = _middle_s(counts, rank), _middle_s(counts, min(rank + 1, total - 1))
    return low + (high - low) * (place - rank)


def _middle_s(counts: Sequence[int], rank: int) -> float:
    """What the duration of a rank, the shortest being 0, is taken for."""
    passed = 0
    for count, middle in zip(counts, _MIDDLES_S, strict=True):
        passed += count
        if rank < passed:
            return middle
    raise AssertionError("unreachable")


def _between(durations: ir.FloatingColumn, start: float | None, end: float | None) -> ir.BooleanValue:
    if start is None:
        return durations < end
    return durations >= start if end is None else (durations >= start) & (durations < end)
