"""Workflows: which fail, are overdue or switched off, how long they take and how fast they are restored."""

import streamlit as st

from frontend import data, filters
from frontend.charts.trends import duration_trend
from frontend.components.chart import draw_chart, plot
from frontend.components.choosing import log_scale
from frontend.components.empty import draw_empty
from frontend.components.freshness import viewer_zone
from frontend.components.links import draw_analysis_link
from frontend.components.metric_row import draw_metric_row
from frontend.components.receipt import draw_heading
from frontend.components.table import draw_table
from frontend.components.trends import draw_success_trend
from frontend.first_row.period import period_of
from frontend.first_row.workflows import workflows as workflows_figures
from frontend.layouts.workflows import DURATIONS, DURATIONS_BY_MONTH, EPISODES, WORKFLOWS
from frontend.periods import duration_part, two_periods
from frontend.restoring import within

scope, zone = filters.chosen().scope, viewer_zone()

states = data.metric("workflow_state", scope)
if states.empty:
    draw_empty("workflows", "workflow_runs")
    st.stop()

draw_metric_row(data.kept(workflows_figures, scope), period_of(scope))

draw_heading("Every workflow", "workflow_state", scope)
chosen = draw_table(
    states, WORKFLOWS, "workflows", "Every workflow, what needs attention first", selection=str(hash(scope)), one=True
)
draw_analysis_link(states, *chosen)

with st.container(horizontal=True, vertical_alignment="center"):
    st.subheader("Over time", anchor=False, width="content")
    log = log_scale("Run duration")
left, right = st.columns(2, gap="medium")
with left:
    draw_success_trend(scope, "Success rate")
with right:
    by = duration_part(scope)
    durations = data.metric("run_duration", scope, by)
    if durations.empty:
        draw_empty("workflow_runs", place="durations")
    else:
        draw_chart(
            plot(duration_trend, durations, by, log=log),
            durations,
            DURATIONS if by == "day" else DURATIONS_BY_MONTH,
            title="Run duration",
            name="duration_trend",
            alt="Median and 95th percentile of the duration of workflow runs over time",
            metric="run_duration",
            scope=scope,
        )

draw_heading("Broken and restored", "time_to_restore", scope)
episodes = data.kept(within, data.metric("restore_episodes", two_periods(scope)), scope.since, scope.until)
if episodes.empty:
    st.success("No workflow broke, and none was restored, in this range.", icon=":material/check_circle:")
else:
    draw_table(episodes, EPISODES, "restore_episodes", "Times a workflow was broken, newest first", most_rows=8)
