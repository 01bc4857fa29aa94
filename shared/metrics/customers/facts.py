"""Customer facts: what is counted of each customer before it is judged, as of one or several times.

The events are read once for all times, since a list of customers shows how each was a week before as well.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import ibis
import ibis.expr.types as ir

from shared.datasets.activity_events import (
    API,
    CLOSED_TICKETS,
    EVENT_TYPES,
    FEATURE,
    INVOICE,
    LOGIN,
    PAID_INVOICES,
    TICKET,
)
from shared.scope import Scope

RECENT_DAYS = 30
"""How far back logins and API calls count."""

FACTS = ("logins", "features", "tickets", "tickets_open", "invoices", "invoices_late", "invoices_due", "api")
"""What is counted of each customer. invoices_late were paid late, invoices_due are unpaid and past their due date."""

OVERALL = (*(f"any_{name}" for name in EVENT_TYPES), "features_overall")
"""What is told of all customers together: whether there is an event of a type, and how many features are used."""

LATEST_AT = tuple(f"last_{name}_at" for name in EVENT_TYPES)
LATEST = (*LATEST_AT, "last_feature", "last_ticket", "last_invoice", "last_endpoint")
"""When the latest event of each type was, and what it was about."""

_DAY_S = 86_400


def customer_facts(tables: Mapping[str, ir.Table], scope: Scope, times: Sequence[datetime]) -> ir.Table:
    """One row per customer that was there and time: customer_id, as_of, FACTS and OVERALL; and LATEST, as of the first.

    times: the latest first. A customer is there who is listed, unless as created at that time or later.
    """
    everyone = _before(tables["activity_events"], times[0])
    uses, by_type = _uses(everyone), _by_type(everyone, times)
    parts = (
        _counts(scope.filter(by_type), times),
        _standings(scope.filter(everyone), times),
        _adopted(scope.filter(uses), times),
    )
    wide = scope.filter(tables["customers"]).select("customer_id", "created_at")
    for part in parts:
        wide = wide.left_join(part, "customer_id").drop("customer_id_right")
    wide = wide.cross_join(_firsts(by_type)).cross_join(_features_in_use(uses, times))
    rows = [ibis.struct(_at(wide, time, place)) for place, time in enumerate(times)]
    long = wide.select("customer_id", *LATEST, one=ibis.array(rows).unnest()).unpack("one")
    return long.filter(long.there).drop("there")


def standing(events: ir.Table, time: datetime) -> ir.StringValue:
    """How tickets and invoices stood at a time: open or closed; paid, paid_late, overdue or unpaid. Null for others.

    The times tell; a status counts where there is none. A due date at midnight (UTC) means all of that day.
    """
    at = ibis.literal(time)
    closed = (events.closed_at < at) | (events.closed_at.isnull() & events.ticket_status.isin(CLOSED_TICKETS))
    paid = (events.paid_date < at) | (events.paid_date.isnull() & events.invoice_status.isin(PAID_INVOICES))
    whole_day = events.due_date.epoch_seconds() % _DAY_S == 0
    due = whole_day.ifelse(events.due_date + ibis.interval(days=1) - ibis.interval(microseconds=1), events.due_date)
    ticket, invoice = events.type == TICKET, events.type == INVOICE
    return ibis.cases(
        (ticket & closed.fill_null(False), "closed"),
        (ticket, "open"),
        (invoice & paid.fill_null(False) & (events.paid_date > due).fill_null(False), "paid_late"),
        (invoice & paid.fill_null(False), "paid"),
        (invoice & (due < at).fill_null(False), "overdue"),
        (invoice, "unpaid"),
        else_=ibis.null("string"),
    )


def _at(wide: ir.Table, time: datetime, place: int) -> dict[str, ir.Value]:
    """What a customer's row holds for one of the times."""
    at = ibis.literal(time)
    return {
        "as_of": at,
        "there": (wide.created_at < at).fill_null(True),
        **{name: wide[f"{name}_{place}"].fill_null(0) for name in FACTS},
        **{f"any_{name}": (wide[f"first_{name}_at"] < at).fill_null(False) for name in EVENT_TYPES},
        "features_overall": wide[f"features_overall_{place}"],
    }


