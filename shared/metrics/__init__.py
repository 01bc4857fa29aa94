"""Every metric by name. Adding one is one file and one line here."""

from shared.errors import FettleError
from shared.metrics.alert_trend import ALERT_TREND
from shared.metrics.coverage import COVERAGE
from shared.metrics.health_trend import HEALTH_TREND
from shared.metrics.metric import Metric
from shared.metrics.open_alerts import OPEN_ALERTS
from shared.metrics.repository_health import HEALTH_SIGNALS, REPOSITORY_HEALTH
from shared.metrics.run_duration import RUN_DURATION
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
        SUCCESS_RATE,
        RUN_TREND,
        RUN_DURATION,
        WORKFLOW_STATE,
        RESTORE_EPISODES,
        TIME_TO_RESTORE,
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
