"""Resolving: marks threats as seen to, many at a time."""

from collections.abc import Collection

import pyarrow as pa

from shared.datasets import THREATS
from shared.lake.merge import Changes
from shared.lake.reading import Rows
from shared.lake.tables import Lake


def resolve_threats(lake: Lake, threat_ids: Collection[str], by: str | None) -> Changes:
    """Marks threats as resolved now by somebody; those resolved before stay as they were. Unknown ids do nothing.

    What a threat says otherwise stays, and so does whether it is of the sample. Raises StoreError.
    """
    changes, now = Changes(), lake.clock()
    worlds: tuple[Rows, ...] = ("real", "demo")
    for rows in worlds:
        known = lake.tables(rows, only=[THREATS])["threats"]
        found = known.filter(known.threat_id.isin(list(threat_ids)), ~known.resolved.fill_null(False))
        open_ones: pa.Table = found.to_pyarrow().select(THREATS.schema.names).cast(THREATS.schema)
        if open_ones.num_rows:
            told = {"resolved": True, "resolved_at": now, "resolved_by": by, "collected_at": now}
            changes += lake.upsert(THREATS, _with(open_ones, told))
    return changes


def _with(rows: pa.Table, told: dict[str, object]) -> pa.Table:
    """Rows with the same value in each of some columns."""
    for name, value in told.items():
        place = rows.schema.get_field_index(name)
        column = pa.repeat(pa.scalar(value, rows.schema.field(name).type), rows.num_rows)
        rows = rows.set_column(place, rows.schema.field(name), column)
    return rows
