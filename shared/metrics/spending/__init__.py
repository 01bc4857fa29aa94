"""Spending: what runs cost, and what flaky workflows waste."""

from shared.metrics.spending.flakes import FLAKES, FLAKY_WORKFLOWS
from shared.metrics.spending.run_cost import RUN_COST

METRICS = (
    FLAKES,
    FLAKY_WORKFLOWS,
    RUN_COST,
)
"""The metrics of the family. Adding one is one file and one name here."""
