"""Customers: how healthy they are, what they did, and what their scores were."""

from shared.metrics.customers.events import CUSTOMER_ACTIVITY, CUSTOMER_EVENTS
from shared.metrics.customers.health import CUSTOMER_HEALTH, CUSTOMER_SIGNALS
from shared.metrics.customers.trend import CUSTOMER_HEALTH_TREND

METRICS = (
    CUSTOMER_HEALTH,
    CUSTOMER_SIGNALS,
    CUSTOMER_HEALTH_TREND,
    CUSTOMER_EVENTS,
    CUSTOMER_ACTIVITY,
)
"""The metrics of the family. Adding one is one file and one name here."""
