"""Trends: alerts, runs and durations over time. Frames are those of the metrics of the same name."""

from typing import Any, TypeAlias

import pandas as pd
from plotly.subplots import make_subplots

from frontend.charts.template import (
    ACCENT,
    FAILURE,
    LARGE_PX,
    SUCCESS,
    Chart,
    chart,
    dress,
    faded,
    label_end,
    shade_uncovered,
)

Series: TypeAlias = "pd.Series[Any]"

MOST_MARKERS = 40
"""Points up to which each has a marker; more would blur the line."""

_HOUR = pd.Timedelta(hours=1)
_STEPS = [size * 10**power for power in range(9) for size in (1, 2, 5)]


def alert_trend(frame: pd.DataFrame, zone: str, covered_since: pd.Timestamp | None = None) -> Chart:
    """Open backlog above; opened upwards and closed downwards below it."""
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, row_heights=[0.55, 0.45], vertical_spacing=0.08)
    dress(figure, LARGE_PX)
    at = bucket_times(frame, zone)
    figure.add_scatter(
        x=at,
        y=frame.open_at_end,
        mode="lines",
        line={"color": ACCENT, "width": 2},
        fill="tozeroy",
        fillcolor=faded(ACCENT, 0.12),
        hovertemplate="%{y:,} open at the end<extra></extra>",
        row=1,
        col=1,
    )
    _bars(figure, at, frame.opened, FAILURE, "%{y:,} opened")
    _bars(figure, at, -frame.closed, SUCCESS, "%{customdata:,} closed", frame.closed)
    figure.update_layout(barmode="relative")
    few = len(frame) > 0 and frame.open_at_end.max() <= 5  # there are no half alerts
    figure.update_yaxes(rangemode="tozero", title_text="Open alerts", dtick=1 if few else None, row=1, col=1)
    figure.update_yaxes(title_text="Closed · Opened", row=2, col=1)
    _positive_ticks(figure, frame)
    _shade(figure, at, covered_since, zone)
    return figure


