"""Remediation: how fast alerts are closed, how many are open, and how both move."""

from shared.metrics.remediation.ageing import ALERT_AGEING
from shared.metrics.remediation.alert_flow import ALERT_FLOW
from shared.metrics.remediation.alert_trend import ALERT_TREND
from shared.metrics.remediation.open_alerts import OPEN_ALERTS
from shared.metrics.remediation.overviews import ORGANISATION_OVERVIEW, REPOSITORY_OVERVIEW
from shared.metrics.remediation.time_to_remediate import TIME_TO_REMEDIATE

METRICS = (
    TIME_TO_REMEDIATE,
    ALERT_TREND,
    OPEN_ALERTS,
    ALERT_AGEING,
    ALERT_FLOW,
    REPOSITORY_OVERVIEW,
    ORGANISATION_OVERVIEW,
)
"""The metrics of the family. Adding one is one file and one name here."""
