"""Where rows come from, and how a batch of raw objects becomes a table without one bad object stopping it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from shared.datasets.dataset import WEBHOOK_SOURCE, Dataset
from shared.lake.quarantine import Reject

Raw = dict[str, Any]
"""An object as GitHub or an export gives it."""

Row = dict[str, Any]
"""A row by column name of a dataset; absent columns are null."""

WEBHOOK = WEBHOOK_SOURCE
"""The `source` of rows that were pushed: their `collected_at` is the moment GitHub told of a change."""


@dataclass(frozen=True)
class Stamp:
    """Provenance of rows. source: `github`, `webhook`, `import:<file>`, …; collected_at: aware, in UTC."""

    source: str
    collected_at: datetime

    @property
    def columns(self) -> Row:
        """The provenance columns that every row ends with."""
        return {"collected_at": self.collected_at, "source": self.source}


class Unusable(ValueError):
    """A raw object that cannot become a row, since what identifies it is missing; the text is the reason."""


def map_rows(dataset: Dataset, mapper: Callable[[Raw], Row], raws: Iterable[Any]) -> tuple[pa.Table, list[Reject]]:
    """Raw objects as a table of the dataset, and those that `mapper` calls Unusable, with the reason.

    Objects that are not dicts, and rows whose values do not fit the columns, are rejects too.
    """
    rows: list[Row] = []
    rejects: list[Reject] = []
    for raw in raws:
        if not isinstance(raw, dict):
            rejects.append(Reject(f"not an object but {type(raw).__name__}", without_secrets(raw)))
            continue
        try:
            rows.append(mapper(raw))
        except Unusable as reason:
            rejects.append(Reject(str(reason), without_secrets(raw)))
    table, misfits = _table(dataset, rows)
    return table, rejects + misfits


def without_secrets(raw: object) -> object:
    """The same JSON without the text of any `secret` that secret scanning found: it is stored nowhere."""
    if isinstance(raw, dict):
        return {key: "(removed)" if key == "secret" else without_secrets(value) for key, value in raw.items()}
    return [without_secrets(item) for item in raw] if isinstance(raw, list) else raw


def _table(dataset: Dataset, rows: list[Row]) -> tuple[pa.Table, list[Reject]]:
    try:
        return dataset.table(rows), []
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        # Some value does not fit: only now is it worth finding out which, one row at a time.
        return _fitting(dataset, rows)


def _fitting(dataset: Dataset, rows: list[Row]) -> tuple[pa.Table, list[Reject]]:
    tables, misfits = [dataset.empty()], []
    for row in rows:
        try:
            tables.append(dataset.table([row]))
        except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
            misfits.append(Reject(f"does not fit {dataset.name}: {error}", row))
    return pa.concat_tables(tables), misfits
