"""Importing: files of one kind into the lake; doing it again changes nothing."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path

import pyarrow as pa

from backend.imports.activity import import_activity_file
from backend.imports.activity_kinds import KINDS as ACTIVITY
from backend.imports.activity_kinds import column_map
from backend.imports.coverage import Ledger, coverage, together
from backend.imports.files import UnreadableFile, read_export
from backend.imports.imported import FileImported, Imported, ImportRefused
from backend.imports.json_objects import Item
from backend.imports.kind import Kind
from backend.imports.kinds import KINDS
from backend.imports.rejects import reasons
from backend.imports.runs import RUNS, with_shared_created_at
from backend.imports.sarif import SARIF, import_sarif_file, is_sarif
from backend.imports.source import Source, open_source
from backend.mapping.repositories import repository_name
from backend.mapping.sarif import Told
from backend.mapping.stamp import Raw, Row, Stamp, map_rows
from shared.lake.merge import Changes
from shared.lake.quarantine import Reject
from shared.lake.tables import Lake

NAMES = (*KINDS, SARIF, *ACTIVITY)
"""Everything that can be imported."""

MAPPED_ROWS = 20_000
"""Rows that are Python objects at a time; they take about 5 kB each."""

STORED_ROWS = 500_000
"""Rows that are written at a time: every write reads and writes whole months, so few large ones are quick."""


def import_files(
    lake: Lake,
    kind: str,
    paths: list[Path],
    repo: str | None,
    *,
    ref: str | None = None,
    at: datetime | None = None,
    columns: Sequence[str] = (),
) -> Imported:
    """Imports files of a kind (a name in NAMES), in order.

    repo: `owner/name`, for rows that do not say theirs; of SARIF it goes before what the file says.
    ref, at: of SARIF, what was scanned and when, likewise.
    columns: of customers and events, what their columns are called, each as "theirs=ours".
    Rows that cannot be used go to quarantine. Every file gets a row in the collection ledger for each
    repository in it. Raises ImportRefused for an unknown kind or a malformed repo, StoreError, and
    UnreadableFile for a file with nothing to take: those before it stay, and its exit_code is then 2.
    """
    _refuse(kind, repo, told_of_scan=ref is not None or at is not None, columns=columns)
    one: Callable[[Path], FileImported]
    if kind in ACTIVITY:
        one = partial(import_activity_file, lake, kind, column_map(columns, kind))
    elif kind == SARIF:
        one = partial(import_sarif_file, lake, told=Told(repo, ref, at))
    else:
        one = partial(_import_file, lake, KINDS[kind], repo)
    files: list[FileImported] = []
    for path in paths:
        try:
            files.append(one(path))
        except UnreadableFile as error:
            if not files:
                raise
            raise error.after(len(files)) from error
    return Imported(kind, tuple(files))


def _refuse(kind: str, repo: str | None, *, told_of_scan: bool, columns: Sequence[str]) -> None:
    """Raises ImportRefused for a kind that there is not, and for options that it does not take."""
    if kind not in NAMES:
        raise ImportRefused(f'there is no import of "{kind}"; the kinds are {", ".join(NAMES)}.')
    if kind != SARIF and told_of_scan:
        raise ImportRefused(f"--ref and --at say of a scan what it is of; {kind} have none.")
    if columns and kind not in ACTIVITY:
        raise ImportRefused(f"--map names the columns of {' and '.join(ACTIVITY)}; {kind} know theirs.")
    if repo is not None and kind in ACTIVITY:
        raise ImportRefused(f"--repo says whose rows are; {kind} belong to no repository.")
    if repo is not None and repository_name(repo) is None:
        raise ImportRefused(f'--repo is "{repo}", but a repository is written owner/name.')


def _import_file(lake: Lake, kind: Kind, repo: str | None, path: Path) -> FileImported:
    export = read_export(path)
    source = open_source(kind, export, repo)
    stamp = Stamp(f"import:{export.name}", lake.clock())
    ledger = Ledger(lake, f"import-{export.digest[:16]}")
    rejects: list[Reject] = []
    covered, changes, rows = [], Changes(), 0
    for table in _stored(lake, kind, source, _mapped(kind, source.items, kind.mapper(repo, stamp), rejects)):
        changes += lake.upsert(kind.dataset, table)
        covered.append(coverage(kind.dataset, table))
        rows += table.num_rows
    if not covered:
        raise _nothing(kind, export.name, rejects, stamp)
    if not ledger.known:  # the same file again holds the same rejects
        lake.quarantine(kind.dataset, rejects, stamp.source)
    ledger.record(together(covered), len(rejects), reasons(rejects), stamp)
    warnings = source.warnings
    if rejects:
        warnings += (f"{export.name}: {len(rejects)} rows are in quarantine: {reasons(rejects)}.",)
    return FileImported(path, rows, changes, len(rejects), warnings)


def _mapped(
    kind: Kind, items: Iterable[Item], mapper: Callable[[Raw], Row], rejects: list[Reject]
) -> Iterator[pa.Table]:
    """Items as tables of up to MAPPED_ROWS rows; what cannot be used is added to `rejects`."""
    remaining = iter(items)
    while batch := list(islice(remaining, MAPPED_ROWS)):
        rejects.extend(item for item in batch if isinstance(item, Reject))
        table, refused = map_rows(kind.dataset, mapper, (raw for raw in batch if not isinstance(raw, Reject)))
        rejects.extend(refused)
        if table.num_rows:
            yield table


def _stored(lake: Lake, kind: Kind, source: Source, tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Tables of the size and content in which they are stored."""
    if kind is RUNS and source.columns is not None and "created_at" not in source.columns:
        # The attempts of a run may be anywhere in the file.
        if whole := list(tables):
            yield with_shared_created_at(lake, pa.concat_tables(whole))
        return
    held: list[pa.Table] = []
    for table in tables:
        held.append(table)
        if sum(part.num_rows for part in held) >= STORED_ROWS:
            yield pa.concat_tables(held)
            held = []
    if held:
        yield pa.concat_tables(held)


def _nothing(kind: Kind, name: str, rejects: list[Reject], stamp: Stamp) -> UnreadableFile:
    """The error for a file of which nothing could be used: why, and which kind would have been right."""
    if not rejects:
        return UnreadableFile(f"{name} holds no {kind.title} at all; export it again, or leave it out.")
    hint = _fitting_kind(kind, rejects[0].row, stamp) or "check what was exported"
    return UnreadableFile(f"{name} holds no {kind.title} that can be imported: {reasons(rejects)}; {hint}.")


def _fitting_kind(kind: Kind, raw: object, stamp: Stamp) -> str | None:
    if is_sarif(raw):
        return f'try "import {SARIF}"'
    for other in KINDS.values():
        if other is not kind and map_rows(other.dataset, other.mapper("owner/name", stamp), [raw])[0].num_rows:
            return f'try "import {other.name}"'
    return None
