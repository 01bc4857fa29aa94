"""Alert flow: how fast alerts arrive and are closed, and whether the backlog grows."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from shared.metrics.durations import seconds_between
from shared.metrics.grouping import grouped, in_order
from shared.metrics.metric import EXCLUDED, Metric, excluded_because
from shared.metrics.remediation.digests import narrow
from shared.metrics.remediation.open_alerts import ALERT_ROW, dated_alerts
from shared.policy.policy import Policy
from shared.scope import Scope

_WEEK_S = 7 * 86_400.0


def alert_flow(
    tables: Mapping[str, ir.Table], scope: Scope, by: str | None = None, *, policy: Policy | None = None
) -> ir.Table:
    """Alerts opened, closed, fixed, dismissed and dismissed automatically in the range, and the rates per week.

    by: org, repo, severity, kind, tool or cwe_family.  A range without a beginning begins with the first alert.
    No data: one row with zeros and nulls, or no rows if grouped.
    """
    alerts = dated_alerts(narrow(tables, scope), scope, policy)
    until = ibis.literal(scope.until)
    since = alerts.created_at.min() if scope.since is None else ibis.literal(scope.since)
    begun = ibis.literal(True) if scope.since is None else alerts.created_at >= since
    ended = alerts.closed_at.notnull() & (ibis.literal(True) if scope.since is None else alerts.closed_at >= since)
    weeks = (seconds_between(since, until) / _WEEK_S).nullif(0.0)
    opened, closed = alerts.count(where=begun), alerts.count(where=ended)
    figures = {
        "opened": opened,
        "closed": closed,
        **{
            name: alerts.count(where=ended & (alerts.state == name))
            for name in ("fixed", "dismissed", "auto_dismissed")
        },
        "opened_per_week": opened / weeks,
        "closed_per_week": closed / weeks,
        "net": opened - closed,
    }
    return in_order(grouped(alerts, by, figures, "created_at"), by, "opened")


def alert_flow_rows(tables: Mapping[str, ir.Table], scope: Scope, *, policy: Policy | None = None) -> ir.Table:
    """The alerts that were opened or closed in the range, and those that were neither."""
    alerts = dated_alerts(tables, scope, policy)
    reasons = ibis.null("string")
    if scope.since is not None:
        since = ibis.literal(scope.since)
        touched = (alerts.created_at >= since) | (alerts.closed_at >= since).fill_null(False)
        reasons = excluded_because((~touched, "neither opened nor closed in the range"))
    return alerts.select(*ALERT_ROW, **{EXCLUDED: reasons})


ALERT_FLOW = Metric(
    name="alert_flow",
    title="Alerts arriving and closed",
    definition=(
        "How many alerts were created in the range and how many were closed in it, apart by how (fixed, dismissed by "
        "a person, dismissed automatically), also per week of the range. Net is opened minus closed: above zero the "
        "backlog grows."
    ),
    unit="alerts",
    inputs=("alerts", "alert_events"),
    exclusions="Alerts closed at an unknown time. A re-opened alert counts as opened once, when it was created.",
    by=("org", "repo", "severity", "kind", "tool", "cwe_family"),
    columns={
        "opened": "Opened",
        "closed": "Closed",
        "fixed": "Fixed",
        "dismissed": "Dismissed by a person",
        "auto_dismissed": "Dismissed automatically",
        "opened_per_week": "Opened per week",
        "closed_per_week": "Closed per week",
        "net": "Net change of the backlog",
    },
    formula=alert_flow,
    uses_policy=True,
    evidence=alert_flow_rows,
)
