"""Requests: the request log of services, such as calls of models and of APIs, with what each took and cost."""

import pyarrow as pa

from shared.datasets.dataset import TS, Dataset

REQUESTS = Dataset(
    name="requests",
    title="Requests",
    reach="nobody",
    columns=(
        ("request_id", pa.string()),
        ("at", TS),
        ("endpoint", pa.string()),
        ("method", pa.string()),
        ("status", pa.int16()),
        ("latency_ms", pa.float64()),
        ("model", pa.string()),
        ("prompt_tokens", pa.int64()),
        ("completion_tokens", pa.int64()),
        ("total_tokens", pa.int64()),
        # What the sender says; where it gives tokens alone, the cost follows from the prices of the policy.
        ("cost_usd", pa.float64()),
        ("finish_reason", pa.string()),
        # ISO 3166-1 alpha-2.
        ("country", pa.string()),
        # A keyed hash of the address; the address itself is stored nowhere.
        ("ip_hash", pa.string()),
        ("user", pa.string()),
        ("session_id", pa.string()),
        ("user_agent", pa.string()),
        ("service", pa.string()),
    ),
    key=("request_id",),
    version="collected_at",
    month_of="at",
    sort=("at", "request_id"),
)
