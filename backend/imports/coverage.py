"""Coverage: how many rows of each source of each repository an import brought, of which time, and its ledger rows."""

from collections.abc import Iterable
from datetime import datetime

import pyarrow as pa

from backend.mapping.repositories import owner
from backend.mapping.stamp import Row, Stamp
from shared.datasets import COLLECTIONS
from shared.datasets.dataset import Dataset
from shared.lake.tables import Lake

SOURCE = ("dataset", "repo")
"""What the ledger has a row for. Of alerts, the kind stands for the dataset, as in a collection."""


def coverage(dataset: Dataset, rows: pa.Table) -> pa.Table:
    """By source: rows, covered_since and covered_until (first creation and last change in them)."""
    names = rows["kind"] if "kind" in rows.column_names else pa.chunked_array([pa.repeat(dataset.name, len(rows))])
    rows = rows.append_column("dataset", names)
    last = [name for name in ("updated_at", "completed_at") if name in rows.column_names]
    # Rows count once, by their creation; their last change counts for the time alone.
    return together([_times(rows, "created_at", 1), *(_times(rows, name, 0) for name in last)])


def together(parts: Iterable[pa.Table]) -> pa.Table:
    """Several coverages as one."""
    groups = pa.concat_tables(parts).group_by(list(SOURCE), use_threads=False)
    totals = groups.aggregate([("covered_since", "min"), ("covered_until", "max"), ("rows", "sum")])
    chosen = totals.select([*SOURCE, "covered_since_min", "covered_until_max", "rows_sum"])
    return chosen.rename_columns([*SOURCE, "covered_since", "covered_until", "rows"])


def _times(rows: pa.Table, until: str, count: int) -> pa.Table:
    columns = [
        rows["dataset"],
        rows["repo"],
        rows["created_at"],
        rows[until],
        pa.chunked_array([pa.repeat(count, len(rows))]),
    ]
    return pa.Table.from_arrays(columns, names=[*SOURCE, "covered_since", "covered_until", "rows"])


class Ledger:
    """What the collection ledger says of one file; the same content has the same id."""

    def __init__(self, lake: Lake, collection_id: str) -> None:
        self._lake = lake
        self._id = collection_id
        collections = lake.tables("real", only=[COLLECTIONS])["collections"]
        mine = collections.filter(collections.collection_id == collection_id).to_pyarrow().to_pylist()
        self._known: dict[tuple[str, str], Row] = {(row["dataset"], row["repo"]): row for row in mine}

    @property
    def known(self) -> bool:
        """Whether this file has been imported before."""
        return bool(self._known)

    def record(self, covered: pa.Table, rejected: int, reason: str | None, stamp: Stamp) -> None:
        """Writes one row per source; one that says what is known already stays as it is."""
        outcome = "partial" if rejected else "ok"
        facts = [
            {**entry, "org": owner(entry["repo"]), "outcome": outcome, "reason": reason}
            for entry in covered.to_pylist()
        ]
        rows = [{**fact, **self._times(fact, stamp.collected_at), **stamp.columns} for fact in facts]
        self._lake.upsert(COLLECTIONS, COLLECTIONS.table(rows))

    def _times(self, fact: Row, started: datetime) -> Row:
        """The id, and the times of this import; of the first one that said the same, if there was one."""
        known = self._known.get((fact["dataset"], fact["repo"]))
        same = known is not None and all(known[name] == value for name, value in fact.items())
        return {
            "collection_id": self._id,
            "started_at": known["started_at"] if known else started,
            "finished_at": known["finished_at"] if known and same else self._lake.clock(),
        }
