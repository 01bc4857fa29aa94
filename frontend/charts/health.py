"""Health: what costs repositories and customers points, and how scores move. Frames are those of the metrics."""

from collections.abc import Mapping

import pandas as pd

from frontend.charts.template import ACCENT, NEUTRAL, Chart, chart, label_end
from shared.metrics.health.signals import SIGNALS

MOST_BARS = 12

COLORS = ("#5B7FDB", "#B57BC9", "#D0874C", "#4BA3A6", "#8B9A46", "#98A2B3")
"""They tell signals apart and mean nothing else; the legend has the words."""

MOST_CHARACTERS = 28
"""Beyond so many characters a name beside a bar is cut."""


def lost_bars(health: pd.DataFrame, signals: Mapping[str, str] = SIGNALS, name: str = "repo") -> Chart:
    """Points lost by signal of the worst that have a score, one stacked bar each, worst on top.

    signals: their titles.  name: the column that names a row, no two of which have the same.
    """
    rows = health[health.score.notna()].head(MOST_BARS)
    figure = chart(150 + 28 * len(rows))
    for (signal, title), color in zip(signals.items(), COLORS, strict=False):
        figure.add_bar(
            y=rows[name],
            x=rows[f"lost_{signal}"].astype("float64").fillna(0),  # after a gap Plotly stacks from zero again
            name=title,
            orientation="h",
            marker={"color": color, "line": {"width": 0}},
            hovertemplate=f"{title}: %{{x:.1f}} points lost<extra>%{{y}}</extra>",
        )
    figure.update_layout(
        barmode="stack",
        hovermode="closest",
        bargap=0.3,
        showlegend=True,
        # Streamlit's columns leave it little width: it grows in height, and never scrolls over the bars.
        legend={
            "orientation": "h",
            "y": 1.02,
            "yanchor": "bottom",
            "x": 0,
            "traceorder": "normal",
            "maxheight": 1,
        },
        margin={"t": 44},
    )
    figure.update_xaxes(showgrid=True, rangemode="tozero", title_text="Points lost of 100")
    names = rows[name].astype("str")
    figure.update_yaxes(showgrid=False, autorange="reversed", zeroline=False, nticks=None)
    figure.update_yaxes(tickmode="array", tickvals=names, ticktext=names.map(_short))
    return figure


def _short(name: str) -> str:
    """A name that leaves the bars their room, cut in the middle, as both its ends tell it from others."""
    return name if len(name) <= MOST_CHARACTERS else f"{name[:11]}…{name[-14:]}"


def score_history(trend: pd.DataFrame, limits: tuple[float, float, float]) -> Chart:
    """The median score by day, from 0 to 100, with the limits of the tiers. trend: health_trend.

    limits: up to which a score is at risk, and below which it is to be watched, and good.
    """
    figure = chart()
    days = trend.day.dt.tz_convert("UTC").dt.tz_localize(None)
    for at, text in zip(limits, ("at risk", "watch", "good"), strict=True):
        figure.add_hline(y=at, line={"color": NEUTRAL, "width": 1, "dash": "dot"}, layer="below")
        label_end(figure, at - 4, text)
    figure.add_scatter(
        x=days,
        y=trend.median_score.astype("float64"),
        customdata=trend[["n", "at_risk"]],
        mode="lines+markers" if len(trend) <= 40 else "lines",
        marker={"size": 5},
        line={"color": ACCENT, "width": 2.5},
        hovertemplate="score %{y:.1f}<br>%{customdata[1]:,} of %{customdata[0]:,} at risk<extra></extra>",
    )
    figure.update_yaxes(range=[0, 100])
    return figure
