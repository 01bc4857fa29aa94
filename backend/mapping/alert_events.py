"""Alert events: what a change of stored alerts tells that happened to them."""

from datetime import UTC
from typing import Any

import pyarrow as pa
from pyarrow.compute import field, is_valid

from shared.datasets import ALERT_EVENTS, DEMO_SOURCE
from shared.datasets.alert_events import alert_event_id
from shared.datasets.alerts import CLOSED_STATES
from shared.datasets.dataset import WEBHOOK_SOURCE


def events_of(changed: pa.Table) -> pa.Table:
    """Rows of `alert_events` from alerts that a merge is about to store; see shared.lake.merge.Announce.

    changed: the columns of `alerts`, `was_known`, and those it watches as they were (`old_state` and so on), null where
    not known before.

    - `created` at created_at: of an alert that was not known before.
    - `reopened` at updated_at: of a known alert that was closed and is open.
    - `fixed`, `dismissed` or `auto_dismissed`, as the state says, at closed_at: of an alert that is closed and was not,
      or was in another way or at another time. That a delivery told of a fix without its time, and a collection brings
      the time, is no other fix.

    The actor is who dismissed the alert, and else unknown. What has no time is no event, nor is what happened to demo
    alerts. The same change makes the same events, with the same keys, whoever saw it.
    """
    state, known = field("state"), field("was_known")
    was_closed = field("old_state").isin(CLOSED_STATES)
    other_state = field("old_state").is_null() | (field("old_state") != state)
    other_time = field("old_closed_at").is_null() | (field("old_closed_at") != field("closed_at"))
    real = changed.filter(field("source").is_null() | (field("source") != DEMO_SOURCE))
    guessed = (field("old_source") == WEBHOOK_SOURCE) & field("old_fixed_at").is_null() & (field("state") == "fixed")
    same_end = guessed & (field("closed_at") <= field("old_closed_at"))
    closed = real.filter(other_state | (other_time & (~same_end | same_end.is_null())))
    return pa.concat_tables(
        [
            _events(real.filter(~known), "created", "created_at"),
            _events(real.filter(known & was_closed & state.isin(["open"])), "reopened", "updated_at"),
            *(_events(closed.filter(state.isin([closing])), closing, "closed_at") for closing in CLOSED_STATES),
        ]
    )


def _events(alerts: pa.Table, action: str, at: str) -> pa.Table:
    """The events of one action, of those alerts of which the time is known."""
    told = alerts.filter(is_valid(field(at)))
    unknown = pa.nulls(told.num_rows, pa.string())
    own: dict[str, Any] = {
        "event_id": pa.array(_event_ids(told, action, at), pa.string()),
        "action": pa.repeat(action, told.num_rows),
        "at": told[at],
        "actor": told["dismissed_by"] if action == "dismissed" else unknown,
        "delivery_id": unknown,
    }
    schema = ALERT_EVENTS.schema
    return pa.Table.from_arrays([own[name] if name in own else told[name] for name in schema.names], schema=schema)


def _event_ids(told: pa.Table, action: str, at: str) -> list[str]:
    # Arrow itself takes three times as long to make datetimes, and there may be a hundred thousand of them.
    times = [moment.replace(tzinfo=UTC) for moment in told[at].to_numpy().tolist()]
    names: list[list[Any]] = [told[column].to_pylist() for column in ("repo", "kind", "number")]
    return list(map(alert_event_id, *names, [action] * told.num_rows, times))
