"""Repository health: how healthy each repository is, what it loses points for, and how that changed in a week."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import ibis
import ibis.expr.types as ir

from shared.metrics.health.facts import repository_facts
from shared.metrics.health.scores import health_scores, score_columns, tier
from shared.metrics.health.signals import SIGNALS, repository_signals
from shared.metrics.metric import EXCLUDED, Metric, excluded_because
from shared.policy.policy import Policy
from shared.scope import Scope

WEEK = timedelta(days=7)


def repository_scores(
    tables: Mapping[str, ir.Table],
    scope: Scope,
    *times: datetime,
    policy: Policy | None = None,
    include_archived: bool = False,
) -> ir.Table:
    """The scores of health.health_scores at each of some times, in no order.

    A repository is a subject by its name. Of the scope organisations and repositories play a part.
    """
    policy = policy or Policy()
    scopes = [scope.at(time) for time in times]
    facts = [_facts(tables, one, policy, include_archived=include_archived) for one in scopes]
    signals = repository_signals(ibis.union(*facts) if len(facts) > 1 else facts[0], policy.health)
    return health_scores(signals, policy.health.repository.as_dict(), policy.health, carried=("archived",))


def repository_health(
    tables: Mapping[str, ir.Table], scope: Scope, *, policy: Policy | None = None, include_archived: bool = False
) -> ir.Table:
    """One row per repository at scope.until: score, tier, what it loses, what is unknown, and the score a week before.

    include_archived: also archived repositories. Ordered by score, lowest first, unknown ones last.
    No data: no rows.
    """
    week_ago = scope.until - WEEK
    scores = repository_scores(tables, scope, scope.until, week_ago, policy=policy, include_archived=include_archived)
    then = scores.score.max(where=scores.as_of == ibis.literal(week_ago)).over(group_by=scores.subject)
    rows = scores.mutate(score_7d_ago=then)
    rows = rows.filter(rows.as_of == ibis.literal(scope.until))
    rows = rows.mutate(
        repo=rows.subject,
        org=_org(rows.subject),
        archived=rows.archived.fill_null(0.0) > 0,
        tier_7d_ago=tier(rows.score_7d_ago, (policy or Policy()).health),
        change_7d=rows.score - rows.score_7d_ago,
    )
    return rows.order_by(rows.score.asc(nulls_first=False), "repo")


def health_signals(
    tables: Mapping[str, ir.Table], scope: Scope, *, policy: Policy | None = None, include_archived: bool = False
) -> ir.Table:
    """One row per repository and signal at scope.until, with the facts behind it, or why it is unknown.

    include_archived: also archived repositories. Ordered by repository, then as the policy has the signals.
    No data: no rows.
    """
    policy = policy or Policy()
    signals = repository_signals(_facts(tables, scope, policy, include_archived=include_archived), policy.health)
    weights = policy.health.repository.as_dict()
    known = signals.value.notnull()
    weight = signals.signal.cases(*weights.items(), else_=0.0)
    of_known = known.ifelse(weight, 0.0).sum().over(group_by=signals.subject).nullif(0.0)
    rows = signals.mutate(
        repo=signals.subject,
        org=_org(signals.subject),
        weight=known.ifelse(weight / of_known, None),
        rank=signals.signal.cases(*((name, rank) for rank, name in enumerate(weights)), else_=len(weights)),
    )
    return rows.mutate(lost=rows.weight * (100.0 - rows.value)).order_by("repo", "rank")


def signal_rows(
    tables: Mapping[str, ir.Table], scope: Scope, *, policy: Policy | None = None, include_archived: bool = False
) -> ir.Table:
    """Every signal of every repository; the unknown ones, and those of archived repositories, do not count."""
    rows = health_signals(tables, scope, policy=policy, include_archived=True)
    archived = ibis.literal(not include_archived) & (rows.archived > 0)
    unknown = [(rows.value.isnull(), ibis.literal("unknown: ") + rows.unknown_because)]
    reason = excluded_because((archived, "the repository is archived"), *unknown)
    return rows.select(*HEALTH_SIGNALS.columns, **{EXCLUDED: reason})


def _facts(tables: Mapping[str, ir.Table], scope: Scope, policy: Policy, *, include_archived: bool) -> ir.Table:
    facts = repository_facts(tables, scope, policy)
    return facts if include_archived else facts.filter(facts.archived.fill_null(0.0) == 0)


def _org(repo: ir.StringValue) -> ir.StringValue:
    return repo.split("/")[0]


_DEFINITION = (
    "A repository's score is the weighted mean of its signals, each from 0 to 100, as of the end of the range; the "
    "policy has the weights. Security: open alerts weigh 10, 5, 2 and 1 points by severity (unknown severity weighs as "
    "low) and the signal is 100 · h / (h + points), where h are the points at which it is 50. SLA: alerts closed "
    "within their limit, among those closed in 90 days and those open beyond it. CI: successes among the runs on the "
    "default branch that succeeded or failed in 30 days. Freshness: workflows that are neither stale nor inactive, "
    "among those that ever ran. Remediation: 100 if the median fix of 90 days took at most half of its limit, falling "
    "evenly to 0 at twice the limit. Agent flow: agent sessions that finished and their open pull requests that have "
    "waited for up to 7 days, among all sessions that ended in 30 days and all their open pull requests. A signal of "
    "which nothing is known is unknown: it is left out, and the weights of the others are made to add up to 1."
)
_INPUTS = (
    *("repositories", "alerts", "alert_events", "collections", "workflow_runs", "workflows"),
    *("agent_sessions", "pull_requests"),
)
_EXCLUSIONS = (
    "Archived repositories, unless a switch adds them; unknown signals. Filters on workflows, branches, severities, "
    "kinds and bots play no part, nor does the start of the range."
)
_SWITCHES = {"include_archived": "Also scores archived repositories."}

HEALTH_SIGNALS = Metric(
    name="health_signals",
    title="Health signals",
    definition=_DEFINITION,
    unit="points",
    inputs=_INPUTS,
    exclusions=_EXCLUSIONS,
    switches=_SWITCHES,
    columns={
        "org": "Organisation",
        "repo": "Repository",
        "signal": "Signal",
        "value": "Value (0-100)",
        "weight": "Weight among the known signals",
        "lost": "Points lost",
        "n": "Cases",
        "facts": "What is known",
        "unknown_because": "Unknown because",
    },
    formula=health_signals,
    uses_policy=True,
    at_end=True,
    evidence=signal_rows,
)

REPOSITORY_HEALTH = Metric(
    name="repository_health",
    title="Repository health",
    definition=(
        f"{_DEFINITION} At risk: up to 50; watch: below 70; good: below 90; else excellent. The points that each "
        "signal loses add up to 100 minus the score. The change is against the score of seven days before, worked out "
        "in the same way."
    ),
    unit="points",
    inputs=_INPUTS,
    exclusions=_EXCLUSIONS,
    switches=_SWITCHES,
    columns={
        "org": "Organisation",
        "repo": "Repository",
        "archived": "Archived",
        "score": "Score (0-100)",
        "tier": "Tier",
        "score_7d_ago": "Score 7 days before",
        "tier_7d_ago": "Tier 7 days before",
        "change_7d": "Change in 7 days",
        "unknown": "Unknown signals",
        "worst_signal": "Loses most points for",
        "worst_facts": "What is known of it",
        **score_columns(SIGNALS),
    },
    formula=repository_health,
    uses_policy=True,
    at_end=True,
    evidence=signal_rows,
)
