"""The spool: rows that wait on the local disk until there are enough for a write, partition by partition.

A write swaps a whole partition: to write often takes time that grows with the history, to gather in memory takes room.
"""

from collections import Counter
from io import IOBase
from tempfile import TemporaryFile
from typing import NamedTuple, cast

import pyarrow as pa
import pyarrow.compute as pc

from shared.datasets.dataset import Dataset
from shared.lake.cache import cache_errors
from shared.lake.months import by_month
from shared.lake.tables import Lake


class Part(NamedTuple):
    """A partition. month: as by_month says; None also where the time is missing that would tell."""

    dataset: str
    month: str | None


class Spool:
    """Rows of one writer, in files that the system deletes when the process ends, however it ends.

    rows: how many there are of each partition.
    """

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._files: dict[Part, IOBase] = {}
        self.rows: Counter[Part] = Counter()

    def add(self, dataset: Dataset, rows: pa.Table) -> None:
        """Puts rows behind those that are there. Raises StoreError, and then may hold some of them."""
        if dataset.month_of is not None and rows[dataset.month_of].null_count:
            self._append(Part(dataset.name, None), rows.filter(pc.is_null(rows[dataset.month_of])))
            rows = rows.filter(pc.is_valid(rows[dataset.month_of]))
        for month, part in by_month(dataset, rows):
            self._append(Part(dataset.name, month), part)

    def read(self, part: Part) -> pa.Table:
        """The rows of a partition, in the order in which they came."""
        file, tables = self._files[part], []
        with cache_errors(self._lake.cache):
            end = file.seek(0, 2)
            file.seek(0)
            while file.tell() < end:
                with pa.ipc.open_stream(file) as stream:
                    tables.append(stream.read_all())
        return pa.concat_tables(tables)

    def drop(self, part: Part) -> None:
        """Forgets a partition's rows, once they are stored."""
        self._files.pop(part).close()
        self.rows.pop(part, None)

    def close(self) -> None:
        """Forgets everything."""
        for part in list(self._files):
            self.drop(part)

    def _append(self, part: Part, rows: pa.Table) -> None:
        with cache_errors(self._lake.cache):
            if part not in self._files:
                self._files[part] = cast("IOBase", TemporaryFile(dir=self._lake.cache))  # noqa: SIM115  (see close)
            file = self._files[part]
            end = file.seek(0, 2)
            try:
                with pa.ipc.new_stream(file, rows.schema) as stream:
                    stream.write_table(rows)
                file.flush()
            except BaseException:
                file.truncate(end)  # half of a stream would make the whole file unreadable
                raise
        self.rows[part] += rows.num_rows
