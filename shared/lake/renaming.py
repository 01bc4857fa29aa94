"""Renaming: what is stored of a repository follows it to its new name.

GitHub keeps a repository's id and the numbers of its alerts and pull requests when it is renamed or transferred, so
the rows under the old name are the same things. A row's month does not change with its repository, so each partition
is a matter of its own.
"""

import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from ibis.backends.duckdb import Backend

from shared.datasets import ALERT_EVENTS, COLLECTIONS, DATASETS, REPOSITORIES
from shared.datasets.alert_events import alert_event_id
from shared.datasets.dataset import STRINGS, Dataset
from shared.lake.merge import merge, without

ADDRESSES = ("html_url", "url", "pull_request_urls")
"""Columns whose addresses follow a repository."""

Array: TypeAlias = "pa.Array[Any]"


def datasets_with_repo() -> list[Dataset]:
    """The datasets whose rows follow a repository.

    The ledger is history: it keeps the name that was asked for. Repositories come last: as long as one of them has the
    old name, a collection sees that there is something to rename, also after a rename that was killed.
    """
    following = (dataset for dataset in DATASETS.values() if "repo" in dataset.schema.names)
    return sorted((dataset for dataset in following if dataset is not COLLECTIONS), key=lambda d: d is REPOSITORIES)


def has_repo(path: Path, repo: str) -> bool:
    """Whether a Parquet file holds a row of that repository."""
    return bool(pq.read_table(path, columns=["repo"], filters=pc.field("repo") == repo).num_rows)


def rename_rows(
    backend: Backend, dataset: Dataset, stored: list[Path], old: str, new: str, target: Path
) -> tuple[int, int]:
    """Writes a partition to `target` with the rows of `old` as rows of `new`; returns how many, and how many there are.

    stored: the partition's files as for merge, the first of them without rows. Nothing is written without rows of
    `old`. Where two rows come to have the same key, they are merged as if the one under the new name came last.
    """
    moved, there = (_rows_of(dataset, stored, repo) for repo in (old, new))
    if not moved.num_rows:
        return 0, 0
    with TemporaryDirectory(dir=target.parent) as folder:
        rest, base = Path(folder) / "rest.parquet", Path(folder) / "base.parquet"
        _, others = without(backend, dataset, stored, "repo", (old, new), rest)
        merge(backend, dataset, [stored[0], rest] if others else stored[:1], _renamed(dataset, moved, old, new), base)
        if not merge(backend, dataset, [base], there, target).written:
            base.replace(target)
    return moved.num_rows, pq.read_metadata(target).num_rows


def _rows_of(dataset: Dataset, stored: list[Path], repo: str) -> pa.Table:
    return pq.read_table([str(path) for path in stored], schema=dataset.schema, filters=pc.field("repo") == repo)


def _renamed(dataset: Dataset, rows: pa.Table, old: str, new: str) -> pa.Table:
    """The rows with the new name, and with all that is made of the name."""
    owner, _, name = new.partition("/")
    said = {"repo": new, "org": owner, **({"name": name} if dataset is REPOSITORIES else {})}
    columns: dict[str, Array] = {column: pa.repeat(value, rows.num_rows) for column, value in said.items()}
    for column in ADDRESSES:
        if column in rows.column_names:
            columns[column] = _followed(rows[column].combine_chunks(), old, new)
    if dataset is ALERT_EVENTS:
        columns["event_id"] = pa.array(_event_ids(rows, old, new), pa.string())
    for column, values in columns.items():
        rows = rows.set_column(rows.column_names.index(column), rows.schema.field(column), values)
    return rows


def _followed(addresses: Array, old: str, new: str) -> Array:
    """Addresses, or lists of them, with the first `/old` that is a whole part of the path replaced."""
    if addresses.type == STRINGS:
        lengths = pc.list_value_length(addresses).fill_null(0).to_numpy(zero_copy_only=False)
        offsets = pa.array(np.concatenate([[0], np.cumsum(lengths)]), pa.int32())
        flat = _followed(pc.list_flatten(addresses), old, new)
        return pa.ListArray.from_arrays(offsets, flat, type=STRINGS, mask=addresses.is_null())
    pattern = rf"(?i)^([^?#]*?)/{re.escape(old)}(/|$)"
    return pc.replace_substring_regex(addresses, pattern, rf"\1/{new}\2")


def _event_ids(events: pa.Table, old: str, new: str) -> list[str]:
    """The keys of events, those that were made of the old name made anew: what is told again stays one event."""
    columns = (events[column].to_pylist() for column in ("event_id", "kind", "number", "action", "at"))
    return [
        alert_event_id(new, *happening)
        if None not in happening and event_id == alert_event_id(old, *happening)
        else event_id
        for event_id, *happening in zip(*columns, strict=True)
    ]
