"""The first row of the Overview page."""

from dataclasses import replace
from datetime import timedelta

import pandas as pd

from frontend import data
from frontend.figures import Figure, count_figure, metric_text
from frontend.first_row.alerts import open_alerts, time_to_remediate
from frontend.first_row.flaky_and_cost import cost_of_runs
from frontend.first_row.period import first, or_unknown, points, previously
from frontend.first_row.runs import failing_workflows, success_rate
from frontend.first_row.sla import compliance
from frontend.health import repository_health
from frontend.periods import cost_part, last_year
from frontend.what_if import total
from frontend.words import count
from shared.scope import Scope

_NEAR = 0.1
"""A kept score counts as that of the range's beginning if it is off by no more than this share of the range."""


def overview(scope: Scope) -> list[Figure]:
    """Alerts open, put right and in time; runs that succeed, workflows that fail; repositories, sessions and cost."""
    return [
        open_alerts(scope),
        time_to_remediate(scope),
        sla_compliance(scope),
        success_rate(scope),
        failing_workflows(scope),
        at_risk(scope, repository_health(scope), data.metric("health_trend", scope)),
        sessions(scope),
        cost_of_runs(scope),
    ]


def sla_compliance(scope: Scope) -> Figure:
    """The share of the alerts closed that kept their limit."""
    now, before = data.metric("sla_summary", scope, "repo"), previously("sla_summary", scope, "repo")
    figure = replace(compliance(total(now), None if before is None else total(before)), title="SLA compliance")
    monthly = points(data.metric("sla_summary", last_year(scope), "month"), "compliance")
    return or_unknown(replace(figure, sparkline=monthly), "alerts")


def at_risk(scope: Scope, health: pd.DataFrame, trend: pd.DataFrame) -> Figure:
    """Repositories at risk, against those that were when the range began, where that was kept. trend: health_trend."""
    title, text = "Repositories at risk", metric_text("repository_health")
    scored = int((health.tier != "unknown").sum())
    if not scored:
        return Figure(title, None, "lower", text, note="no signal is known")
    figure = count_figure(title, (health.tier == "at_risk").sum(), _at_first(scope, trend), better="lower", text=text)
    return replace(figure, note=f"of {count(scored, 'score')}", sparkline=points(trend, "at_risk"))


def sessions(scope: Scope) -> Figure:
    """Sessions of agents that began in the range; more of them is neither better nor worse."""
    now, before = data.metric("sessions_started", scope).iloc[0], first(previously("sessions_started", scope))
    figure = count_figure(
        "Agent sessions",
        now.n,
        None if before is None else before.n,
        better="neither",
        text=metric_text("sessions_started"),
    )
    if not data.row_counts()["agent_sessions"]:
        return or_unknown(figure, "agent_sessions")
    over_time = data.metric("sessions_started", scope, cost_part(scope))
    return replace(figure, note=f"{count(now.ended)} ended", sparkline=points(over_time, "n"))


def _at_first(scope: Scope, trend: pd.DataFrame) -> float | None:
    """How many were at risk when the range began; None if no score was kept near then."""
    if scope.since is None or trend.empty:
        return None
    # A day's score is that of its end.
    late = trend.day.iloc[0].to_pydatetime() + timedelta(days=1) - scope.since
    return float(trend.at_risk.iloc[0]) if late <= _NEAR * (scope.until - scope.since) else None
