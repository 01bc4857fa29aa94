"""Buckets: a range cut into hours, days, weeks or months (UTC; weeks begin on Monday), without gaps."""

from datetime import timedelta
from typing import Literal

import ibis
import ibis.expr.types as ir

from shared.scope import Scope

Every = Literal["hour", "day", "week", "month"]

_UNITS = {"hour": "h", "day": "D", "week": "W", "month": "M"}


def every_for(scope: Scope) -> Every:
    """The bucket that suits a range: hours up to 2 days, days up to 92, weeks up to a year, months beyond."""
    length = timedelta.max if scope.since is None else scope.until - scope.since
    if length <= timedelta(days=2):
        return "hour"
    if length <= timedelta(days=92):
        return "day"
    return "week" if length <= timedelta(days=366) else "month"


def bucket_start(time: ir.TimestampValue, every: Every) -> ir.TimestampValue:
    """The start of the bucket that a time falls in, in UTC."""
    # DuckDB truncates a zoned time to one without a zone; the cast puts UTC back.
    return time.truncate(_UNITS[every]).cast("timestamp('UTC')")


def buckets(rows: ir.Table, time: str, scope: Scope, every: Every) -> ir.Table:
    """Every bucket of a range as `period_start`; one without a beginning starts at the rows' first time.

    The first bucket may begin before the range and the last one end after it. No rows give no buckets: that
    nothing is known is not the same as zero.
    """
    # Whether there is any row is known from the first; which is the earliest takes them all.
    some = rows.select(rows[time]) if scope.since is None else rows.select(rows[time]).limit(1)
    first = some.aggregate(at=some[time].min())
    since = first.at if scope.since is None else first.at.isnull().ifelse(None, ibis.literal(scope.since))
    step = ibis.interval(1, unit=_UNITS[every])
    starts = ibis.range(bucket_start(since, every), ibis.literal(scope.until), step)
    return first.select(period_start=starts.unnest().cast("timestamp('UTC')"))
