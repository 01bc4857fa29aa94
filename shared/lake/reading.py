"""Reading: a snapshot's files as Ibis tables, real and demo rows kept apart."""

import copy
from collections.abc import Hashable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Literal, cast

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import pyarrow as pa
from ibis.backends.duckdb import Backend

from shared.datasets import TELLING
from shared.datasets.dataset import Dataset, Reach
from shared.lake.digests import DigestFiles, Part, RowsOf, folded_parts, making_of, of_kind, parts_since
from shared.lake.empty_files import EmptyFiles
from shared.lake.engine import Engine
from shared.lake.excerpts import Excerpts
from shared.lake.file_statistics import NEVER, any_demo, any_real, last_change, rows_in, sources
from shared.lake.limiting import reach_version, tells_repo, within_reach
from shared.lake.prepared_files import PreparedFiles
from shared.lake.scan import Scan, scan_name
from shared.lake.snapshot import Snapshot, month_of
from shared.lake.store import Blob
from shared.metrics.digest import Digest
from shared.metrics.digests import DIGESTS, OF_A_RANGE

Rows = Literal["auto", "real", "demo"]


class Tables(Mapping[str, ir.Table]):
    """The datasets of one snapshot by name, each an Ibis table with exactly the contract's columns.

    version: identifies the snapshot and the choice of rows.  rows: "real" or "demo".  Use it on the thread it was
    made on. A dataset without files is a table without rows.
    prepared: where the SQL of questions is kept, if it is.
    """

    def __init__(
        self,
        backend: Backend,
        scans: Iterable[Scan],
        version: str,
        rows: Rows,
        digests: DigestFiles | None = None,
        prepared: PreparedFiles | None = None,
        engine: Engine | None = None,
        excerpts: Excerpts | None = None,
    ) -> None:
        self.backend = backend
        self._engine = engine
        self._digests = digests
        self.prepared = prepared
        self.version = version
        self.rows = rows
        self._scans = {scan.dataset.name: scan for scan in scans}
        self._excerpts = excerpts
        self._repo: str | None = None
        self._reach: frozenset[str] | None = None
        self._named: dict[tuple[str, bool, int], str] = {}
        self._tables: dict[str, ir.Table] = {}

    def __getitem__(self, name: str) -> ir.Table:
        scan = self._scans[name]
        scan_name = self._known(scan)
        if name not in self._tables:  # a prepared question needs none of them, and a millisecond each adds up
            self._tables[name] = self._table(scan, scan_name)
        return self._tables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._scans)

    def __len__(self) -> int:
        return len(self._scans)

    def of_repository(self, repo: str) -> "Tables":
        """The same tables for questions that are all about one repository: its rows are kept in memory."""
        narrowed = copy.copy(self)
        narrowed._repo = repo  # noqa: SLF001  (its own copy)
        return narrowed

    def limited_to(self, repos: frozenset[str] | None) -> "Tables":
        """The same tables with the rows of these repositories alone, whichever way they are asked; None: all rows.

        Each dataset says which of its rows that leaves; see Dataset.reach. What was limited before stays so. Names of
        repositories are as they are stored, in upper and lower case too.
        """
        if repos is None:
            return self
        limited = copy.copy(self)
        reach = repos if self._reach is None else repos & self._reach
        limited._reach, limited.version = reach, f"{self.version}-{reach_version(reach)}"  # noqa: SLF001  (its own copy)
        hidden = (name for name, scan in self._scans.items() if scan.dataset.reach == "nobody")
        limited._scans = self._scans | {name: self._scans[name].empty() for name in hidden}  # noqa: SLF001
        limited._named, limited._tables = {}, {}  # noqa: SLF001
        if not all(tells_repo(digest) for digest in (*DIGESTS, *OF_A_RANGE)):
            limited._digests = None  # noqa: SLF001  (of months that hold rows of several repositories)
        return limited

    @property
    def layout(self) -> Hashable:
        """What the tables' own expressions depend on, besides the names of their scans."""
        return self.rows, self.names, frozenset(self.kinds.items())

    @property
    def names(self) -> Hashable:
        """Which tables there are, those of digests too."""
        return tuple(sorted(self._scans)), self._digests is None

    @property
    def kinds(self) -> dict[str, Rows | None]:
        """Which of a dataset's rows its table has to choose; None where its files hold no others."""
        return {name: self.rows if scan.mixed else None for name, scan in self._scans.items()}

    def named_in(self, sql: str) -> set[str]:
        """The datasets whose rows SQL made of the placeholders reads."""
        return {name for name in self._scans if f'"{_placeholder(name)}"' in sql}

    def placeholders(self) -> "Placeholders":
        """The same tables with names that say the dataset alone, and those of digests; see with_scans."""
        datasets = {name: self._table(scan, _placeholder(name)) for name, scan in self._scans.items()}
        tables = Placeholders(self.backend, datasets, self._digests is not None)
        for digest in DIGESTS:
            tables.keep(digest)
        return tables

    def with_scans(
        self, sql: str, digests: Iterable[Digest] = DIGESTS, since: datetime | None = None, *, ranged: bool = False
    ) -> str:
        """SQL made of the placeholders, with the names of this snapshot's scans in their place.

        digests: those that the placeholders kept in the end.  since: before any time that the SQL names.
        ranged: whether it asks of chosen digests no row from before that; of those that are bounded it never does.
        """
        for name in self.named_in(sql):
            scan = self._scans[name]
            known = self._known(scan)
            excerpted = self._excerpted(known, name, len(scan.parts)) if name in EXCERPTED else known
            sql = sql.replace(f'"{_placeholder(name)}"', f'"{excerpted}"')
        for digest in digests:
            begin = since if ranged or digest.bounded else None
            for name, folded in ((digest.name, False), (digest.folded, True)):
                if f'"{_placeholder(name)}"' in sql:
                    sql = sql.replace(f'"{_placeholder(name)}"', f'"{self._digested(digest, begin, folded=folded)}"')
        return sql

    def _excerpted(self, scan: str, name: str, reach: int) -> str:
        if self._repo is None or self._excerpts is None:
            return scan
        return self._excerpts.of(self.backend.con, self._repo, scan, f"{self.version} {name}", reach)

    def _known(self, scan: Scan) -> str:
        """The scan's name, which the engine knows from now on."""
        if scan.files and self._engine:
            self._engine.name_scan(scan.name, scan.files)
        return self._limited(scan.name, scan.dataset.reach)

    def _limited(self, name: str, reach: Reach) -> str:
        """The name of those rows of a scan that these tables may give."""
        if self._reach is None or reach == "nobody":  # of which there is but the empty file
            return name
        if self._engine is None:
            raise ValueError(f"{name} cannot be limited without an engine.")
        repos, limited = self._reach, f"{name}_{reach_version(self._reach)}"
        self._engine.name_part(limited, name, lambda: within_reach(reach, repos))
        return limited

    def _digested(self, digest: Digest, since: datetime | None, *, folded: bool) -> str:
        scan = self._scans[digest.of]
        parts = parts_since(scan.parts, since) if digest.chosen else scan.parts
        key = digest.name, folded, len(parts)
        if self._reach is not None and not tells_repo(digest):
            raise ValueError(f"The digest {digest.name} does not say of which repository its rows are.")
        if self._digests and not (key in self._named and self._digests.knows(self._named[key])):
            rows = cast("RowsOf", self.rows) if scan.mixed else None
            self._named[key] = self._digests.scan(digest, parts, rows, folded=folded)
        named = self._limited(self._named[key], scan.dataset.reach)
        of_repositories = digest.chosen and not folded and "repo" in making_of(digest).schema.names
        return self._excerpted(named, digest.name, len(parts)) if of_repositories else named

    def arrow(self, expression: ir.Table) -> pa.Table:
        """The rows of an expression over these tables."""
        found: pa.Table = expression.to_pyarrow()
        return found

    def count_of(self, name: str) -> int:
        """How many rows a dataset has; mostly known without reading any."""
        scan = self._scans[name]
        if scan.mixed or self._reach is not None:
            return int(self[name].count().to_pyarrow().as_py())
        return sum(rows_in(part.path) for part in scan.parts)

    def settled(self, until: datetime) -> bool:
        """Whether nothing that is known of runs, alerts and the like was changed at or after a time."""
        times = [scan.changed_at for scan in self._scans.values() if scan.dataset.version == UPDATED]
        return all(_before(time, until) for time in times)

    def changing(self, until: datetime) -> datetime | None:
        """No run created before this month was changed at or after `until`; None where that is not known of any."""
        parts = self._scans[RUNS].parts if RUNS in self._scans else ()
        changed = [part.month for part in parts if not _before(last_change(part.path, UPDATED), until)]
        months = [month for month in changed if month is not None]
        return min(months, default=until) if parts and len(months) == len(changed) else None

    def unfolded(self, since: datetime) -> bool:
        """Whether digests of runs have every month from a time on by itself."""
        parts = self._scans[RUNS].parts if RUNS in self._scans else ()
        months = [part.month for part in parts[folded_parts(parts) :] if part.month]
        return bool(months) and months[0] <= since

    def _table(self, scan: Scan, name: str) -> ir.Table:
        """The schema is the contract's, so DuckDB need not be asked for it, which would cost more than most queries."""
        table = _named(self.backend, name, _schema(scan.dataset.schema))
        return of_kind(table, cast("RowsOf", self.rows)) if scan.mixed else table


