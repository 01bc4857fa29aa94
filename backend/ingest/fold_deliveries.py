"""Folding deliveries of GitHub: each becomes rows of several datasets, stored in an order that bears a crash."""

import hashlib
import logging
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
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

log = logging.getLogger(__name__)

ORDER = (REPOSITORIES.name, ALERTS.name, ALERT_EVENTS.name)
"""What is stored first; the rest follows."""


@dataclass(frozen=True)
class _Untimed:
    """A delivery that does not say when what it tells of happened."""

    part: int
    delivery: Delivery
    payload: Raw

    @property
    def digest(self) -> str:
        return hashlib.sha256(orjson.dumps(self.payload)).hexdigest()


_Heard = tuple[datetime, int, Told]
"""When a delivery was received, of which blob it is, and what it tells."""


def fold_deliveries(lake: Lake, parts: Iterable[list[Line]]) -> tuple[int, list[list[Reject]]]:
    """Stores the deliveries of several blobs; returns rows changed, and of each blob what cannot be used."""
    refused: list[list[Reject]] = []
    rows: dict[str, list[tuple[int, Row]]] = defaultdict(list)
    renamed: list[Renamed] = []
    # In the order in which they were received: of what is as new as each other the later counts.
    for _, part, told in sorted(_heard(lake, parts, refused), key=lambda heard: heard[0]):
        for dataset, row in told.rows:
            rows[dataset.name].append((part, row))
        if told.renamed:
            renamed.append(told.renamed)
    for change in renamed:
        _rename(lake, change)
    changed = sum(_upsert(lake, DATASETS[name], rows[name], refused) for name in _in_order(rows))
    count_reopenings(lake, _reopened(rows.get(ALERT_EVENTS.name, [])))
    return changed, refused


def _heard(lake: Lake, parts: Iterable[list[Line]], refused: list[list[Reject]]) -> list[_Heard]:
    """What is told; a payload takes ten times the room of the rows made of it, so that few are held at a time."""
    heard: list[_Heard] = []
    untimed: list[_Untimed] = []
    for part, lines in enumerate(parts):
        refused.append([])
        for line in lines:
            try:
                delivery = Delivery.of(line)
                payload = delivery.payload()
            except (Unusable, ValueError) as reason:
                refused[part].append(Reject(str(reason), line))
                continue
            if _is_untimed(delivery, payload):
                untimed.append(_Untimed(part, delivery, payload))
            else:
                heard += _told(part, delivery, payload, delivery.received_at, refused)
    firsts = first_received(lake, _earliest(untimed))
    for one in untimed:
        heard += _told(one.part, one.delivery, one.payload, firsts[one.digest], refused)
    return heard


def _told(
    part: int, delivery: Delivery, payload: Raw, first_received_at: datetime, refused: list[list[Reject]]
) -> list[_Heard]:
    try:
        return [(delivery.received_at, part, told_by(delivery, payload, first_received_at))]
    except Unusable as reason:
        refused[part].append(_reject(str(reason), delivery))
    except Exception as error:
        # A flaw of the mapping: the delivery waits in quarantine, and those beside it in its blob do not.
        log.exception("A delivery (%s) cannot be mapped and goes to quarantine.", delivery.event)
        refused[part].append(_reject(f"it cannot be mapped ({type(error).__name__}: {error})", delivery))
    return []


def _is_untimed(delivery: Delivery, payload: Raw) -> bool:
    """As webhooks.has_no_time; of what that cannot read mapping will tell."""
    try:
        return has_no_time(delivery, payload)
    except Exception:  # the same flaw of a mapping: it is `_told` that refuses the delivery, with its reason
        log.exception("Whether a delivery (%s) has a time cannot be told.", delivery.event)
        return False


def _earliest(untimed: list[_Untimed]) -> dict[str, datetime]:
    earliest: dict[str, datetime] = {}
    for one in untimed:
        at = one.delivery.received_at
        earliest[one.digest] = min(earliest.get(one.digest, at), at)
    return earliest


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
    return Reject(reason, {**delivery.around(), "body": without_secrets(delivery.payload())})
