"""What a dataset is: an Arrow schema, a key, a partition and a version column."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import ibis
import ibis.expr.types as ir
import pyarrow as pa

TS = pa.timestamp("us", tz="UTC")
"""Every time in the lake: microseconds since the epoch, in UTC."""

STRINGS = pa.list_(pa.string())

PROVENANCE = (("collected_at", TS), ("source", pa.string()))
"""Columns that every table ends with: when the row was read, and from where."""

DEMO_SOURCE = "demo"
"""The `source` of generated rows; real rows never carry it."""

OWN_SOURCE = "fettle"
"""The `source` of rows about requests to Fettle itself: somebody who tries it on sample data makes them, too."""

LONG_AGO = ibis.timestamp("0001-01-01T00:00:00Z")
"""In an order, the place of what is unknown: before all that is known."""

WEBHOOK_SOURCE = "webhook"
"""The `source` of rows that GitHub pushed; of equal age, they never replace what was collected."""

OLD = "_old_"
"""In a merge, what the name of a stored row's column begins with."""


Reach = Literal["repo", "subject", "nobody"]
"""Which rows somebody sees who may see some repositories alone.

repo: those that name one of them in `repo`.  subject: those whose `subject` is of one of them, see
shared.lake.limiting.  nobody: none, as the rows are of no repository, or of several at once.
"""

Order = Callable[[Callable[[str], ir.Value]], list[ir.Value]]
"""What decides between two rows of one key, the weightiest first, made of a row's columns by name; none may be null."""


@dataclass(frozen=True)
class Dataset:
    """One table of the lake.

    reach: which rows somebody sees who may see some repositories alone; every dataset has to say.
    key: columns that identify a row; never null.
    version: column whose greater value wins when two rows have the same key.
    order: what decides instead, where the version alone cannot tell.
    overrides: expression over a new row beside the stored one, as in `carried`: whether the new one replaces it, null
    where the order is to decide.
    month_of: timestamp column whose UTC month is the partition; None keeps the dataset in one blob.
    sort: order of rows inside a partition, chosen so that row groups can be skipped.
    derived: column -> window expression over a merged partition, for facts that depend on sibling rows.
    carried: column -> expression over a new row (its columns by name) beside the stored row of the same key (by OLD and
    name), for facts that a row takes over from the one it replaces. A row that replaces none keeps its own value.
    watched: columns whose stored values those are told of who are told of changes.
    """

    name: str
    title: str
    columns: tuple[tuple[str, pa.DataType], ...]
    key: tuple[str, ...]
    version: str
    month_of: str | None = None
    sort: tuple[str, ...] = ()
    order: Order | None = None
    overrides: Callable[[ir.Table], ir.BooleanValue] | None = None
    derived: Mapping[str, Callable[[ir.Table], ir.Value]] = field(default_factory=dict)
    carried: Mapping[str, Callable[[ir.Table], ir.Value]] = field(default_factory=dict)
    watched: tuple[str, ...] = ()
    reach: Reach = field(kw_only=True)

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema of the table, provenance columns last."""
        return pa.schema([*self.columns, *PROVENANCE])

    @property
    def required(self) -> tuple[str, ...]:
        """Columns without which a row cannot be stored: the key, the partition's time, and what rows are sorted by."""
        return tuple(dict.fromkeys((*self.key, *((self.month_of,) if self.month_of else ()), *self.sort[:1])))

    def empty(self) -> pa.Table:
        """A table of this schema without rows."""
        return self.schema.empty_table()

    def table(self, rows: list[dict[str, Any]]) -> pa.Table:
        """Rows (dicts by column name, absent columns are null) as an Arrow table of this schema.

        Raises pyarrow.ArrowInvalid or ArrowTypeError when a value does not fit its column.
        """
        return pa.Table.from_pylist(rows, schema=self.schema)
