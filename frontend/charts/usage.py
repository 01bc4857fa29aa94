"""Usage: requests, cost and latency over time, and what they were of. Frames are those of the metrics."""

import pandas as pd

from frontend.charts.template import ACCENT, FAILURE, NEUTRAL, SUCCESS, Chart, chart, label_end
from frontend.charts.trends import bucket_times

MOST_PARTS = 10

_LEGEND = {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "itemclick": False, "itemdoubleclick": False}

_WHOLE_USD, _CENTS = 6, 0.06
"""Above so much the lines of an axis are at whole dollars, and at whole cents."""


def request_bars(trend: pd.DataFrame, zone: str) -> Chart:
    """Requests per bucket, those that failed on top. trend: request_trend."""
    figure, at = chart(), bucket_times(trend, zone)
    for column, words, color in (("successes", "succeeded", SUCCESS), ("errors", "failed", FAILURE)):
        figure.add_bar(
            x=at,
            y=trend[column],
            name=words,
            marker={"color": color, "line": {"width": 0}},
            hovertemplate=f"%{{y:,}} {words}<extra></extra>",
        )
    figure.update_layout(barmode="stack", bargap=0.12, showlegend=True, legend=_LEGEND)
    figure.update_yaxes(rangemode="tozero", title_text="Requests")
    return figure


def cost_bars(trend: pd.DataFrame, zone: str) -> Chart:
    """Cost in US dollars per bucket. trend: request_trend."""
    figure, cost = chart(), trend.cost_usd.astype("float64")
    figure.add_bar(
        x=bucket_times(trend, zone),
        y=cost,
        customdata=trend.n_priced,
        marker={"color": ACCENT, "line": {"width": 0}},
        hovertemplate="%{y:$,.2f}<br>of %{customdata:,} requests with a known cost<extra></extra>",
    )
    figure.update_layout(bargap=0.12)
    figure.update_yaxes(rangemode="tozero", tickformat=_usd(cost.max()))
    return figure


def latency_lines(trend: pd.DataFrame, zone: str) -> Chart:
    """Latency in seconds per bucket: the median, and the 95th percentile above it. trend: request_trend."""
    figure, at = chart(), bucket_times(trend, zone)
    for column, words, color in (("p95_latency_ms", "p95", NEUTRAL), ("p50_latency_ms", "median", ACCENT)):
        seconds = trend[column].astype("float64") / 1_000
        figure.add_scatter(
            x=at,
            y=seconds,
            mode="lines+markers" if len(trend) <= 40 else "lines",
            marker={"size": 5},
            line={"color": color, "width": 2},
            connectgaps=False,
            hovertemplate=f"%{{y:,.2f}} s {words}<extra></extra>",
        )
        if seconds.notna().any():
            label_end(figure, float(seconds.dropna().iloc[-1]), words)
    figure.update_yaxes(rangemode="tozero", ticksuffix=" s")
    return figure


def part_bars(names: "pd.Series[str]", n: "pd.Series[int]", noun: str, color: str = ACCENT) -> Chart:
    """Amounts by name, in their order, at most MOST_PARTS, each bar with its number. noun: what they are of."""
    names, n = names.head(MOST_PARTS), n.head(MOST_PARTS)
    figure = chart(max(110, 50 + 30 * len(names)))
    figure.add_bar(
        y=names,
        x=n,
        orientation="h",
        marker={"color": color},
        text=[f"{one:,}" for one in n],
        textposition="outside",
        cliponaxis=False,
        hovertemplate=f"%{{y}}: %{{x:,}} {noun}<extra></extra>",
    )
    figure.update_layout(hovermode="closest", bargap=0.35)
    figure.update_xaxes(showticklabels=False, range=[0, 1.2 * (n.max() if len(n) else 1)])
    figure.update_yaxes(showgrid=False, autorange="reversed", zeroline=False, nticks=None, type="category")
    return figure


def _usd(most: float) -> str:
    """How the lines of an axis up to so many dollars read: each other than the next, and all with as many digits."""
    return "$,.0f" if most > _WHOLE_USD else "$,~f" if most < _CENTS else "$,.2f"
