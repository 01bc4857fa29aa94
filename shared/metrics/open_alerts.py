"""Open alerts: the backlog as of a time, and its age."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from shared.metrics.durations import seconds_between
from shared.metrics.grouping import grouped, in_order
from shared.metrics.metric import Metric
from shared.scope import Scope


def dated_alerts(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """Alerts in scope that existed before its end and are open or were closed at a known time."""
    alerts = scope.filter(tables["alerts"])
    known = alerts.closed_at.notnull() | (alerts.state == "open")
    return alerts.filter(alerts.created_at < ibis.literal(scope.until), known)


def open_alerts(tables: Mapping[str, ir.Table], scope: Scope, by: str | None = None) -> ir.Table:
    """Alerts open at scope.until, whatever since: n, the oldest creation time and the median age in seconds.

    by: org, repo, severity, kind, tool or cwe_family.
    No data: one row with n = 0 and nulls, or no rows if grouped.
    """
    until = ibis.literal(scope.until)
    alerts = dated_alerts(tables, scope)
    alerts = alerts.filter(alerts.closed_at.isnull() | (alerts.closed_at >= until))
    figures = {
        "n": alerts.count(),
        "oldest_created_at": alerts.created_at.min(),
        "median_age_s": seconds_between(alerts.created_at, until).median(),
    }
    return in_order(grouped(alerts, by, figures, "created_at"), by, "n")


OPEN_ALERTS = Metric(
    name="open_alerts",
    title="Open alerts",
    definition=(
        "Alerts that were open at the end of the range: created before it and not closed before it. "
        "A re-opened alert is open. Age is the end of the range minus the creation time. "
        "The start of the range plays no part."
    ),
    unit="alerts",
    inputs=("alerts",),
    exclusions="Closed alerts, also those of which only the state and not the time of closing is known.",
    by=("org", "repo", "severity", "kind", "tool", "cwe_family"),
    columns={"n": "Open alerts", "oldest_created_at": "Oldest, created", "median_age_s": "Median age (s)"},
    formula=open_alerts,
)
