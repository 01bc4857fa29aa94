"""Durations: seconds between two times, and how a spread of durations is summed up."""

import ibis.expr.types as ir


def seconds_between(start: ir.TimestampValue, end: ir.TimestampValue) -> ir.FloatingValue:
    """Seconds from start to end, exact to the microsecond; negative if end is first, null if either is."""
    return end.delta(start, unit="microsecond") / 1_000_000.0


def spread(durations: ir.FloatingColumn) -> dict[str, ir.Value]:
    """Mean, median and 90th percentile (linear interpolation) in seconds; nulls without a duration."""
    return {"mean_s": durations.mean(), "median_s": durations.median(), "p90_s": durations.quantile(0.9)}
