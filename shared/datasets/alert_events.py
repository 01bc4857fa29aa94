"""Alert events: what happened to an alert and when, from webhooks and from changes that a collection saw."""

import hashlib
from datetime import UTC, datetime

import ibis
import pyarrow as pa

from shared.datasets.dataset import LONG_AGO, OLD, TS, Dataset

ALERT_EVENTS = Dataset(
    name="alert_events",
    title="Alert events",
    reach="repo",
    columns=(
        ("event_id", pa.string()),
        ("repo", pa.string()),
        ("org", pa.string()),
        ("kind", pa.string()),
        ("number", pa.int64()),
        ("action", pa.string()),
        ("at", TS),
        ("actor", pa.string()),
        ("delivery_id", pa.string()),
    ),
    key=("event_id",),
    version="collected_at",
    # A delivery tells more than a collection that saw its effect: who did it.
    order=lambda column: [
        column("delivery_id").notnull().cast("int8"),
        column("collected_at").fill_null(LONG_AGO),
    ],
    carried={"actor": lambda pairs: ibis.coalesce(pairs.actor, pairs[f"{OLD}actor"])},
    month_of="at",
    sort=("at", "repo", "kind", "number"),
)


def alert_event_id(repo: str, kind: str, number: int, action: str, at: datetime) -> str:
    """The key of an event, in 32 hex digits: the same for one happening, however often and by whom it is told."""
    happening = "\n".join((repo.lower(), kind, str(number), action, at.astimezone(UTC).isoformat(timespec="seconds")))
    return hashlib.sha256(happening.encode()).hexdigest()[:32]
