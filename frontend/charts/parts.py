"""Parts: how an amount splits up, as bars in the order of the frame."""

import pandas as pd

from frontend.charts.template import ACCENT, SEVERITY_COLORS, Chart, chart
from frontend.words import family, readable, severity

MOST_PARTS = 12

NO_FAMILY = "No CWE known"
"""What alerts that name no weakness are called."""

_WORDS = {"severity": severity, "kind": readable, "cwe_family": family}


def severity_bars(frame: pd.DataFrame) -> Chart:
    """Open alerts by severity, worst on top, each bar with its number. frame: open_alerts by severity."""
    colors = [SEVERITY_COLORS.get(code, SEVERITY_COLORS["unknown"]) for code in frame.severity]
    return _open_bars(frame, frame.severity.map(severity), colors)


def family_bars(frame: pd.DataFrame) -> Chart:
    """Open alerts by CWE family, most on top, at most MOST_PARTS. frame: open_alerts by cwe_family."""
    rows = frame.head(MOST_PARTS)
    names = rows.cwe_family.astype("object").where(rows.cwe_family.notna(), NO_FAMILY).map(family)
    return _open_bars(rows, names, ACCENT)


def _open_bars(frame: pd.DataFrame, names: "pd.Series[str]", color: str | list[str]) -> Chart:
    figure = chart(max(120, 60 + 40 * len(frame)))
    figure.add_bar(
        y=names,
        x=frame.n,
        orientation="h",
        marker={"color": color},
        text=[f"{n:,}" for n in frame.n],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y}: %{x:,} open alerts<extra></extra>",
    )
    _horizontal(figure, frame.n.max())
    return figure


def ageing_bars(frame: pd.DataFrame) -> Chart:
    """Open alerts by band of age, youngest on top, each bar split by severity. frame: alert_ageing."""
    figure = chart(max(160, 70 + 40 * len(frame)))
    for code, color in SEVERITY_COLORS.items():
        if not frame[code].sum():
            continue
        figure.add_bar(
            y=frame.age,
            x=frame[code],
            orientation="h",
            name=severity(code),
            marker={"color": color},
            hovertemplate=f"%{{y}}: %{{x:,}} {readable(code).lower()}<extra></extra>",
        )
    for age, n in zip(frame.age, frame.n, strict=True):
        figure.add_annotation(x=n, y=age, text=f"{n:,}", showarrow=False, xanchor="left", xshift=4)
    _horizontal(figure, frame.n.max())
    figure.update_layout(
        barmode="stack", showlegend=True, legend={"orientation": "h", "y": -0.1, "traceorder": "normal"}
    )
    return figure


def duration_bars(frame: pd.DataFrame, part: str) -> Chart:
    """Median time to remediate in days by part, slowest first, with a whisker up to the 90th percentile.

    Severities keep their order; of other parts MOST_PARTS are shown.
    """
    rows = frame[frame.n > 0]
    rows = rows if part == "severity" else rows.sort_values("median_s", ascending=False).head(MOST_PARTS)
    figure = chart(max(140, 60 + 34 * len(rows)))
    median, p90 = rows.median_s.astype("float64") / 86_400, rows.p90_s.astype("float64") / 86_400
    colors = [SEVERITY_COLORS.get(str(code), ACCENT) for code in rows[part]]
    figure.add_bar(
        y=rows[part].map(_WORDS.get(part, str)),
        x=median,
        orientation="h",
        marker={"color": colors},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": p90 - median,
            "arrayminus": [0] * len(rows),
            "thickness": 1.2,
        },
        customdata=pd.DataFrame({"n": rows.n, "p90": p90}),
        hovertemplate="median %{x:,.1f} days<br>90th percentile %{customdata[1]:,.1f} days<br>"
        "n = %{customdata[0]:,}<extra>%{y}</extra>",
    )
    _horizontal(figure, p90.max())
    figure.update_xaxes(showticklabels=True, ticksuffix=" days")
    return figure


def _horizontal(figure: Chart, most: float) -> None:
    figure.update_layout(hovermode="closest", bargap=0.35)
    figure.update_xaxes(showgrid=False, showticklabels=False, range=[0, 1.15 * (most or 1)])
    figure.update_yaxes(showgrid=False, autorange="reversed", zeroline=False, nticks=None)
