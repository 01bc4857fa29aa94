"""Feedback: how users rated the answers to their requests, from one star to five."""

import pyarrow as pa

from shared.datasets.dataset import TS, Dataset

RATINGS = (1, 2, 3, 4, 5)

FEEDBACK = Dataset(
    name="feedback",
    title="Feedback",
    reach="nobody",
    columns=(
        ("request_id", pa.string()),
        ("user", pa.string()),
        ("at", TS),
        ("rating", pa.int16()),
        ("comment", pa.string()),
    ),
    key=("request_id", "user"),
    version="collected_at",
    month_of="at",
    sort=("at", "request_id", "user"),
)
