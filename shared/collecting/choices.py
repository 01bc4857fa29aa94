"""Choices: what a collection may be asked to read, and what the names of it may look like."""

import re
from datetime import timedelta

from shared.datasets.alerts import KINDS

REPOSITORIES, WORKFLOW_JOBS, AGENT_SESSIONS = "repositories", "workflow_jobs", "agent_sessions"
ALERTS = "alerts"
CHOICES = (
    REPOSITORIES,
    "workflows",
    "workflow_runs",
    WORKFLOW_JOBS,
    ALERTS,
    *KINDS,
    "scans",
    "pull_requests",
    AGENT_SESSIONS,
)
"""What `--only` takes: datasets, and the kinds of alerts one by one."""

_LOGIN = r"[A-Za-z0-9](?:[A-Za-z0-9_-]*)"
ORG = re.compile(_LOGIN)
REPO = re.compile(rf"{_LOGIN}/(?!\.{{1,2}}$)[A-Za-z0-9._-]+")
"""What an organisation or user, and OWNER/NAME, may look like."""

WHOLE_ORG = "*"
"""In place of a repository's name: all repositories of an account, in one listing."""

MOST_NAMED = 100
"""Organisations, and repositories, that somebody may name who starts a collection."""

LONGEST_ORG, LONGEST_REPO = 100, 200
"""Characters of a name that is taken."""

LONGEST_BACKFILL = timedelta(days=3_653)
