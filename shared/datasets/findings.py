"""Findings: one row per issue that scans found, followed from scan to scan by its fingerprint."""

import pyarrow as pa

from shared.datasets.dataset import TS, Dataset

STATUSES = ("new", "recurring", "fixed")

FINDINGS = Dataset(
    name="findings",
    title="Findings",
    reach="repo",
    columns=(
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
        ("first_seen", TS),
        ("last_seen", TS),
        ("last_scan_id", pa.string()),
        ("appearances", pa.int32()),
        ("status", pa.string()),
        ("fixed_at", TS),
    ),
    key=("repo", "tool", "fingerprint"),
    version="last_seen",
    sort=("repo", "tool", "fingerprint"),
)
