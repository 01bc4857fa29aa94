"""Deployments: the four DORA figures of the workflows that deploy, over time, by part and one by one."""

import streamlit as st

from frontend import data, filters
from frontend.charts.deployments import deployment_bars
from frontend.components.breakdown import DELIVERY_PARTS, draw_delivery_breakdown
from frontend.components.chart import draw_chart, plot
from frontend.components.choosing import log_scale
from frontend.components.deployments import draw_delivery_trends, draw_none, draw_unnamed
from frontend.components.metric_row import draw_metric_row
from frontend.components.receipt import draw_heading
from frontend.components.table import draw_table
from frontend.deploying import likely_deployments
from frontend.first_row.delivery import delivery as delivery_figures
from frontend.first_row.period import period_of
from frontend.layouts.delivery import CHANGES, DEPLOYMENTS, delivery_columns

scope = filters.chosen().scope

if not data.policy().delivery.deployments:
    draw_unnamed(likely_deployments(data.metric("workflow_state", scope)))
    st.stop()

draw_metric_row(data.kept(delivery_figures, scope), period_of(scope))

if not data.metric("delivery", scope).deployments.any():
    draw_none(data.policy().delivery.deployments)
    st.stop()

log = log_scale("Lead time")
draw_delivery_trends(scope, log=log)

by = draw_delivery_breakdown()
part, parts = DELIVERY_PARTS[by].lower(), data.metric("delivery", scope, by)
draw_chart(
    plot(deployment_bars, parts, by),
    parts,
    delivery_columns(by),
    title=f"Deployments by {part}",
    name="deployments_by_part",
    alt=f"Successful and failed deployments by {part}, most first",
    metric="delivery",
    scope=scope,
)
draw_heading(f"The four figures by {part}", "delivery", scope, place="parts")
draw_table(parts, delivery_columns(by), "delivery", "The four figures by part, most deployments first", most_rows=8)

draw_heading("Deployments, one by one", "deployments", scope)
draw_table(data.metric("deployments", scope), DEPLOYMENTS, "deployments", "Deployments, the newest first", most_rows=8)

changes = data.metric("changes", scope)
if not changes.empty:
    draw_heading("Changes deployed, one by one", "changes", scope, place="ledger")
    draw_table(changes, CHANGES, "changes", "Merged pull requests with their first deployment", most_rows=8)
