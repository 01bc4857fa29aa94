"""Cadence: how often something happens, learned from the last times that it did."""

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from shared.metrics.durations import seconds_between
from shared.policy.workflows import WorkflowPolicy

LEARNED_FROM = 20
"""Intervals that a cadence is the median of; fewer where fewer are known."""

_TIME = dt.Timestamp(timezone="UTC")
_TIMES = dt.Array(_TIME)


@ibis.udf.agg.builtin(name="max", signature=((_TIME, dt.int64), _TIMES))
def _newest(times, n):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """The n last times, last first: the engine keeps n per group instead of sorting all of them."""


def last_times(times: ir.TimestampColumn) -> ir.ArrayValue:
    """The last times that a cadence is learned from, newest first; an aggregate."""
    found: ir.ArrayValue = _newest(times, LEARNED_FROM + 1)
    return found


def newest_of(parts: ir.ArrayColumn) -> ir.ArrayValue:
    """The last times among those of several parts, newest last; an aggregate."""
    return parts.collect().flatten().sort()[-(LEARNED_FROM + 1) :]


def overdue(quiet_s: ir.FloatingValue, median_interval_s: ir.FloatingValue, limits: WorkflowPolicy) -> ir.BooleanValue:
    """Whether something has rested for longer than its own cadence allows; not where none could be learned yet.

    quiet_s: seconds since it last happened.
    """
    most_s = ibis.greatest(limits.stale_intervals * median_interval_s, limits.stale_after.total_seconds())
    late: ir.BooleanValue = median_interval_s.notnull() & (quiet_s > most_s)
    return late


def median_intervals(parts: ir.Table, key: tuple[str, ...]) -> ir.Table:
    """The median interval of each part: the columns of the key and median_interval_s; no row below two times.

    parts: one row per key, with a column `last_times` that last_times or newest_of made.
    """
    times = parts.last_times.sort()
    pairs = parts.select(*key, older=times[:-1].unnest(), newer=times[1:].unnest())
    return pairs.group_by(*key).aggregate(median_interval_s=seconds_between(pairs.older, pairs.newer).median())
