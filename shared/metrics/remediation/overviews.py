"""Overviews: what became of the alerts of each repository and organisation, month by month."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from shared.metrics.durations import seconds_between
from shared.metrics.metric import EXCLUDED, Metric, excluded_because
from shared.metrics.remediation.digests import narrow
from shared.metrics.remediation.open_alerts import ALERT_ROW, dated_alerts
from shared.policy.policy import Policy
from shared.scope import Scope

_MONTH = "M"


def repository_overview(tables: Mapping[str, ir.Table], scope: Scope, *, policy: Policy | None = None) -> ir.Table:
    """One row per repository and month of the range in which it has had an alert, ordered by both.

    An alert is carried from month to month as long as it is open. No data: no rows.
    """
    return _overview(tables, scope, policy, ("repo", "org"))


def organisation_overview(tables: Mapping[str, ir.Table], scope: Scope, *, policy: Policy | None = None) -> ir.Table:
    """The figures of repository_overview per organisation."""
    return _overview(tables, scope, policy, ("org",))


def overview_rows(tables: Mapping[str, ir.Table], scope: Scope, *, policy: Policy | None = None) -> ir.Table:
    """The alerts that the overviews are made of, and those that they leave out."""
    alerts = dated_alerts(tables, scope, policy)
    lived_s = seconds_between(alerts.created_at, alerts.closed_at)
    impossible = (lived_s < 0).fill_null(False)
    reasons = excluded_because((impossible, "closed before it was created, by its own times"))
    return alerts.select(*ALERT_ROW, lived_s=lived_s, **{EXCLUDED: reasons})


def _overview(
    tables: Mapping[str, ir.Table], scope: Scope, policy: Policy | None, subject: tuple[str, ...]
) -> ir.Table:
    alerts = dated_alerts(narrow(tables, scope), scope, policy)
    alerts = alerts.filter(alerts.closed_at.isnull() | (alerts.closed_at >= alerts.created_at))
    months = _months(alerts, scope, subject)
    opened = _by_month(alerts, "created_at", subject, {"opened": alerts.count()})
    ended = alerts.filter(alerts.closed_at.notnull())
    closed = _by_month(ended, "closed_at", subject, {"closed": ended.count()})
    if scope.since is not None:
        ended = ended.filter(ended.closed_at >= _month_of(ibis.literal(scope.since)))
    told = _by_month(ended, "closed_at", subject, None)
    found = months.left_join(opened, [*subject, "month"]).drop("month_right", *(f"{name}_right" for name in subject))
    for part in (closed, told):
        found = found.left_join(part, [*subject, "month"]).drop("month_right", *(f"{name}_right" for name in subject))
    counts = {name: found[name].fill_null(0) for name in ("opened", "closed", "number_fixed", "number_dismissed")}
    stream = {"group_by": list(subject), "order_by": "month", "rows": (None, 0)}
    backlog = (counts["opened"] - counts["closed"]).sum().over(**stream)
    result = found.mutate(**counts, open_alerts=backlog)
    if scope.since is not None:
        result = result.filter(result.month >= ibis.literal(scope.since).truncate(_MONTH).cast("timestamp('UTC')"))
    result = result.mutate(month=result.month.strftime("%Y-%m"))
    return result.select(*subject, *_FIGURES).order_by("month", *subject)


def _months(alerts: ir.Table, scope: Scope, subject: tuple[str, ...]) -> ir.Table:
    """Every month of each subject from that of its first alert to that of the end of the range."""
    first = alerts.group_by(*subject).aggregate(first=alerts.created_at.min())
    starts = ibis.range(_month_of(first["first"]), ibis.literal(scope.until), ibis.interval(months=1))
    return first.select(*subject, month=starts.unnest().cast("timestamp('UTC')"))


def _by_month(
    alerts: ir.Table, time: str, subject: tuple[str, ...], figures: Mapping[str, ir.Value] | None
) -> ir.Table:
    parts = alerts.group_by(*(alerts[name] for name in subject), month=_month_of(alerts[time]))
    return parts.aggregate(**(figures or _closings(alerts)))


def _closings(closed: ir.Table) -> dict[str, ir.Value]:
    lived_s = seconds_between(closed.created_at, closed.closed_at)
    fixed, dismissed = closed.state == "fixed", closed.state == "dismissed"
    return {
        "number_fixed": closed.count(where=fixed),
        "number_dismissed": closed.count(where=dismissed),
        "total_time_to_remediate_s": lived_s.sum(where=fixed),
        "mean_time_to_remediate_s": lived_s.mean(where=fixed),
        "median_time_to_remediate_s": lived_s.quantile(0.5, where=fixed),
        "p90_time_to_remediate_s": lived_s.quantile(0.9, where=fixed),
        "total_time_to_dismiss_s": lived_s.sum(where=dismissed),
    }


def _month_of(time: ir.TimestampValue) -> ir.TimestampValue:
    # DuckDB truncates a zoned time to one without a zone; the cast puts UTC back.
    return time.truncate(_MONTH).cast("timestamp('UTC')")


_FIGURES = {
    "month": "Month (UTC)",
    "open_alerts": "Open at the end",
    "number_fixed": "Fixed",
    "number_dismissed": "Dismissed by a person",
    "total_time_to_remediate_s": "Time to remediate, total (s)",
    "mean_time_to_remediate_s": "Time to remediate, mean (s)",
    "median_time_to_remediate_s": "Time to remediate, median (s)",
    "p90_time_to_remediate_s": "Time to remediate, 90th percentile (s)",
    "total_time_to_dismiss_s": "Time to dismiss, total (s)",
}

_DEFINITION = (
    "For each month in UTC: how many alerts were open at its end (of the last one, at the end of the range), carried "
    "over from the months before; how many were fixed or dismissed by a person in it; and the time to remediate of "
    "those fixed. A month is that of closing, by the alert's own timestamps. Reports that count dismissals as "
    "remediation, as GCSMTTR does, divide the sum of both totals by the sum of both numbers."
)

_EXCLUSIONS = (
    "Alerts that were closed at an unknown time, or before they were created by their own timestamps; automatic "
    "dismissals end an alert but are neither fixes nor dismissals."
)

REPOSITORY_OVERVIEW = Metric(
    name="repository_overview",
    title="Repositories month by month",
    definition=_DEFINITION,
    unit="alerts",
    inputs=("alerts", "alert_events"),
    exclusions=_EXCLUSIONS,
    columns={"repo": "Repository", "org": "Organisation", **_FIGURES},
    formula=repository_overview,
    uses_policy=True,
    evidence=overview_rows,
)

ORGANISATION_OVERVIEW = Metric(
    name="organisation_overview",
    title="Organisations month by month",
    definition=_DEFINITION,
    unit="alerts",
    inputs=("alerts", "alert_events"),
    exclusions=_EXCLUSIONS,
    columns={"org": "Organisation", **_FIGURES},
    formula=organisation_overview,
    uses_policy=True,
    evidence=overview_rows,
)
