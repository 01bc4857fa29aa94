"""What a fold left in a lake, to compare with another."""

from typing import Any

from shared.datasets import DATASETS
from shared.lake.tables import Lake

NAMES = ("alerts", "alert_events", "workflow_runs", "workflow_jobs", "pull_requests")

Tables = dict[str, list[dict[str, Any]]]


def tables(lake: Lake) -> Tables:
    """What is stored, but for the time at which it was read: of what is sent twice either may be."""
    return {name: stored(lake, name) for name in NAMES}


def stored(lake: Lake, name: str) -> list[dict[str, Any]]:
    """The rows of a dataset in the order of their key."""
    rows = lake.tables("real", only=[DATASETS[name]])[name].to_pyarrow().to_pylist()
    kept = [{column: value for column, value in row.items() if column != "collected_at"} for row in rows]
    return sorted(kept, key=lambda row: [str(row[column]) for column in DATASETS[name].key])
