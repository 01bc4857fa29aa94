"""Threats: requests that somebody should look at, such as deliveries with a wrong signature."""

import pyarrow as pa

from shared.datasets.dataset import TS, Dataset

THREAT_TYPES = (
    *("rate_limit", "suspicious_content", "invalid_auth", "malformed_request", "prompt_injection", "abuse_detection"),
    *("bad_signature", "replay"),
)
THREAT_SEVERITIES = ("critical", "high", "medium", "low")
"""Worst first."""

THREATS = Dataset(
    name="threats",
    title="Threats",
    reach="nobody",
    columns=(
        ("threat_id", pa.string()),
        ("at", TS),
        ("type", pa.string()),
        ("severity", pa.string()),
        ("ip_hash", pa.string()),
        ("user", pa.string()),
        ("request_id", pa.string()),
        ("description", pa.string()),
        ("raw_excerpt", pa.string()),
        ("resolved", pa.bool_()),
        ("resolved_at", TS),
        ("resolved_by", pa.string()),
    ),
    key=("threat_id",),
    version="collected_at",
    month_of="at",
    sort=("at", "threat_id"),
)
