"""The dataset contract: every table of the lake by name. Adding one is one file and one line here."""

from shared.datasets.activity_events import ACTIVITY_EVENTS
from shared.datasets.agent_sessions import AGENT_SESSIONS
from shared.datasets.alert_events import ALERT_EVENTS
from shared.datasets.alerts import ALERTS
from shared.datasets.audit_log import AUDIT_LOG
from shared.datasets.collections import COLLECTIONS
from shared.datasets.customers import CUSTOMERS
from shared.datasets.dataset import DEMO_SOURCE, OWN_SOURCE, TS, Dataset
from shared.datasets.feedback import FEEDBACK
from shared.datasets.findings import FINDINGS
from shared.datasets.health_history import HEALTH_HISTORY
from shared.datasets.model_usage_daily import MODEL_USAGE_DAILY
from shared.datasets.organisation_overview import ORGANISATION_OVERVIEW
from shared.datasets.pull_requests import PULL_REQUESTS
from shared.datasets.repositories import REPOSITORIES
from shared.datasets.repository_overview import REPOSITORY_OVERVIEW
from shared.datasets.requests import REQUESTS
from shared.datasets.scan_results import SCAN_RESULTS
from shared.datasets.scans import SCANS
from shared.datasets.threats import THREATS
from shared.datasets.triage import TRIAGE
from shared.datasets.usage_sessions import USAGE_SESSIONS
from shared.datasets.workflow_daily import WORKFLOW_DAILY
from shared.datasets.workflow_jobs import WORKFLOW_JOBS
from shared.datasets.workflow_runs import WORKFLOW_RUNS
from shared.datasets.workflows import WORKFLOWS

DATASETS: dict[str, Dataset] = {
    dataset.name: dataset
    for dataset in (
        REPOSITORIES,
        WORKFLOWS,
        WORKFLOW_RUNS,
        WORKFLOW_JOBS,
        ALERTS,
        ALERT_EVENTS,
        PULL_REQUESTS,
        AGENT_SESSIONS,
        SCANS,
        SCAN_RESULTS,
        FINDINGS,
        TRIAGE,
        CUSTOMERS,
        ACTIVITY_EVENTS,
        REQUESTS,
        USAGE_SESSIONS,
        FEEDBACK,
        THREATS,
        AUDIT_LOG,
        COLLECTIONS,
        REPOSITORY_OVERVIEW,
        ORGANISATION_OVERVIEW,
        WORKFLOW_DAILY,
        MODEL_USAGE_DAILY,
        HEALTH_HISTORY,
    )
}

_UNTELLING = (
    *(AUDIT_LOG, REPOSITORY_OVERVIEW, ORGANISATION_OVERVIEW),
    *(WORKFLOW_DAILY, MODEL_USAGE_DAILY, HEALTH_HISTORY),
)

TELLING = tuple(dataset for dataset in DATASETS.values() if dataset not in _UNTELLING)
"""Datasets of which a real row says that there is more to see than sample data: all but what is noted of visits to
Fettle, and what is made of other rows."""

__all__ = [
    "ACTIVITY_EVENTS",
    "AGENT_SESSIONS",
    "ALERTS",
    "ALERT_EVENTS",
    "AUDIT_LOG",
    "COLLECTIONS",
    "CUSTOMERS",
    "DATASETS",
    "DEMO_SOURCE",
    "FEEDBACK",
    "FINDINGS",
    "HEALTH_HISTORY",
    "MODEL_USAGE_DAILY",
    "ORGANISATION_OVERVIEW",
    "OWN_SOURCE",
    "PULL_REQUESTS",
    "REPOSITORIES",
    "REPOSITORY_OVERVIEW",
    "REQUESTS",
    "SCANS",
    "SCAN_RESULTS",
    "TELLING",
    "THREATS",
    "TRIAGE",
    "TS",
    "USAGE_SESSIONS",
    "WORKFLOWS",
    "WORKFLOW_DAILY",
    "WORKFLOW_JOBS",
    "WORKFLOW_RUNS",
    "Dataset",
]
