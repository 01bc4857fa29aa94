"""Request trend: requests, errors, cost and latency over time."""

from collections.abc import Mapping

import ibis.expr.types as ir

from shared.metrics.buckets import Every, bucket_start, buckets, every_for
from shared.metrics.metric import Metric
from shared.metrics.usage.requests import DEFINITION, EXCLUSIONS, FIGURES, figures, request_rows, requests_of
from shared.policy.policy import Policy
from shared.scope import Scope

_COUNTS = ("n", "successes", "errors", "n_latency", "n_priced", "n_tokens", "users")


def request_trend(
    tables: Mapping[str, ir.Table], scope: Scope, *, policy: Policy | None = None, every: Every | None = None
) -> ir.Table:
    """One row per hour (up to 2 days), day, week or month of the range, oldest first.

    A bucket without a request has zeros, and nulls for latency and cost. every: the length of a bucket, if not what
    suits the range. No data: no rows.
    """
    every = every or every_for(scope)
    rows = requests_of(tables, scope, policy)
    parts = rows.group_by(period_start=bucket_start(rows["at"], every)).aggregate(**figures(rows))
    known = tables["requests"]
    known = rows if scope.since is None else known.filter(known["at"] < scope.until)
    found = buckets(known, "at", scope, every).left_join(parts, "period_start")
    return found.mutate(**{name: found[name].fill_null(0) for name in _COUNTS}).order_by("period_start")


REQUEST_TREND = Metric(
    name="request_trend",
    title="Requests over time",
    definition=f"Requests per hour, day, week or month (UTC), as suits the length of the range. {DEFINITION}",
    unit="requests",
    inputs=("requests",),
    exclusions=EXCLUSIONS,
    columns={"period_start": "From (UTC)", **FIGURES},
    formula=request_trend,
    uses_policy=True,
    evidence=request_rows,
)
