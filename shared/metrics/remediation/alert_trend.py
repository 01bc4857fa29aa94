"""Alert trend: alerts opened and closed over time, and the backlog they leave."""

from collections.abc import Mapping
from datetime import UTC, datetime

import ibis
import ibis.expr.types as ir

from shared.metrics.buckets import Every, bucket_start, buckets, every_for
from shared.metrics.metric import EXCLUDED, Metric, excluded_because
from shared.metrics.remediation.digests import narrow
from shared.metrics.remediation.open_alerts import ALERT_ROW, dated_alerts
from shared.policy.policy import Policy
from shared.scope import Scope


def alert_trend(
    tables: Mapping[str, ir.Table], scope: Scope, *, policy: Policy | None = None, every: Every | None = None
) -> ir.Table:
    """Alerts opened, closed and fixed per bucket, and how many were open at its end; buckets have no gaps.

    every: the bucket's length, by default what suits the range (see buckets.every_for).
    No data: no rows.
    """
    every = every or every_for(scope)
    alerts = dated_alerts(narrow(tables, scope), scope, policy)
    moves = _moves(alerts, scope)
    figures = moves.group_by(period_start=bucket_start(moves["at"], every)).aggregate(
        opened=moves.opened.sum(), closed=moves.closed.sum(), fixed=moves.fixed.sum()
    )
    trend = buckets(alerts, "created_at", scope, every).left_join(figures, "period_start")
    trend = trend.cross_join(_backlog(alerts, scope))
    counts = {name: trend[name].fill_null(0) for name in ("opened", "closed", "fixed")}
    change = counts["opened"] - counts["closed"]
    backlog = trend.backlog + change.sum().over(order_by=trend.period_start, rows=(None, 0))
    return trend.select("period_start", **counts, open_at_end=backlog).order_by("period_start")


def alert_trend_rows(tables: Mapping[str, ir.Table], scope: Scope, *, policy: Policy | None = None) -> ir.Table:
    """The alerts that were open at some time of the range, and those that were closed before it began."""
    alerts = dated_alerts(tables, scope, policy)
    reason = ibis.null("string")
    if scope.since is not None:
        reason = excluded_because((_ended_at(alerts) < ibis.literal(scope.since), "closed before the range began"))
    return alerts.select(*ALERT_ROW, **{EXCLUDED: reason})


def _moves(alerts: ir.Table, scope: Scope) -> ir.Table:
    """One row per opening and per closing in the range."""
    one, none = ibis.literal(1, "int64"), ibis.literal(0, "int64")
    opened = scope.within(alerts, "created_at")
    closed = scope.within(alerts.mutate(ended_at=_ended_at(alerts)), "ended_at")
    fixed = (closed.state == "fixed").fill_null(False).cast("int64")
    return opened.select(at=opened.created_at, opened=one, closed=none, fixed=none).union(
        closed.select(at=closed.ended_at, opened=none, closed=one, fixed=fixed)
    )


def _backlog(alerts: ir.Table, scope: Scope) -> ir.Table:
    """How many alerts were open when the range began: one row, `backlog`."""
    since = ibis.literal(datetime.min.replace(tzinfo=UTC) if scope.since is None else scope.since)
    open_then = alerts.filter(alerts.created_at < since, alerts.closed_at.isnull() | (alerts.closed_at >= since))
    return open_then.aggregate(backlog=open_then.count())


def _ended_at(alerts: ir.Table) -> ir.TimestampColumn:
    """An alert cannot close before it is there, whatever its timestamps say; the backlog would turn negative."""
    return ibis.ifelse(alerts.closed_at < alerts.created_at, alerts.created_at, alerts.closed_at)


ALERT_TREND = Metric(
    name="alert_trend",
    title="Alerts opened and closed",
    definition=(
        "Per hour, day, week or month (UTC): alerts created, alerts closed for any reason, how many of "
        "those were fixed, and how many alerts were open at the end. The backlog counts every alert open at "
        "that moment, also those created before the range. A bucket in which nothing happened is shown with "
        "zeros; the first and last bucket hold only what falls inside the range."
    ),
    unit="alerts",
    inputs=("alerts", "alert_events"),
    exclusions="Alerts that are closed at an unknown time. A re-opened alert counts as never closed.",
    columns={
        "period_start": "Period start (UTC)",
        "opened": "Opened",
        "closed": "Closed",
        "fixed": "Fixed",
        "open_at_end": "Open at the end",
    },
    formula=alert_trend,
    uses_policy=True,
    evidence=alert_trend_rows,
)
