"""Rows of customers and their activity."""

from datetime import timedelta
from typing import Any

from tests.builders.rows import NOW, Row


def customer(**values: Any) -> Row:
    """A row of customers: Acme, listed for 400 days before NOW."""
    return {
        "customer_id": "acme",
        "name": "Acme",
        "segment": "large",
        "owner": "sam",
        "created_at": NOW - timedelta(days=400),
        "collected_at": NOW,
        "source": "api",
        **values,
    }


def activity(kind: str = "login", **values: Any) -> Row:
    """A row of activity_events: what Acme did an hour before NOW; of a ticket, that it is open.

    An invoice is due 14 days after its issue; it is paid if it has a time of that.
    """
    at = values.get("at", NOW - timedelta(hours=1))
    own: dict[str, Row] = {
        "feature": {"feature_name": "export"},
        "api": {"endpoint": "/v1/things"},
        "ticket": {"ticket_status": "closed" if values.get("closed_at") else "open"},
        "invoice": {
            "amount": 100.0,
            "currency": "EUR",
            "due_date": at + timedelta(days=14),
            "invoice_status": "paid" if values.get("paid_date") else "unpaid",
        },
    }
    told = {
        "event_id": f"{kind}-{values.get('customer_id', 'acme')}-{at:%Y%m%dT%H%M%S}",
        "customer_id": "acme",
        "type": kind,
        "at": at,
        "recorded_by": None,
        "collected_at": NOW,
        "source": "api",
    }
    return {**told, **own.get(kind, {}), **values}
