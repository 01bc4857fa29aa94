"""Time to remediate: how long alerts lived until they were put right."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from shared.metrics.durations import seconds_between, spread
from shared.metrics.grouping import GROUP_COLUMNS, grouped, in_order
from shared.metrics.metric import EXCLUDED, Metric, excluded_because
from shared.metrics.remediation.alerts import alerts_as_of
from shared.metrics.remediation.digests import narrow
from shared.metrics.remediation.open_alerts import ALERT_ROW
from shared.metrics.remediation.survival import survival_median
from shared.policy.policy import Policy
from shared.scope import Scope

_IMPOSSIBLE = "created after it was closed, or at an unknown time"


def time_to_remediate(
    tables: Mapping[str, ir.Table],
    scope: Scope,
    by: str | None = None,
    *,
    policy: Policy | None = None,
    include_dismissed: bool = False,
    include_auto_dismissed: bool = False,
) -> ir.Table:
    """Lifetimes of the alerts closed in the range: n, mean, median, p90, total and survival median in seconds.

    by: org, repo, severity, kind, tool, cwe_family, or month of closing (UTC, such as "2026-04"), whose survival median
    is null, as open alerts belong to no month of closing.
    include_dismissed: also counts alerts dismissed by a person, as GCSMTTR does.
    include_auto_dismissed: also counts alerts that GitHub dismissed by itself.
    No data: one row with n = 0 and nulls, or no rows if grouped.
    """
    alerts = _since(alerts_as_of(narrow(tables, scope), scope, policy), scope)
    states = counted_states(include_dismissed=include_dismissed, include_auto_dismissed=include_auto_dismissed)
    closed = scope.within(alerts, "closed_at")
    closed = closed.filter(closed.state.isin(states))
    closed = closed.mutate(lived_s=seconds_between(closed.created_at, closed.closed_at))
    possible = closed.lived_s >= 0
    lived_s = possible.ifelse(closed.lived_s, None)
    figures = {"n": lived_s.count(), **spread(lived_s), "total_s": lived_s.sum()}
    excluded = closed.count(where=~possible.fill_null(False))
    result = grouped(closed, by, {**figures, "excluded": excluded}, "closed_at")
    return in_order(_with_survival(result, alerts, states, scope, by), by, "n")


def counted_states(*, include_dismissed: bool, include_auto_dismissed: bool) -> list[str]:
    """The states in which an alert counts as put right."""
    switched = {"dismissed": include_dismissed, "auto_dismissed": include_auto_dismissed}
    return ["fixed", *(state for state, on in switched.items() if on)]


def observed(alerts: ir.Table, states: list[str], scope: Scope, parts: tuple[str, ...]) -> ir.Table:
    """Alerts (as of scope.until) as survival.survival_median takes them: those open at some time of the range.

    One that was open when the range began enters at the age that it had then. One closed in another way than `states`
    leaves without being over.
    """
    until, entered_s = ibis.literal(scope.until), ibis.literal(0.0)
    known = alerts.filter(alerts.closed_at.notnull() | (alerts.state == "open"))
    if scope.since is not None:
        since = ibis.literal(scope.since)
        known = known.filter(known.closed_at.isnull() | (known.closed_at >= since))
        entered_s = ibis.greatest(seconds_between(known.created_at, since), 0.0)
    cases = known.select(
        **{part: _part_of(known, part) for part in parts},
        entered_s=entered_s,
        left_s=seconds_between(known.created_at, known.closed_at.fill_null(until)),
        over=known.closed_at.notnull() & known.state.isin(states),
    )
    return cases.filter(cases.left_s >= cases.entered_s)


def remediated_alerts(
    tables: Mapping[str, ir.Table],
    scope: Scope,
    *,
    policy: Policy | None = None,
    include_dismissed: bool = False,
    include_auto_dismissed: bool = False,
) -> ir.Table:
    """The alerts closed in the range with the time they lived, and those that are open or closed at an unknown time."""
    alerts = _since(alerts_as_of(tables, scope, policy), scope)
    lived_s = seconds_between(alerts.created_at, alerts.closed_at)
    dismissals = {"dismissed": include_dismissed, "auto_dismissed": include_auto_dismissed}
    reasons = [
        (alerts.state == "open", "open"),
        (alerts.closed_at.isnull(), "closed at an unknown time"),
        *((alerts.state == state, state.replace("_", "-")) for state, counted in dismissals.items() if not counted),
        (~(lived_s >= 0).fill_null(False), _IMPOSSIBLE),
    ]
    return alerts.select(*ALERT_ROW, lived_s=lived_s, **{EXCLUDED: excluded_because(*reasons)})


def _since(alerts: ir.Table, scope: Scope) -> ir.Table:
    """Without what was closed before the range: so bare a condition lets the engine skip all that lies behind it."""
    if scope.since is None:
        return alerts
    return alerts.filter(alerts.closed_at.isnull() | (alerts.closed_at >= ibis.literal(scope.since)))


def _with_survival(result: ir.Table, alerts: ir.Table, states: list[str], scope: Scope, by: str | None) -> ir.Table:
    if by == "month":
        return result.mutate(survival_median_s=ibis.null("float64"))
    parts = tuple(GROUP_COLUMNS[by]) if by else ()
    medians = survival_median(observed(alerts, states, scope, parts), parts)
    if not parts:
        return result.cross_join(medians)
    same = [result[part].identical_to(medians[part]) for part in parts]
    return result.left_join(medians, same).select(*result.columns, "survival_median_s")


def _part_of(alerts: ir.Table, part: str) -> ir.Value:
    return alerts.severity.fill_null("unknown") if part == "severity" else alerts[part]


TIME_TO_REMEDIATE = Metric(
    name="time_to_remediate",
    title="Time to remediate",
    definition=(
        "How long alerts lived: closing time minus creation time of every alert that was fixed in the "
        "range. An alert belongs to the UTC month in which it was closed, by its own timestamps, however "
        "late it was collected. Dismissed alerts are counted only where a switch adds them. The "
        "median is the middle lifetime; nine in ten alerts were fixed within the p90. The survival median also "
        "counts the alerts that are still open: it is the age at which half of the alerts are fixed, by the "
        "Kaplan-Meier estimate over all that were open at some time of the range, so that fixing only the easy "
        "ones does not look good; it is unknown as long as fewer than half of them are ever fixed."
    ),
    unit="seconds",
    inputs=("alerts", "alert_events"),
    exclusions=(
        "Open alerts, dismissed and automatically dismissed alerts, and alerts whose creation time is "
        "unknown or after their closing time; the last are counted as excluded. In the survival median open and "
        "dismissed alerts count as long as they were open."
    ),
    by=("org", "repo", "severity", "kind", "tool", "cwe_family", "month"),
    switches={
        "include_dismissed": "Also counts alerts that a person dismissed, as some reports do.",
        "include_auto_dismissed": "Also counts alerts that GitHub dismissed by itself.",
    },
    columns={
        "n": "Alerts fixed",
        "mean_s": "Mean (s)",
        "median_s": "Median (s)",
        "p90_s": "90th percentile (s)",
        "survival_median_s": "Survival median (s)",
        "total_s": "Total (s)",
        "excluded": "Excluded, times impossible or unknown",
    },
    formula=time_to_remediate,
    uses_policy=True,
    evidence=remediated_alerts,
)
