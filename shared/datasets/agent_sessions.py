"""Agent sessions: one row per session of an AI agent that works on repositories."""

import pyarrow as pa

from shared.datasets.dataset import STRINGS, TS, Dataset

SESSION_STATUSES = ("queued", "running", "waiting", "finished", "failed", "stopped", "expired", "unknown")

AGENT_SESSIONS = Dataset(
    name="agent_sessions",
    title="Agent sessions",
    reach="repo",
    columns=(
        ("provider", pa.string()),
        ("session_id", pa.string()),
        ("title", pa.string()),
        ("status", pa.string()),
        ("provider_status", pa.string()),
        ("repo", pa.string()),
        ("org", pa.string()),
        ("pull_request_urls", STRINGS),
        ("alert_refs", STRINGS),
        ("tags", STRINGS),
        ("model", pa.string()),
        ("acus", pa.float64()),
        ("cost_usd", pa.float64()),
        ("created_at", TS),
        ("updated_at", TS),
        ("ended_at", TS),
        ("structured_output", pa.string()),
        ("url", pa.string()),
    ),
    key=("provider", "session_id"),
    version="updated_at",
    sort=("provider", "created_at", "session_id"),
)
