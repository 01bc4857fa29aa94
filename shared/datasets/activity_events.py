"""Activity events: what customers did: logins, features used, tickets, invoices and API calls."""

import pyarrow as pa

from shared.datasets.dataset import TS, Dataset

LOGIN, FEATURE, TICKET, INVOICE, API = EVENT_TYPES = ("login", "feature", "ticket", "invoice", "api")

OPEN_TICKETS, CLOSED_TICKETS = ("open", "in_progress"), ("resolved", "closed")
UNPAID_INVOICES, PAID_INVOICES = ("unpaid", "overdue"), ("paid",)
"""The statuses that senders give. When something was closed or paid its time tells, where there is one."""

ACTIVITY_EVENTS = Dataset(
    name="activity_events",
    title="Activity events",
    reach="nobody",
    columns=(
        ("event_id", pa.string()),
        ("customer_id", pa.string()),
        ("type", pa.string()),
        # When a login, a feature or an API call happened, a ticket was created and an invoice issued.
        ("at", TS),
        ("feature_name", pa.string()),
        ("endpoint", pa.string()),
        ("ticket_status", pa.string()),
        ("closed_at", TS),
        ("amount", pa.float64()),
        ("currency", pa.string()),
        ("due_date", TS),
        ("paid_date", TS),
        ("invoice_status", pa.string()),
        ("recorded_by", pa.string()),
    ),
    key=("event_id",),
    version="collected_at",
    month_of="at",
    # The events of one customer are looked at more often than those of one hour.
    sort=("customer_id", "at", "event_id"),
)
