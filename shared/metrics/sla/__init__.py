"""SLA: how alerts stand against the limits of the policy, and what is to come."""

from shared.metrics.sla.forecast import BACKLOG_FORECAST
from shared.metrics.sla.outlook import SLA_OUTLOOK
from shared.metrics.sla.status import SLA_STATUS
from shared.metrics.sla.summary import SLA_SUMMARY, SLA_TIMES
from shared.metrics.sla.worklist import SLA_WORKLIST

METRICS = (
    SLA_SUMMARY,
    SLA_TIMES,
    SLA_STATUS,
    SLA_WORKLIST,
    SLA_OUTLOOK,
    BACKLOG_FORECAST,
)
"""The metrics of the family. Adding one is one file and one name here."""
