"""SLA: whether each alert was, or still can be, closed within the limit of its severity."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from shared.metrics.durations import seconds_between
from shared.metrics.metric import EXCLUDED, Metric, excluded_because
from shared.metrics.remediation.alerts import alerts_as_of, clock_started
from shared.policy.policy import Policy
from shared.policy.sla import SlaPolicy
from shared.scope import Scope

STATUSES = ("breached", "at_risk", "on_track", "met", "unknown")
"""What needs attention first."""

LEFT_OUT = (
    "Alerts that GitHub dismissed by itself, alerts closed at an unknown time, and alerts created after they were "
    "closed or at an unknown time."
)

SLA_ROW = (
    *("org", "repo", "kind", "number", "severity", "state", "rule_id", "cwe_family", "tool"),
    *("created_at", "started_at", "closed_at", "limit_s", "elapsed_s", "status", "due_at", "left_s", "html_url"),
)
"""The columns of an alert judged by the SLA."""

_JUDGED = ("started_at", "limit_s", "elapsed_s", "status", "due_at", "left_s")
_READ = tuple(name for name in SLA_ROW if name not in _JUDGED)


def sla_status(tables: Mapping[str, ir.Table], scope: Scope, *, policy: Policy | None = None) -> ir.Table:
    """One row per alert that is open at scope.until or was closed in the range, with its SLA status.

    elapsed_s is the age of an open alert and the lifetime of a closed one; due_at is when it breaches or would have;
    left_s is the time until then, negative afterwards, and null for closed alerts.
    Ordered by STATUSES, then by what is due first. No data: no rows.
    """
    rows = counted_alerts(tables, scope, policy)
    rank = rows.status.cases(*[(name, place) for place, name in enumerate(STATUSES)], else_=len(STATUSES))
    return rows.order_by(rank, rows.due_at, rows.repo, rows.kind, rows.number)


def counted_alerts(tables: Mapping[str, ir.Table], scope: Scope, policy: Policy | None = None) -> ir.Table:
    """The rows of sla_alerts that count, in no order."""
    rows = sla_alerts(tables, scope, policy=policy)
    return rows.filter(rows[EXCLUDED].isnull()).drop(EXCLUDED)


def sla_alerts(tables: Mapping[str, ir.Table], scope: Scope, *, policy: Policy | None = None) -> ir.Table:
    """Alerts open at scope.until, closed in the range, or closed at an unknown time: SLA_ROW and EXCLUDED.

    What is excluded has no status.
    """
    alerts = alerts_as_of(tables, scope, policy)
    if scope.since is not None:
        alerts = alerts.filter(alerts.closed_at.isnull() | (alerts.closed_at >= ibis.literal(scope.since)))
    sla = (policy or Policy()).sla
    rows = timed(tables, alerts, scope, sla)
    reasons = [
        (rows.closed_at.isnull() & (rows.state != "open"), "closed at an unknown time"),
        (rows.state == "auto_dismissed", "dismissed automatically"),
        (~(rows.elapsed_s >= 0).fill_null(False), "created after it was closed, or at an unknown time"),
    ]
    because, is_open = excluded_because(*reasons), rows.state == "open"
    judgement = {
        "status": because.isnull().ifelse(_status(rows, is_open, sla), None),
        "left_s": is_open.ifelse(rows.limit_s - rows.elapsed_s, None),
        EXCLUDED: because,
    }
    rows = rows.mutate(**judgement)
    return rows.select(*(name for name in SLA_ROW if name in rows.columns), EXCLUDED)


def timed(tables: Mapping[str, ir.Table], alerts: ir.Table, scope: Scope, sla: SlaPolicy) -> ir.Table:
    """Alerts (of alerts_as_of) with started_at, limit_s, elapsed_s (until closed or scope.until) and due_at.

    Of their own columns those that SLA_ROW has. limit_s and due_at are null where a severity has no limit.
    """
    rows = clock_started(
        tables,
        alerts.select(*(name for name in _READ if name in alerts.columns)),
        scope,
        restart=sla.restart_when_reopened,
    )
    # A clock that is said to have begun after the alert was closed belongs to a closing that is not known.
    late = (rows.clock_from > rows.closed_at).fill_null(False) if sla.restart_when_reopened else ibis.literal(False)
    rows = rows.mutate(started_at=late.ifelse(rows.created_at, rows.clock_from), limit_s=limit_s(rows, sla))
    ended = rows.closed_at.fill_null(ibis.literal(scope.until))
    limit = (rows.limit_s * 1_000_000).cast("int64").as_interval("us")
    return rows.mutate(elapsed_s=seconds_between(rows.started_at, ended), due_at=rows.started_at + limit)


def limit_s(alerts: ir.Table, sla: SlaPolicy) -> ir.FloatingValue:
    """The limit of each alert in seconds, by its severity; null where there is none."""
    limits = [(level, limit.total_seconds()) for level, limit in sla.limits.items() if limit is not None]
    return alerts.severity.cases(*limits, else_=ibis.null("float64")) if limits else ibis.null("float64")


def _status(rows: ir.Table, is_open: ir.BooleanValue, sla: SlaPolicy) -> ir.StringValue:
    return ibis.cases(
        (rows.limit_s.isnull(), "unknown"),
        (rows.elapsed_s > rows.limit_s, "breached"),
        (~is_open, "met"),
        (rows.elapsed_s >= rows.limit_s * sla.at_risk_share, "at_risk"),
        else_="on_track",
    )


SLA_STATUS = Metric(
    name="sla_status",
    title="SLA status",
    definition=(
        "Each alert that is open at the end of the range or was closed in it, against the limit that the policy sets "
        "for its severity. A closed alert has met its limit if it lived no longer than that, else it has breached it, "
        "whether it was fixed or dismissed by a person. An open alert is breached once it is older than its limit, at "
        "risk from a share of the limit on (three quarters by default), and else on track. Where the severity is "
        "unknown or its level is switched off, the status is unknown. The clock starts when the alert is created or, "
        "if the policy says so, when it was last re-opened."
    ),
    unit="alerts",
    inputs=("alerts", "alert_events"),
    exclusions=LEFT_OUT,
    columns={
        "org": "Organisation",
        "repo": "Repository",
        "kind": "Alert kind",
        "number": "Number",
        "severity": "Severity",
        "state": "State",
        "rule_id": "Rule",
        "cwe_family": "CWE family",
        "tool": "Tool",
        "created_at": "Created",
        "started_at": "Clock started",
        "closed_at": "Closed",
        "limit_s": "Limit (s)",
        "elapsed_s": "Age, or lifetime if closed (s)",
        "status": "SLA status",
        "due_at": "Due",
        "left_s": "Time left (s)",
        "html_url": "Link",
    },
    formula=sla_status,
    uses_policy=True,
    evidence=sla_alerts,
)
