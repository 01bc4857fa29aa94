"""Customer: what a sender tells of a customer, as a row of `customers`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shared.activity.event import Row
from shared.activity.fields import Fields

FIELDS = ("customer_id", "name", "segment", "owner", "created_at")


def customer_row(raw: Mapping[str, Any], now: datetime) -> Row:
    """The columns that a customer tells, without `collected_at` and `source`.

    Without created_at it is unknown since when they are a customer. Raises Refused with every problem, by field.
    """
    fields = Fields(raw, now)
    row = {
        "customer_id": fields.identity("customer_id", required=True),
        "name": fields.text("name", required=True),
        "segment": fields.text("segment"),
        "owner": fields.text("owner"),
        "created_at": fields.time("created_at"),
    }
    fields.check()
    return row
