"""Remediating: time to remediate by part, against the previous period."""

import pandas as pd

from frontend.figures import FEW


def compared(now: pd.DataFrame, before: pd.DataFrame | None, part: str) -> pd.DataFrame:
    """Time to remediate by part with the median of the previous period, the change, and a note on few cases."""
    earlier = None if before is None else before[before.n > 0].set_index(part).median_s
    previous = now[part].map(earlier) if earlier is not None else pd.Series(float("nan"), index=now.index)
    previous = previous.astype("float64")
    note = ["too few to judge" if n < FEW else "" for n in now.n]
    return now.assign(previous_median_s=previous, change_s=now.median_s - previous, note=note)


def newest_first(overview: pd.DataFrame) -> pd.DataFrame:
    """The months of repository_overview or organisation_overview, the newest first and the most open ones on top."""
    return overview.sort_values(["month", "open_alerts"], ascending=False)
