"""Trends: alerts, runs and durations over time. Frames are those of the metrics of the same name."""

import math
from functools import cache
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from frontend.charts.template import (
    ACCENT,
    FAILURE,
    LARGE_PX,
    NEUTRAL,
    SUCCESS,
    Chart,
    chart,
    dress,
    faded,
    label_end,
    label_stretch,
    shade,
)
from frontend.figures import enough_to_judge
from frontend.words import count

Series: TypeAlias = "pd.Series[Any]"

MOST_MARKERS = 40
"""Points up to which each has a marker; more would blur the line."""

LABEL = 0.1
"""Share of a chart's height that a label takes."""

HOURS_FROM_MIN = 600
"""Minutes from which on durations are shown in hours."""

NOTABLE = 0.05
"""Share of sources above which a stretch is shaded where they are not covered; of fewer, hovering tells."""

_HOUR = pd.Timedelta(hours=1)
_STEPS = [size * 10**power for power in range(9) for size in (1, 2, 5)]


def alert_trend(frame: pd.DataFrame, zone: str, unknown: pd.DataFrame | None = None) -> Chart:
    """Open backlog above; opened upwards and closed downwards below it.

    unknown: by bucket, what frontend/uncovered.py gives.
    """
    figure = go.Figure(_two_rows())
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
    _shade_unknown(figure, at, unknown, 0.0)
    return figure


@cache
def _two_rows() -> Chart:
    """An empty figure with two charts over one time axis, to be copied: to make one takes as long as to fill it."""
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, row_heights=[0.55, 0.45], vertical_spacing=0.08)
    dress(figure, LARGE_PX)
    return figure


