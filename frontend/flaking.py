"""Flaking: what flakes add up to, from one frame of them over both periods, so that a page asks only once."""

from datetime import datetime

import pandas as pd

_SUMMED = ("failed_attempts", "wasted_minutes", "estimated_minutes", "wasted_cost")


def summary(flakes: pd.DataFrame, since: datetime | None, until: datetime) -> "pd.Series[float]":
    """Flakes and what they wasted, of those in [since, until); a sum of nothing known is NaN."""
    found = within(flakes, since, until)
    sums = {name: found[name].sum(min_count=1) for name in _SUMMED}
    return pd.Series({"flakes": float(len(found)), **sums}, dtype="float64")


def within(flakes: pd.DataFrame, since: datetime | None, until: datetime) -> pd.DataFrame:
    """Those whose successful run was created in [since, until)."""
    kept = flakes.created_at < until
    return flakes[kept & (flakes.created_at >= since) if since else kept]


def by_week(flakes: pd.DataFrame) -> pd.DataFrame:
    """Per week of the range, also those without: flakes, wasted_minutes and wasted_cost."""
    at = flakes.set_index(flakes.created_at.dt.tz_localize(None)).assign(flakes=1)
    summed: pd.DataFrame = at[["flakes", "wasted_minutes", "wasted_cost"]].resample("W-MON", closed="left").sum()
    return summed
