"""Workflow analysis: how long one workflow takes, how it ends and when it runs, its jobs, and what a date changed."""

from dataclasses import replace

import streamlit as st

from frontend import data, filters
from frontend.ahead import begin_workflow
from frontend.comparison import changes, with_name
from frontend.components.analysis import draw_activity, draw_durations, draw_outcomes
from frontend.components.choosing import chosen_split, draw_split, draw_workflow
from frontend.components.empty import draw_empty, draw_no_jobs
from frontend.components.metric_row import draw_metric_row
from frontend.components.receipt import draw_heading
from frontend.components.table import draw_table
from frontend.first_row.period import period_of
from frontend.first_row.workflow_analysis import workflow_analysis as analysis_figures
from frontend.layouts.workflow_analysis import CHANGES, JOBS, RUNS

states = data.metric("workflow_state", filters.chosen().scope)
states = data.kept(with_name, states)
if states.empty:
    draw_empty("workflows", "workflow_runs")
    st.stop()

repo, workflow = draw_workflow(states)
scope = replace(filters.chosen().scope, repos=(repo,), workflows=(workflow,))
begin_workflow(scope, replace(scope, since=chosen_split(scope)))
known = states[(states.repo == repo) & (states.workflow_name == workflow)].iloc[0]
draw_metric_row(data.kept(analysis_figures, scope, known), period_of(scope))

runs = data.metric("runs_list", scope)
if runs.empty:
    draw_empty("workflow_runs")
    st.stop()

draw_durations(scope)
draw_outcomes(scope)
draw_activity(scope, runs)

draw_heading("Slowest jobs", "slowest_jobs", scope)
jobs = data.metric("slowest_jobs", scope)
if jobs.empty:
    draw_no_jobs(repo)
else:
    draw_table(jobs, JOBS, "slowest_jobs", "Jobs of the workflow, slowest first", most_rows=8)

since = draw_split(scope)
split = replace(scope, since=since)
draw_heading(f"Before and after {since:%d %b %Y}", "before_after", split)
draw_table(data.kept(changes, data.metric("before_after", split)), CHANGES, "before_after", "What changed on the date")

draw_heading("Newest runs", "runs_list", scope)
draw_table(runs, RUNS, "runs_list", "The newest runs of the workflow", most_rows=10)
