"""Alerts: one row per code-scanning, Dependabot or secret-scanning alert."""

import pyarrow as pa

from shared.datasets.dataset import STRINGS, TS, Dataset

KINDS = ("code_scanning", "dependabot", "secret_scanning")
STATES = ("open", "fixed", "dismissed", "auto_dismissed")
SEVERITIES = ("critical", "high", "medium", "low", "unknown")
"""Worst first."""

ALERTS = Dataset(
    name="alerts",
    title="Security alerts",
    columns=(
        ("repo", pa.string()),
        ("org", pa.string()),
        ("kind", pa.string()),
        ("number", pa.int64()),
        ("state", pa.string()),
        ("severity", pa.string()),
        ("security_severity", pa.float64()),
        ("rule_id", pa.string()),
        ("rule_name", pa.string()),
        ("cwes", STRINGS),
        ("cwe_family", pa.string()),
        ("tool", pa.string()),
        ("package", pa.string()),
        ("ecosystem", pa.string()),
        ("ghsa_id", pa.string()),
        ("cve_id", pa.string()),
        ("path", pa.string()),
        ("start_line", pa.int32()),
        ("branch", pa.string()),
        ("fingerprint", pa.string()),
        ("created_at", TS),
        ("updated_at", TS),
        ("fixed_at", TS),
        ("dismissed_at", TS),
        ("closed_at", TS),
        ("close_reason", pa.string()),
        ("dismissed_by", pa.string()),
        ("reopened_count", pa.int32()),
        ("html_url", pa.string()),
    ),
    key=("repo", "kind", "number"),
    version="updated_at",
    sort=("repo", "kind", "number"),
)
