"""SARIF as an import: the runs of a file as scans, their results, and the findings that all scans make."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from backend.findings import PULL_REQUEST, follow
from backend.imports.coverage import Ledger, coverage
from backend.imports.files import Export, UnreadableFile, read_export
from backend.imports.imported import FileImported
from backend.imports.rejects import reasons
from backend.mapping.sarif import Scan, Told, scan_of, without_source
from backend.mapping.sarif_rules import objects
from backend.mapping.stamp import Row, Stamp, Unusable
from backend.mapping.values import YEARS
from shared.datasets import FINDINGS, SCAN_RESULTS, SCANS
from shared.lake.quarantine import Reject
from shared.lake.tables import Lake

SARIF = "sarif"
"""The name of this kind of import."""


def is_sarif(value: object) -> bool:
    """Whether a JSON value is a SARIF log."""
    return isinstance(value, dict) and isinstance(value.get("runs"), list)


def import_sarif_file(lake: Lake, path: Path, told: Told) -> FileImported:
    """Imports the runs of a SARIF log; each is one scan, and its results become findings.

    Runs and results that cannot be used go to quarantine; a scan with such results is incomplete and fixes nothing.
    The same run again changes nothing. Raises StoreError, and UnreadableFile for a file without a run to take.
    """
    export = read_export(path)
    stamp = Stamp(f"import:{export.name}", lake.clock())
    ledger = Ledger(lake, f"import-{export.digest[:16]}")
    scans, refused = _scans(export, replace(told, modified=_modified(path)), stamp)
    if not scans:
        raise UnreadableFile(f"{export.name} holds no scan that can be imported: {reasons(refused) or 'no run'}.")
    scans = _as_stored(lake, scans)
    rows = SCANS.table([scan.row for scan in scans])
    results = [row for scan in scans for row in scan.results]
    # Results first: a scan without its results would fix what they say is there.
    lake.upsert(SCAN_RESULTS, SCAN_RESULTS.table(results))
    lake.upsert(SCANS, rows)
    changes = follow(lake, ((scan.row["repo"], scan.row["tool"]) for scan in scans))
    rejects = [*refused, *(reject for scan in scans for reject in scan.rejects)]
    if not ledger.known:  # the same file again holds the same rejects
        lake.quarantine(FINDINGS, rejects, stamp.source)
    ledger.record(coverage(SCANS, rows), len(rejects), reasons(rejects), stamp)
    warnings = tuple(f"{export.name}: {text}." for text in _warnings(scans, rejects))
    return FileImported(path, len(results), changes, len(rejects), warnings)


def _scans(export: Export, told: Told, stamp: Stamp) -> tuple[list[Scan], list[Reject]]:
    """The scans in a file, and the runs that are none. Raises UnreadableFile for what is no SARIF."""
    scans, refused = [], []
    for run in _runs(export):
        try:
            scans.append(scan_of(run, told, stamp))
        except Unusable as reason:
            refused.append(Reject(str(reason), without_source({**run, "results": None})))
    return scans, refused


def _runs(export: Export) -> list[dict[str, Any]]:
    try:
        log = json.loads(export.text())
    except (ValueError, RecursionError) as error:
        raise UnreadableFile(f"{export.name} is cut off or not JSON ({error}); export it again.") from error
    if not is_sarif(log):
        raise UnreadableFile(f'{export.name} is no SARIF log (an object with "runs"); export it as SARIF 2.1.0.')
    return objects(log["runs"])


def _modified(path: Path) -> datetime | None:
    """When a file was last written, to the second; None for a time that no file has."""
    modified = datetime.fromtimestamp(int(path.stat().st_mtime), UTC)
    return modified if modified.year in YEARS else None


def _as_stored(lake: Lake, scans: Iterable[Scan]) -> list[Scan]:
    """The scans, those that are known with the time and the source that they are stored with.

    So a copy of a file, which has another name and another time, changes nothing.
    """
    by_id = {scan.row["scan_id"]: scan for scan in scans}
    stored = lake.tables("real", only=[SCANS])["scans"]
    stored = stored.filter(stored.scan_id.isin(list(by_id))).select("scan_id", "created_at", "source")
    known = {row.pop("scan_id"): row for row in stored.to_pyarrow().to_pylist()}
    return [_with(scan, known.get(scan_id, {})) for scan_id, scan in by_id.items()]


def _with(scan: Scan, facts: Row) -> Scan:
    return replace(scan, row={**scan.row, **facts}, results=tuple({**row, **facts} for row in scan.results))


def _warnings(scans: list[Scan], rejects: list[Reject]) -> Iterator[str]:
    if not all(scan.dated for scan in scans):
        yield "it does not say when it was made, so the time of the file counts; --at TIME says better"
    for scan in scans:
        tool = scan.row["tool"]
        if scan.row["error"]:
            yield f"the scan of {tool} is incomplete ({scan.row['error']}): it fixes nothing"
        if (scan.row["ref"] or "").startswith(PULL_REQUEST):
            yield f"the scan of {tool} is of a pull request: it is kept, and changes no finding"
        if shared := scan.row["results_count"] - len(scan.results):
            yield f"{shared:,} results of {tool} have the fingerprint of another and are counted with it"
    if rejects:
        yield f"{len(rejects)} rows are in quarantine: {reasons(rejects)}"
