"""Customer health over time: how the scores of customers spread, from the history that is kept."""

from collections.abc import Mapping

import ibis.expr.types as ir

from shared.datasets.health_history import CUSTOMER
from shared.metrics.health.trend import TREND_COLUMNS, kept_scores, score_spread
from shared.metrics.metric import EXCLUDED, Metric, excluded_because
from shared.scope import Scope


def customer_health_trend(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """One row per day of the range that was rolled up, oldest first: the median score and customers by tier.

    Days that were not rolled up are missing. No data: no rows.
    """
    return score_spread(_of_customers(tables, scope))


def history_rows(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """The kept score of each customer and day; those without a score do not count in the median."""
    kept = _of_customers(tables, scope)
    reason = excluded_because((kept.score.isnull(), "no signal is known"))
    customer = kept.subject.substr(len(CUSTOMER))
    return kept.select("day", "complete", "score", "tier", "unknown", customer_id=customer, **{EXCLUDED: reason})


def _of_customers(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    kept = kept_scores(tables, scope, CUSTOMER)
    return kept.filter(kept.subject.substr(len(CUSTOMER)).isin(scope.customers)) if scope.customers else kept


CUSTOMER_HEALTH_TREND = Metric(
    name="customer_health_trend",
    title="Health of customers over time",
    definition=(
        "Customers by tier and their median score per day (UTC), as they were kept when that day was over; today as it "
        "was at the last roll-up. The first roll-up works out the last 8 days and the Mondays of the last 90 days from "
        "the times of what happened; a score that is kept stays as it was, also if the policy changes later."
    ),
    unit="points",
    # The customers themselves are not asked, but a question about one of them is another question.
    inputs=("health_history", "customers"),
    exclusions="Days that were not rolled up. Customers without a known signal have no part in the median.",
    columns={**TREND_COLUMNS, "n": "Customers with a score"},
    formula=customer_health_trend,
    evidence=history_rows,
)
