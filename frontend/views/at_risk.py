"""At risk: which repositories are unhealthy, what for, and which way they are going."""

import streamlit as st

from frontend import data, filters
from frontend.charts.health import lost_bars
from frontend.components.chart import draw_chart, plot
from frontend.components.customers import draw_customers_at_risk
from frontend.components.empty import draw_empty
from frontend.components.health import draw_history, draw_repository_link, draw_repository_links
from frontend.components.metric_row import draw_metric_row
from frontend.components.receipt import draw_heading
from frontend.components.table import draw_table
from frontend.first_row.at_risk import at_risk as at_risk_figures
from frontend.health import worst_first
from frontend.layouts.at_risk import AT_RISK

scope = filters.chosen().scope
health = data.kept(worst_first, scope)
if health.empty:
    draw_empty("repositories", "alerts", "workflow_runs")
    st.stop()

trend = data.metric("health_trend", scope)
draw_metric_row(data.kept(at_risk_figures, health, trend), "scores of 7 days before")

st.subheader("Worst first", anchor=False)
draw_repository_links(health)

left, right = st.columns(2, gap="medium")
with left:
    if health.score.isna().all():
        st.info("No signal is known of any of these repositories yet.", icon=":material/info:")
    else:
        draw_chart(
            plot(lost_bars, health),
            health,
            AT_RISK,
            title="Points lost, by signal",
            name="points_lost",
            alt="Points lost by signal of the twelve repositories with the lowest scores, worst on top",
            metric="repository_health",
            scope=scope,
        )
with right:
    draw_history(scope, trend, "Median score over time")

draw_heading("Every repository", "repository_health", scope, place="table")
chosen = draw_table(
    health, AT_RISK, "at_risk", "Repositories by health score, lowest first", selection=str(hash(scope)), one=True
)
draw_repository_link(health, *chosen)

if data.sees_all():
    draw_customers_at_risk(scope)
