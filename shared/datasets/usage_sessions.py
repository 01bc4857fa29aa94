"""Usage sessions: what users did in one go, as the services that they used tell it."""

import pyarrow as pa

from shared.datasets.dataset import TS, Dataset

USAGE_SESSIONS = Dataset(
    name="usage_sessions",
    title="Usage sessions",
    reach="nobody",
    columns=(
        ("session_id", pa.string()),
        ("user", pa.string()),
        ("started_at", TS),
        ("ended_at", TS),
        ("requests", pa.int32()),
        ("cost_usd", pa.float64()),
        ("tokens", pa.int64()),
    ),
    key=("session_id",),
    version="collected_at",
    month_of="started_at",
    sort=("started_at", "session_id"),
)
