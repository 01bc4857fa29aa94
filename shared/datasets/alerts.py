"""Alerts: one row per code-scanning, Dependabot or secret-scanning alert."""

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from shared.datasets.dataset import OLD, STRINGS, TS, Dataset

KINDS = ("code_scanning", "dependabot", "secret_scanning")
STATES = ("open", "fixed", "dismissed", "auto_dismissed")
CLOSED_STATES = STATES[1:]
SEVERITIES = ("critical", "high", "medium", "low", "unknown")
"""Worst first."""


def _reopened_count(alerts: ir.Table) -> ir.Value:
    """One more than stored when a closed alert turns up open; never less than the new row itself brings.

    So collections and webhooks count together without knowing of each other, and the same row again counts nothing. An
    alert that was never seen to reopen, and brings no count, stays unknown.
    """
    stored = alerts[f"{OLD}reopened_count"]
    later = alerts.updated_at > alerts[f"{OLD}updated_at"]
    reopened = alerts[f"{OLD}state"].isin(CLOSED_STATES) & (alerts.state == "open") & later
    return ibis.greatest(ibis.ifelse(reopened, stored.fill_null(0) + 1, stored), alerts.reopened_count)


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
    carried={"reopened_count": _reopened_count},
    watched=("state", "closed_at", "updated_at"),
)
