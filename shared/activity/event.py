"""Event: what a sender tells of one thing that a customer did, as a row of `activity_events`."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from shared.activity.fields import Fields
from shared.datasets.activity_events import (
    API,
    CLOSED_TICKETS,
    EVENT_TYPES,
    FEATURE,
    INVOICE,
    LOGIN,
    OPEN_TICKETS,
    PAID_INVOICES,
    TICKET,
    UNPAID_INVOICES,
)

Row = dict[str, Any]

FIELDS: Mapping[str, tuple[str, ...]] = {
    LOGIN: ("timestamp",),
    FEATURE: ("feature_name", "timestamp"),
    TICKET: ("created_at", "closed_at", "status"),
    INVOICE: ("issued_at", "due_date", "amount", "currency", "paid_date", "status"),
    API: ("endpoint", "timestamp"),
}
"""Type of an event -> the fields that it has besides COMMON."""

COMMON = ("event_id", "customer_id", "event_type", "recorded_by")

TICKET_STATUSES = (*OPEN_TICKETS, *CLOSED_TICKETS)
INVOICE_STATUSES = (*UNPAID_INVOICES, *PAID_INVOICES)

_CURRENCY = re.compile(r"[A-Z]{3}")


def event_row(raw: Mapping[str, Any], now: datetime) -> Row:
    """The columns that an event tells, without `collected_at` and `source`; `event_id` is None unless it is given.

    raw: FIELDS and COMMON by name, as JSON or a form has them: times in ISO 8601 (without a zone: UTC) or as datetimes,
    amounts as numbers or text. The status of a ticket may also be called ticket_status, that of an invoice
    invoice_status. Other fields are not looked at. A ticket is open and an invoice unpaid unless a status or a time
    says otherwise. now: no time but the due date is after it.

    Raises Refused with every problem, by field.
    """
    fields = Fields(raw, now)
    row: Row = {
        "event_id": fields.identity("event_id"),
        "customer_id": fields.identity("customer_id", required=True),
        "type": _type(fields),
    }
    row |= _READERS.get(row["type"], _whatever)(fields)
    row["recorded_by"] = fields.text("recorded_by")
    fields.check()
    return row


def _type(fields: Fields) -> str | None:
    value = fields.given("event_type")
    if value is None:
        fields.refuse("event_type", "is missing", f"use one of {', '.join(EVENT_TYPES)}")
        return None
    word = value.strip().lower() if isinstance(value, str) else ""
    if word not in EVENT_TYPES:
        fields.refuse("event_type", "is not known", f"use one of {', '.join(EVENT_TYPES)}", value)
        return None
    return word


def _login(fields: Fields) -> Row:
    return {"at": fields.time("timestamp", required=True)}


def _feature(fields: Fields) -> Row:
    name = fields.text("feature_name", required=True)
    return {"feature_name": name, "at": fields.time("timestamp", required=True)}


def _api(fields: Fields) -> Row:
    endpoint = fields.text("endpoint", required=True)
    return {"endpoint": endpoint, "at": fields.time("timestamp", required=True)}


def _ticket(fields: Fields) -> Row:
    created_at, closed_at = fields.time("created_at", required=True), fields.time("closed_at")
    fields.not_before("closed_at", "created_at", closed_at, created_at)
    usual = "closed" if closed_at else "open"
    status = fields.choice(_status(fields, "ticket_status"), TICKET_STATUSES, usual)
    return {"at": created_at, "closed_at": closed_at, "ticket_status": status}


def _invoice(fields: Fields) -> Row:
    issued_at = fields.time("issued_at", required=True)
    due_date = fields.time("due_date", required=True, ahead=True)
    fields.not_before("due_date", "issued_at", due_date, issued_at)
    amount, currency = fields.amount("amount", required=True), _currency(fields)
    paid_date = fields.time("paid_date")
    fields.not_before("paid_date", "issued_at", paid_date, issued_at)
    usual = "paid" if paid_date else "unpaid"
    status = fields.choice(_status(fields, "invoice_status"), INVOICE_STATUSES, usual)
    return {
        "at": issued_at,
        "due_date": due_date,
        "amount": amount,
        "currency": currency,
        "paid_date": paid_date,
        "invoice_status": status,
    }


def _whatever(fields: Fields) -> Row:
    """An event of no known type: what is wrong with its other fields is told all the same."""
    for name in ("timestamp", "created_at", "closed_at", "issued_at", "paid_date"):
        fields.time(name)
    fields.time("due_date", ahead=True)
    for name in ("feature_name", "endpoint"):
        fields.text(name)
    fields.amount("amount")
    _currency(fields)
    return {}


def _status(fields: Fields, own: str) -> str:
    """The field that the status is in."""
    return own if fields.given("status") is None and fields.given(own) is not None else "status"


def _currency(fields: Fields) -> str | None:
    text = fields.text("currency")
    if text is not None and not _CURRENCY.fullmatch(text.upper()):
        fields.refuse("currency", "is no currency", "send its three letters, as EUR", text)
        return None
    return text.upper() if text else None


_READERS: Mapping[str | None, Callable[[Fields], Row]] = {
    LOGIN: _login,
    FEATURE: _feature,
    TICKET: _ticket,
    INVOICE: _invoice,
    API: _api,
}
