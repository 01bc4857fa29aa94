"""Activity: when a workflow runs, how its runs end, and how long the newest of them took."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pandas as pd

from frontend.charts.template import (
    ACCENT,
    FAILURE,
    MEDIUM_PX,
    NEUTRAL,
    SEVERITY_COLORS,
    SUCCESS,
    Chart,
    chart,
    faded,
)
from frontend.charts.trends import bucket_times
from frontend.words import count, readable
from shared.metrics.workflows.outcomes import FAILURES

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

ENDS = {
    "successes": ("succeeded", SUCCESS),
    "failures": ("failed", FAILURE),
    "cancelled": ("cancelled", NEUTRAL),
    "other": ("other or unfinished", SEVERITY_COLORS["low"]),
}
"""How runs end, as a chart shows it: the column of run_trend, its words and its colour."""

_HOURS = 24
_WEEK = _HOURS * len(DAYS)


def outcome_shares(frame: pd.DataFrame, zone: str) -> Chart:
    """The share of runs by how they ended, stacked, per bucket. frame: run_trend; a bucket without runs is a gap."""
    figure = chart()
    at = bucket_times(frame, zone)
    total = frame.runs.where(frame.runs > 0)
    for column, (words, color) in ENDS.items():
        if not frame[column].any():
            continue
        figure.add_bar(
            x=at,
            y=100 * (frame[column] / total).astype("float64"),
            name=words,
            customdata=pd.DataFrame({"n": frame[column], "of": frame.runs}),
            marker={"color": color, "line": {"width": 0}},
            hovertemplate=f"%{{y:.1f}} % {words} (%{{customdata[0]:,}} of %{{customdata[1]:,}})<extra></extra>",
        )
    figure.update_layout(barmode="stack", bargap=0.08, showlegend=True, legend=_LEGEND)
    figure.update_yaxes(range=[0, 100], ticksuffix=" %")
    return figure


def week_heatmap(frame: pd.DataFrame, zone: str, at: datetime) -> Chart:
    """Runs by weekday and hour, the more the darker. frame: run_activity, in UTC.

    Shown in the viewer's zone with its offset at the time `at`; where that is not whole hours, in UTC.
    """
    offset_s = ZoneInfo(zone).utcoffset(at) or pd.Timedelta(0)
    shift, part = divmod(int(offset_s.total_seconds()), 3_600)
    named, shift = ("UTC", 0) if part else (zone, shift)
    place = ((frame.weekday - 1) * _HOURS + frame.hour + shift) % _WEEK
    cells = frame.assign(place=place).set_index("place").reindex(range(_WEEK))
    shape = (len(DAYS), _HOURS)
    said = [
        "no run" if pd.isna(runs) else f"{count(runs, 'run')}, {int(failures):,} failed"
        for runs, failures in zip(cells.runs, cells.failures, strict=True)
    ]
    figure = chart(MEDIUM_PX)
    figure.add_heatmap(
        x=[f"{hour:02d}" for hour in range(_HOURS)],
        y=DAYS,
        z=cells.runs.to_numpy(dtype="float64").reshape(shape),
        text=[said[day * _HOURS : (day + 1) * _HOURS] for day in range(len(DAYS))],
        colorscale=[[0, faded(ACCENT, 0.12)], [1, ACCENT]],
        showscale=False,
        xgap=2,
        ygap=2,
        hovertemplate="%{y} %{x}:00, %{text}<extra></extra>",
    )
    figure.update_layout(hovermode="closest")
    figure.update_xaxes(title=f"Hour of the day ({named})", dtick=3)
    figure.update_yaxes(autorange="reversed", showgrid=False, nticks=None, dtick=1)
    return figure


def newest_runs(frame: pd.DataFrame, zone: str, *, log: bool = False) -> Chart:
    """The newest runs one by one: when they began, how long they took and how they ended. frame: runs_list."""
    figure = chart()
    rows = frame[frame.duration_s.notna()]
    begun = rows.run_started_at.fillna(rows.created_at).dt.tz_convert(zone).dt.tz_localize(None)
    ends = rows.conclusion.map(_end)
    for column, (words, color) in ENDS.items():
        mine = ends == column
        if not mine.any():
            continue
        told = rows[mine]
        figure.add_scatter(
            x=begun[mine],
            y=told.duration_s.astype("float64") / 60,
            name=words,
            mode="markers",
            marker={"color": color, "size": 7, "symbol": "x" if column == "failures" else "circle", "opacity": 0.8},
            text=[
                f"{readable(event)} on {branch}"
                for event, branch in zip(told.event, told.branch.fillna("an unknown branch"), strict=True)
            ],
            customdata=told.run_number,
            hovertemplate=f"%{{y:,.1f}} min, {words}<br>%{{text}}, run %{{customdata}}<extra></extra>",
        )
    figure.update_layout(hovermode="closest", showlegend=True, legend=_LEGEND)
    figure.update_yaxes(ticksuffix=" min", **({"type": "log", "dtick": "D2"} if log else {"rangemode": "tozero"}))
    return figure


def _end(conclusion: object) -> str:
    if conclusion == "success":
        return "successes"
    if conclusion in FAILURES:
        return "failures"
    return "cancelled" if conclusion == "cancelled" else "other"


_LEGEND = {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "itemclick": False, "itemdoubleclick": False}
