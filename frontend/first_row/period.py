"""What the figures of a first row have in common: the previous period, sparklines, and what is not known."""

from dataclasses import replace

import pandas as pd

from frontend import data
from frontend.figures import Figure
from frontend.words import DAY_S, count
from shared.metrics.coverage import GOOD
from shared.scope import Scope

SPARKLINE_POINTS = 40


def period_of(scope: Scope) -> str:
    """What changes are against: "previous 90 days"; "" where there is no previous period."""
    if scope.since is None:
        return ""
    seconds = (scope.until - scope.since).total_seconds()
    return f"previous {count(seconds / DAY_S, 'day')}" if seconds > DAY_S else "previous 24 hours"


def or_unknown(figure: Figure, dataset: str) -> Figure:
    """The figure, or an unknown one where the dataset holds nothing at all."""
    if data.row_counts()[dataset]:
        return figure
    return replace(figure, value=None, change="", sparkline=(), note="nothing collected yet")


def gaps(scope: Scope, sources: tuple[str, ...]) -> str:
    """How many sources of the scope are unknown, as a note; "" if none."""
    ledger = data.coverage(scope)
    missing = int((ledger.dataset.isin(sources) & ~ledger.outcome.isin(GOOD)).sum())
    return f"{count(missing, 'source')} unknown" if missing else ""


def previously(name: str, scope: Scope, by: str | None = None) -> pd.DataFrame | None:
    """A metric in the previous period; None where there is none."""
    previous = scope.previous()
    return None if previous is None else data.metric(name, previous, by)


def first(frame: pd.DataFrame | None) -> "pd.Series | None":
    """The first row of a frame, if there is a frame."""
    return None if frame is None else frame.iloc[0]


def points(frame: pd.DataFrame, column: str) -> tuple[float, ...]:
    """The known values of a column, for a sparkline; none where there are fewer than two."""
    values = tuple(float(value) for value in frame[column].dropna())
    return values if len(values) > 1 else ()
