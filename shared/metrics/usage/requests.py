"""Requests: those of a range with their tokens and their cost, and the figures that sum them up."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from shared.metrics.delivery.patterns import fits
from shared.metrics.metric import EXCLUDED, excluded_because
from shared.policy.policy import Policy
from shared.policy.usage import UsagePolicy
from shared.scope import Scope

FIRST_ERROR = 400
"""The first status that is no success."""

PER = 1e6
"""Tokens that a price is for."""

FIGURES = {
    "n": "Requests",
    "successes": "Succeeded",
    "errors": "Failed",
    "success_rate": "Success rate",
    "mean_latency_ms": "Latency, mean (ms)",
    "p50_latency_ms": "Latency, median (ms)",
    "p95_latency_ms": "Latency, p95 (ms)",
    "p99_latency_ms": "Latency, p99 (ms)",
    "n_latency": "Requests whose latency is known",
    "cost_usd": "Cost (USD)",
    "n_priced": "Requests whose cost is known",
    "tokens": "Tokens",
    "n_tokens": "Requests whose tokens are known",
    "users": "Active users",
}
"""The columns of figures(), with the words shown for them."""

DEFINITION = (
    "A request succeeded if its status is below 400, and failed otherwise; the success rate is of those with a status. "
    "Latencies are of the requests that tell theirs: mean, median, p95 and p99 (linear interpolation). The cost is "
    "what the sender tells or, where it tells tokens alone, those by the price of the model in the policy. Tokens are "
    "those in all, or prompt and completion together. Active users are those who are named in a request."
)
EXCLUSIONS = (
    "Requests without a known latency, cost or number of tokens have no part in the figure of that. Filters on "
    "organisations and repositories play no part."
)

_ROW = (
    *("request_id", "at", "service", "endpoint", "method", "status", "latency_ms", "model", "tokens", "cost"),
    *("country", "user", "session_id"),
)


def requests_of(tables: Mapping[str, ir.Table], scope: Scope, policy: Policy | None = None) -> ir.Table:
    """The requests of the range with `tokens` and `cost` (US dollars), each null where it is not known."""
    return _priced(scope.within(tables["requests"], "at"), (policy or Policy()).usage)


def figures(rows: ir.Table) -> dict[str, ir.Value]:
    """FIGURES of rows of requests_of; a mean, a sum or a rate of nothing is null."""
    successes = rows.count(where=rows.status < FIRST_ERROR)
    errors = rows.count(where=rows.status >= FIRST_ERROR)
    latency = rows.latency_ms
    return {
        "n": rows.count(),
        "successes": successes,
        "errors": errors,
        "success_rate": successes / (successes + errors).nullif(0),
        "mean_latency_ms": latency.mean(),
        "p50_latency_ms": latency.quantile(0.5),
        "p95_latency_ms": latency.quantile(0.95),
        "p99_latency_ms": latency.quantile(0.99),
        "n_latency": latency.count(),
        "cost_usd": rows.cost.sum(),
        "n_priced": rows.cost.count(),
        "tokens": rows.tokens.sum(),
        "n_tokens": rows.tokens.count(),
        "users": rows.user.nunique(),
    }


def request_rows(tables: Mapping[str, ir.Table], scope: Scope, *, policy: Policy | None = None) -> ir.Table:
    """The requests before the end of the range, newest first; those before its beginning do not count."""
    rows = tables["requests"]
    rows = _priced(rows.filter(rows["at"] < ibis.literal(scope.until)), (policy or Policy()).usage)
    early = ibis.literal(False) if scope.since is None else rows["at"] < ibis.literal(scope.since)
    reason = excluded_because((early, "before the range"))
    return rows.order_by(rows["at"].desc(), "request_id").select(*_ROW, **{EXCLUDED: reason})


def _priced(rows: ir.Table, usage: UsagePolicy) -> ir.Table:
    prompt = ibis.coalesce(rows.prompt_tokens, rows.total_tokens - rows.completion_tokens)
    completion = ibis.coalesce(rows.completion_tokens, rows.total_tokens - rows.prompt_tokens)
    tokens = ibis.coalesce(rows.total_tokens, rows.prompt_tokens + rows.completion_tokens)
    cost = rows.cost_usd
    if usage.prices:
        # Cases are tried in turn; an unknown model fits none, unless any will do.
        cases = [
            (fits(rows.model, pattern).fill_null(False), (prompt * price.prompt + completion * price.completion) / PER)
            for pattern, price in usage.prices.items()
        ]
        cost = ibis.coalesce(cost, ibis.cases(*cases, else_=ibis.null("float64")))
    return rows.mutate(tokens=tokens, cost=cost)
