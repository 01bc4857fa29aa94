"""Scans: one row per code-scanning analysis, or per imported SARIF run."""

import pyarrow as pa

from shared.datasets.dataset import TS, Dataset

SCANS = Dataset(
    name="scans",
    title="Scans",
    reach="repo",
    columns=(
        ("scan_id", pa.string()),
        ("repo", pa.string()),
        ("org", pa.string()),
        ("tool", pa.string()),
        ("ref", pa.string()),
        ("commit_sha", pa.string()),
        ("category", pa.string()),
        ("results_count", pa.int32()),
        ("rules_count", pa.int32()),
        ("error", pa.string()),
        ("created_at", TS),
    ),
    key=("scan_id",),
    version="created_at",
    month_of="created_at",
    sort=("created_at", "repo", "scan_id"),
)
