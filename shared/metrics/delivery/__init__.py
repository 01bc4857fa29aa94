"""Delivery: the four figures of DORA for the workflows that deploy."""

from shared.metrics.delivery.delivery import DELIVERY
from shared.metrics.delivery.deployments import DEPLOYMENTS
from shared.metrics.delivery.lead_time import CHANGES

METRICS = (
    DELIVERY,
    DEPLOYMENTS,
    CHANGES,
)
"""The metrics of the family. Adding one is one file and one name here."""
