"""Customers as many as a large company has, with what they did in half a year."""

from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from shared.datasets import ACTIVITY_EVENTS, CUSTOMERS
from shared.datasets.activity_events import API, EVENT_TYPES, FEATURE, INVOICE, TICKET
from shared.lake.tables import Lake

Values = NDArray[Any]
Column: TypeAlias = "pa.Array[Any]"

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAYS, FEATURES, ENDPOINTS = 180, 60, 200


def fill(lake: Lake, customers: int, events: int) -> None:
    """Puts so many customers and events, of all types by turns of chance, into a lake."""
    dice = np.random.default_rng(7)
    at = np.datetime64(NOW.replace(tzinfo=None), "s") - dice.integers(0, DAYS * 86_400, events).astype("m8[s]")
    kind = dice.choice(len(EVENT_TYPES), events, p=[0.3, 0.25, 0.05, 0.05, 0.35])
    is_ = {name: kind == place for place, name in enumerate(EVENT_TYPES)}
    later = dice.integers(0, 40 * 86_400, events).astype("m8[s]")
    ended = (at + later < np.datetime64(NOW.replace(tzinfo=None))) & (dice.random(events) < 0.8)
    common = {"collected_at": pa.repeat(pa.scalar(NOW, pa.timestamp("us", "UTC")), events)}
    columns = {
        "event_id": pa.array(np.char.mod("%032x", dice.permutation(events))),
        "customer_id": pa.array(np.char.mod("customer-%05d", dice.integers(0, customers, events))),
        "type": pa.array(EVENT_TYPES).take(kind),
        "at": _times(at),
        "feature_name": _texts("feature-%d", dice.integers(0, FEATURES, events), is_[FEATURE]),
        "endpoint": _texts("/api/v1/things/%d", dice.integers(0, ENDPOINTS, events), is_[API]),
        "ticket_status": pa.array(np.where(ended, "closed", "open"), mask=~is_[TICKET]),
        "closed_at": _times(at + later, is_[TICKET] & ended),
        "amount": pa.array(dice.lognormal(6, 1, events), mask=~is_[INVOICE]),
        "currency": pa.array(np.full(events, "EUR"), mask=~is_[INVOICE]),
        "due_date": _times(at + np.timedelta64(14, "D"), is_[INVOICE]),
        "paid_date": _times(at + later, is_[INVOICE] & ended),
        "invoice_status": pa.array(np.where(ended, "paid", "unpaid"), mask=~is_[INVOICE]),
        **common,
        "source": pa.repeat("api", events),
    }
    lake.upsert(ACTIVITY_EVENTS, _table(ACTIVITY_EVENTS.schema, columns, events))
    names = [
        {
            "customer_id": f"customer-{number:05d}",
            "name": f"Customer {number}",
            "segment": ("small", "middle", "large")[number % 3],
            "owner": f"owner-{number % 40}",
            "created_at": NOW - timedelta(days=400 + number % 100),
            "collected_at": NOW,
            "source": "api",
        }
        for number in range(customers)
    ]
    lake.upsert(CUSTOMERS, CUSTOMERS.table(names))


def _times(values: Values, known: Values | None = None) -> Column:
    micros = values.astype("datetime64[us]").astype(np.int64)
    return pa.array(micros, mask=None if known is None else ~known).cast(pa.timestamp("us", "UTC"))


def _texts(form: str, numbers: Values, known: Values) -> Column:
    return pa.array(np.char.mod(form, numbers), mask=~known)


def _table(schema: pa.Schema, columns: dict[str, Column], count: int) -> pa.Table:
    arrays = [columns[f.name].cast(f.type) if f.name in columns else pa.nulls(count, f.type) for f in schema]
    return pa.Table.from_arrays(arrays, schema=schema)
