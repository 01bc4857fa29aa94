"""Request summary: requests of a range in all, or by what they were of."""

from collections.abc import Mapping

import ibis.expr.types as ir

from shared.metrics.grouping import grouped, in_order
from shared.metrics.metric import Metric
from shared.metrics.usage.requests import DEFINITION, EXCLUSIONS, FIGURES, figures, request_rows, requests_of
from shared.policy.policy import Policy
from shared.scope import Scope


def request_summary(
    tables: Mapping[str, ir.Table], scope: Scope, by: str | None = None, *, policy: Policy | None = None
) -> ir.Table:
    """The figures of the requests of a range.

    by: model, country, status, service or endpoint, the largest first, or day, week or month (UTC); what is not known
    of a request is a part of its own, with a null. No data: one row with zeros and nulls, or no rows if grouped.
    """
    rows = requests_of(tables, scope, policy)
    parts = grouped(rows, by, {**figures(rows), **_per_request(rows)}, "at")
    return in_order(parts, by, "n")


def _per_request(rows: ir.Table) -> dict[str, ir.Value]:
    """By all requests, also those of which the tokens or the cost are not known."""
    n = rows.count().nullif(0)
    return {"tokens_per_request": rows.tokens.sum() / n, "cost_per_request_usd": rows.cost.sum() / n}


REQUEST_SUMMARY = Metric(
    name="request_summary",
    title="Requests",
    definition=f"The requests of the range. {DEFINITION} Tokens and cost per request are by all requests.",
    unit="requests",
    inputs=("requests",),
    exclusions=EXCLUSIONS,
    by=("model", "country", "status", "service", "endpoint", "day", "week", "month"),
    columns={
        **FIGURES,
        "tokens_per_request": "Tokens per request",
        "cost_per_request_usd": "Cost per request (USD)",
    },
    formula=request_summary,
    uses_policy=True,
    evidence=request_rows,
)
