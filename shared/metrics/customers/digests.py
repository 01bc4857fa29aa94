"""Digest of what customers did: what their scores need of each event, sorted so that each type is read by itself."""

import ibis.expr.types as ir

from shared.metrics.digest import Digest

_TOLD = (
    *("type", "customer_id", "at", "feature_name", "endpoint", "ticket_status", "closed_at"),
    *("due_date", "paid_date", "invoice_status"),
)


def _by_type(events: ir.Table) -> ir.Table:
    return events.select(*_TOLD).order_by("type", "customer_id", "at")


ACTIVITY_BY_TYPE = Digest(
    name="activity_by_type",
    of="activity_events",
    time="at",
    last="at",
    make=_by_type,
    fold=_by_type,
)
