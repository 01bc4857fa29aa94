"""Counts of webhook deliveries, by event and outcome: the API adds to them, the Data page shows them."""

from datetime import datetime
from typing import Any

from shared.lake.tables import Lake

DOCUMENT = "webhook_counts"

OUTCOMES = ("accepted", "duplicate", "replay", "unknown", "pong", "bad_signature", "wrong_network")


def delivery_counts(lake: Lake) -> list[dict[str, Any]]:
    """One row for each event, the one that came last first: event, last_at, and how many had each outcome."""
    events = lake.document(DOCUMENT).get("events", {})
    rows = [
        {
            "event": event,
            "last_at": datetime.fromisoformat(told["last_at"]),
            **{outcome: told.get(outcome, 0) for outcome in OUTCOMES},
        }
        for event, told in events.items()
    ]
    return sorted(rows, key=lambda row: row["last_at"], reverse=True)