@lru_cache(maxsize=64)
def _schema(stored: pa.Schema) -> ibis.Schema:
    return ibis.Schema.from_pyarrow(stored)


class Placeholders(dict[str, ir.Table]):
    """Tables of which the SQL of a question is made. digests: those that it may have been made of.

    keeps: whether there are digests at all. Besides DIGESTS there are those that depend on the policy, which become
    known when a question asks for them.
    """

    def __init__(self, backend: Backend, datasets: Mapping[str, ir.Table], keeps: bool) -> None:
        super().__init__(datasets)
        self.digests: list[Digest] = []
        self._backend, self._keeps = backend, keeps

    def keep(self, digest: Digest) -> None:
        """Has the digest's two tables from now on, if digests of its dataset can be kept."""
        if not self._keeps or digest.of not in self or digest.name in self:
            return
        self.digests.append(digest)
        for name in (digest.name, digest.folded):
            self[name] = _named(self._backend, _placeholder(name), making_of(digest).schema)


def _named(backend: Backend, name: str, schema: ibis.Schema) -> ir.Table:
    table: ir.Table = ops.DatabaseTable(name=name, schema=schema, source=backend, namespace=ops.Namespace()).to_expr()
    return table


def _placeholder(name: str) -> str:
    return f"scan of {name}"


