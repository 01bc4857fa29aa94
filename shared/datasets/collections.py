"""Collections: the completeness ledger, one row per collection, dataset and repository."""

import pyarrow as pa

from shared.datasets.dataset import TS, Dataset

OUTCOMES = ("ok", "unchanged", "disabled", "forbidden", "not_found", "partial", "failed")

COLLECTIONS = Dataset(
    name="collections",
    title="Collection ledger",
    reach="repo",
    columns=(
        ("collection_id", pa.string()),
        ("dataset", pa.string()),
        ("repo", pa.string()),
        ("org", pa.string()),
        ("started_at", TS),
        ("finished_at", TS),
        ("outcome", pa.string()),
        ("reason", pa.string()),
        ("rows", pa.int64()),
        ("requests", pa.int32()),
        ("conditional_hits", pa.int32()),
        ("rate_limit_remaining", pa.int32()),
        ("covered_since", TS),
        ("covered_until", TS),
    ),
    key=("collection_id", "dataset", "repo"),
    version="finished_at",
    month_of="started_at",
    sort=("started_at", "repo", "dataset"),
)
