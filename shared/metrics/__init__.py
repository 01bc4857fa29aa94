"""Every metric by name. Adding one is one file and one line here."""

from shared.errors import FettleError
from shared.metrics.ageing import ALERT_AGEING
from shared.metrics.alert_flow import ALERT_FLOW
from shared.metrics.alert_list import ALERT_LIST, ALERT_STATES
from shared.metrics.alert_trend import ALERT_TREND
from shared.metrics.before_after import BEFORE_AFTER
from shared.metrics.cost import RUN_COST
from shared.metrics.coverage import COVERAGE
from shared.metrics.delivery import DELIVERY
from shared.metrics.deployments import DEPLOYMENTS
from shared.metrics.failure_streaks import FAILURE_STREAKS
from shared.metrics.finding_list import FINDING_LIST, FINDING_STATES
from shared.metrics.flakes import FLAKES, FLAKY_WORKFLOWS
from shared.metrics.forecast import BACKLOG_FORECAST
from shared.metrics.health_trend import HEALTH_TREND
from shared.metrics.lead_time import CHANGES
from shared.metrics.metric import Metric
from shared.metrics.open_alerts import OPEN_ALERTS
from shared.metrics.overviews import ORGANISATION_OVERVIEW, REPOSITORY_OVERVIEW
from shared.metrics.repository_health import HEALTH_SIGNALS, REPOSITORY_HEALTH
from shared.metrics.run_activity import RUN_ACTIVITY, RUNS_LIST
from shared.metrics.run_duration import RUN_DURATION
from shared.metrics.silent_scanners import SILENT_SCANNERS
from shared.metrics.sla import SLA_STATUS
from shared.metrics.sla_outlook import SLA_OUTLOOK
from shared.metrics.sla_summary import SLA_SUMMARY, SLA_TIMES
from shared.metrics.sla_worklist import SLA_WORKLIST
from shared.metrics.slowest_jobs import SLOWEST_JOBS
from shared.metrics.success_rate import RUN_TREND, SUCCESS_RATE
from shared.metrics.time_to_remediate import TIME_TO_REMEDIATE
from shared.metrics.time_to_restore import RESTORE_EPISODES, TIME_TO_RESTORE
from shared.metrics.workflow_state import WORKFLOW_STATE

METRICS: dict[str, Metric] = {
    entry.name: entry
    for entry in (
        TIME_TO_REMEDIATE,
        ALERT_TREND,
        OPEN_ALERTS,
        ALERT_AGEING,
        ALERT_FLOW,
        REPOSITORY_OVERVIEW,
        ORGANISATION_OVERVIEW,
        SLA_SUMMARY,
        SLA_TIMES,
        SLA_STATUS,
        SLA_WORKLIST,
        SLA_OUTLOOK,
        BACKLOG_FORECAST,
        ALERT_LIST,
        ALERT_STATES,
        FINDING_LIST,
        FINDING_STATES,
        SUCCESS_RATE,
        RUN_TREND,
        RUN_DURATION,
        WORKFLOW_STATE,
        RESTORE_EPISODES,
        TIME_TO_RESTORE,
        FLAKES,
        FLAKY_WORKFLOWS,
        RUN_COST,
        DELIVERY,
        DEPLOYMENTS,
        CHANGES,
        FAILURE_STREAKS,
        BEFORE_AFTER,
        RUN_ACTIVITY,
        RUNS_LIST,
        SLOWEST_JOBS,
        SILENT_SCANNERS,
        REPOSITORY_HEALTH,
        HEALTH_SIGNALS,
        HEALTH_TREND,
        COVERAGE,
    )
}


def metric(name: str) -> Metric:
    """The metric of this name. Raises FettleError that lists the names there are."""
    if name not in METRICS:
        raise FettleError(f"There is no metric {name!r}; use one of {', '.join(METRICS)}.")
    return METRICS[name]


__all__ = ["METRICS", "Metric", "metric"]
