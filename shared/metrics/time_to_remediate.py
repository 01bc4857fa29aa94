"""Time to remediate: how long alerts lived until they were put right."""

from collections.abc import Mapping

import ibis.expr.types as ir

from shared.metrics.durations import seconds_between, spread
from shared.metrics.grouping import grouped, in_order
from shared.metrics.metric import Metric
from shared.scope import Scope


def time_to_remediate(
    tables: Mapping[str, ir.Table], scope: Scope, by: str | None = None, *, include_dismissed: bool = False
) -> ir.Table:
    """Lifetimes of the alerts closed in the range: n, mean, median, p90 and total in seconds.

    by: org, repo, severity, kind, tool, cwe_family, or month of closing (UTC, such as "2026-04").
    include_dismissed: also counts alerts dismissed by a person, as GCSMTTR does; never those dismissed
    automatically.
    No data: one row with n = 0 and nulls, or no rows if grouped.
    """
    states = ["fixed", "dismissed"] if include_dismissed else ["fixed"]
    alerts = scope.within(scope.filter(tables["alerts"]), "closed_at")
    alerts = alerts.filter(alerts.state.isin(states))
    alerts = alerts.mutate(lived_s=seconds_between(alerts.created_at, alerts.closed_at))
    possible = alerts.lived_s >= 0
    lived_s = possible.ifelse(alerts.lived_s, None)
    figures = {"n": lived_s.count(), **spread(lived_s), "total_s": lived_s.sum()}
    excluded = alerts.count(where=~possible.fill_null(False))
    return in_order(grouped(alerts, by, {**figures, "excluded": excluded}, "closed_at"), by, "n")


TIME_TO_REMEDIATE = Metric(
    name="time_to_remediate",
    title="Time to remediate",
    definition=(
        "How long alerts lived: closing time minus creation time of every alert that was fixed in the "
        "range. An alert belongs to the UTC month in which it was closed, by its own timestamps, however "
        "late it was collected. Dismissed alerts are counted only where the page's switch adds them. The "
        "median is the middle lifetime; nine in ten alerts were fixed within the p90."
    ),
    unit="seconds",
    inputs=("alerts",),
    exclusions=(
        "Open alerts, dismissed and automatically dismissed alerts, and alerts whose creation time is "
        "unknown or after their closing time; the last are counted as excluded."
    ),
    by=("org", "repo", "severity", "kind", "tool", "cwe_family", "month"),
    columns={
        "n": "Alerts fixed",
        "mean_s": "Mean (s)",
        "median_s": "Median (s)",
        "p90_s": "90th percentile (s)",
        "total_s": "Total (s)",
        "excluded": "Excluded, times impossible or unknown",
    },
    formula=time_to_remediate,
)
