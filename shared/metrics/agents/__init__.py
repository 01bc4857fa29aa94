"""Agents: what AI agents did in repositories."""

from shared.metrics.agents.sessions_started import SESSIONS_STARTED

METRICS = (SESSIONS_STARTED,)
"""The metrics of the family. Adding one is one file and one name here."""