def success_trend(frame: pd.DataFrame, zone: str, unknown: pd.DataFrame | None = None) -> Chart:
    """Share of runs that succeeded, in percent. unknown: as in alert_trend.

    A bucket without verdicts is a gap, and so is one with too few to judge where most have enough.
    """
    figure = chart()
    at = bucket_times(frame, zone)
    verdicts = frame.successes + frame.failures
    rates = enough_to_judge(frame)
    alone = rates.notna() & rates.shift().isna() & rates.shift(-1).isna()  # a line of one point is not to be seen
    figure.add_scatter(
        x=at,
        y=100 * rates,
        customdata=pd.DataFrame({"n": verdicts, "failed": frame.failures}),
        mode="lines+markers" if len(frame) <= MOST_MARKERS or alone.any() else "lines",
        marker={"size": 5},
        line={"color": SUCCESS, "width": 2},
        connectgaps=False,
        hovertemplate="%{y:.1f} % succeeded<br>%{customdata[1]:,} of %{customdata[0]:,} runs failed<extra></extra>",
    )
    lowest = 100 * float(rates.min()) if rates.notna().any() else 0.0
    figure.update_yaxes(range=[max(0.0, 10 * (lowest // 10 - 1)), 101], ticksuffix=" %")
    _shade_unknown(figure, at, unknown, 100.0)
    return figure


def duration_trend(frame: pd.DataFrame, at: str, *, log: bool = False, queue: bool = False) -> Chart:
    """Median duration with a band up to the p95, in minutes, or in hours where many are long; `at`: day or month.

    queue: the time before a run began instead.
    """
    figure, rows = chart(), _without_gaps(frame, at)
    median, p95 = (rows[f"{'queue_' if queue else ''}{name}_s"].astype("float64") / 60 for name in ("p50", "p95"))
    unit = "min"
    if p95.max() > HOURS_FROM_MIN:
        median, p95, unit = median / 60, p95 / 60, "h"
    if log:  # which has no place for a zero
        median, p95 = median.where(median > 0), p95.where(p95 > 0)
    _band(figure, rows[at], (median, "median"), (p95, "p95"), rows.n, unit, log=log)
    _scale(figure, unit, log=log)
    return figure


def remediation_by_month(frame: pd.DataFrame, *, log: bool = False) -> Chart:
    """Median time to remediate with a band up to the p90, in days, by month of closing."""
    figure, rows = chart(), _without_gaps(frame, "month")
    median, p90 = rows.median_s.astype("float64") / 86_400, rows.p90_s.astype("float64") / 86_400
    _band(figure, rows.month, (median, "median"), (p90, "p90"), rows.n, "days", log=log)
    _scale(figure, "days", log=log)
    figure.update_xaxes(tickformat="%b %Y", hoverformat="%B %Y", **({"dtick": "M1"} if len(rows) <= 12 else {}))
    return figure


def lead_time_trend(frame: pd.DataFrame, at: str, *, log: bool = False) -> Chart:
    """Median lead time with a band up to the p90, in days; `at` is the frame's column: week or month."""
    figure, rows = chart(), _without_gaps(frame[frame.changes > 0].assign(n=frame.changes), at)
    median, p90 = rows.lead_time_median_s.astype("float64") / 86_400, rows.lead_time_p90_s.astype("float64") / 86_400
    _band(figure, rows[at], (median, "median"), (p90, "p90"), rows.n, "days", log=log)
    _scale(figure, "days", log=log)
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
    fill = {"fillcolor": faded(ACCENT, 0.14)}
    if low[0].isna().any():  # Plotly would fill from one line to the other across what is not known
        _fill_stretches(figure, x, low[0], high[0], fill)
    else:
        fill["fill"] = "tonexty"
    for (values, name), line, more in (
        (low, {"color": ACCENT, "width": 2.5}, {"text": [f" (n = {number:,})" for number in n]}),
        (high, {"color": ACCENT, "width": 1}, fill),
    ):
        hover = f"{name} %{{y:,.1f}} {unit}%{{text}}<extra></extra>"
        figure.add_scatter(
            x=x, y=values, mode=mode, line=line, connectgaps=False, hovertemplate=hover, **{"text": "", **more}
        )
    _label_ends(figure, low, high, log=log)


def _fill_stretches(figure: Chart, x: Series, low: Series, high: Series, fill: dict[str, str]) -> None:
    """Fills the area between two lines, stretch by stretch of where both are known."""
    known = low.notna() & high.notna()
    outline: list[tuple[Any, float | None]] = []
    for _, first, last in _stretches(known.astype(int)):
        part = slice(first, last + 1)
        outline += [
            *zip(x[part], high[part], strict=True),
            *zip(x[part][::-1], low[part][::-1], strict=True),
            (None, None),
        ]
    across, up = pd.to_datetime([place for place, _ in outline]), [value for _, value in outline]
    figure.add_scatter(x=across, y=up, mode="lines", line={"width": 0}, fill="toself", hoverinfo="skip", **fill)


def _label_ends(figure: Chart, low: tuple[Series, str], high: tuple[Series, str], *, log: bool) -> None:
    """Names two lines at their ends; by one label where they end so near each other that two would overlap."""
    ends = [(float(values.dropna().iloc[-1]), name) for values, name in (low, high) if values.notna().any()]
    if len(ends) > 1 and _close(ends[0][0], ends[1][0], low[0].min() if log else 0.0, high[0].max(), log=log):
        ends = [(ends[1][0], f"{ends[1][1]}<br>{ends[0][1]}")]
    for end, name in ends:
        label_end(figure, end, name, log=log)


def _close(one: float, other: float, least: float, most: float, *, log: bool) -> bool:
    """Whether two places on an axis from the least to the most are nearer than a label is high."""
    if log:
        one, other, least, most = (math.log10(value) for value in (one, other, least, most))
    return abs(other - one) < LABEL * (most - least)


def _shade_unknown(figure: Chart, at: Series, unknown: pd.DataFrame | None, height: float) -> None:
    """Shades the buckets in which sources are not covered, and says on hovering how many of them are not.

    height: a place on the first axis that is always in view.
    """
    if unknown is None or len(at) < 2 or not unknown.missing.any():
        return
    half, share = (at.iloc[1] - at.iloc[0]) / 2, unknown.missing / unknown.sources
    # By tenths, so that a few stretches are drawn and not one for each bucket.
    steps = np.ceil((10 * share).round(6)).where(share >= NOTABLE, 0) / 10
    named: set[str] = set()
    for step, first, last in _stretches(steps):
        shade(figure, at.iloc[first] - half, at.iloc[last] + half, step)
        text = "Not collected" if step == 1 else "Partly collected"
        if text not in named:
            late = first > len(at) / 2
            edge = at.iloc[last] + half if late else at.iloc[first] - half
            label_stretch(figure, edge, text, side="right" if late else "left")
        named.add(text)
    _say_unknown(figure, at, unknown, height)


def _stretches(steps: Series) -> list[tuple[float, int, int]]:
    """Runs of equal values above zero: the value, and the places of the first and the last."""
    runs = (steps != steps.shift()).cumsum().to_numpy()
    places = pd.Series(range(len(steps)))
    return [
        (float(steps.iloc[part.iloc[0]]), int(part.iloc[0]), int(part.iloc[-1]))
        for _, part in places.groupby(runs)
        if steps.iloc[part.iloc[0]] > 0
    ]


def _say_unknown(figure: Chart, at: Series, unknown: pd.DataFrame, height: float) -> None:
    """A line for hovering over buckets of which not all is known."""
    some = (unknown.missing > 0).to_numpy()
    figure.add_scatter(
        x=at[some],
        y=[height] * int(some.sum()),
        mode="markers",
        marker={"opacity": 0, "color": NEUTRAL},
        text=[
            f"{missing:,} of {count(sources, 'source')} not collected"
            for missing, sources in unknown[some].itertuples(index=False)
        ],
        hovertemplate="%{text}<extra></extra>",
    )


def _without_gaps(frame: pd.DataFrame, at: str) -> pd.DataFrame:
    """The frame with a row of nulls for each day, week or month without anything, so that lines break there."""
    times = pd.to_datetime(frame[at], utc=True).dt.tz_localize(None)
    whole = pd.date_range(times.min(), times.max(), freq={"day": "D", "week": "W-MON"}.get(at, "MS"))
    filled = frame.drop(columns=at).set_index(times).reindex(whole)
    return filled.assign(n=filled.n.fillna(0).astype("int64")).rename_axis(at).reset_index()


def _scale(figure: Chart, unit: str, *, log: bool) -> None:
    """The axis of durations; a logarithmic one has a tick at 1, 2 and 5 of each power."""
    figure.update_yaxes(ticksuffix=f" {unit}", **({"type": "log", "dtick": "D2"} if log else {"rangemode": "tozero"}))
