"""Alert trend: alerts opened and closed over time, and the backlog they leave."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from shared.metrics.buckets import Every, bucket_start, buckets, every_for
from shared.metrics.metric import Metric
from shared.metrics.open_alerts import dated_alerts
from shared.scope import Scope


def alert_trend(tables: Mapping[str, ir.Table], scope: Scope, *, every: Every | None = None) -> ir.Table:
    """Alerts opened, closed and fixed per bucket, and how many were open at its end; buckets have no gaps.

    every: the bucket's length, by default what suits the range (see buckets.every_for).
    No data: no rows.
    """
    every = every or every_for(scope)
    alerts = dated_alerts(tables, scope)
    moves = _moves(alerts, scope)
    since = ibis.literal(scope.since) if scope.since else None
    # What happened before the range is the backlog that the first bucket begins with.
    at = moves.at if since is None else ibis.greatest(moves["at"], since)
    counted = None if since is None else moves["at"] >= since
    figures = moves.group_by(period_start=bucket_start(at, every)).aggregate(
        opened=moves.opened.sum(where=counted),
        closed=moves.closed.sum(where=counted),
        fixed=moves.fixed.sum(where=counted),
        change=(moves.opened - moves.closed).sum(),
    )
    trend = buckets(alerts, "created_at", scope, every).left_join(figures, "period_start")
    backlog = trend.change.fill_null(0).sum().over(order_by=trend.period_start, rows=(None, 0))
    counts = {name: trend[name].fill_null(0) for name in ("opened", "closed", "fixed")}
    return trend.select("period_start", **counts, open_at_end=backlog).order_by("period_start")


def _moves(alerts: ir.Table, scope: Scope) -> ir.Table:
    """One row per opening and per closing before the end of the scope."""
    one, none = ibis.literal(1, "int64"), ibis.literal(0, "int64")
    opened = alerts.select(at=alerts.created_at, opened=one, closed=none, fixed=none)
    closed = alerts.filter(alerts.closed_at < ibis.literal(scope.until))
    # An alert cannot close before it is there, whatever its timestamps say; the backlog would turn negative.
    at = ibis.greatest(closed.closed_at, closed.created_at)
    fixed = (closed.state == "fixed").fill_null(False).cast("int64")
    return opened.union(closed.select(at=at, opened=none, closed=one, fixed=fixed))


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
    inputs=("alerts",),
    exclusions="Alerts that are closed at an unknown time. A re-opened alert counts as never closed.",
    columns={
        "period_start": "Period start (UTC)",
        "opened": "Opened",
        "closed": "Closed",
        "fixed": "Fixed",
        "open_at_end": "Open at the end",
    },
    formula=alert_trend,
)