def _by_type(events: ir.Table, times: Sequence[datetime]) -> ir.Table:
    """One row per customer and type: the first and the latest event, and how many there were in the last days."""
    counts = {}
    for place, time in enumerate(times):
        since = ibis.literal(time - timedelta(days=RECENT_DAYS))
        counts[f"recent_{place}"] = events.count(where=(events["at"] < ibis.literal(time)) & (events["at"] >= since))
    return events.group_by("customer_id", "type").aggregate(
        first_at=events["at"].min(),
        last_at=events["at"].max(),
        last_endpoint=events.endpoint.argmax(events["at"]),
        **counts,
    )


def _counts(by_type: ir.Table, times: Sequence[datetime]) -> ir.Table:
    """By customer: logins and API calls of the last days, the latest event of each type, and the last endpoint."""
    of = {name: by_type.type == name for name in EVENT_TYPES}
    recent = [by_type[f"recent_{place}"] for place in range(len(times))]
    return by_type.group_by("customer_id").aggregate(
        **{f"logins_{place}": counted.max(where=of[LOGIN]) for place, counted in enumerate(recent)},
        **{f"api_{place}": counted.max(where=of[API]) for place, counted in enumerate(recent)},
        **{f"last_{name}_at": by_type.last_at.max(where=of[name]) for name in EVENT_TYPES},
        last_endpoint=by_type.last_endpoint.max(where=of[API]),
    )


def _standings(events: ir.Table, times: Sequence[datetime]) -> ir.Table:
    """By customer: tickets and invoices by how they stood, and how the latest of each did at the first of the times."""
    events = events.filter(events.type.isin((TICKET, INVOICE)))
    states = {f"standing_{place}": standing(events, time) for place, time in enumerate(times)}
    events = events.select("customer_id", "type", "at", **states)
    counts = {}
    for place, time in enumerate(times):
        before, state = events["at"] < ibis.literal(time), events[f"standing_{place}"]
        counts[f"tickets_{place}"] = events.count(where=before & (events.type == TICKET))
        counts[f"tickets_open_{place}"] = events.count(where=before & (state == "open"))
        counts[f"invoices_{place}"] = events.count(where=before & (events.type == INVOICE))
        counts[f"invoices_late_{place}"] = events.count(where=before & (state == "paid_late"))
        counts[f"invoices_due_{place}"] = events.count(where=before & (state == "overdue"))
    last = {f"last_{name}": events.standing_0.argmax(events["at"], where=events.type == name) for name in _STANDING}
    return events.group_by("customer_id").aggregate(**counts, **last)


_STANDING = (TICKET, INVOICE)


def _uses(events: ir.Table) -> ir.Table:
    """One row per customer and feature: when it was first and last used."""
    used = events.filter(events.type == FEATURE, events.feature_name.notnull())
    return used.group_by("customer_id", "feature_name").aggregate(first_at=used["at"].min(), last_at=used["at"].max())


def _adopted(uses: ir.Table, times: Sequence[datetime]) -> ir.Table:
    """By customer: how many features were used, and which of them last."""
    counts = {f"features_{place}": uses.count(where=_by(uses, time)) for place, time in enumerate(times)}
    return uses.group_by("customer_id").aggregate(**counts, last_feature=uses.feature_name.argmax(uses.last_at))


def _features_in_use(uses: ir.Table, times: Sequence[datetime]) -> ir.Table:
    """One row: how many features any customer had used at each time."""
    features = uses.group_by("feature_name").aggregate(first_at=uses.first_at.min())
    return features.aggregate(
        **{f"features_overall_{place}": features.count(where=_by(features, time)) for place, time in enumerate(times)}
    )


def _firsts(by_type: ir.Table) -> ir.Table:
    """One row: when the first event of each type was, of any customer."""
    firsts = {f"first_{name}_at": by_type.first_at.min(where=by_type.type == name) for name in EVENT_TYPES}
    return by_type.aggregate(**firsts)


def _by(uses: ir.Table, time: datetime) -> ir.BooleanValue:
    return uses.first_at < ibis.literal(time)


def _before(events: ir.Table, time: datetime) -> ir.Table:
    return events.filter(events["at"] < ibis.literal(time))
