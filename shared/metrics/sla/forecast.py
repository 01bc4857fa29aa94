"""Forecast: the range in which the backlog will be on each of the next 30 days."""

from collections.abc import Mapping
from statistics import NormalDist

import ibis
import ibis.expr.types as ir

from shared.metrics.durations import seconds_between
from shared.metrics.grouping import GROUP_COLUMNS
from shared.metrics.metric import EXCLUDED, Metric, excluded_because
from shared.metrics.remediation.digests import narrow
from shared.metrics.remediation.open_alerts import ALERT_ROW, dated_alerts
from shared.policy.policy import Policy
from shared.scope import Scope

HISTORY_WEEKS, LEAST_WEEKS = 13, 4
"""Weeks before the end of the range that are looked at, at most and at least."""

HORIZON_DAYS = 30

WEEK_S = 7 * 86_400.0

_Z = NormalDist().inv_cdf(0.9)
_PACE = ("open_now", "weeks", "opened_per_week", "closed_per_week", "unknown_because")


def backlog_forecast(
    tables: Mapping[str, ir.Table], scope: Scope, by: str | None = None, *, policy: Policy | None = None
) -> ir.Table:
    """Open alerts on each of the HORIZON_DAYS after scope.until: expected, and from the 10th to the 90th percentile.

    Random walk with drift over whole weeks, counted back from scope.until: with m weekly changes of mean d and standard
    deviation s, after h weeks the backlog is expected to be its size now + h d, with the standard error
    s sqrt(h (1 + h / m)) and Student's t with m - 1 degrees of freedom (R. J. Hyndman, G. Athanasopoulos: Forecasting:
    Principles and Practice, 3rd ed., 2021, sections 5.2 and 5.5). A backlog is never below zero.
    by: org, repo, severity or kind. The start of the range plays no part.
    Where fewer than LEAST_WEEKS weeks are known, low, expected and high are null and unknown_because says so.
    No data: no rows.
    """
    pace = _pace(_weekly(tables, scope, by, policy), by)
    parts = tuple(GROUP_COLUMNS[by]) if by else ()
    days = pace.select(*pace.columns, days_ahead=ibis.range(1, HORIZON_DAYS + 1).unnest().cast("int64"))
    h = days.days_ahead / 7.0
    expected = days.open_now + h * days.change
    margin = _t90(days.weeks - 1) * days.deviation * (h * (1 + h / days.weeks)).sqrt()
    figures = {"low": expected - margin, "expected": expected, "high": expected + margin}
    enough = days.unknown_because.isnull()
    at = ibis.literal(scope.until) + (days.days_ahead * 24).as_interval("h")
    result = days.select(
        *parts,
        "days_ahead",
        *_PACE,
        at=at,
        **{name: enough.ifelse(value.clip(lower=0.0), None) for name, value in figures.items()},
    )
    return result.order_by(result.open_now.desc(), *parts, "days_ahead")


def forecast_rows(tables: Mapping[str, ir.Table], scope: Scope, *, policy: Policy | None = None) -> ir.Table:
    """The alerts that were opened or closed in the weeks looked at, or are open; the others are excluded."""
    alerts = _known(tables, scope, policy)
    weeks_ago = [_weeks_ago(time, scope) for time in (alerts.created_at, alerts.closed_at)]
    recent = ibis.or_(*(weeks.fill_null(HISTORY_WEEKS) < HISTORY_WEEKS for weeks in weeks_ago))
    old = ~recent & (alerts.state != "open")
    return alerts.select(*ALERT_ROW, **{EXCLUDED: excluded_because((old, "closed before the weeks looked at"))})


def fixes_per_week_for(open_now: float, opened_per_week: float, target: float, weeks: float) -> float:
    """Fixes a week that bring a backlog to a target in some weeks, while as many arrive as lately; never below zero.

    Raises ValueError where no time is left.
    """
    if weeks <= 0:
        raise ValueError("the target needs a date after now")
    return max(0.0, (open_now - target) / weeks + opened_per_week)


def _known(tables: Mapping[str, ir.Table], scope: Scope, policy: Policy | None) -> ir.Table:
    alerts = dated_alerts(tables, scope, policy)
    return alerts.filter(alerts.created_at < ibis.literal(scope.until))


def _weeks_ago(time: ir.TimestampValue, scope: Scope) -> ir.IntegerValue:
    """0 for the seven days before scope.until, 1 for the seven before those, and so on."""
    return (seconds_between(time, ibis.literal(scope.until)) / WEEK_S).ceil().cast("int64") - 1


