"""Health: one engine for scores, and the model of a repository."""

from shared.metrics.health.repository import HEALTH_SIGNALS, REPOSITORY_HEALTH
from shared.metrics.health.trend import HEALTH_TREND

METRICS = (
    REPOSITORY_HEALTH,
    HEALTH_SIGNALS,
    HEALTH_TREND,
)
"""The metrics of the family. Adding one is one file and one name here."""
