"""Health trend: how the scores of repositories spread over time, from the history that is kept."""

from collections.abc import Mapping
from datetime import timedelta

import ibis
import ibis.expr.types as ir

from shared.datasets.health_history import REPOSITORY
from shared.metrics.health.scores import TIERS
from shared.metrics.metric import EXCLUDED, Metric, excluded_because
from shared.scope import Scope

_DAY = timedelta(days=1)


def health_trend(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """One row per day of the range that was rolled up, oldest first: the median score and repositories by tier.

    Days that were not rolled up are missing. No data: no rows.
    """
    return score_spread(_of_repositories(tables, scope))


def history_rows(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """The kept score of each repository and day; those without a score do not count in the median."""
    kept = _of_repositories(tables, scope)
    repo = kept.subject.substr(len(REPOSITORY))
    reason = excluded_because((kept.score.isnull(), "no signal is known"))
    return kept.select("day", "complete", "score", "tier", "unknown", repo=repo, **{EXCLUDED: reason})


def score_spread(kept: ir.Table) -> ir.Table:
    """One row per day of kept scores, oldest first: TREND_COLUMNS."""
    tiers = {name: kept.count(where=kept.tier == name) for name in TIERS}
    days = kept.group_by("day").aggregate(median_score=kept.score.median(), n=kept.score.count(), **tiers)
    return days.order_by("day")


def kept_scores(tables: Mapping[str, ir.Table], scope: Scope, subjects: str) -> ir.Table:
    """The history within a range of all subjects that begin so; a day counts if any of it does."""
    history = tables["health_history"]
    kept = history.filter(history.subject.startswith(subjects), history.day < ibis.literal(scope.until))
    return kept if scope.since is None else kept.filter(kept.day > ibis.literal(scope.since - _DAY))


def _of_repositories(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """The history of the scope's repositories."""
    kept = kept_scores(tables, scope, REPOSITORY)
    repo = kept.subject.substr(len(REPOSITORY))
    if scope.repos:
        kept = kept.filter(repo.isin(scope.repos))
    return kept.filter(repo.split("/")[0].isin(scope.orgs)) if scope.orgs else kept


TREND_COLUMNS = {
    "day": "Day (UTC)",
    "median_score": "Median score (0-100)",
    "n": "Repositories with a score",
    "at_risk": "At risk",
    "watch": "Watch",
    "good": "Good",
    "excellent": "Excellent",
    "unknown": "Unknown",
}

HEALTH_TREND = Metric(
    name="health_trend",
    title="Health over time",
    definition=(
        "Repositories by tier and their median score per day (UTC), as they were kept when that day was over; today as "
        "it was at the last roll-up. The first roll-up works out the last 8 days and the Mondays of the last 90 days "
        "from the times of what happened; a score that is kept stays as it was, also if the policy changes later."
    ),
    unit="points",
    inputs=("health_history",),
    exclusions="Days that were not rolled up. Repositories without a known signal have no part in the median.",
    columns=TREND_COLUMNS,
    formula=health_trend,
    evidence=history_rows,
)
