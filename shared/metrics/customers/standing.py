"""Standing: how tickets and invoices stood at a time.

The times tell; a status counts where there is none. A due date at midnight (UTC) means all of that day. Everything is
reckoned in differences of microseconds: to add a day to each due date would take longer than all the rest.
"""

from datetime import datetime, timedelta

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from shared.datasets.activity_events import CLOSED_TICKETS, INVOICE, PAID_INVOICES, TICKET

_DAY = timedelta(days=1)
_DAY_US = 86_400_000_000


@ibis.udf.scalar.builtin(name="epoch_us", signature=((dt.Timestamp(timezone="UTC"),), dt.int64))
def _epoch_us(time):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Microseconds since 1970."""


def standing(events: ir.Table, time: datetime) -> ir.StringValue:
    """How tickets and invoices stood at a time: open or closed; paid, paid_late, overdue or unpaid. Null for others."""
    ticket, invoice, paid = events.type == TICKET, events.type == INVOICE, is_paid(events, time)
    return ibis.cases(
        (ticket & is_closed(events, time), "closed"),
        (ticket, "open"),
        (invoice & paid & is_late(events), "paid_late"),
        (invoice & paid, "paid"),
        (invoice & is_past_due(events, time), "overdue"),
        (invoice, "unpaid"),
        else_=ibis.null("string"),
    )


def is_closed(events: ir.Table, time: datetime) -> ir.BooleanValue:
    """Whether a ticket was closed before a time."""
    return _done(events.closed_at, time, events.ticket_status.isin(CLOSED_TICKETS))


def is_paid(events: ir.Table, time: datetime) -> ir.BooleanValue:
    """Whether an invoice was paid before a time."""
    return _done(events.paid_date, time, events.invoice_status.isin(PAID_INVOICES))


def is_late(events: ir.Table) -> ir.BooleanValue:
    """Whether an invoice was paid after its due date, if at all."""
    allowed = _lasts_all_day(events).ifelse(_DAY_US - 1, 0)
    late: ir.BooleanValue = (_epoch_us(events.paid_date) - _epoch_us(events.due_date) > allowed).fill_null(False)
    return late


def is_past_due(events: ir.Table, time: datetime) -> ir.BooleanValue:
    """Whether an invoice's due date was over at a time."""
    over = events.due_date < ibis.literal(time)
    day_over = events.due_date <= ibis.literal(time - _DAY)
    return _lasts_all_day(events).ifelse(day_over, over).fill_null(False)


def _done(at: ir.TimestampValue, time: datetime, told: ir.BooleanValue) -> ir.BooleanValue:
    """Whether something had happened: by its time, or by what is told where it has none."""
    done: ir.BooleanValue = ibis.coalesce(at < ibis.literal(time), told, False)
    return done


def _lasts_all_day(events: ir.Table) -> ir.BooleanValue:
    return _epoch_us(events.due_date) % _DAY_US == 0