def _weekly(tables: Mapping[str, ir.Table], scope: Scope, by: str | None, policy: Policy | None) -> ir.Table:
    """Per part and week before scope.until: alerts opened and closed, and the age of the oldest.

    All weeks before those looked at are one.
    """
    alerts = _known(narrow(tables, scope), scope, policy)
    part = {} if by is None else {by: alerts.severity.fill_null("unknown") if by == "severity" else alerts[by]}
    one, none = ibis.literal(1, "int64"), ibis.literal(0, "int64")
    opened = alerts.select(**part, at=alerts.created_at, opened=one, closed=none)
    # An alert cannot close before it is there, whatever its timestamps say; the backlog would turn negative.
    gone = alerts.filter(alerts.closed_at.notnull())
    part = {name: gone.severity.fill_null("unknown") if name == "severity" else gone[name] for name in part}
    closed = gone.select(**part, at=ibis.greatest(gone.closed_at, gone.created_at), opened=none, closed=one)
    moves = opened.union(closed)
    return moves.group_by(*part, week=_weeks_ago(moves["at"], scope).clip(upper=HISTORY_WEEKS)).aggregate(
        opened=moves.opened.sum(),
        closed=moves.closed.sum(),
        oldest_s=seconds_between(moves["at"].min(), ibis.literal(scope.until)),
    )


def _pace(weekly: ir.Table, by: str | None) -> ir.Table:
    """Per part: open_now, the weeks known, arrivals, closings and change a week, and the deviation of the change."""
    parts = tuple(GROUP_COLUMNS[by]) if by else ()
    oldest_s = weekly.oldest_s.max().over(group_by=list(parts)) if parts else weekly.oldest_s.max().over()
    weeks = (oldest_s / WEEK_S).floor().cast("int64").clip(upper=HISTORY_WEEKS)
    rows = weekly.mutate(weeks=weeks, change=(weekly.opened - weekly.closed).cast("float64"))
    counted = rows.week < rows.weeks
    sums = rows.group_by(*parts, "weeks").aggregate(
        open_now=(rows.opened - rows.closed).sum(),
        opened=rows.opened.sum(where=counted).fill_null(0),
        closed=rows.closed.sum(where=counted).fill_null(0),
        squares=(rows.change * rows.change).sum(where=counted).fill_null(0.0),
    )
    known = sums.weeks.nullif(0)
    change = (sums.opened - sums.closed) / known
    # A week without an opening or closing has no row: its change is zero, and so is its square.
    variance = (sums.squares - known * change * change) / (known - 1).nullif(0)
    return sums.select(
        *parts,
        "weeks",
        "open_now",
        opened_per_week=sums.opened / known,
        closed_per_week=sums.closed / known,
        change=change,
        deviation=variance.clip(lower=0.0).sqrt(),
        unknown_because=(sums.weeks < LEAST_WEEKS).ifelse(f"fewer than {LEAST_WEEKS} weeks of history", None),
    )


def _t90(freedom: ir.NumericValue) -> ir.FloatingValue:
    """The 90th percentile of Student's t (M. Abramowitz, I. A. Stegun: Handbook, 1964, formula 26.7.5)."""
    terms = (
        _Z,
        (_Z**3 + _Z) / 4,
        (5 * _Z**5 + 16 * _Z**3 + 3 * _Z) / 96,
        (3 * _Z**7 + 19 * _Z**5 + 17 * _Z**3 - 15 * _Z) / 384,
    )
    inverse = 1.0 / freedom.nullif(0)
    return terms[0] + inverse * (terms[1] + inverse * (terms[2] + inverse * terms[3]))


BACKLOG_FORECAST = Metric(
    name="backlog_forecast",
    title="Backlog forecast",
    definition=(
        "The range in which the number of open alerts will be on each of the next 30 days, if alerts arrive and are "
        "closed as they were in the last 13 weeks: in 8 of 10 cases between the 10th and the 90th percentile. The "
        "backlog goes on from its size now by the mean weekly change; the range grows with how much weeks differed "
        "and with how few of them are known (a random walk with drift, Student's t). Whole weeks are used, so that "
        "quiet weekends play no part. With less than 4 weeks since the first alert the forecast is unknown."
    ),
    unit="alerts",
    inputs=("alerts", "alert_events"),
    exclusions=(
        "Alerts that are closed at an unknown time, and what happened before the last 13 weeks. A re-opened alert "
        "counts as never closed."
    ),
    by=("org", "repo", "severity", "kind"),
    columns={
        "days_ahead": "Days ahead",
        "at": "Time",
        "low": "Open alerts, 10th percentile",
        "expected": "Open alerts, expected",
        "high": "Open alerts, 90th percentile",
        "open_now": "Open now",
        "opened_per_week": "Opened a week",
        "closed_per_week": "Closed a week",
        "weeks": "Weeks of history",
        "unknown_because": "Unknown because",
    },
    formula=backlog_forecast,
    uses_policy=True,
    at_end=True,
    evidence=forecast_rows,
)
