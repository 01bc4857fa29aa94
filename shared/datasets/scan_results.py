"""Scan results: one row per scan and issue in it, from which the findings are made, whatever order scans came in."""

import pyarrow as pa

from shared.datasets.dataset import TS, Dataset

SCAN_RESULTS = Dataset(
    name="scan_results",
    title="Results of scans",
    reach="repo",
    columns=(
        ("scan_id", pa.string()),
        ("repo", pa.string()),
        ("org", pa.string()),
        ("tool", pa.string()),
        ("fingerprint", pa.string()),
        ("rule_id", pa.string()),
        ("severity", pa.string()),
        ("cwe_family", pa.string()),
        ("path", pa.string()),
        ("start_line", pa.int32()),
        ("message", pa.string()),
        ("suppressed", pa.bool_()),
        ("created_at", TS),
    ),
    key=("repo", "scan_id", "fingerprint"),
    version="created_at",
    month_of="created_at",
    sort=("repo", "fingerprint", "scan_id"),
)
