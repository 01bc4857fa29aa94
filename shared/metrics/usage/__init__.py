"""Usage: what was asked of models and of APIs, what it took and cost, how it was rated, and what looks like abuse."""

from shared.metrics.usage.feedback import FEEDBACK_LIST, FEEDBACK_RATINGS
from shared.metrics.usage.sessions import USAGE_SESSIONS
from shared.metrics.usage.summary import REQUEST_SUMMARY
from shared.metrics.usage.threats import THREAT_LIST, THREAT_SUMMARY
from shared.metrics.usage.trend import REQUEST_TREND

METRICS = (
    REQUEST_SUMMARY,
    REQUEST_TREND,
    USAGE_SESSIONS,
    FEEDBACK_RATINGS,
    FEEDBACK_LIST,
    THREAT_SUMMARY,
    THREAT_LIST,
)
"""The metrics of the family. Adding one is one file and one name here."""
