"""Flaky and cost: what workflow runs cost, where, and what of it was wasted on flakes."""

import streamlit as st

from frontend import data, filters
from frontend.charts.costs import cost_bars, cost_trend
from frontend.components.breakdown import COST_MEASURES, COST_PARTS, draw_cost_breakdown
from frontend.components.chart import draw_chart, plot
from frontend.components.empty import draw_empty
from frontend.components.metric_row import draw_metric_row
from frontend.components.receipt import draw_heading
from frontend.components.table import draw_table
from frontend.costs import part_names, terms
from frontend.first_row.flaky_and_cost import flaky_and_cost as first_row
from frontend.first_row.period import period_of
from frontend.flaking import within
from frontend.layouts.flaky_and_cost import cost_columns, flake_columns, flaky_columns
from frontend.periods import cost_part, two_periods

scope, prices = filters.chosen().scope, data.policy().cost

cost = data.metric("run_cost", scope).iloc[0]
if not cost.n:
    draw_empty("workflow_runs", "workflow_jobs")
    st.stop()

draw_metric_row(data.kept(first_row, scope), period_of(scope))
st.caption(terms(cost, prices))

by, measure = draw_cost_breakdown()
unit, at, part = prices.currency if measure == "cost" else "min", cost_part(scope), COST_PARTS[by].lower()
what = COST_MEASURES[measure]
left, right = st.columns(2, gap="medium")
with left:
    times = data.metric("run_cost", scope, at)
    draw_chart(
        plot(cost_trend, times, at, measure, unit),
        times,
        cost_columns(at, prices.currency),
        title=f"{what} over time",
        name="cost_trend",
        alt=f"{what} of workflow runs per {at}, from jobs and estimated",
        metric="run_cost",
        scope=scope,
    )
with right:
    parts = data.metric("run_cost", scope, by)
    draw_chart(
        plot(cost_bars, parts, part_names(parts, by), measure, unit),
        parts,
        cost_columns(by, prices.currency),
        title=f"{what} by {part}",
        name="cost_by_part",
        alt=f"{what} of workflow runs by {part}, the most first, from jobs and estimated",
        metric="run_cost",
        scope=scope,
    )
st.caption("Faded bars are estimated from the durations of runs whose jobs are not collected.")

draw_heading("Flaky workflows, the costliest first", "flaky_workflows", scope)
flaky = data.metric("flaky_workflows", scope, "workflow")
if flaky.empty:
    st.success("Nothing failed and then succeeded on the same commit in this range.", icon=":material/check_circle:")
else:
    draw_table(flaky, flaky_columns(prices.currency), "flaky_workflows", "Flaky workflows, the costliest first")
    draw_heading("Flakes, one by one", "flakes", scope)
    ledger = data.kept(within, data.metric("flakes", two_periods(scope)), scope.since, scope.until)
    draw_table(ledger, flake_columns(prices.currency), "flakes", "Flakes, the newest first", most_rows=8)
