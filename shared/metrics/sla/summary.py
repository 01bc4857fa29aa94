"""SLA summary: how many alerts keep their limit, and how long they took."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from shared.datasets.alerts import SEVERITIES
from shared.metrics.grouping import grouped, in_order
from shared.metrics.metric import EXCLUDED, Metric
from shared.metrics.remediation.digests import narrow
from shared.metrics.sla.status import LEFT_OUT, STATUSES, counted_alerts, sla_alerts
from shared.policy.policy import Policy
from shared.scope import Scope

_OPEN = ("breached_open", "at_risk", "on_track")


def sla_summary(
    tables: Mapping[str, ir.Table], scope: Scope, by: str | None = None, *, policy: Policy | None = None
) -> ir.Table:
    """Alerts by SLA status, the share of the closed ones that met their limit, and the time they took in seconds.

    by: org, repo, severity, kind, tool, cwe_family, or month of closing (UTC), to which no open alert belongs: the
    counts of open alerts are null there.
    No data: one row with zero counts and nulls, or no rows if grouped.
    """
    rows = sla_alerts(narrow(tables, scope), scope, policy=policy)
    if by == "month":
        rows = rows.filter(rows.closed_at.notnull())
    is_open = rows.state == "open"
    counts = {
        "n": rows.status.count(),
        "met": _count(rows, rows.status == "met"),
        "breached_closed": _count(rows, (rows.status == "breached") & ~is_open),
        "breached_open": _count(rows, (rows.status == "breached") & is_open),
        **{name: _count(rows, rows.status == name) for name in ("at_risk", "on_track", "unknown")},
        "excluded": rows[EXCLUDED].count(),
    }
    taken_s = (rows.status.notnull() & ~is_open).ifelse(rows.elapsed_s, None)
    result = grouped(rows, by, {**counts, "closed": taken_s.count(), **_spread(taken_s)}, "closed_at")
    judged = result.met + result.breached_closed
    result = result.mutate(compliance=result.met / judged.nullif(0))
    if by == "month":
        result = result.mutate(**{name: ibis.null("int64") for name in _OPEN})
    return in_order(result, by, "n")


def sla_times(tables: Mapping[str, ir.Table], scope: Scope, *, policy: Policy | None = None) -> ir.Table:
    """Alerts by SLA status and severity: n, and the shortest, mean, median and longest time in seconds.

    Ordered as STATUSES and SEVERITIES are. No data: no rows.
    """
    rows = counted_alerts(narrow(tables, scope), scope, policy)
    rows = rows.mutate(severity=rows.severity.fill_null("unknown"))
    parts = rows.group_by("status", "severity").aggregate(n=rows.count(), **_spread(rows.elapsed_s))
    return parts.order_by(_rank(parts.status, STATUSES), _rank(parts.severity, SEVERITIES), "severity")


def _count(rows: ir.Table, case: ir.BooleanValue) -> ir.IntegerScalar:
    return rows.count(where=case.fill_null(False))


def _spread(taken_s: ir.FloatingColumn) -> dict[str, ir.Value]:
    return {"min_s": taken_s.min(), "mean_s": taken_s.mean(), "median_s": taken_s.median(), "max_s": taken_s.max()}


def _rank(column: ir.StringColumn, order: tuple[str, ...]) -> ir.IntegerValue:
    return column.cases(*[(name, place) for place, name in enumerate(order)], else_=len(order))


SLA_SUMMARY = Metric(
    name="sla_summary",
    title="SLA compliance",
    definition=(
        "The share of the alerts closed in the range that were closed within the limit of their severity: met over "
        "met plus breached. Fixed alerts and alerts that a person dismissed count alike. The alerts open at the end "
        "of the range are counted apart, as breached, at risk or on track, so that compliance says nothing of them. "
        "Alerts of unknown severity, or of a level without a limit, are unknown and never part of compliance. The "
        "times are those that the closed alerts took, whatever their status. A month is that of closing, in UTC."
    ),
    unit="share of closed alerts",
    inputs=("alerts", "alert_events"),
    exclusions=LEFT_OUT,
    by=("org", "repo", "severity", "kind", "tool", "cwe_family", "month"),
    columns={
        "n": "Alerts",
        "compliance": "Compliance (share of closed alerts)",
        "met": "Met",
        "breached_closed": "Breached, closed",
        "breached_open": "Breached, open",
        "at_risk": "At risk",
        "on_track": "On track",
        "unknown": "Unknown",
        "closed": "Closed",
        "min_s": "Time taken, shortest (s)",
        "mean_s": "Time taken, mean (s)",
        "median_s": "Time taken, median (s)",
        "max_s": "Time taken, longest (s)",
        "excluded": "Excluded",
    },
    formula=sla_summary,
    uses_policy=True,
    evidence=sla_alerts,
)

SLA_TIMES = Metric(
    name="sla_times",
    title="Time by SLA status and severity",
    definition=(
        "Alerts by SLA status and severity, with the shortest, mean, median and longest time: of closed alerts the "
        "time from the start of their clock to the closing, of open ones the time up to the end of the range. The "
        "breached are those closed and those open together."
    ),
    unit="seconds",
    inputs=("alerts", "alert_events"),
    exclusions=LEFT_OUT,
    columns={
        "status": "SLA status",
        "severity": "Severity",
        "n": "Alerts",
        "min_s": "Shortest (s)",
        "mean_s": "Mean (s)",
        "median_s": "Median (s)",
        "max_s": "Longest (s)",
    },
    formula=sla_times,
    uses_policy=True,
    evidence=sla_alerts,
)
