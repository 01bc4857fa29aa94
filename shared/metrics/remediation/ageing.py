"""Ageing: for how long the open alerts have been open."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from shared.metrics.durations import seconds_between
from shared.metrics.metric import Metric
from shared.metrics.remediation.alerts import alerts_as_of
from shared.metrics.remediation.digests import narrow
from shared.metrics.remediation.open_alerts import open_alert_rows
from shared.policy.policy import Policy
from shared.scope import Scope

_DAY_S = 86_400.0

AGES = (("up to 7 days", 7), ("7 to 30 days", 30), ("30 to 90 days", 90), ("90 to 365 days", 365))
OLDEST = "over a year"
"""Bands of age: each begins where the one before it ends, and holds its own beginning."""


def alert_ageing(tables: Mapping[str, ir.Table], scope: Scope, *, policy: Policy | None = None) -> ir.Table:
    """Open alerts at scope.until per band of age, youngest first, and how many of them have each severity.

    No data: no rows; a band without alerts has none either.
    """
    alerts = alerts_as_of(narrow(tables, scope), scope, policy)
    alerts = alerts.filter(alerts.state == "open", alerts.created_at.notnull())
    days = seconds_between(alerts.created_at, ibis.literal(scope.until)) / _DAY_S
    rank = ibis.cases(*((days < most, place) for place, (_, most) in enumerate(AGES)), else_=len(AGES))
    severity = alerts.severity.fill_null("unknown")
    bands = alerts.group_by(rank=rank).aggregate(
        n=alerts.count(), **{name: alerts.count(where=severity == name) for name in _SEVERITIES}
    )
    names = [(place, name) for place, (name, _) in enumerate(AGES)]
    return bands.mutate(age=bands["rank"].cases(*names, else_=OLDEST)).order_by("rank")


_SEVERITIES = ("critical", "high", "medium", "low", "unknown")

ALERT_AGEING = Metric(
    name="alert_ageing",
    title="Age of open alerts",
    definition=(
        "The alerts that were open at the end of the range by the time since they were created, in bands of 7, 30, 90 "
        "and 365 days, and how many of each band have which severity. The start of the range plays no part."
    ),
    unit="alerts",
    inputs=("alerts", "alert_events"),
    exclusions="Closed alerts, also those of which only the state and not the time of closing is known.",
    columns={
        "age": "Open for",
        "n": "Open alerts",
        "critical": "Critical",
        "high": "High",
        "medium": "Medium",
        "low": "Low",
        "unknown": "Unknown severity",
    },
    formula=alert_ageing,
    uses_policy=True,
    at_end=True,
    evidence=open_alert_rows,
)
