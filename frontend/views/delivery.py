"""Deployments: the four DORA figures of the workflows that deploy, over time, by part and one by one."""

import streamlit as st

from frontend import data, filters
from frontend.charts.deployments import deployment_bars, deployment_trend
from frontend.charts.trends import lead_time_trend
from frontend.components.chart import draw_chart
from frontend.components.deployments import draw_unnamed
from frontend.components.empty import draw_empty
from frontend.components.metric_row import draw_metric_row
from frontend.components.receipt import draw_heading
from frontend.components.table import draw_table
from frontend.deploying import likely_deployments
from frontend.first_row.delivery import delivery as delivery_figures
from frontend.first_row.period import period_of
from frontend.layouts.delivery import CHANGES, DEPLOYMENTS, delivery_columns
from frontend.periods import trend_part

scope = filters.chosen().scope

if not data.policy().delivery.deployments:
    draw_unnamed(likely_deployments(data.metric("workflow_state", scope)))
    st.stop()

draw_metric_row(delivery_figures(scope), period_of(scope))

at = trend_part(scope)
times = data.metric("delivery", scope, at)
if times.empty:
    draw_empty("workflow_runs")
    st.caption(f"The policy names {', '.join(f'`{name}`' for name in data.policy().delivery.deployments)}.")
    st.stop()

with st.container(horizontal=True, vertical_alignment="center"):
    by, log = filters.draw_delivery_breakdown(), filters.log_scale("Lead time")
parts = data.metric("delivery", scope, by)
left, right = st.columns(2, gap="medium")
with left:
    draw_chart(
        deployment_trend(times, at),
        times,
        delivery_columns(at),
        title="Deployments over time",
        name="deployment_trend",
        alt=f"Successful and failed deployments per {at}",
        metric="delivery",
        scope=scope,
    )
with right:
    if times.changes.any():
        draw_chart(
            lead_time_trend(times, at, log=log),
            times,
            delivery_columns(at),
            title="Lead time for changes",
            name="lead_time_trend",
            alt=f"Median and 90th percentile of the lead time per {at} of deployment",
            metric="changes",
            scope=scope,
        )
    else:
        draw_empty("pull_requests")

draw_heading(f"Deployments by {filters.DELIVERY_PARTS[by].lower()}", "delivery", scope, place="parts")
st.plotly_chart(deployment_bars(parts, by), theme="streamlit", key="deployments_by_part", alt=f"Deployments by {by}")
draw_table(parts, delivery_columns(by), "delivery", "The four figures by part, most deployments first", most_rows=8)

draw_heading("Deployments, one by one", "deployments", scope)
draw_table(data.metric("deployments", scope), DEPLOYMENTS, "deployments", "Deployments, the newest first", most_rows=8)
changes = data.metric("changes", scope)
if not changes.empty:
    draw_heading("Changes deployed", "changes", scope, place="ledger")
    draw_table(changes, CHANGES, "changes", "Merged pull requests with their first deployment", most_rows=8)
