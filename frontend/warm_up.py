"""Warm-up: asks what the pages ask, before a visitor does."""

from collections.abc import Iterator

from frontend import data
from frontend.periods import cost_part, duration_part, forecast_history, last_year, two_periods
from shared.metrics.sla.worklist import SOON
from shared.scope import DEFAULT_RANGE, Scope, parse_range


def warm_up(range_: str = DEFAULT_RANGE) -> None:
    """Asks what the pages ask for a range without filters, so that a visitor need not wait.

    Raises SettingsError or StoreError.
    """
    since, until = parse_range(range_, data.as_of())
    scope = Scope(until=until, since=since)
    data.options()
    data.row_counts()
    data.repository_links()
    data.coverage(scope)
    data.metric("repository_health", Scope(until=until), include_archived=True)
    data.metric("health_trend", scope)
    data.first_rows("sla_worklist", scope, due_within=SOON)
    for name, part, by in _usual_questions(scope):
        data.metric(name, part, by)


def _usual_questions(scope: Scope) -> Iterator[tuple[str, Scope, str | None]]:
    yield from ((name, scope, None) for name in ("workflow_state", "silent_scanners", "alert_trend", "run_trend"))
    yield "restore_episodes", two_periods(scope), None
    for part in (scope, scope.previous()):
        if part:
            yield from ((name, part, "repo") for name in ("open_alerts", "sla_summary", "run_cost"))
            yield "open_alerts", part, "severity"
            yield from (("time_to_remediate", part, by) for by in (None, "severity"))
            yield "sla_summary", part, "severity"
            yield "sla_outlook", part, None
            yield from ((name, part, None) for name in ("success_rate", "run_cost", "sessions_started"))
    yield "time_to_remediate", scope, "month"
    yield "time_to_remediate", last_year(scope), "month"
    yield "sla_summary", last_year(scope), "month"
    yield "backlog_forecast", scope, None
    yield "alert_trend", forecast_history(scope), None
    yield "run_duration", scope, duration_part(scope)
    yield "run_cost", scope, cost_part(scope)
    yield "open_alerts", scope, "cwe_family"
    yield "flakes", two_periods(scope), None
    yield "flaky_workflows", scope, "workflow"
