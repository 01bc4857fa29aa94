"""Figures of alerts that several pages show."""

from dataclasses import replace

import pandas as pd

from frontend import data
from frontend.ahead import WORST
from frontend.figures import Figure, count_figure, duration_figure, metric_text
from frontend.first_row.period import first, gaps, or_unknown, points, previously
from frontend.periods import last_year
from frontend.words import duration
from shared.datasets.alerts import KINDS
from shared.scope import Scope

_MONTHLY = "The sparkline shows the last twelve months."


def open_alerts(scope: Scope, *, worst: bool = False) -> Figure:
    """Alerts open at the end of the range; worst: only those critical or high."""
    title, text = "Critical and high" if worst else "Open alerts", metric_text("open_alerts")
    narrowed = _worst(scope) if worst else scope
    if narrowed is None:
        return Figure(title, None, "lower", text, note="filtered out")
    now, before = data.metric("open_alerts", scope, "severity"), previously("open_alerts", scope, "severity")
    earlier = None if before is None else _open(before, worst=worst)
    figure = count_figure(title, _open(now, worst=worst), earlier, better="lower", text=text)
    trend = data.metric("alert_trend", narrowed)
    return or_unknown(replace(figure, sparkline=points(trend, "open_at_end"), note=gaps(scope, KINDS)), "alerts")


def time_to_remediate(scope: Scope) -> Figure:
    """The median time to remediate, with the mean in its help."""
    now, before = data.metric("time_to_remediate", scope).iloc[0], previously("time_to_remediate", scope)
    mean = (
        "" if pd.isna(now.mean_s) else f"**Mean:** {duration(now.mean_s)}. **90th percentile:** {duration(now.p90_s)}."
    )
    text = metric_text("time_to_remediate", f"{mean} {_MONTHLY}")
    figure = duration_figure("Time to remediate", "median_s", now, first(before), text=text, noun="fix", plural="fixes")
    return or_unknown(replace(figure, sparkline=points(by_month(scope), "median_s")), "alerts")


def by_month(scope: Scope, **switches: bool) -> pd.DataFrame:
    """Time to remediate in each of the last twelve months."""
    return data.metric("time_to_remediate", last_year(scope), "month", **switches)


def _worst(scope: Scope) -> Scope | None:
    """The scope narrowed to the worst severities; None if it excludes them."""
    severities = tuple(name for name in WORST if not scope.severities or name in scope.severities)
    return replace(scope, severities=severities) if severities else None


def _open(severities: pd.DataFrame, *, worst: bool) -> float:
    """How many alerts are open, all or the worst, of a frame of open_alerts by severity."""
    return float(severities[severities.severity.isin(WORST)].n.sum() if worst else severities.n.sum())
