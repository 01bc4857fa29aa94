"""The first row of the Workflow analysis page."""

from dataclasses import replace
from datetime import datetime

import pandas as pd

from frontend import data
from frontend.figures import Figure, duration_figure, metric_text
from frontend.first_row.period import first, points, previously
from frontend.first_row.runs import success_rate, time_to_restore
from frontend.periods import duration_part
from frontend.words import DAY_S, ago, count, state
from shared.scope import Scope


def workflow_analysis(scope: Scope, known: "pd.Series") -> list[Figure]:
    """State, success rate, median and p95 duration, time to restore and failure streak of the scope's one workflow.

    known: its row of workflow_state.
    """
    rate = replace(success_rate(scope), title="Success rate")
    return [_state(scope, known), rate, *_durations(scope), time_to_restore(scope), _streak(scope, known)]


def last_run(at: datetime | None, until: datetime, now: datetime) -> str:
    """When a workflow ran last, in a range up to `until`, which may have ended before now.

    at: None or NaT where no run is known.
    """
    if at is None or pd.isna(at):
        return "no run is known"
    if (now - until).total_seconds() < DAY_S:
        return f"last run {ago(at, now)}"
    days = int((until - at).total_seconds() // DAY_S)
    return f"last run {count(days, 'day')} before the range ends" if days else "last run as the range ends"


def _state(scope: Scope, known: "pd.Series") -> Figure:
    note = last_run(known.last_run_at, scope.until, data.as_of())
    left = known.days_until_disabled
    if pd.notna(left):
        soon = f"in {count(left, 'day')}" if round(left) >= 1 else "any day now"
        note += f"; GitHub disables it {soon} without a push"
    return Figure("State", state(known.state), "higher", metric_text("workflow_state"), note=note)


def _durations(scope: Scope) -> list[Figure]:
    now, before = data.metric("run_duration", scope).iloc[0], first(previously("run_duration", scope))
    over_time = data.metric("run_duration", scope, duration_part(scope))
    text = metric_text("run_duration")
    return [
        replace(duration_figure(title, key, now, before, text=text, noun="run"), sparkline=points(over_time, key))
        for title, key in (("Duration, median", "p50_s"), ("Duration, p95", "p95_s"))
    ]


def _streak(scope: Scope, known: "pd.Series") -> Figure:
    streaks = data.metric("failure_streaks", scope)
    longest = (
        "no run succeeded or failed" if streaks.empty else f"longest in the range: {streaks.longest_streak.max():,}"
    )
    return Figure(
        "Failures in a row", count(known.failure_streak), "lower", metric_text("failure_streaks"), note=longest
    )