def success_trend(frame: pd.DataFrame, zone: str, covered_since: pd.Timestamp | None = None) -> Chart:
    """Share of runs that succeeded, in percent; a bucket without verdicts is a gap."""
    figure = chart()
    at = bucket_times(frame, zone)
    verdicts = frame.successes + frame.failures
    figure.add_scatter(
        x=at,
        y=100 * frame.success_rate.astype("float64"),
        customdata=pd.DataFrame({"n": verdicts, "failed": frame.failures}),
        mode="lines+markers" if len(frame) <= MOST_MARKERS or frame.success_rate.isna().any() else "lines",
        marker={"size": 5},
        line={"color": SUCCESS, "width": 2},
        connectgaps=False,
        hovertemplate="%{y:.1f} % succeeded<br>%{customdata[1]:,} of %{customdata[0]:,} runs failed<extra></extra>",
    )
    lowest = 100 * float(frame.success_rate.min()) if frame.success_rate.notna().any() else 0.0
    figure.update_yaxes(range=[max(0.0, 10 * (lowest // 10 - 1)), 101], ticksuffix=" %")
    _shade(figure, at, covered_since, zone)
    return figure


def duration_trend(frame: pd.DataFrame, at: str, *, log: bool = False) -> Chart:
    """Median duration with a band up to the p95, in minutes; `at` is the frame's column: day or month."""
    figure, rows = chart(), _without_gaps(frame, at)
    median, p95 = rows.p50_s.astype("float64") / 60, rows.p95_s.astype("float64") / 60
    _band(figure, rows[at], (median, "median"), (p95, "p95"), rows.n, "min", log=log)
    _scale(figure, "min", log=log)
    return figure


def remediation_by_month(frame: pd.DataFrame, *, log: bool = False) -> Chart:
    """Median time to remediate with a band up to the p90, in days, by month of closing."""
    figure, rows = chart(), _without_gaps(frame, "month")
    median, p90 = rows.median_s.astype("float64") / 86_400, rows.p90_s.astype("float64") / 86_400
    _band(figure, rows.month, (median, "median"), (p90, "p90"), rows.n, "days", log=log)
    _scale(figure, "days", log=log)
    figure.update_xaxes(tickformat="%b %Y", hoverformat="%B %Y", **({"dtick": "M1"} if len(rows) <= 12 else {}))
    return figure


def bucket_times(frame: pd.DataFrame, zone: str) -> Series:
    """Bucket starts without a zone: hours in the viewer's, days and longer as the UTC days they are."""
    starts = frame.period_start
    hourly = len(starts) > 1 and starts.iloc[1] - starts.iloc[0] == _HOUR
    local: Series = (starts.dt.tz_convert(zone) if hourly else starts).dt.tz_localize(None)
    return local


def _bars(figure: Chart, at: Any, height: Any, color: str, hover: str, said: Any = None) -> None:  # noqa: ANN401
    figure.add_bar(
        x=at,
        y=height,
        customdata=said,
        marker={"color": color, "line": {"width": 0}},
        hovertemplate=f"{hover}<extra></extra>",
        row=2,
        col=1,
    )


def _positive_ticks(figure: Chart, frame: pd.DataFrame) -> None:
    """Closed alerts hang below zero, but there are no negative alerts: the axis shows how many."""
    most = int(max([1, *frame.opened, *frame.closed]))
    step = next(size for size in _STEPS if 2.5 * size >= most)
    ticks = [tick for tick in range(-2 * step, 2 * step + 1, step) if -frame.closed.max() - step < tick]
    figure.update_yaxes(tickvals=ticks, ticktext=[f"{abs(tick):,}" for tick in ticks], row=2, col=1)


def _band(
    figure: Chart, x: Series, low: tuple[Series, str], high: tuple[Series, str], n: Series, unit: str, *, log: bool
) -> None:
    """A median line, and the area up to a high percentile; each is named at its end. x and all values are aligned."""
    mode = "lines+markers" if len(x) <= MOST_MARKERS else "lines"
    for (values, name), line, more in (
        (low, {"color": ACCENT, "width": 2.5}, {"text": [f" (n = {count:,})" for count in n]}),
        (high, {"color": ACCENT, "width": 1}, {"fill": "tonexty", "fillcolor": faded(ACCENT, 0.14)}),
    ):
        hover = f"{name} %{{y:,.1f}} {unit}%{{text}}<extra></extra>"
        figure.add_scatter(
            x=x, y=values, mode=mode, line=line, connectgaps=False, hovertemplate=hover, **{"text": "", **more}
        )
        known = values.dropna()
        if len(known):
            label_end(figure, known.iloc[-1], name, log=log)


def _shade(figure: Chart, at: Series, covered_since: pd.Timestamp | None, zone: str) -> None:
    """Shades the buckets that lie wholly before collecting began."""
    if covered_since is None or pd.isna(covered_since) or len(at) < 2:
        return
    until = covered_since.tz_convert(zone).tz_localize(None)
    if at.iloc[1] <= until:
        shade_uncovered(figure, at.iloc[0], min(until, at.iloc[-1]))


def _without_gaps(frame: pd.DataFrame, at: str) -> pd.DataFrame:
    """The frame with a row of nulls for each day or month in which nothing happened, so that lines break there."""
    times = pd.to_datetime(frame[at], utc=True).dt.tz_localize(None)
    whole = pd.date_range(times.min(), times.max(), freq="D" if at == "day" else "MS")
    filled = frame.drop(columns=at).set_index(times).reindex(whole)
    return filled.assign(n=filled.n.fillna(0).astype("int64")).rename_axis(at).reset_index()


def _scale(figure: Chart, unit: str, *, log: bool) -> None:
    """The axis of durations; a logarithmic one has a tick at 1, 2 and 5 of each power."""
    figure.update_yaxes(ticksuffix=f" {unit}", **({"type": "log", "dtick": "D2"} if log else {"rangemode": "tozero"}))
