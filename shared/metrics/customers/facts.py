"""Customer facts: what is counted of each customer before it is judged, as of one or several times.

The events are read once for all times, since a list of customers shows how each was a week before as well; and each
part of the facts by itself, as none needs more than a few of their columns.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from shared.datasets.activity_events import API, EVENT_TYPES, FEATURE, INVOICE, LOGIN, TICKET
from shared.metrics.customers.digests import ACTIVITY_BY_TYPE
from shared.metrics.customers.standing import is_closed, is_late, is_paid, is_past_due, standing
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

Counted: TypeAlias = Mapping[str, ir.Value]
"""Columns of one customer at one time, by name: FACTS, OVERALL, and whether the customer was there."""

_TIME = dt.Timestamp(timezone="UTC")


@ibis.udf.agg.builtin(name="arg_max_null", signature=((dt.string, _TIME), dt.string))
def _latest(value, at):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """The value of the row with the latest time; Ibis's own argmax has the engine make a key to sort by of each."""


def customer_facts(tables: Mapping[str, ir.Table], scope: Scope, times: Sequence[datetime]) -> ir.Table:
    """One row per customer that was there and time: customer_id, as_of, FACTS and OVERALL; and LATEST, as of the first.

    times: the latest first. A customer is there who is listed, unless as created at that time or later.
    """
    wide = wide_facts(tables, scope, times)
    rows = [
        ibis.struct({"as_of": ibis.literal(time), **facts_at(wide, time, place)}) for place, time in enumerate(times)
    ]
    long = wide.select("customer_id", *LATEST, one=ibis.array(rows).unnest()).unpack("one")
    return long.filter(long.there).drop("there")


def wide_facts(tables: Mapping[str, ir.Table], scope: Scope, times: Sequence[datetime]) -> ir.Table:
    """One row per listed customer with all its columns, LATEST as of the first time, and what facts_at takes.

    times: the latest first.
    """
    events = ACTIVITY_BY_TYPE.whole(tables)
    everyone = events.filter(events["at"] < ibis.literal(times[0]))
    parts = (part(scope.filter(everyone), times) for part in (_logins, _calls, _uses, _standings))
    wide = scope.filter(tables["customers"])
    for n, part in enumerate(parts):
        wide = wide.left_join(part, "customer_id", rname=f"{{name}}_of_part_{n}")
    return wide.cross_join(_firsts(everyone)).cross_join(_features_in_use(everyone, times))


def facts_at(wide: ir.Table, time: datetime, place: int) -> Counted:
    """What is counted of a customer at one of the times. place: which of the times of wide_facts it is."""
    at = ibis.literal(time)
    return {
        "there": (wide.created_at < at).fill_null(True),
        **{name: wide[f"{name}_{place}"].fill_null(0) for name in FACTS},
        **{f"any_{name}": (wide[f"first_{name}_at"] < at).fill_null(False) for name in EVENT_TYPES},
        "features_overall": wide[f"features_overall_{place}"],
    }


def _logins(events: ir.Table, times: Sequence[datetime]) -> ir.Table:
    """By customer: logins of the last days, and when the last one was."""
    logins = events.filter(events.type == LOGIN)
    return logins.group_by("customer_id").aggregate(
        **_recent(logins, "logins", times), last_login_at=logins["at"].max()
    )


def _calls(events: ir.Table, times: Sequence[datetime]) -> ir.Table:
    """By customer: API calls of the last days, and the last one."""
    calls = events.filter(events.type == API)
    return calls.group_by("customer_id").aggregate(
        **_recent(calls, API, times), last_api_at=calls["at"].max(), last_endpoint=_latest(calls.endpoint, calls["at"])
    )


def _recent(events: ir.Table, name: str, times: Sequence[datetime]) -> dict[str, ir.IntegerValue]:
    """How many there were in the last days before each of the times."""
    counts = {}
    for place, time in enumerate(times):
        since = ibis.literal(time - timedelta(days=RECENT_DAYS))
        counts[f"{name}_{place}"] = events.count(where=(events["at"] < ibis.literal(time)) & (events["at"] >= since))
    return counts


def _standings(events: ir.Table, times: Sequence[datetime]) -> ir.Table:
    """By customer: tickets and invoices by how they stood, and how the latest of each did at the first of the times."""
    events = events.filter(events.type.isin((TICKET, INVOICE)))
    ticket, late, counts = events.type == TICKET, is_late(events), {}
    for place, time in enumerate(times):
        before, paid = events["at"] < ibis.literal(time), is_paid(events, time)
        counts[f"tickets_{place}"] = before & ticket
        counts[f"tickets_open_{place}"] = before & ticket & ~is_closed(events, time)
        counts[f"invoices_{place}"] = before & ~ticket
        counts[f"invoices_late_{place}"] = before & ~ticket & paid & late
        counts[f"invoices_due_{place}"] = before & ~ticket & ~paid & is_past_due(events, time)
    rows = events.select("customer_id", "at", **counts, ticket=ticket, standing=standing(events, times[0]))
    last = {}
    for name, of_it in ((TICKET, rows.ticket), (INVOICE, ~rows.ticket)):
        last[f"last_{name}_at"] = rows["at"].max(where=of_it)
        last[f"last_{name}"] = _latest(rows.standing, rows["at"], where=of_it)
    counted = {name: rows.count(where=rows[name]) for name in counts}
    return rows.group_by("customer_id").aggregate(**counted, **last)


def _uses(events: ir.Table, times: Sequence[datetime]) -> ir.Table:
    """By customer: how many features were used, and the last use; one that names no feature is a use all the same."""
    used = events.filter(events.type == FEATURE)
    uses = used.group_by("customer_id", "feature_name").aggregate(first_at=used["at"].min(), last_at=used["at"].max())
    named = uses.feature_name.notnull()
    return uses.group_by("customer_id").aggregate(
        **_used(uses, "features", times),
        last_feature_at=uses.last_at.max(),
        last_feature=_latest(uses.feature_name, uses.last_at, where=named),
    )


def _features_in_use(events: ir.Table, times: Sequence[datetime]) -> ir.Table:
    """One row: how many features any customer had used at each time."""
    used = events.filter(events.type == FEATURE)
    uses = used.group_by("feature_name").aggregate(first_at=used["at"].min())
    return uses.aggregate(**_used(uses, "features_overall", times))


def _used(uses: ir.Table, name: str, times: Sequence[datetime]) -> dict[str, ir.IntegerValue]:
    """How many features had been used before each of the times. uses: when each first was."""
    named = uses.feature_name.notnull()
    return {
        f"{name}_{place}": uses.count(where=named & (uses.first_at < ibis.literal(time)))
        for place, time in enumerate(times)
    }


def _firsts(events: ir.Table) -> ir.Table:
    """One row: when the first event of each type was, of any customer."""
    types = events.group_by("type").aggregate(first_at=events["at"].min())
    return types.aggregate(**{f"first_{name}_at": types.first_at.max(where=types.type == name) for name in EVENT_TYPES})
