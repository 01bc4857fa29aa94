"""Rows of each dataset as dicts: every column that a test does not care about has a sensible value.

A column given by name replaces the default; what follows from it (`org` from `repo`, `duration_s` from the
times) follows unless it is given too.
"""

from tests.builders.alerts import alert, alert_event, decision, finding
from tests.builders.changes import agent_session, merged_change, pull_request
from tests.builders.customers import activity, customer
from tests.builders.repositories import collection, repository
from tests.builders.rows import NOW, Row
from tests.builders.runs import job, run, workflow
from tests.builders.usage import rating, request, threat, usage_session

__all__ = [
    "NOW",
    "Row",
    "activity",
    "agent_session",
    "alert",
    "alert_event",
    "collection",
    "customer",
    "decision",
    "finding",
    "job",
    "merged_change",
    "pull_request",
    "rating",
    "repository",
    "request",
    "run",
    "threat",
    "usage_session",
    "workflow",
]
