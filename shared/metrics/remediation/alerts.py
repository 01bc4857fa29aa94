"""Alerts as of a time: the state that each had then, told by its own times and by what is known to have happened."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from shared.datasets.alerts import CLOSED_STATES
from shared.policy.findings import CwePolicy
from shared.policy.policy import Policy
from shared.scope import Scope

REOPENED = ("reopened", "reopened_by_user")

_KEY = ("repo", "kind", "number")


def alerts_as_of(tables: Mapping[str, ir.Table], scope: Scope, policy: Policy | None = None) -> ir.Table:
    """Alerts in scope created (or, with impossible times, closed) before scope.until, each as it was at that time.

    The columns are those of `alerts`; state, closed_at and close_reason are those of then: an alert that was closed
    later is open, one that was open again later is closed if an event before scope.until says so. An alert whose state
    is closed at an unknown time keeps its state, without a closed_at. cwe_family follows the policy.
    What was last changed before scope.until needs no events, so that a view of now costs none.
    """
    until = ibis.literal(scope.until)
    alerts = scope.filter(_in_families(tables["alerts"], (policy or Policy()).cwe))
    alerts = alerts.filter((alerts.created_at < until) | (alerts.closed_at < until))
    if scope.known.settled:
        return alerts
    # Conditions as bare as this let the engine skip rows by what is known of them together.
    changed = alerts.filter(alerts.updated_at >= until)
    same = alerts.filter((alerts.updated_at < until) | alerts.updated_at.isnull())
    return same.union(_as_then(changed, _last_happening(tables, changed, until), until))


def _as_then(changed: ir.Table, last: ir.Table, until: ir.TimestampScalar) -> ir.Table:
    """Alerts that were changed since a time, in the state that they had then."""
    found = changed.left_join(last, list(_KEY))
    done = (found.closed_at < until).fill_null(False)
    undated = found.closed_at.isnull() & found.state.isin(CLOSED_STATES)
    closed_then = ~done & found.last_action.isin(CLOSED_STATES).fill_null(False)
    opened_then = ~done & ~closed_then & ~undated
    as_then = {
        "state": ibis.cases((closed_then, found.last_action), (opened_then, "open"), else_=found.state),
        "closed_at": ibis.cases((closed_then, found.last_at), (done, found.closed_at), else_=ibis.null(_TS)),
        "close_reason": ibis.cases((done, found.close_reason), else_=ibis.null("string")),
    }
    return found.mutate(**as_then).select(*changed.columns)


def clock_started(tables: Mapping[str, ir.Table], alerts: ir.Table, scope: Scope, *, restart: bool) -> ir.Table:
    """Alerts (of alerts_as_of) with a column `clock_from`: when the time that they may take began.

    restart: whether it begins again when an alert is re-opened; else it is always the time of creation.
    """
    if not restart:
        return alerts.mutate(clock_from=alerts.created_at)
    events = tables["alert_events"]
    events = events.filter(events.action.isin(REOPENED), events["at"] < ibis.literal(scope.until))
    reopened = events.group_by(*_KEY).aggregate(reopened_at=events["at"].max())
    found = alerts.left_join(reopened, list(_KEY))
    return found.mutate(clock_from=ibis.coalesce(found.reopened_at, found.created_at)).select(
        *alerts.columns, "clock_from"
    )


_TS = "timestamp('UTC', 6)"


def _last_happening(tables: Mapping[str, ir.Table], changed: ir.Table, until: ir.TimestampScalar) -> ir.Table:
    """What happened last before a time to each of some alerts: repo, kind, number, last_action, last_at."""
    events = tables["alert_events"]
    events = events.filter(events["at"] < until, events.action.isin((*CLOSED_STATES, *REOPENED)))
    events = events.semi_join(changed.select(*_KEY), list(_KEY))
    return events.group_by(*_KEY).aggregate(last_action=events.action.argmax(events["at"]), last_at=events["at"].max())


def _in_families(alerts: ir.Table, cwe: CwePolicy) -> ir.Table:
    """Alerts with the families of the policy; those stored stay where the policy names none."""
    if not cwe.families:
        return alerts
    named = [
        (ibis.or_(*(alerts.cwes.contains(member) for member in members)), family)
        for family, members in cwe.table.items()
        if members
    ]
    found = ibis.cases(*((case.fill_null(False), family) for case, family in named), else_=alerts.cwe_family)
    return alerts.mutate(cwe_family=found)
