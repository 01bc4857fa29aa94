"""Remediation: how fast alerts get put right, where, and what is left open."""

import streamlit as st

from frontend import data, filters
from frontend.attention import compared
from frontend.charts.parts import duration_bars, severity_bars
from frontend.charts.trends import remediation_by_month
from frontend.components.chart import draw_chart
from frontend.components.empty import draw_empty
from frontend.components.freshness import viewer_zone
from frontend.components.metric_row import draw_metric_row
from frontend.components.table import draw_table
from frontend.components.trends import draw_alert_trend
from frontend.figures import metric_text
from frontend.first_row.period import period_of
from frontend.first_row.remediation import remediation as remediation_figures
from frontend.layouts.alerts import OPEN_BY_SEVERITY
from frontend.layouts.remediation import compared_columns, remediation_columns

scope, zone = filters.chosen().scope, viewer_zone()
previous = scope.previous()

if data.metric("alert_trend", scope).empty:
    draw_empty("alerts")
    st.stop()

by, dismissed = filters.draw_breakdown()
draw_metric_row(remediation_figures(scope, dismissed), period_of(scope))

months = data.metric("time_to_remediate", scope, "month", include_dismissed=dismissed)
parts = data.metric("time_to_remediate", scope, by, include_dismissed=dismissed)
if parts.empty:
    st.info("No alert was closed in this range and with these filters.", icon=":material/info:")
else:
    log = filters.log_scale("Time to remediate by month")
    left, right = st.columns(2, gap="medium")
    with left:
        draw_chart(
            remediation_by_month(months, log=log),
            months,
            remediation_columns("month", "Month (UTC)"),
            title="Time to remediate by month of closing",
            name="remediation_by_month",
            alt="Median and 90th percentile of the time to remediate by month of closing",
            metric="time_to_remediate",
            include_dismissed=dismissed,
            scope=scope,
        )
    with right:
        draw_chart(
            duration_bars(parts, by),
            parts,
            remediation_columns(by, filters.BREAKDOWNS[by]),
            title=f"Time to remediate by {filters.BREAKDOWNS[by].lower()}",
            name="remediation_by_part",
            alt=f"Median time to remediate by {filters.BREAKDOWNS[by].lower()}, with the 90th percentile",
            metric="time_to_remediate",
            include_dismissed=dismissed,
            scope=scope,
        )
    st.subheader(f"By {filters.BREAKDOWNS[by].lower()}", anchor=False, help=metric_text("time_to_remediate"))
    before = None if previous is None else data.metric("time_to_remediate", previous, by, include_dismissed=dismissed)
    draw_table(
        compared(parts, before, by),
        (remediation_columns if before is None else compared_columns)(by, filters.BREAKDOWNS[by]),
        "remediation",
        "Time to remediate by part, against the previous period",
    )

draw_alert_trend(scope)

st.subheader("Still open, by severity and age", anchor=False, help=metric_text("open_alerts"))
waiting = data.metric("open_alerts", scope, "severity")
if waiting.empty:
    st.success("No alert is open.", icon=":material/check_circle:")
else:
    left, right = st.columns(2, gap="medium")
    left.plotly_chart(
        severity_bars(waiting), theme="streamlit", key="waiting", alt="Open alerts by severity, worst on top"
    )
    with right:
        draw_table(waiting, OPEN_BY_SEVERITY, "open_alerts", "Open alerts by severity, with their age")
