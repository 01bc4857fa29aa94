"""Repository overview: the metric of that name over all time, kept as a table: one row per repository and month (UTC).

The last month is that of the last roll-up.
"""

import pyarrow as pa

from shared.datasets.dataset import Dataset

OVERVIEW_FIGURES = (
    ("open_alerts", pa.int64()),
    ("number_fixed", pa.int64()),
    ("number_dismissed", pa.int64()),
    ("total_time_to_remediate_s", pa.float64()),
    ("mean_time_to_remediate_s", pa.float64()),
    ("median_time_to_remediate_s", pa.float64()),
    ("p90_time_to_remediate_s", pa.float64()),
    ("total_time_to_dismiss_s", pa.float64()),
)

REPOSITORY_OVERVIEW = Dataset(
    name="repository_overview",
    title="Repositories month by month",
    reach="repo",
    columns=(("repo", pa.string()), ("org", pa.string()), ("month", pa.string()), *OVERVIEW_FIGURES),
    key=("repo", "month"),
    version="collected_at",
    sort=("month", "repo"),
)
