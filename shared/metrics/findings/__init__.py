"""Findings: single alerts and findings of scans, the state each is in and what happened to it."""

from shared.metrics.findings.alert_list import ALERT_LIST, ALERT_STATES
from shared.metrics.findings.finding_list import FINDING_LIST, FINDING_STATES

METRICS = (
    ALERT_LIST,
    ALERT_STATES,
    FINDING_LIST,
    FINDING_STATES,
)
"""The metrics of the family. Adding one is one file and one name here."""
