"""Trends: the two charts over time that several pages show, each asked, drawn and explained in one place."""

from frontend import data
from frontend.charts.template import Chart
from frontend.charts.trends import alert_trend, success_trend
from frontend.components.chart import draw_chart, plot
from frontend.components.empty import draw_empty
from frontend.components.freshness import viewer_zone
from frontend.layouts.trends import ALERT_TREND, RUN_TREND
from shared.datasets.alerts import KINDS
from shared.scope import Scope


def draw_alert_trend(scope: Scope) -> None:
    """Alerts opened and closed and the backlog they leave, or why there is nothing to draw."""
    alerts = data.metric("alert_trend", scope)
    if alerts.empty:
        draw_empty("alerts")
        return
    draw_chart(
        plot(_alert_trend, scope, viewer_zone()),
        alerts,
        ALERT_TREND,
        title="Alerts opened and closed, and the backlog they leave",
        name="alert_trend",
        alt="Open alerts over time, with the alerts opened and closed in each period",
        metric="alert_trend",
        scope=scope,
    )


def draw_success_trend(scope: Scope, title: str) -> None:
    """The share of workflow runs that succeeded over time, or why there is nothing to draw."""
    runs = data.metric("run_trend", scope)
    if runs.success_rate.isna().all():
        draw_empty("workflow_runs")
        return
    draw_chart(
        plot(_success_trend, scope, viewer_zone()),
        runs,
        RUN_TREND,
        title=title,
        name="run_trend",
        alt="Share of workflow runs that succeeded over time",
        metric="run_trend",
        scope=scope,
    )


def _alert_trend(scope: Scope, zone: str) -> Chart:
    alerts = data.metric("alert_trend", scope)
    return alert_trend(alerts, zone, data.uncovered(scope, KINDS, alerts.period_start))


def _success_trend(scope: Scope, zone: str) -> Chart:
    runs = data.metric("run_trend", scope)
    return success_trend(runs, zone, data.uncovered(scope, ("workflow_runs",), runs.period_start))
