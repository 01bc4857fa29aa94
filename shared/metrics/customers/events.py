"""Customer events: what customers did, one by one and per day, week or month."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from shared.datasets.activity_events import API, EVENT_TYPES, FEATURE, INVOICE
from shared.metrics.buckets import bucket_start, every_for
from shared.metrics.customers.standing import standing
from shared.metrics.metric import EXCLUDED, Metric, excluded_because
from shared.scope import Scope

_ROW = (
    *("event_id", "customer_id", "name", "type", "at", "about", "standing", "closed_at", "amount", "currency"),
    *("due_date", "paid_date", "recorded_by", "source"),
)


def customer_events(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """The events of listed customers in the range, newest first. No data: no rows.

    about: the feature or the endpoint.  standing: of tickets and invoices, see customers.standing.
    """
    events = _named(tables, scope)
    return scope.within(events, "at").order_by(events["at"].desc(), "event_id")


def customer_activity(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """Events by type per hour, day, week or month of the range, as suits its length; oldest first.

    Buckets without an event are missing. No data: no rows.
    """
    events = scope.within(_listed(tables, scope), "at")
    start = bucket_start(events["at"], every_for(scope))
    counts = {name: events.count(where=events.type == name) for name in EVENT_TYPES}
    return events.group_by(period_start=start).aggregate(**counts, n=events.count()).order_by("period_start")


def event_rows(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """The events before the end of the range, and why some do not count."""
    events = scope.filter(tables["activity_events"])
    events = events.filter(events["at"] < ibis.literal(scope.until))
    known = tables["customers"].select("customer_id", listed=ibis.literal(True))
    rows = events.left_join(known, "customer_id")
    early = ibis.literal(False) if scope.since is None else rows["at"] < ibis.literal(scope.since)
    reason = excluded_because((early, "before the range"), (rows.listed.isnull(), "no such customer is listed"))
    return rows.select("event_id", "customer_id", "type", "at", "feature_name", "endpoint", **{EXCLUDED: reason})


def _named(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    events = _listed(tables, scope)
    about = ibis.cases((events.type == FEATURE, events.feature_name), (events.type == API, events.endpoint))
    amount = (events.type == INVOICE).ifelse(events.amount, None)
    return events.mutate(about=about, amount=amount, standing=standing(events, scope.until))


def _listed(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """The events of customers who are listed, with their names."""
    known = tables["customers"].select("customer_id", "name")
    return scope.filter(tables["activity_events"]).inner_join(known, "customer_id")


CUSTOMER_EVENTS = Metric(
    name="customer_events",
    title="What customers did",
    definition=(
        "Every login, use of a feature, ticket, invoice and API call that was recorded in the range, newest first. A "
        "ticket counts from its creation, an invoice from its issue; how they stand is told as of the end of the range."
    ),
    unit="events",
    inputs=("customers", "activity_events"),
    exclusions="Events of customers who are not listed. Filters on organisations and repositories play no part.",
    columns=dict(
        zip(
            _ROW,
            (
                *("Event id", "Customer id", "Customer", "Type", "When", "Feature or endpoint", "State", "Closed"),
                *("Amount", "Currency", "Due", "Paid", "Recorded by", "Source"),
            ),
            strict=True,
        )
    ),
    formula=customer_events,
    evidence=event_rows,
)

CUSTOMER_ACTIVITY = Metric(
    name="customer_activity",
    title="Activity of customers",
    definition=(
        "Logins, uses of features, new tickets, issued invoices and API calls per hour, day, week or month (UTC), as "
        "suits the length of the range."
    ),
    unit="events",
    inputs=("customers", "activity_events"),
    exclusions="Events of customers who are not listed. Filters on organisations and repositories play no part.",
    columns={
        "period_start": "From (UTC)",
        "login": "Logins",
        "feature": "Feature uses",
        "ticket": "Tickets",
        "invoice": "Invoices",
        "api": "API calls",
        "n": "Events",
    },
    formula=customer_activity,
    evidence=event_rows,
)
