"""Analysis: the charts of one workflow, each asked, drawn and explained in one place."""

import pandas as pd
import streamlit as st

from frontend import data
from frontend.charts.activity import newest_runs, outcome_shares, week_heatmap
from frontend.charts.trends import duration_trend
from frontend.components.chart import draw_chart, plot
from frontend.components.choosing import log_scale, log_scale_is_on
from frontend.components.empty import draw_empty
from frontend.components.freshness import viewer_zone
from frontend.layouts.trends import RUN_TREND
from frontend.layouts.workflow_analysis import RUNS, WEEK
from frontend.layouts.workflows import DURATIONS, DURATIONS_BY_MONTH
from frontend.periods import duration_part
from shared.scope import Scope

NEWEST = 300
"""Runs that are drawn one by one."""


def draw_durations(scope: Scope) -> None:
    """How long runs took and how long they waited, over time."""
    by = duration_part(scope)
    durations = data.metric("run_duration", scope, by)
    if durations.empty:
        draw_empty("workflow_runs", place="durations")
        return
    log = log_scale("Durations and queue times")
    for place, title, queue in zip(
        st.columns(2, gap="medium"), ("Run duration", "Time in the queue"), (False, True), strict=True
    ):
        with place:
            draw_chart(
                plot(duration_trend, durations, by, log=log, queue=queue),
                durations,
                DURATIONS if by == "day" else DURATIONS_BY_MONTH,
                title=title,
                name="queue_trend" if queue else "duration_trend",
                alt=f"{title} over time: median with a band up to the 95th percentile",
                metric="run_duration",
                scope=scope,
            )


def draw_outcomes(scope: Scope) -> None:
    """How runs ended, over time."""
    trend = data.metric("run_trend", scope)
    draw_chart(
        plot(outcome_shares, trend, viewer_zone()),
        trend,
        RUN_TREND,
        title="How runs ended",
        name="outcome_shares",
        alt="Share of runs that succeeded, failed, were cancelled or ended otherwise, over time",
        metric="run_trend",
        scope=scope,
    )


def draw_activity(scope: Scope, runs: pd.DataFrame) -> None:
    """When the workflow runs, and its newest runs one by one. runs: runs_list."""
    left, right = st.columns(2, gap="medium")
    with left:
        week = data.metric("run_activity", scope)
        draw_chart(
            plot(week_heatmap, week, viewer_zone(), scope.until),
            week,
            WEEK,
            title="When it runs",
            name="run_activity",
            alt="Runs by weekday and hour of the day, the more the darker",
            metric="run_activity",
            scope=scope,
        )
    with right:
        newest = data.kept(_newest, runs)
        draw_chart(
            plot(newest_runs, newest, viewer_zone(), log=log_scale_is_on()),
            newest,
            RUNS,
            title="Newest runs, one by one",
            name="newest_runs",
            alt="The newest runs by start and duration, coloured by how they ended",
            metric="runs_list",
            scope=scope,
        )


def _newest(runs: pd.DataFrame) -> pd.DataFrame:
    return runs.head(NEWEST)
