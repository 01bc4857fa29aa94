"""Figures of workflow runs that several pages show."""

from dataclasses import replace

import pandas as pd

from frontend import data
from frontend.figures import Figure, count_figure, duration_figure, enough_to_judge, metric_text, rate_figure
from frontend.first_row.period import SPARKLINE_POINTS, first, or_unknown, points, previously
from frontend.periods import two_periods
from frontend.restoring import broken_at, summary, within
from frontend.words import count, duration
from shared.scope import Scope


def success_rate(scope: Scope) -> Figure:
    """The share of workflow runs that succeeded."""
    now, before = data.metric("success_rate", scope).iloc[0], previously("success_rate", scope)
    figure = rate_figure("CI success rate", now, first(before), text=metric_text("success_rate"))
    trend = data.metric("run_trend", scope)
    rates = trend.assign(success_rate=enough_to_judge(trend))
    return or_unknown(replace(figure, sparkline=points(rates, "success_rate")), "workflow_runs")


def failing_workflows(scope: Scope) -> Figure:
    """Workflows whose last run on the default branch failed, against those that were broken when the range began."""
    states, episodes = data.metric("workflow_state", scope), data.metric("restore_episodes", two_periods(scope))
    failing = states[states.state == "failing"]
    episodes = _of_known_end(episodes, failing)
    before = None if scope.since is None else float(broken_at(episodes, [scope.since])[0])
    text = metric_text("workflow_state", "The change is against the workflows that were broken when the range began.")
    figure = count_figure("Failing workflows", len(failing), before, better="lower", text=text)
    times = [] if scope.since is None else pd.date_range(scope.since, scope.until, SPARKLINE_POINTS).to_list()
    points = tuple(float(n) for n in broken_at(episodes, times))
    return or_unknown(replace(figure, note=f"of {count(len(states), 'workflow')}", sparkline=points), "workflow_runs")


def time_to_restore(scope: Scope) -> Figure:
    """The median time to restore, with the mean in its help."""
    episodes, previous = data.metric("restore_episodes", two_periods(scope)), scope.previous()
    now = summary(episodes, scope.since, scope.until)
    before = None if previous is None else summary(episodes, previous.since, previous.until)
    spread = "" if not now.n else f"**Mean:** {duration(now.mean_s)}. **Still broken:** {now.open:,.0f}."
    text = metric_text("time_to_restore", f"{spread} The sparkline shows the newest episodes one by one.")
    figure = duration_figure("Time to restore", "median_s", now, before, text=text, noun="episode")
    times = episodes[["failed_at", "restored_at", "duration_s"]]
    restored = within(times, scope.since, scope.until).dropna(subset="restored_at").sort_values("restored_at")
    if now.open and not now.n:
        figure = replace(figure, note=f"none is over in the range, {count(now.open)} still broken")
    return or_unknown(replace(figure, sparkline=points(restored.tail(SPARKLINE_POINTS), "duration_s")), "workflow_runs")


def _of_known_end(episodes: pd.DataFrame, failing: pd.DataFrame) -> pd.DataFrame:
    """Episodes without those still open of workflows that do not count as failing, being switched off."""
    names = ["repo", "workflow_name"]
    counted = pd.MultiIndex.from_frame(episodes[names]).isin(pd.MultiIndex.from_frame(failing[names]))
    return episodes[episodes.restored_at.notna() | counted]
