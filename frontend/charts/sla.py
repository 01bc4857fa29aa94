"""SLA charts: compliance by severity and month, under two policies, and the backlog to come."""

import math

import pandas as pd

from frontend.charts.template import ACCENT, NEUTRAL, SEVERITY_COLORS, Chart, chart, faded, label_end
from frontend.figures import FEW
from frontend.words import severity


def compliance_bars(frame: pd.DataFrame) -> Chart:
    """Share of closed alerts within their limit, in percent, by severity, worst on top. frame: sla_summary by severity.

    A severity without closed alerts has no bar but says so.
    """
    figure = chart(max(140, 60 + 40 * len(frame)))
    figure.add_bar(
        y=frame.severity.map(severity),
        x=_percent(frame.compliance).fillna(0),
        orientation="h",
        marker={"color": [SEVERITY_COLORS.get(code, SEVERITY_COLORS["unknown"]) for code in frame.severity]},
        text=[_said(share, n) for share, n in zip(frame.compliance, frame.met + frame.breached_closed, strict=True)],
        textposition="outside",
        cliponaxis=False,
        customdata=frame[["met", "breached_closed", "breached_open"]],
        hovertemplate="%{customdata[0]:,} met, %{customdata[1]:,} breached<br>%{customdata[2]:,} open are breached"
        "<extra>%{y}</extra>",
    )
    _from_0_to_100(figure)
    return figure


def compliance_by_month(frame: pd.DataFrame) -> Chart:
    """Share of closed alerts within their limit, in percent, by month of closing; a month without any is a gap."""
    months = pd.to_datetime(frame.month)
    rows = frame.drop(columns="month").set_index(months)
    rows = rows.reindex(pd.date_range(months.min(), months.max(), freq="MS"))
    judged = (rows.met + rows.breached_closed).fillna(0)
    figure = chart()
    figure.add_scatter(
        x=rows.index,
        y=_percent(rows.compliance),
        mode="lines+markers",
        marker={"size": 6, "symbol": ["circle" if n >= FEW else "circle-open" for n in judged]},
        line={"color": ACCENT, "width": 2},
        connectgaps=False,
        customdata=judged,
        hovertemplate="%{y:.1f} % within the limit<br>n = %{customdata:,.0f}<extra></extra>",
    )
    figure.update_yaxes(range=[0, 104], ticksuffix=" %")
    figure.update_xaxes(tickformat="%b %Y", hoverformat="%B %Y", **({"dtick": "M1"} if len(rows) <= 6 else {}))
    return figure


def compliance_side_by_side(frame: pd.DataFrame) -> Chart:
    """Compliance by severity under the policy in force and under another. frame: what_if.side_by_side."""
    figure = chart(max(160, 80 + 64 * len(frame)))
    for name, shares, judged, color in (
        ("now", frame.compliance, frame.met + frame.breached_closed, NEUTRAL),
        ("then", frame.compliance_then, frame.met_then + frame.breached_closed_then, ACCENT),
    ):
        figure.add_bar(
            y=frame.severity.map(severity),
            x=_percent(shares).fillna(0),
            orientation="h",
            name=name,
            marker={"color": color},
            text=[f"{name}: {_brief(share, n)}" for share, n in zip(shares, judged, strict=True)],
            textposition="outside",
            cliponaxis=False,
            customdata=judged,
            hovertemplate=f"{name} %{{x:.1f}} %<br>n = %{{customdata:,}}<extra>%{{y}}</extra>",
        )
    _from_0_to_100(figure)
    figure.update_layout(barmode="group", bargap=0.3)
    return figure


def backlog_forecast(history: pd.DataFrame, days: pd.DataFrame) -> Chart:
    """Open alerts so far, then the expected number with the band from the 10th to the 90th percentile.

    history: alert_trend by day.  days: backlog_forecast.
    """
    figure, now = chart(), days["at"].iloc[0] - pd.Timedelta(days=1)
    so_far = (history.period_start + pd.Timedelta(days=1)).clip(upper=now).dt.tz_localize(None)
    figure.add_scatter(
        x=so_far,
        y=history.open_at_end,
        mode="lines",
        line={"color": ACCENT, "width": 2},
        hovertemplate="%{y:,} open<extra></extra>",
    )
    at = pd.concat([pd.Series([now]), days["at"]]).dt.tz_localize(None)
    if days.expected.notna().all():
        for name, dash, width, more in (
            ("low", None, 0, {}),
            ("high", None, 0, {"fill": "tonexty", "fillcolor": faded(ACCENT, 0.18)}),
            ("expected", "dot", 2, {}),
        ):
            figure.add_scatter(
                x=at,
                y=[days.open_now.iloc[0], *days[name]],
                mode="lines",
                line={"color": ACCENT, "width": width, "dash": dash},
                hovertemplate=f"{_WORDS[name]} %{{y:,.0f}}<extra></extra>",
                **more,
            )
        last = days.iloc[-1]
        label_end(figure, float(last.expected), f"{last.low:,.0f} to {last.high:,.0f}")
    figure.add_vline(x=now.tz_localize(None), line={"color": NEUTRAL, "width": 1, "dash": "dot"})
    figure.update_yaxes(rangemode="tozero", title_text="Open alerts")
    return figure


_WORDS = {"low": "p10", "expected": "expected", "high": "p90"}


def _percent(shares: "pd.Series[float]") -> "pd.Series[float]":
    return 100 * shares.astype("float64")


def _said(share: float, n: float) -> str:
    if math.isnan(share):
        return "— none closed with a limit"
    return f"{100 * share:.1f} % (n = {n:,.0f}{', too few' if n < FEW else ''})"


def _brief(share: float, n: float) -> str:
    if math.isnan(share):
        return "—"
    return f"{100 * share:.1f} %{' (too few)' if n < FEW else ''}"


def _from_0_to_100(figure: Chart) -> None:
    figure.update_layout(hovermode="closest", bargap=0.35)
    figure.update_xaxes(showgrid=False, showticklabels=False, range=[0, 165])
    figure.update_yaxes(showgrid=False, autorange="reversed", zeroline=False, nticks=None)
