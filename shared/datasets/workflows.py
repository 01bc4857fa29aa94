"""Workflows: one row per workflow file of a repository."""

import pyarrow as pa

from shared.datasets.dataset import TS, Dataset

WORKFLOWS = Dataset(
    name="workflows",
    title="Workflows",
    reach="repo",
    columns=(
        ("repo", pa.string()),
        ("org", pa.string()),
        ("workflow_id", pa.int64()),
        ("name", pa.string()),
        ("path", pa.string()),
        ("state", pa.string()),
        ("created_at", TS),
        ("updated_at", TS),
        ("html_url", pa.string()),
    ),
    key=("repo", "workflow_id"),
    version="updated_at",
    sort=("repo", "workflow_id"),
)
