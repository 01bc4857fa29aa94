"""The query engine: one DuckDB database per process, one cursor (as an Ibis backend) per thread."""

import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

import duckdb
import ibis
import pyarrow.parquet as pq
from duckdb import DuckDBPyConnection, DuckDBPyRelation, Expression
from ibis.backends.duckdb import Backend

MAX_VIEWS = 256
"""Named scans that a thread keeps; a snapshot has one per dataset, so that is dozens of snapshots."""


ROW_BYTES = 2_000
"""What sorting a row of our widest table takes, with room to spare."""

_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}


class Engine:
    """DuckDB in process with a memory limit; what does not fit is spilled to `spill`.

    rows_at_once: how many rows may be sorted in memory.

    Neither a DuckDB cursor nor an Ibis backend may be shared between threads, so each thread gets its own.
    """

    def __init__(self, spill: Path, memory_limit: str = "2GB", threads: int | None = None) -> None:
        spill.mkdir(parents=True, exist_ok=True)
        self.rows_at_once = max(bytes_of(memory_limit) // ROW_BYTES, 1)
        config: dict[str, str | int] = {"memory_limit": memory_limit, "temp_directory": str(spill)}
        if threads:
            config["threads"] = threads
        self._database = duckdb.connect(":memory:", config=config)  # type: ignore[arg-type]
        self._database.execute("SET GLOBAL TimeZone = 'UTC'")
        # A path always means the same bytes, and a dataset has a file for each month, whatever the range.
        self._database.execute("SET GLOBAL parquet_metadata_cache = true")
        self._lock = threading.Lock()
        self._local = threading.local()

    @property
    def backend(self) -> Backend:
        """The Ibis backend of the calling thread."""
        backend: Backend | None = getattr(self._local, "backend", None)
        if backend is None:
            with self._lock:
                cursor = self._database.cursor()
            backend = ibis.duckdb.from_connection(cursor)
            self._local.backend = backend
            self._local.views = OrderedDict()
            self._local.parts = OrderedDict()
        return backend

    def name_scan(self, name: str, paths: Sequence[Path]) -> None:
        """Makes a scan over Parquet files, united by column name, known to this thread's backend under a name.

        A name always means the same files; the longest unused ones are forgotten beyond MAX_VIEWS.
        """
        con = self.backend.con
        views: OrderedDict[str, Sequence[Path]] = self._local.views
        if name not in views:
            con.register(name, _scan(con, paths))
            views[name] = paths
        views.move_to_end(name)
        while len(views) > MAX_VIEWS:
            con.unregister(views.popitem(last=False)[0])

    def knows(self, name: str) -> bool:
        """Whether this thread's backend knows a scan of that name."""
        return self.backend is not None and name in self._local.views

    def name_part(self, name: str, of: str, condition: Callable[[], Expression]) -> None:
        """Makes the rows of a scan that meet a condition known to this thread's backend under a name of their own.

        of: the name of the scan, which the backend knows. A name always means the same rows. Parts are forgotten beyond
        MAX_VIEWS of their own, so that those of many callers never drive out what all share.
        """
        con = self.backend.con
        parts: OrderedDict[str, None] = self._local.parts
        if name not in parts:
            con.register(name, _scan(con, self._local.views[of]).filter(condition()))
            parts[name] = None
        parts.move_to_end(name)
        while len(parts) > MAX_VIEWS:
            con.unregister(parts.popitem(last=False)[0])

    def close(self) -> None:
        """Frees the database; the engine is of no use afterwards."""
        self._database.close()


def _scan(con: DuckDBPyConnection, paths: Sequence[Path]) -> DuckDBPyRelation:
    # Files that need to be united are all opened for each question, those that are alike only where looked at.
    united = len({_shape(path)[0] for path in paths}) > 1
    # How many rows there are is guessed from the first file, and the order of joins follows from that.
    files = paths if united else sorted(paths, key=lambda path: -_shape(path)[1])
    return con.read_parquet([str(path) for path in files], union_by_name=united)


@lru_cache(maxsize=100_000)
def _shape(path: Path) -> tuple[str, int]:
    """The columns of a file as a text, and how many rows it has; a path always means the same file."""
    metadata = pq.read_metadata(path)
    columns = metadata.schema.to_arrow_schema().to_string(show_field_metadata=False, show_schema_metadata=False)
    return sys.intern(columns), metadata.num_rows


def bytes_of(limit: str) -> int:
    """A memory limit such as `2GB` or `512 MiB` in bytes; binary units are taken for decimal ones."""
    number, unit = limit.rstrip("B").rstrip("i").strip(), ""
    if number[-1:] in _UNITS:
        number, unit = number[:-1].strip(), number[-1]
    return int(float(number) * _UNITS[unit])
