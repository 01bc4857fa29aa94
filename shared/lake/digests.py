"""Digest files: what is kept of each partition's copy, made when it is first asked for and never changed afterwards."""

import hashlib
import threading
import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Literal

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir

from shared.datasets import DATASETS
from shared.datasets.dataset import DEMO_SOURCE
from shared.lake.engine import Engine
from shared.lake.mirror import KEEP_S
from shared.lake.sql import sql_text
from shared.metrics.digest import RECENT, Digest

RowsOf = Literal["real", "demo"]

ROW_GROUP = 30_000
"""Rows of a row group: few, as questions look for few of the rows."""

_ROWS = "rows of digest"
_making = threading.Lock()


@dataclass(frozen=True)
class Part:
    """A copy of a partition. month: its first day in UTC; None in a dataset without months."""

    path: Path
    month: datetime | None


@dataclass(frozen=True)
class Making:
    """How a digest is made. sql: of a partition's rows.  fold: of the digests of several partitions, if it can be."""

    sql: str
    fold: str | None
    schema: ibis.Schema


class DigestFiles:
    """Digests of partitions as Parquet files in a folder, named by the copies and the SQL that they are made of."""

    def __init__(self, engine: Engine, folder: Path, empty: Mapping[str, Path]) -> None:
        self._engine = engine
        self._folder = folder
        self._empty = empty

    def knows(self, name: str) -> bool:
        """Whether the engine still knows a name that `scan` gave on this thread."""
        return self._engine.knows(name)

    def scan(self, digest: Digest, parts: Sequence[Part], rows: RowsOf | None, *, folded: bool) -> str:
        """The engine's name for the digest of some partitions, oldest first.

        rows: "real" or "demo" where partitions may hold both.  folded: whether months before RECENT are made one.
        """
        making = making_of(digest, rows)
        empty = self._empty[digest.of]
        old = folded_parts(parts) if folded else 0
        if digest.as_stored and rows is None:
            kept = [empty, *(part.path for part in parts)]
        elif making.fold is None and rows is None:
            kept = [part.path for part in parts[:old]]
            kept += [self._made(making.sql, (empty, part.path)) for part in parts[old:]]
        else:
            kept = [self._made(making.sql, (empty, part.path)) for part in parts]
            if old > 1 and making.fold is not None:
                kept = [self._made(making.fold, kept[:old]), *kept[old:]]
        files = kept or [self._made(making.sql, (empty,))]
        name = f"{digest.name}_{_short(repr(files))}"
        self._engine.name_scan(name, files)
        return name

    def _made(self, sql: str, files: Sequence[Path]) -> Path:
        """The file with the answer to SQL about the rows of other files."""
        path = self._folder / _short(sql) / f"{_short(repr([file.name for file in files]))}.parquet"
        if not path.exists():
            with _making:
                if not path.exists():
                    self._make(sql, files, path)
        return path

    def _make(self, sql: str, files: Sequence[Path], path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        _prune(self._folder)
        scan = f"digested_{_short(repr(files))}"
        self._engine.name_scan(scan, files)
        rows = self._engine.backend.con.sql(sql.replace(f'"{_ROWS}"', f'"{scan}"'))
        unfinished = path.with_suffix(f".{uuid.uuid4().hex}")
        rows.write_parquet(str(unfinished), compression="zstd", row_group_size=ROW_GROUP)
        unfinished.replace(path)


@lru_cache(maxsize=64)
def making_of(digest: Digest, rows: RowsOf | None = None) -> Making:
    """How a digest is made of its dataset's rows; of the sample's, or all others, where a kind is named."""
    stored = _table(ibis.Schema.from_pyarrow(DATASETS[digest.of].schema))
    made = digest.stored(stored if rows is None else of_kind(stored, rows))
    schema = made.schema()
    fold = None if digest.fold is None else digest.fold(_table(schema)).select(*made.columns)
    return Making(sql_text(made.cast(schema)), None if fold is None else sql_text(fold.cast(schema)), schema)


def of_kind(table: ir.Table, rows: RowsOf) -> ir.Table:
    """The sample's rows of a table, or all others."""
    is_demo = (table.source == DEMO_SOURCE).fill_null(False)
    return table.filter(is_demo if rows == "demo" else ~is_demo)


def _table(schema: ibis.Schema) -> ir.Table:
    table: ir.Table = ops.UnboundTable(name=_ROWS, schema=schema, namespace=ops.Namespace()).to_expr()
    return table


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def folded_parts(parts: Sequence[Part]) -> int:
    """How many of the first partitions are over for longer than RECENT, as seen from the newest one's beginning."""
    newest = parts[-1].month if parts else None
    if newest is None:
        return 0
    return sum(after.month is not None and after.month <= newest - RECENT for after in parts[1:])


def parts_since(parts: Sequence[Part], since: datetime | None) -> Sequence[Part]:
    """The partitions, oldest first, without those that were over at a time."""
    if since is None:
        return parts
    over = [after.month is not None and after.month <= since for after in parts[1:]]
    return parts[sum(over) :]


def _prune(folder: Path) -> None:
    """Deletes digests that were made long ago, of replaced partitions or by another policy; others are made again."""
    oldest = time.time() - KEEP_S * 24 * 30
    for path in folder.glob("*/*"):
        with suppress(FileNotFoundError):  # another process gave it its name, or deleted it
            if path.stat().st_ctime < oldest:
                path.unlink()
