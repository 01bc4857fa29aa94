"""Months: how the rows of a dataset are divided among its partitions."""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from shared.datasets.dataset import Dataset


def by_month(dataset: Dataset, rows: pa.Table) -> Iterator[tuple[str | None, pa.Table]]:
    """Rows by partition: (UTC month such as "2026-04", rows), oldest first; (None, rows) where there is one blob.

    The time that tells the month must be there in every row.
    """
    if not rows.num_rows:
        return
    if dataset.month_of is None:
        yield None, rows
        return
    times = rows[dataset.month_of]
    if (first := f"{pc.min(times).as_py():%Y-%m}") == f"{pc.max(times).as_py():%Y-%m}":
        yield first, rows
        return
    months = pc.strftime(times, format="%Y-%m")
    for month in pc.unique(months).sort():
        yield str(month), rows.filter(pc.equal(months, month))
