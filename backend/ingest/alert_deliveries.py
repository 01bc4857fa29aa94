"""Deliveries of alerts: the alert as it is now, and what happened to it."""

from datetime import datetime

from backend.ingest.delivery import Delivery
from backend.mapping.alerts import alert_row
from backend.mapping.repositories import owner
from backend.mapping.stamp import WEBHOOK, Raw, Row, Stamp, Unusable
from backend.mapping.values import moment, nested, text
from shared.datasets import ALERT_EVENTS, ALERTS
from shared.datasets.alert_events import alert_event_id
from shared.datasets.alerts import CLOSED_STATES
from shared.datasets.dataset import Dataset

ALERT_EVENTS_OF_GITHUB = {
    "code_scanning_alert": "code_scanning",
    "dependabot_alert": "dependabot",
    "secret_scanning_alert": "secret_scanning",
}
"""The kind of alert by event."""

CLOSINGS = {
    "fixed": "fixed",
    "closed_by_user": "dismissed",
    "dismissed": "dismissed",
    "auto_dismissed": "auto_dismissed",
    "resolved": "dismissed",
    "revoked": "fixed",
}
"""Actions that close an alert, and how, where the alert itself does not say."""

REOPENINGS = {
    "reopened": "reopened",
    "reopened_by_user": "reopened_by_user",
    "auto_reopened": "reopened",
    "reintroduced": "reopened",
}
"""Actions that open an alert again, and under which name they are stored."""

_CLOSING_TIMES = ("fixed_at", "dismissed_at", "auto_dismissed_at", "resolved_at")


def is_untimed(payload: Raw) -> bool:
    """Whether an alert's state was changed, and nothing says when."""
    alert, action = payload.get("alert"), text(payload.get("action"))
    if not isinstance(alert, dict) or moment(alert.get("updated_at")):
        return False
    if action == "created":
        return moment(alert.get("created_at")) is None
    if action in CLOSINGS:
        return not any(moment(alert.get(name)) for name in _CLOSING_TIMES)
    return action in REOPENINGS


def alert_told(
    delivery: Delivery, payload: Raw, repo: str | None, first_received_at: datetime
) -> list[tuple[Dataset, Row]]:
    """Rows of `alerts` and `alert_events`. Raises Unusable.

    What does not say when it happened has the time at which it was first received, as updated_at and collected_at
    alike: by that a collection knows that it may correct it.
    """
    raw, action = payload.get("alert"), text(payload.get("action")) or "unknown"
    if not isinstance(raw, dict):
        raise Unusable("no alert")
    kind = ALERT_EVENTS_OF_GITHUB[delivery.event]
    if is_untimed(payload):
        stamp = Stamp(WEBHOOK, first_received_at)
        raw = {**raw, "updated_at": first_received_at}
        if action == "created":
            raw["created_at"] = first_received_at
    else:
        stamp = Stamp(WEBHOOK, delivery.received_at)
    row = alert_row(kind, {**raw, "repository": payload.get("repository"), **_state(raw, action, kind)}, repo, stamp)
    happenings = _happenings(row, action, first_received_at)
    actor = text(nested(payload, "sender", "login"))
    events = [_event(row, *what, delivery, actor, about=n == 0) for n, what in enumerate(happenings)]
    return [(ALERTS, row), *((ALERT_EVENTS, event) for event in events)]


def _state(raw: Raw, action: str, kind: str) -> Raw:
    """The state that the action tells, where neither the alert nor its latest instance does."""
    if kind == "secret_scanning" or text(raw.get("state")) or nested(raw, "most_recent_instance", "state"):
        return {}
    return {"state": CLOSINGS[action]} if action in CLOSINGS else {"state": "open"}


def _happenings(row: Row, action: str, received_at: datetime) -> list[tuple[str, str, datetime]]:
    """What happened, as (action, the same as the key has it, time); first what the delivery is about.

    The rest is what the alert itself tells with its time: the same events, with the same keys, as a collection makes.
    """
    state, updated_at = row["state"], row["updated_at"] or received_at
    own: list[tuple[str, str, datetime | None]] = []
    if action == "created":
        own = [("created", "created", row["created_at"])]
    elif action in CLOSINGS:
        closing = state if state in CLOSED_STATES else CLOSINGS[action]
        own = [(closing, closing, row["closed_at"])]
    elif action in REOPENINGS:
        own = [(REOPENINGS[action], "reopened", updated_at)]
    else:
        own = [(action, action, updated_at)]
    ended = row.get("fixed_at") if state == "fixed" else row.get("dismissed_at")
    more = [("created", row["created_at"]), *([(state, ended)] if state in CLOSED_STATES else [])]
    found = [(shown, key, at or received_at) for shown, key, at in own]
    known = {(key, at) for _, key, at in found}
    return found + [(what, what, at) for what, at in more if at and (what, at) not in known]


def _event(row: Row, action: str, key: str, at: datetime, delivery: Delivery, actor: str | None, *, about: bool) -> Row:
    """A row of `alert_events`; only what a delivery is about has its id, and who did it."""
    return {
        "event_id": alert_event_id(row["repo"], row["kind"], row["number"], key, at),
        "repo": row["repo"],
        "org": owner(row["repo"]),
        "kind": row["kind"],
        "number": row["number"],
        "action": action,
        "at": at,
        "actor": actor if about else (row.get("dismissed_by") if action == "dismissed" else None),
        "delivery_id": delivery.delivery_id if about else None,
        "collected_at": delivery.received_at,
        "source": WEBHOOK,
    }
