"""Health: what costs repositories and customers points, and how scores move. Frames are those of the metrics."""

from collections.abc import Mapping

import pandas as pd

from frontend.charts.template import ACCENT, NEUTRAL, Chart, chart, label_end
from shared.metrics.health.signals import SIGNALS

MOST_BARS = 12

COLORS = ("#5B7FDB", "#B57BC9", "#D0874C", "#4BA3A6", "#8B9A46", "#98A2B3")
"""They tell signals apart and mean nothing else; the legend has the words."""


def lost_bars(health: pd.DataFrame, signals: Mapping[str, str] = SIGNALS, name: str = "repo") -> Chart:
    """Points lost by signal of the worst that have a score, one stacked bar each, worst on top.

    signals: their titles.  name: the column that names a row, no two of which have the same.
    """
    rows = health[health.score.notna()].head(MOST_BARS)
    figure = chart(max(170, 90 + 28 * len(rows)))
    for (signal, title), color in zip(signals.items(), COLORS, strict=False):
        figure.add_bar(
            y=rows[name],
            x=rows[f"lost_{signal}"].astype("float64"),
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
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "traceorder": "normal"},
        margin={"t": 44},
    )
    figure.update_xaxes(showgrid=True, rangemode="tozero", title_text="Points lost of 100")
    figure.update_yaxes(showgrid=False, autorange="reversed", zeroline=False, nticks=None)
    return figure


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