def read_tables(
    engine: Engine,
    empty: EmptyFiles,
    digests: DigestFiles,
    datasets: Iterable[Dataset],
    snapshot: Snapshot,
    files: Mapping[Blob, Path],
    rows: Rows,
    prepared: PreparedFiles,
    excerpts: Excerpts,
) -> Tables:
    """The tables of a snapshot whose blobs are at `files`. See Lake.tables."""
    chosen = rows if rows != "auto" else _told(snapshot, files)
    scans = []
    for dataset in datasets:
        parts = [Part(files[blob], month_of(blob)) for blob in snapshot.partitions(dataset)]
        parts = [part for part in parts if sources(part.path).may_hold(chosen)]
        kept = [part.path for part in parts]
        paths = (empty[dataset.name], *kept)
        name = scan_name(dataset, paths)
        if kept:
            engine.name_scan(name, paths)
        changed = [last_change(path, dataset.version) for path in kept]
        known = [time for time in changed if time is not None]
        last = max(known, default=NEVER) if len(known) == len(changed) else None
        mixed = any(sources(path).mixed for path in kept)
        scans.append(Scan(name, dataset, mixed, last, tuple(parts), paths))
    version = f"{snapshot.version}-{chosen}"
    return Tables(engine.backend, scans, version, chosen, digests, prepared, engine, excerpts)


def _told(snapshot: Snapshot, files: Mapping[Blob, Path]) -> "RowsOf":
    """Real rows as soon as there is one that tells of something; before that sample rows, if there are any."""
    telling = [files[blob] for dataset in TELLING for blob in snapshot.partitions(dataset)]
    return "demo" if not any_real(telling) and any_demo(files.values()) else "real"


EXCERPTED = ("alerts", "alert_events")
"""Datasets without months, of which questions about a repository look at every row that it has."""

RUNS, UPDATED = "workflow_runs", "updated_at"
"""The dataset whose digests are of use for the past as well, and its column that says when a row changed last."""


def _before(time: datetime | None, until: datetime) -> bool:
    return time is not None and time < until
