"""Customer health: how healthy each customer is, what it loses points for, what it did last, and what changed."""

from collections.abc import Mapping
from datetime import datetime

import ibis
import ibis.expr.types as ir

from shared.metrics.customers.facts import LATEST, LATEST_AT, customer_facts, facts_at, wide_facts
from shared.metrics.customers.signals import SIGNALS, customer_signals, signals_of
from shared.metrics.health.repository import WEEK
from shared.metrics.health.scores import health_scores, score_columns, score_of, tier, with_scores
from shared.metrics.health.signals import Signal
from shared.metrics.metric import EXCLUDED, Metric, excluded_because
from shared.policy.policy import Policy
from shared.scope import Scope


def customer_scores(
    tables: Mapping[str, ir.Table], scope: Scope, *times: datetime, policy: Policy | None = None
) -> ir.Table:
    """The scores of health.health_scores at each of some times, the latest first, in no order.

    A customer is a subject by its id. Of the scope only the customers play a part.
    """
    policy = policy or Policy()
    signals = customer_signals(customer_facts(tables, scope, times))
    return health_scores(signals, policy.health.customer.as_dict(), policy.health, carried=LATEST)


def customer_health(tables: Mapping[str, ir.Table], scope: Scope, *, policy: Policy | None = None) -> ir.Table:
    """One row per customer at scope.until: who it is, its score a week before and now, and its latest events.

    Ordered by score, lowest first, unknown ones last. No data: no rows.
    """
    policy, week_ago = policy or Policy(), scope.until - WEEK
    weights = policy.health.customer.as_dict()
    wide = wide_facts(tables, scope, (scope.until, week_ago))
    now, then = facts_at(wide, scope.until, 0), facts_at(wide, week_ago, 1)
    rows = wide.filter(now["there"]).select(
        *("customer_id", "name", "segment", "owner", "created_at", *LATEST),
        **_side_by_side(signals_of(now)),
        **{f"then_{name}": then["there"].ifelse(one.value, None) for name, one in signals_of(then).items()},
    )
    scores = with_scores(rows, weights, policy.health)
    score_then = score_of({name: scores[f"then_{name}"] for name in weights}, weights)
    found = scores.mutate(
        score_7d_ago=score_then, tier_7d_ago=tier(score_then, policy.health), change_7d=scores.score - score_then
    )
    return found.order_by(found.score.asc(nulls_first=False), "customer_id")


def _side_by_side(signals: Mapping[str, Signal]) -> dict[str, ir.Value]:
    """The columns that scores.with_scores takes."""
    values = {f"signal_{name}": one.value for name, one in signals.items()}
    return values | {f"facts_{name}": one.value.isnull().ifelse(None, one.facts) for name, one in signals.items()}


def customer_health_signals(tables: Mapping[str, ir.Table], scope: Scope, *, policy: Policy | None = None) -> ir.Table:
    """One row per customer and signal at scope.until, with the facts behind it, or why it is unknown.

    Ordered by customer, then as the policy has the signals. No data: no rows.
    """
    weights = (policy or Policy()).health.customer.as_dict()
    signals = customer_signals(customer_facts(tables, scope, [scope.until]))
    known = signals.value.notnull()
    weight = signals.signal.cases(*weights.items(), else_=0.0)
    of_known = known.ifelse(weight, 0.0).sum().over(group_by=signals.subject).nullif(0.0)
    rows = signals.mutate(
        customer_id=signals.subject,
        weight=known.ifelse(weight / of_known, None),
        rank=signals.signal.cases(*((name, rank) for rank, name in enumerate(weights)), else_=len(weights)),
    )
    return rows.mutate(lost=rows.weight * (100.0 - rows.value)).order_by("customer_id", "rank")


def signal_rows(tables: Mapping[str, ir.Table], scope: Scope, *, policy: Policy | None = None) -> ir.Table:
    """Every signal of every customer; the unknown ones do not count."""
    rows = customer_health_signals(tables, scope, policy=policy)
    reason = excluded_because(*[(rows.value.isnull(), ibis.literal("unknown: ") + rows.unknown_because)])
    return rows.select(*CUSTOMER_SIGNALS.columns, **{EXCLUDED: reason})


_DEFINITION = (
    "A customer's score is the weighted mean of its signals, each from 0 to 100, as of the end of the range; the "
    "policy has the weights. Logins: 10 points for each in the last 30 days, up to 100. Feature adoption: the features "
    "that the customer has ever used, among those that any customer has. Tickets: 100 less 10 for each that is open. "
    "Invoices: those that were neither paid late nor are unpaid past their due date, 100 without any; a due date "
    "without a time of day lasts all of that day (UTC). API calls: one point for each in the last 30 days, up to 100. "
    "A signal is unknown if nothing of its kind was ever recorded of any customer: it is left out, and the weights of "
    "the others are made to add up to 1."
)
_INPUTS = ("customers", "activity_events")
_EXCLUSIONS = (
    "Customers created at or after the end of the range; events of customers who are not listed, but for the features "
    "that are in use; unknown signals. All filters and the start of the range play no part."
)

CUSTOMER_SIGNALS = Metric(
    name="customer_signals",
    title="Customer health signals",
    definition=_DEFINITION,
    unit="points",
    inputs=_INPUTS,
    exclusions=_EXCLUSIONS,
    columns={
        "customer_id": "Customer id",
        "signal": "Signal",
        "value": "Value (0-100)",
        "weight": "Weight among the known signals",
        "lost": "Points lost",
        "n": "Cases",
        "facts": "What is known",
        "unknown_because": "Unknown because",
    },
    formula=customer_health_signals,
    uses_policy=True,
    at_end=True,
    evidence=signal_rows,
)

CUSTOMER_HEALTH = Metric(
    name="customer_health",
    title="Customer health",
    definition=(
        f"{_DEFINITION} At risk: up to 50; watch: below 70; good: below 90; else excellent. The points that each "
        "signal loses add up to 100 minus the score. The change is against the score of seven days before, worked out "
        "in the same way."
    ),
    unit="points",
    inputs=_INPUTS,
    exclusions=_EXCLUSIONS,
    columns={
        "customer_id": "Customer id",
        "name": "Customer",
        "segment": "Segment",
        "owner": "Owner",
        "created_at": "Customer since",
        "score": "Score (0-100)",
        "tier": "Tier",
        "score_7d_ago": "Score 7 days before",
        "tier_7d_ago": "Tier 7 days before",
        "change_7d": "Change in 7 days",
        "unknown": "Unknown signals",
        "worst_signal": "Loses most points for",
        "worst_facts": "What is known of it",
        **dict(
            zip(
                LATEST_AT,
                ("Last login", "Last feature use", "Last ticket", "Last invoice", "Last API call"),
                strict=True,
            )
        ),
        "last_feature": "Feature last used",
        "last_ticket": "State of the last ticket",
        "last_invoice": "State of the last invoice",
        "last_endpoint": "Endpoint last called",
        **score_columns(SIGNALS),
    },
    formula=customer_health,
    uses_policy=True,
    at_end=True,
    evidence=signal_rows,
)
