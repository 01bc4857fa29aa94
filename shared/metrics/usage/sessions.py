"""Usage sessions: how many there were, and what one of them took on average."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from shared.metrics.grouping import grouped, in_order
from shared.metrics.metric import EXCLUDED, Metric, excluded_because
from shared.scope import Scope


def usage_sessions(tables: Mapping[str, ir.Table], scope: Scope, by: str | None = None) -> ir.Table:
    """The sessions that began in the range. by: day, week or month of their beginning (UTC).

    No data: one row with zero and nulls, or no rows if grouped.
    """
    rows = scope.within(tables["usage_sessions"], "started_at")
    means = {"mean_requests": rows.requests.mean(), "mean_cost_usd": rows.cost_usd.mean()}
    figures = {"n": rows.count(), **means, "mean_tokens": rows.tokens.mean(), "users": rows.user.nunique()}
    return in_order(grouped(rows, by, figures, "started_at"), by, "n")


def session_rows(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """The sessions that began before the end of the range; those that began before the range do not count."""
    rows = tables["usage_sessions"]
    rows = rows.filter(rows.started_at < ibis.literal(scope.until))
    early = ibis.literal(False) if scope.since is None else rows.started_at < ibis.literal(scope.since)
    told = ("session_id", "user", "started_at", "ended_at", "requests", "cost_usd", "tokens")
    return rows.select(*told, **{EXCLUDED: excluded_because((early, "begun before the range"))})


USAGE_SESSIONS = Metric(
    name="usage_sessions",
    title="Usage sessions",
    definition=(
        "Sessions of users that began in the range, as the services tell them, and the mean number of requests, cost "
        "and tokens of one session."
    ),
    unit="sessions",
    inputs=("usage_sessions",),
    exclusions="Sessions that tell no cost, requests or tokens have no part in the mean of that.",
    by=("day", "week", "month"),
    columns={
        "n": "Sessions",
        "mean_requests": "Requests per session, mean",
        "mean_cost_usd": "Cost per session, mean (USD)",
        "mean_tokens": "Tokens per session, mean",
        "users": "Users with a session",
    },
    formula=usage_sessions,
    evidence=session_rows,
)
