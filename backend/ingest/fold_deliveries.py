"""Folding deliveries of GitHub: each becomes rows of several datasets, stored in an order that bears a crash."""

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from backend.ingest.delivery import Delivery
from backend.ingest.first_received import first_received
from backend.ingest.reopenings import REOPENED, AlertKey, count_reopenings
from backend.ingest.webhooks import Renamed, Told, has_no_time, told_by
from backend.mapping.stamp import Raw, Row, Unusable, map_rows, without_secrets
from shared.datasets import ALERT_EVENTS, ALERTS, DATASETS, REPOSITORIES
from shared.datasets.dataset import Dataset
from shared.lake.quarantine import Reject
from shared.lake.tables import Lake

Line = dict[str, Any]

ORDER = (REPOSITORIES.name, ALERTS.name, ALERT_EVENTS.name)
"""What is stored first; the rest follows."""


@dataclass(frozen=True)
class _Read:
    """A delivery that could be read, and of which blob it is."""

    part: int
    delivery: Delivery
    payload: Raw
    digest: str


def fold_deliveries(lake: Lake, parts: list[list[Line]]) -> tuple[int, list[list[Reject]]]:
    """Stores the deliveries of several blobs; returns rows changed, and of each blob what cannot be used."""
    refused: list[list[Reject]] = [[] for _ in parts]
    read = _readable(parts, refused)
    untimed = [one for one in read if has_no_time(one.delivery, one.payload)]
    firsts = first_received(lake, _earliest(untimed))
    rows: dict[str, list[tuple[int, Row]]] = defaultdict(list)
    renamed: list[Renamed] = []
    # In the order in which they were received: of what is as new as each other the later counts.
    for one in sorted(read, key=lambda one: one.delivery.received_at):
        try:
            told = told_by(one.delivery, one.payload, firsts.get(one.digest, one.delivery.received_at))
        except Unusable as reason:
            refused[one.part].append(_reject(str(reason), one.delivery))
            continue
        _gather(told, one.part, rows, renamed)
    for change in renamed:
        _rename(lake, change)
    changed = sum(_upsert(lake, DATASETS[name], rows[name], refused) for name in _in_order(rows))
    count_reopenings(lake, _reopened(rows.get(ALERT_EVENTS.name, [])))
    return changed, refused


def _readable(parts: list[list[Line]], refused: list[list[Reject]]) -> list[_Read]:
    read = []
    for part, lines in enumerate(parts):
        for line in lines:
            try:
                delivery = Delivery.of(line)
                payload = delivery.payload()
            except (Unusable, ValueError) as reason:
                refused[part].append(Reject(str(reason), line))
                continue
            read.append(_Read(part, delivery, payload, hashlib.sha256(delivery.body).hexdigest()))
    return read


def _earliest(untimed: list[_Read]) -> dict[str, datetime]:
    earliest: dict[str, datetime] = {}
    for one in untimed:
        at = one.delivery.received_at
        earliest[one.digest] = min(earliest.get(one.digest, at), at)
    return earliest


def _gather(told: Told, part: int, rows: dict[str, list[tuple[int, Row]]], renamed: list[Renamed]) -> None:
    for dataset, row in told.rows:
        rows[dataset.name].append((part, row))
    if told.renamed:
        renamed.append(told.renamed)


def _rename(lake: Lake, change: Renamed) -> None:
    """Moves what is stored under the old name, if that is still the same repository: names are given anew."""
    repositories = lake.tables("real", only=[REPOSITORIES])["repositories"]
    known = repositories.filter(repositories.repo == change.old).repo_id.to_pyarrow().to_pylist()
    if change.repo_id in known:
        lake.rename_repo(change.old, change.new)


def _in_order(rows: dict[str, list[tuple[int, Row]]]) -> list[str]:
    return [*(name for name in ORDER if name in rows), *sorted(rows.keys() - set(ORDER))]


def _upsert(lake: Lake, dataset: Dataset, rows: list[tuple[int, Row]], refused: list[list[Reject]]) -> int:
    try:
        table = dataset.table([row for _, row in rows])
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        table = _fitting(dataset, rows, refused)
    return lake.upsert(dataset, table).written if table.num_rows else 0


def _fitting(dataset: Dataset, rows: list[tuple[int, Row]], refused: list[list[Reject]]) -> pa.Table:
    """Some value does not fit: only now is it worth finding out which."""
    tables = [dataset.empty()]
    for part, row in rows:
        table, misfits = map_rows(dataset, lambda raw: raw, [row])
        tables.append(table)
        refused[part].extend(misfits)
    return pa.concat_tables(tables)


def _reopened(events: list[tuple[int, Row]]) -> set[AlertKey]:
    """The alerts of which some delivery says that they were opened again, or closed, which tells two apart."""
    return {(row["repo"], row["kind"], row["number"]) for _, row in events if row["action"] in _STATE_CHANGES}


_STATE_CHANGES = frozenset({*REOPENED, "fixed", "dismissed", "auto_dismissed"})


def _reject(reason: str, delivery: Delivery) -> Reject:
    """A delivery as quarantine keeps it, without the secret that secret scanning may have sent."""
    line = delivery.line()
    return Reject(reason, {**line, "body": without_secrets(delivery.payload())})
