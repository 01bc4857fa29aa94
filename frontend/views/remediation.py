"""Remediation: how fast alerts get put right, where, and what is left open."""

import streamlit as st

from frontend import data, filters
from frontend.charts.parts import ageing_bars, duration_bars
from frontend.charts.trends import remediation_by_month
from frontend.components.breakdown import draw_breakdown
from frontend.components.chart import draw_chart, plot
from frontend.components.choosing import log_scale
from frontend.components.empty import draw_empty
from frontend.components.metric_row import draw_metric_row
from frontend.components.receipt import draw_heading
from frontend.components.table import draw_table
from frontend.components.trends import draw_alert_trend
from frontend.first_row.period import period_of
from frontend.first_row.remediation import remediation as remediation_figures
from frontend.layouts import remediation as layouts
from frontend.remediating import compared, newest_first

scope = filters.chosen().scope
previous = scope.previous()

if data.metric("alert_trend", scope).empty:
    draw_empty("alerts")
    st.stop()

chosen = draw_breakdown()
by, title, switches = chosen.by, chosen.title, chosen.switches
draw_metric_row(data.kept(remediation_figures, scope, switches), period_of(scope))

months = data.metric("time_to_remediate", scope, "month", **switches)
parts = data.metric("time_to_remediate", scope, by, **switches)
if parts.empty:
    st.info("No alert was closed in this range and with these filters.", icon=":material/info:")
else:
    log = log_scale("Time to remediate by month")
    left, right = st.columns(2, gap="medium")
    with left:
        draw_chart(
            plot(remediation_by_month, months, log=log),
            months,
            layouts.remediation_columns("month", "Month (UTC)"),
            title="Time to remediate by month of closing",
            name="remediation_by_month",
            alt="Median and 90th percentile of the time to remediate by month of closing",
            metric="time_to_remediate",
            scope=scope,
            **switches,
        )
    with right:
        draw_chart(
            plot(duration_bars, parts, by),
            parts,
            layouts.remediation_columns(by, title),
            title=f"Time to remediate by {title.lower()}",
            name="remediation_by_part",
            alt=f"Median time to remediate by {title.lower()}, with the 90th percentile",
            metric="time_to_remediate",
            scope=scope,
            **switches,
        )
    before = None if previous is None else data.metric("time_to_remediate", previous, by, **switches)
    columns = layouts.remediation_columns if before is None else layouts.compared_columns
    draw_heading(f"By {title.lower()}", "time_to_remediate", scope, place="parts", **switches)
    draw_table(data.kept(compared, parts, before, by), columns(by, title), "remediation", "Time to remediate by part")

draw_alert_trend(scope)

draw_heading(f"Arriving and closed, by {title.lower()}", "alert_flow", scope)
flow = data.metric("alert_flow", scope, by)
draw_table(flow, layouts.flow_columns(by, title), "alert_flow", "Alerts opened and closed by part", most_rows=8)

ageing = data.metric("alert_ageing", scope)
if ageing.empty:
    st.success("No alert is open.", icon=":material/check_circle:")
else:
    draw_chart(
        plot(ageing_bars, ageing),
        ageing,
        layouts.AGEING,
        title="Still open, by age and severity",
        name="alert_ageing",
        alt="Open alerts by the time since they were created, split by severity",
        metric="alert_ageing",
        scope=scope,
    )

orgs = by == "org"
overview = "organisation_overview" if orgs else "repository_overview"
draw_heading("Month by month", overview, scope)
table = layouts.BY_ORGANISATION_AND_MONTH if orgs else layouts.BY_REPOSITORY_AND_MONTH
newest = data.kept(newest_first, data.metric(overview, scope))
draw_table(newest, table, overview, "Alerts month by month", most_rows=8)
