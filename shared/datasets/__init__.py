"""The dataset contract: every table of the lake by name. Adding one is one file and one line here."""

from shared.datasets.alerts import ALERTS
from shared.datasets.collections import COLLECTIONS
from shared.datasets.dataset import DEMO_SOURCE, TS, Dataset
from shared.datasets.repositories import REPOSITORIES
from shared.datasets.workflow_jobs import WORKFLOW_JOBS
from shared.datasets.workflow_runs import WORKFLOW_RUNS
from shared.datasets.workflows import WORKFLOWS

DATASETS: dict[str, Dataset] = {
    dataset.name: dataset for dataset in (REPOSITORIES, WORKFLOWS, WORKFLOW_RUNS, WORKFLOW_JOBS, ALERTS, COLLECTIONS)
}

__all__ = [
    "ALERTS",
    "COLLECTIONS",
    "DATASETS",
    "DEMO_SOURCE",
    "REPOSITORIES",
    "TS",
    "WORKFLOWS",
    "WORKFLOW_JOBS",
    "WORKFLOW_RUNS",
    "Dataset",
]
