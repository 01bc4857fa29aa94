"""Findings: what all scans of a repository's tool together say of each issue; see docs/decisions/0007."""

from collections.abc import Iterable

import pandas as pd
import pyarrow as pa

from shared.datasets import FINDINGS, SCAN_RESULTS, SCANS
from shared.lake.merge import Changes
from shared.lake.snapshot import Snapshot
from shared.lake.tables import Lake

IMPORTED = "sarif:"
"""What the id of a scan begins with whose results are known; of GitHub's analyses only their number is."""

PULL_REQUEST = "refs/pull/"
"""What the ref of a scan begins with that is of a proposal: it takes no part in what the repository's findings are."""

_ISSUE = ["repo", "tool", "fingerprint"]
_LINE = ["repo", "tool", "category"]


def findings_of(scans: pa.Table, results: pa.Table) -> pa.Table:
    """Rows of `findings` from rows of `scans` and `scan_results`, of any repositories and tools, in any order.

    - first_seen, last_seen and appearances are over all scans that saw the issue; other facts are those of the last.
    - fixed: every category that saw it has a complete scan (one without error) after that which saw it last, and
      fixed_at is the time of the first such scan, of several categories the last. Else recurring if more than one scan
      saw it, else new.
    - An issue that was suppressed in every scan is no finding; one that is suppressed later is not fixed by that.
    - Scans of pull requests, and those whose results are not known, play no part.
    """
    frame = scans.select(["scan_id", "repo", "tool", "category", "ref", "error", "created_at"]).to_pandas()
    counts = frame.scan_id.str.startswith(IMPORTED) & ~frame.ref.fillna("").str.startswith(PULL_REQUEST)
    frame = frame[counts].assign(category=frame.category.fillna(""))
    seen = results.to_pandas().drop(columns="created_at")
    seen = seen.merge(frame[["scan_id", "category", "created_at"]], on="scan_id")
    seen = seen[seen.groupby(_ISSUE).suppressed.transform(lambda said: not said.all()).astype(bool)]
    if seen.empty:
        return FINDINGS.empty()
    spans = _spans(seen, frame[frame.error.isna()])
    last = seen.sort_values(["created_at", "scan_id"]).drop_duplicates(_ISSUE, keep="last")
    found = last.rename(columns={"scan_id": "last_scan_id"}).merge(spans, on=_ISSUE)
    return pa.Table.from_pandas(found[FINDINGS.schema.names], schema=FINDINGS.schema, preserve_index=False)


def follow(lake: Lake, lines: Iterable[tuple[str, str]]) -> Changes:
    """Makes the findings of some repositories' tools, as (repo, tool), anew from all their scans.

    Another import may store scans meanwhile: then it is done once more, so that the last word is that of all scans.
    """
    wanted, changes = sorted(set(lines)), Changes()
    if not wanted:
        return changes
    while True:
        snapshot = lake.snapshot()
        tables = lake.tables("real", snapshot, only=[SCANS, SCAN_RESULTS])
        for repo, tool in wanted:
            read = [tables[name].filter(tables[name].repo == repo, tables[name].tool == tool) for name in _READ]
            changes += lake.upsert(FINDINGS, findings_of(*(part.to_pyarrow() for part in read)))
        if _scans(lake.snapshot()) == _scans(snapshot):
            return changes


_READ = (SCANS.name, SCAN_RESULTS.name)


def _spans(seen: pd.DataFrame, complete: pd.DataFrame) -> pd.DataFrame:
    """Per issue: first_seen, last_seen, appearances, status and fixed_at."""
    times = {"first_seen": ("created_at", "min"), "last_seen": ("created_at", "max")}
    per_line = seen.groupby([*_LINE, "fingerprint"]).agg(**times, appearances=("scan_id", "nunique")).reset_index()
    later = complete[[*_LINE, "created_at"]].rename(columns={"created_at": "fixed_at"}).sort_values("fixed_at")
    followed = pd.merge_asof(
        per_line.sort_values("last_seen"),
        later,
        left_on="last_seen",
        right_on="fixed_at",
        by=_LINE,
        direction="forward",
        allow_exact_matches=False,
    )
    whole = followed.assign(open=followed.fixed_at.isna()).groupby(_ISSUE)
    spans = whole.agg(
        first_seen=("first_seen", "min"),
        last_seen=("last_seen", "max"),
        appearances=("appearances", "sum"),
        open=("open", "any"),
        fixed_at=("fixed_at", "max"),
    ).reset_index()
    status = spans.appearances.gt(1).map({True: "recurring", False: "new"}).where(spans.open, "fixed")
    return spans.assign(status=status, fixed_at=spans.fixed_at.mask(spans.open)).drop(columns="open")


def _scans(snapshot: Snapshot) -> tuple[object, ...]:
    return tuple(snapshot.of((SCANS, SCAN_RESULTS)))
