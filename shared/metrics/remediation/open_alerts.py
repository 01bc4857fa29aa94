"""Open alerts: the backlog as of a time, and its age."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from shared.metrics.durations import seconds_between
from shared.metrics.grouping import grouped, in_order
from shared.metrics.metric import EXCLUDED, Metric, excluded_because
from shared.metrics.remediation.alerts import alerts_as_of
from shared.metrics.remediation.digests import narrow
from shared.policy.policy import Policy
from shared.scope import Scope


def dated_alerts(tables: Mapping[str, ir.Table], scope: Scope, policy: Policy | None = None) -> ir.Table:
    """Alerts as of scope.until that were there by then and are open or were closed at a known time."""
    alerts = alerts_as_of(tables, scope, policy)
    known = alerts.closed_at.notnull() | (alerts.state == "open")
    return alerts.filter(alerts.created_at < ibis.literal(scope.until), known)


def open_alerts(
    tables: Mapping[str, ir.Table], scope: Scope, by: str | None = None, *, policy: Policy | None = None
) -> ir.Table:
    """Alerts open at scope.until, whatever since: n, the oldest creation time and the median age in seconds.

    by: org, repo, severity, kind, tool or cwe_family.
    No data: one row with n = 0 and nulls, or no rows if grouped.
    """
    alerts = alerts_as_of(narrow(tables, scope), scope, policy)
    alerts = alerts.filter(alerts.state == "open")
    figures = {
        "n": alerts.count(),
        "oldest_created_at": alerts.created_at.min(),
        "median_age_s": seconds_between(alerts.created_at, ibis.literal(scope.until)).median(),
    }
    return in_order(grouped(alerts, by, figures, "created_at"), by, "n")


def open_alert_rows(tables: Mapping[str, ir.Table], scope: Scope, *, policy: Policy | None = None) -> ir.Table:
    """The alerts that are open, with their age, and those that are closed at a time that nobody knows."""
    alerts = alerts_as_of(tables, scope, policy)
    alerts = alerts.filter(alerts.closed_at.isnull())
    return alerts.select(
        *ALERT_ROW,
        age_s=seconds_between(alerts.created_at, ibis.literal(scope.until)),
        **{EXCLUDED: excluded_because((alerts.state != "open", "closed at an unknown time"))},
    )


ALERT_ROW = (
    *("repo", "kind", "number", "severity", "state", "rule_id", "cwe_family", "tool", "package", "path"),
    *("created_at", "closed_at", "close_reason", "html_url"),
)
"""The columns of `alerts` that tell a reader which alert it is, and what became of it."""


OPEN_ALERTS = Metric(
    name="open_alerts",
    title="Open alerts",
    definition=(
        "Alerts that were open at the end of the range: created before it and not closed before it. "
        "A re-opened alert is open. Age is the end of the range minus the creation time. "
        "The start of the range plays no part."
    ),
    unit="alerts",
    inputs=("alerts", "alert_events"),
    exclusions="Closed alerts, also those of which only the state and not the time of closing is known.",
    by=("org", "repo", "severity", "kind", "tool", "cwe_family"),
    columns={"n": "Open alerts", "oldest_created_at": "Oldest, created", "median_age_s": "Median age (s)"},
    formula=open_alerts,
    uses_policy=True,
    at_end=True,
    evidence=open_alert_rows,
)
