"""Delivery: the four DORA figures: deployment frequency, lead time, change failure rate and time to restore."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from shared.metrics.delivery.deployments import NAMED, NOT_DEPLOYMENTS, all_deployments, deployment_rows, with_outcomes
from shared.metrics.delivery.lead_time import deployed_changes
from shared.metrics.grouping import grouped, in_order
from shared.metrics.metric import EXCLUDED, Metric
from shared.policy.policy import Policy
from shared.scope import Scope

LEVELS = ("elite", "high", "medium", "low")

_DAY_S = 86_400.0
_HOUR_S = 3_600.0

LENGTH_BANDS = ((24 * _HOUR_S, "elite"), (168 * _HOUR_S, "high"), (730 * _HOUR_S, "medium"))
"""Lead time and time to restore shorter than a day, a week, a month; else low. After the buckets of fourkeys."""

DAYS_A_WEEK = ((3.0, "elite"), (1.0, "high"))
"""Days with a deployment in a week from which on it is elite ("daily") or high ("weekly"), as in fourkeys."""

RATE_BANDS = (0.15, 0.46)
"""Change failure rates up to the first are elite and below the second medium, as fourkeys has no band between."""

_FACTS = ("org", "repo", "at", "outcome", "restored_after_s", "unrestored", "lead_time_s")


def delivery(
    tables: Mapping[str, ir.Table], scope: Scope, by: str | None = None, *, policy: Policy | None = None
) -> ir.Table:
    """The four figures of the range with their levels (see LEVELS), each with its n.

    by: org, repo, or week or month (UTC) in which a deployment ended.  No data, or no deployment named in the policy:
    one row with zeros and nulls, or no rows if grouped. A part in which nothing was deployed has no frequency.
    """
    facts = _facts(tables, scope, policy or Policy())
    parts = grouped(facts, by, _figures(facts), "at")
    days = _days(parts, scope, by)
    a_week = parts.days_deployed * 7 / days
    per_day = (parts.deployments > 0).ifelse(parts.successes / days, None)
    rate = (parts.failed + parts.succeeded_then_failed) / parts.deployments.nullif(0)
    parts = parts.mutate(
        deployments_per_day=per_day,
        days_per_week=(parts.deployments > 0).ifelse(a_week, None),
        change_failure_rate=rate,
    )
    month = (parts.deployments_per_day * 730 / 24 >= 1, "medium")
    parts = parts.mutate(
        frequency_level=_level(
            parts.deployments_per_day, *((parts.days_per_week >= least, level) for least, level in DAYS_A_WEEK), month
        ),
        lead_time_level=_length_level(parts.lead_time_median_s),
        change_failure_level=_level(rate, (rate <= RATE_BANDS[0], "elite"), (rate < RATE_BANDS[1], "medium")),
        restore_level=_length_level(parts.restore_median_s),
    )
    return in_order(parts, by, "deployments", "changes")


def _facts(tables: Mapping[str, ir.Table], scope: Scope, policy: Policy) -> ir.Table:
    """Deployments and deployed changes of the range, one below the other."""
    deployed = all_deployments(tables, scope, policy.delivery)
    changed = deployed_changes(tables, scope, policy.delivery, deployed)
    changed = changed.filter(changed[EXCLUDED].isnull()).rename(at="deployed_at")
    known = {"outcome": ibis.null("string"), "restored_after_s": ibis.null("float64")}
    changed = changed.mutate(**known, unrestored=ibis.null("boolean"))
    deployed = (
        with_outcomes(deployed, policy.delivery).rename(at="completed_at").mutate(lead_time_s=ibis.null("float64"))
    )
    return scope.within(deployed.select(*_FACTS).union(changed.select(*_FACTS)), "at")


def _figures(facts: ir.Table) -> dict[str, ir.Value]:
    good = facts.outcome.isin(("succeeded", "succeeded_then_failed"))
    day = facts["at"].truncate("D")
    return {
        "deployments": facts.outcome.count(),
        "successes": facts.count(where=good),
        "failed": facts.count(where=facts.outcome == "failed"),
        "succeeded_then_failed": facts.count(where=facts.outcome == "succeeded_then_failed"),
        "days_deployed": day.nunique(where=good),
        "first_at": facts["at"].min(where=facts.outcome.notnull()),
        "changes": facts.lead_time_s.count(),
        "lead_time_median_s": facts.lead_time_s.median(),
        "lead_time_p90_s": facts.lead_time_s.quantile(0.9),
        "restored": facts.restored_after_s.count(),
        "restore_median_s": facts.restored_after_s.median(),
        "unrestored": facts.count(where=facts.unrestored),
    }


def _days(parts: ir.Table, scope: Scope, by: str | None) -> ir.FloatingValue:
    """Days in the range, in the part of it that a week or month covers, or since the first deployment; at least one."""
    until = ibis.literal(scope.until)
    since = parts.first_at if scope.since is None else ibis.literal(scope.since)
    if by in ("week", "month"):
        start = parts.week if by == "week" else (parts.month + "-01 00:00:00+00").cast("timestamp('UTC')")
        since = ibis.greatest(since, start)
        until = ibis.least(until, start + (ibis.interval(weeks=1) if by == "week" else ibis.interval(months=1)))
    length = until.delta(since, unit="second") / _DAY_S
    return ibis.greatest(length, 1.0)


def _length_level(seconds: ir.FloatingValue) -> ir.StringValue:
    return _level(seconds, *((seconds < limit, level) for limit, level in LENGTH_BANDS))


def _level(value: ir.Value, *cases: tuple[ir.BooleanValue, str]) -> ir.StringValue:
    """The level of the first case that is true, else low; null for an unknown value."""
    return ibis.cases((value.isnull(), ibis.null("string")), *cases, else_="low")


DELIVERY = Metric(
    name="delivery",
    title="Delivery",
    definition=(
        f"The four figures of DORA. {NAMED} Deployment frequency is successful deployments a day. Lead time is the "
        "median time from the opening of a merged pull request to the end of the first successful deployment in its "
        "repository whose run was created after the merge. Change failure rate is the share of all deployments that "
        "failed, or that succeeded and were followed by a failed one, as the next of the same workflow, within "
        "`delivery.failure_window`. Time to restore is the median time from the end of the first failed deployment of "
        "a workflow to the end of its next successful one, at the time of the latter. Levels are those of DORA's 2019 "
        "report (dora.dev) with the bands of its fourkeys project: frequency elite with deployments on three days a "
        "week or more, high on one or more, medium once a month or more; lead time and time to restore elite below a "
        "day, high below a week, medium below a month; change failure rate elite up to 15 %, medium below 46 %; else "
        "low."
    ),
    unit="deployments a day",
    inputs=("workflow_runs", "pull_requests", "repositories"),
    exclusions=(
        f"{NOT_DEPLOYMENTS} Pull requests that are not merged, are merged into another branch than the deploying one, "
        "or are not deployed yet; merges and failures more than 92 days before the range. Without any deployment "
        "named in the policy there are no figures."
    ),
    by=("org", "repo", "week", "month"),
    columns={
        "deployments": "Deployments",
        "successes": "Successful deployments",
        "deployments_per_day": "Successful deployments a day",
        "days_per_week": "Days a week with a successful deployment",
        "frequency_level": "Level of deployment frequency",
        "changes": "Changes deployed",
        "lead_time_median_s": "Lead time, median (s)",
        "lead_time_p90_s": "Lead time, 90th percentile (s)",
        "lead_time_level": "Level of lead time",
        "failed": "Failed deployments",
        "succeeded_then_failed": "Succeeded, then failed within the window",
        "change_failure_rate": "Change failure rate (share of deployments)",
        "change_failure_level": "Level of change failure rate",
        "restored": "Times restored",
        "restore_median_s": "Time to restore, median (s)",
        "unrestored": "Failed deployments not restored yet",
        "restore_level": "Level of time to restore",
    },
    formula=delivery,
    uses_policy=True,
    evidence=deployment_rows,
)
