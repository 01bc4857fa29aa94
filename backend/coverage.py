"""Coverage of the latest collections: what was read, what was not and why, and what was still read before."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir

from shared.datasets import COLLECTIONS
from shared.lake.tables import Lake
from shared.metrics.coverage import GOOD

MOST_LINES = 50
"""Sources that are named one by one; the others are counted."""

ONE_ROUND = timedelta(hours=12)
"""Collections that begin within this time are shards of one: each reads other repositories."""

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "good": GOOD,
    "off": ("disabled",),
    "forbidden": ("forbidden",),
    "not found": ("not_found",),
    "partial": ("partial",),
    "failed": ("failed",),
}
"""How outcomes are summed up, in the order in which they are shown."""

NOT_READ = "not read"

_MARKS = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_{}[]<>|#~"})


@dataclass(frozen=True)
class Read:
    """One dataset. outcomes: how its sources ended last, how many each.  rows, requests: of all collections."""

    dataset: str
    outcomes: Mapping[str, int]
    rows: int
    requests: int

    def ended(self, column: str) -> int:
        """How many sources ended in one of the ways that a column stands for."""
        return sum(self.outcomes.get(outcome, 0) for outcome in COLUMNS[column])


@dataclass(frozen=True)
class Missing:
    """A source that is not complete. fell: whether it was until now."""

    repo: str
    dataset: str
    outcome: str
    reason: str
    fell: bool

    def __str__(self) -> str:
        return f"{self.repo} {self.dataset}: {self.outcome}: {self.reason}"


@dataclass(frozen=True)
class Report:
    """The collections begun since a time. missing: those that fell come first, then by repository and dataset."""

    since: datetime
    read: tuple[Read, ...]
    missing: tuple[Missing, ...]

    @property
    def fallen(self) -> tuple[Missing, ...]:
        """Sources that an earlier collection read well and the latest did not."""
        return tuple(source for source in self.missing if source.fell)


def coverage_report(lake: Lake, since: datetime) -> Report:
    """What the ledger says of the collections begun since then, against those before; imports play no part.

    Coverage fell where a source was good the last time it was read, and now is refused, switched off, not found or
    failed; or was not read at all although others of its owner were. A source that ended partial goes on next time,
    and so do those that a collection which ended early has not reached: they are missing, but have not fallen.
    """
    entries = lake.tables("real", only=[COLLECTIONS])["collections"]
    entries = entries.filter(~entries.source.startswith("import:"))
    recent = entries.filter(entries.started_at >= ibis.literal(since))
    earlier = entries.filter(entries.started_at < ibis.literal(since), entries.outcome != "partial")
    now, before = _newest(recent), _newest(earlier)
    read = tuple(_read(recent, now))
    ended_early = any(dataset.ended("partial") for dataset in read)
    missing = [*_incomplete(now, before), *_unread(now, before, ended_early)]
    missing.sort(key=lambda source: (not source.fell, source.repo, source.dataset))
    return Report(since, read, tuple(missing))


def lines(report: Report) -> Iterator[str]:
    """The report for a terminal: a line for each dataset, what is missing, and whether coverage fell."""
    if not report.read:
        yield f"Nothing was collected since {_minute(report.since)}."
    for dataset in report.read:
        counts = ", ".join(f"{n:,} {column}" for column in COLUMNS if (n := dataset.ended(column)))
        yield f"{dataset.dataset}: {counts}; {dataset.rows:,} rows with {dataset.requests:,} requests"
    for source in report.missing[:MOST_LINES]:
        yield f"{'fell' if source.fell else 'gap '} {source}"
    yield from _rest(report)
    yield _verdict(report)


def markdown(report: Report) -> str:
    """The report for the summary of a workflow: a table by dataset, then what is missing, fallen sources first."""
    parts = [f"### Collected since {_minute(report.since)}", "", f"**{_verdict(report)}**", ""]
    if report.read:
        parts += [_row(["dataset", *COLUMNS, "rows", "requests"]), _row(["---", *["---:"] * (len(COLUMNS) + 2)])]
    for dataset in report.read:
        numbers = [*map(dataset.ended, COLUMNS), dataset.rows, dataset.requests]
        parts.append(_row([_escaped(dataset.dataset), *(f"{number:,}" for number in numbers)]))
    if report.missing:
        parts += ["", _row(["not complete", "dataset", "outcome", "why"]), _row(["---"] * 4)]
    for source in report.missing[:MOST_LINES]:
        outcome = f"**{_escaped(source.outcome)}** (fell)" if source.fell else _escaped(source.outcome)
        parts.append(_row([_escaped(source.repo), _escaped(source.dataset), outcome, _escaped(source.reason)]))
    for rest in _rest(report):
        parts += ["", rest]
    return "\n".join(parts) + "\n"


def _newest(entries: ir.Table) -> ir.Table:
    """The last entry of each source."""
    order = [entries.started_at.desc(), entries.collection_id.desc()]
    ranked = entries.mutate(age_rank=ibis.row_number().over(group_by=["repo", "dataset"], order_by=order))
    return ranked.filter(ranked.age_rank == 0).drop("age_rank")


def _read(recent: ir.Table, now: ir.Table) -> Iterator[Read]:
    sums = recent.group_by("dataset").aggregate(rows=recent.rows.sum(), requests=recent.requests.sum())
    counts = now.group_by("dataset", "outcome").aggregate(n=now.count())
    outcomes: dict[str, dict[str, int]] = {}
    for row in _rows(counts):
        outcomes.setdefault(row["dataset"], {})[row["outcome"]] = row["n"]
    for row in _rows(sums.order_by("dataset")):
        yield Read(row["dataset"], outcomes[row["dataset"]], row["rows"] or 0, row["requests"] or 0)


def _incomplete(now: ir.Table, before: ir.Table) -> Iterator[Missing]:
    """Sources that were read and are not complete; of those that are off only such as were on before."""
    bad = now.filter(~now.outcome.isin(GOOD)).select("repo", "dataset", "outcome", "reason")
    good = before.filter(before.outcome.isin(GOOD)).select("repo", "dataset", good_at=before.finished_at)
    for row in _rows(bad.left_join(good, ["repo", "dataset"])):
        fell = row["good_at"] is not None and row["outcome"] != "partial"
        if fell or row["outcome"] != "disabled":
            reason = row["reason"] or "No reason was given."
            yield Missing(row["repo"], row["dataset"], row["outcome"].replace("_", " "), reason, fell)


def _unread(now: ir.Table, before: ir.Table, ended_early: bool) -> Iterator[Missing]:
    """Sources that the last collection read well and that were not read since, although others of their owner were.

    Listings of whole accounts are left out: which of them are asked is the collector's own affair.
    """
    of_owner = before.mutate(last_round=before.started_at.max().over(group_by=["org", "dataset"]))
    still = of_owner.filter(
        of_owner.outcome.isin(GOOD),
        ~of_owner.repo.endswith("/*"),
        of_owner.started_at >= of_owner.last_round - ibis.interval(seconds=int(ONE_ROUND.total_seconds())),
    )
    gone = still.anti_join(now, ["repo", "dataset"]).semi_join(now, ["org", "dataset"])
    why = "the collection ended early" if ended_early else "deleted, no longer asked for, or out of the token's sight"
    for row in _rows(gone.select("repo", "dataset", "finished_at")):
        reason = f"Good at {_minute(row['finished_at'])}, not read since: {why}."
        yield Missing(row["repo"], row["dataset"], NOT_READ, reason, not ended_early)


def _rows(table: ir.Table) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = table.to_pyarrow().to_pylist()
    return rows


def _rest(report: Report) -> Iterator[str]:
    """How many sources are missing beside those that are named."""
    counts = Counter(source.outcome for source in report.missing[MOST_LINES:])
    if counts:
        yield f"and {counts.total():,} more: {', '.join(f'{n:,} {outcome}' for outcome, n in counts.most_common())}"


def _verdict(report: Report) -> str:
    fallen = len(report.fallen)
    if not fallen:
        return "Coverage did not fall."
    if fallen == 1:
        return "Coverage fell: 1 source was complete before and no longer is."
    return f"Coverage fell: {fallen:,} sources were complete before and no longer are."


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _escaped(text: str) -> str:
    """Text from outside as it may stand in a table: in one line, every mark of Markdown escaped."""
    return " ".join(text.split()).translate(_MARKS)


def _minute(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}Z"
