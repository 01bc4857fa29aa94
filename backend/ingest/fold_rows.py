"""Folding rows of a dataset, as forms and routes append them: columns by name, times as ISO 8601."""

from typing import Any

import pyarrow as pa

from backend.mapping.stamp import Raw, Row, Unusable, map_rows
from backend.mapping.values import moment
from shared.datasets.dataset import TS, Dataset
from shared.lake.quarantine import Reject
from shared.lake.tables import Lake


def fold_rows(lake: Lake, dataset: Dataset, parts: list[list[dict[str, Any]]]) -> tuple[int, list[list[Reject]]]:
    """Upserts the rows of several blobs; returns how many changed, and of each blob what cannot be a row."""
    tables, refused = [dataset.empty()], []
    for lines in parts:
        table, rejects = map_rows(dataset, lambda raw: _row(dataset, raw), lines)
        tables.append(table)
        refused.append(rejects)
    rows = pa.concat_tables(tables)
    return (lake.upsert(dataset, rows).written if rows.num_rows else 0), refused


def _row(dataset: Dataset, raw: Raw) -> Row:
    row = {name: moment(raw.get(name)) if kind == TS else raw.get(name) for name, kind in _columns(dataset)}
    missing = [name for name in (*dataset.required, "collected_at", "source") if row.get(name) is None]
    if missing:
        raise Unusable(f"no {' or '.join(missing)}")
    if unknown := sorted(raw.keys() - row.keys()):
        raise Unusable(f"{dataset.name} has no column {unknown[0]!r}")
    return row


def _columns(dataset: Dataset) -> list[tuple[str, pa.DataType]]:
    return [(field.name, field.type) for field in dataset.schema]
