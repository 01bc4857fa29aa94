"""Warm-up: asks what the pages ask, before a visitor does."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from frontend import data, who
from frontend.alert_filters import LISTS
from frontend.components.sla_inputs import with_limits_of
from frontend.periods import cost_part, duration_part, forecast_history, last_year, trend_part, two_periods
from shared.metrics.sla.worklist import SOON
from shared.scope import DEFAULT_RANGE, Scope, parse_range

AHEAD = timedelta(minutes=3)
"""So long before the time moves on (see clock.STEP) the answers for then are asked for."""

_AT_ONCE = (
    *("workflow_state", "silent_scanners", "alert_trend", "run_trend", "run_duration", "health_trend", "coverage"),
    *("customer_health_trend", "customer_activity"),
    *("request_trend", "usage_sessions", "threat_list", "feedback_list"),
    *("backlog_forecast", "alert_flow", "alert_ageing", "repository_overview"),
)
"""What is asked of the range as a whole."""

_COMPARED = (
    *("time_to_remediate", "success_rate", "run_cost", "sessions_started", "sla_outlook", "alert_states"),
    *("open_alerts", "sla_summary"),
    *("request_summary", "threat_summary", "feedback_ratings"),
)
"""What is asked of the range and of the one before it."""

_BY = {
    "open_alerts": ("severity", "repo"),
    "time_to_remediate": ("severity",),
    "sla_summary": ("severity", "repo"),
    "run_cost": ("repo",),
}
"""What of it is grouped."""


def warm_up(range_: str = DEFAULT_RANGE) -> None:
    """Asks what the pages ask for a range without filters, so that a visitor need not wait.

    What a page asks about one repository or workflow is not among it, but what all of them share is.
    Raises SettingsError or StoreError.
    """
    with who.everyone():
        _ask_all(range_)


def _ask_all(range_: str) -> None:
    since, until = parse_range(range_, data.as_of(AHEAD))
    scope = Scope(until=until, since=since)
    for repo in data.options().repos[:1]:  # what is kept of runs by repository is made for all of them at once
        data.metric("success_rate", replace(scope, repos=(repo,)))
    data.row_counts()
    data.repository_links()
    data.last_collections()
    data.metric("repository_health", Scope(until=until), include_archived=True)
    data.metric("customer_health", Scope(until=until))
    data.first_rows("sla_worklist", scope)
    data.first_rows("sla_worklist", scope, due_within=SOON)
    data.listing(LISTS[0].metric, scope, "", (), LISTS[0].since)
    data.metric_under(with_limits_of(data.policy().sla), "sla_summary", scope, "severity")
    for name, part, by in _usual_questions(scope):
        data.metric(name, part, by)


def _usual_questions(scope: Scope) -> Iterator[tuple[str, Scope, str | None]]:
    yield from ((name, scope, None) for name in _AT_ONCE)
    for part in filter(None, (scope, scope.previous())):
        yield from ((name, part, by) for name in _COMPARED for by in (None, *_BY.get(name, ())))
    yield from ((name, last_year(scope), "month") for name in ("time_to_remediate", "sla_summary"))
    yield from ((name, two_periods(scope), None) for name in ("restore_episodes", "flakes"))
    yield from ((name, scope, cost_part(scope)) for name in ("run_cost", "sessions_started"))
    yield "time_to_remediate", scope, "month"
    yield from (("request_summary", scope, by) for by in ("model", "status", "country"))
    yield "threat_summary", scope, "type"
    yield "alert_flow", scope, "severity"
    yield "open_alerts", scope, "cwe_family"
    yield "alert_trend", forecast_history(scope), None
    yield "run_duration", scope, duration_part(scope)
    yield "flaky_workflows", scope, "workflow"
    if data.policy().delivery.deployments:
        yield from (("delivery", part, None) for part in (scope, scope.previous()) if part)
        yield from (("delivery", scope, by) for by in (trend_part(scope), "repo"))
        yield from ((name, scope, None) for name in ("deployments", "changes"))
