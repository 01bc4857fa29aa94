"""Customers: what they did over time. Frames are those of the metrics."""

import pandas as pd

from frontend.charts.health import COLORS
from frontend.charts.template import Chart, chart

FEW = 5
"""Up to so many events at most in a part of the range, each has its own tick."""

ACTIVITIES = {
    "login": "Logins",
    "feature": "Feature uses",
    "api": "API calls",
    "ticket": "Tickets",
    "invoice": "Invoices",
}


def activity_bars(activity: pd.DataFrame) -> Chart:
    """Events by type in each part of the range, stacked. activity: customer_activity."""
    figure = chart()
    times = pd.to_datetime(activity.period_start, utc=True).dt.tz_localize(None)
    for (name, title), color in zip(ACTIVITIES.items(), COLORS, strict=False):
        figure.add_bar(
            x=times,
            y=activity[name],
            name=title,
            marker={"color": color, "line": {"width": 0}},
            hovertemplate=f"%{{y:,}} {title[0].lower() if name != 'api' else 'A'}{title[1:]}<extra></extra>",
        )
    figure.update_layout(
        barmode="stack",
        showlegend=True,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "traceorder": "normal"},
        margin={"t": 44},
    )
    few = len(activity) == 0 or activity.n.max() <= FEW
    figure.update_yaxes(rangemode="tozero", title_text="Events", tickformat=",~f", dtick=1 if few else None)
    return figure
