"""Model usage: what each model was asked on each day, what it took and what it cost.

A roll-up of `requests`, by the day (UTC) of a request. Everything in it adds up but for the mean of latencies, which is
`latency_sum_ms` by `latency_count`.
"""

import pyarrow as pa

from shared.datasets.dataset import TS, Dataset

MODEL_USAGE_DAILY = Dataset(
    name="model_usage_daily",
    title="Model usage",
    reach="nobody",
    columns=(
        # Empty for requests that were of no model, as those of an API: a column of a key is never null.
        ("model", pa.string()),
        ("day", TS),
        ("requests", pa.int64()),
        ("successes", pa.int64()),
        ("failures", pa.int64()),
        ("prompt_tokens", pa.int64()),
        ("completion_tokens", pa.int64()),
        ("total_tokens", pa.int64()),
        ("cost_usd", pa.float64()),
        # Requests whose cost is known.
        ("cost_count", pa.int64()),
        ("latency_count", pa.int64()),
        ("latency_sum_ms", pa.float64()),
        ("latency_mean_ms", pa.float64()),
        ("latency_min_ms", pa.float64()),
        ("latency_max_ms", pa.float64()),
    ),
    key=("model", "day"),
    version="collected_at",
    month_of="day",
    sort=("day", "model"),
)
