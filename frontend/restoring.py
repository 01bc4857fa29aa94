"""Restoring: what the episodes in which workflows were broken add up to, from one frame of restore_episodes.

The figures are those of the metric time_to_restore; a page asks for the episodes once, rather than for each figure,
since looking through all runs is what costs.
"""

from collections.abc import Sequence
from datetime import datetime

import pandas as pd

_TIMES = ["failed_at", "restored_at", "duration_s"]


def within(episodes: pd.DataFrame, since: datetime | None, until: datetime) -> pd.DataFrame:
    """Episodes that were restored in [since, until) or were not yet restored at its end."""
    begun = episodes[episodes.failed_at < until]
    ended = begun.restored_at.notna() & (begun.restored_at < until)
    kept = ended & (begun.restored_at >= since) if since else ended
    return begun[kept | ~ended]


def summary(episodes: pd.DataFrame, since: datetime | None, until: datetime) -> "pd.Series[float]":
    """n, mean_s, median_s and p90_s of the episodes restored in [since, until), and how many were open at its end."""
    found = within(episodes[_TIMES], since, until)  # to choose rows takes time for each column
    restored = found[found.restored_at.notna() & (found.restored_at < until)].duration_s
    return pd.Series(
        {
            "n": float(len(restored)),
            "mean_s": restored.mean(),
            "median_s": restored.median(),
            "p90_s": restored.quantile(0.9),
            "open": float(len(found) - len(restored)),
        }
    )


def broken_at(episodes: pd.DataFrame, times: Sequence[datetime]) -> tuple[int, ...]:
    """How many workflows were broken at each time: those that had broken, without those restored since."""
    known = episodes[episodes.failed_at.notna()]
    restored = known.restored_at.where(known.restored_at >= known.failed_at, known.failed_at)
    restored = restored[known.restored_at.notna()]
    at = pd.DatetimeIndex(list(times), tz="UTC")
    begun, over = (column.sort_values().searchsorted(at, side="right") for column in (known.failed_at, restored))
    return tuple(int(n) for n in begun - over)
