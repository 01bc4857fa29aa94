"""Excerpts: one repository's rows in the engine's memory, for a page that asks a dozen questions about it.

To find a repository's rows in Parquet files takes a question several times as long as to work out its answer.
"""

import threading
import uuid
import weakref
from collections import OrderedDict
from dataclasses import dataclass

from duckdb import ColumnExpression, ConstantExpression, DuckDBPyConnection
from sqlglot import expressions as sge

MOST_ROWS = 50_000
"""Rows of an excerpt; of a repository with more, questions are answered from the files."""

MOST_ROWS_TOGETHER = 200_000
"""Rows of all excerpts; the longest unused ones give way. They take about as many kilobytes."""


LEAST_ROWS = 1_000
"""What an excerpt counts for at least, so that there are not ever more of them that hold next to nothing."""


@dataclass(frozen=True)
class _Excerpt:
    """reach: of how many files.  table: None where there are too many rows.  rows: that it holds."""

    reach: int
    table: str | None
    rows: int


class Excerpts:
    """Tables with the rows of one repository each, shared by all cursors of a database."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._turns: weakref.WeakValueDictionary[tuple[str, str], threading.Lock] = weakref.WeakValueDictionary()
        self._kept: OrderedDict[tuple[str, str], _Excerpt] = OrderedDict()
        self._retired: list[str] = []

    @property
    def rows(self) -> int:
        """How many rows all excerpts count for."""
        return sum(max(excerpt.rows, LEAST_ROWS) for excerpt in self._kept.values())

    def of(self, con: DuckDBPyConnection, repo: str, scan: str, of: str, reach: int) -> str:
        """The name of what has a repository's rows of a scan, or more of them: an excerpt, or the scan if it is long.

        of: what the scan is of, which always means the same files, oldest first.  reach: how many of the last of them
        the scan is over.
        """
        key = of, repo
        with self._lock:
            turn = self._turns.setdefault(key, threading.Lock())
        with turn:  # of this one alone: a page asks of its alerts while those of its runs are read
            found = self._found(key, reach)
            if found is None:
                found = self._keep(con, key, _made(con, repo, scan, reach))
            return found.table or scan

    def _found(self, key: tuple[str, str], reach: int) -> _Excerpt | None:
        with self._lock:
            found = self._kept.get(key)
            if found is None or found.reach < reach:
                return None
            self._kept.move_to_end(key)
            return found

    def _keep(self, con: DuckDBPyConnection, key: tuple[str, str], made: _Excerpt) -> _Excerpt:
        with self._lock:
            if key in self._kept:  # of fewer files
                self._retire(con, key)
            self._kept[key] = made
            while self.rows > MOST_ROWS_TOGETHER:
                self._retire(con, next(iter(self._kept)))
            return made

    def _retire(self, con: DuckDBPyConnection, key: tuple[str, str]) -> None:
        """Drops an excerpt when the next one is, as a question may have been given its name just now."""
        gone = self._kept.pop(key)
        if gone.table is None:
            return
        for table in self._retired:
            con.execute(sge.Drop(this=sge.to_table(table), kind="TABLE").sql("duckdb"))
        self._retired = [gone.table]


def _made(con: DuckDBPyConnection, repo: str, scan: str, reach: int) -> _Excerpt:
    table = f"excerpt_{uuid.uuid4().hex}"
    rows = con.table(scan).filter(ColumnExpression("repo") == ConstantExpression(repo)).limit(MOST_ROWS + 1)
    rows.create(table)
    ((count,),) = con.table(table).count("*").fetchall()
    if count <= MOST_ROWS:
        return _Excerpt(reach, table, count)
    con.execute(sge.Drop(this=sge.to_table(table), kind="TABLE").sql("duckdb"))
    return _Excerpt(reach, None, 0)
