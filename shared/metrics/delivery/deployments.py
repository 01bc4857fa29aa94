"""Deployments: the attempts of workflows that deploy, by the policy, and what came of each."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import ibis
import ibis.expr.types as ir

from shared.metrics.delivery.patterns import fits
from shared.metrics.durations import seconds_between
from shared.metrics.grouping import WORKFLOW_COLUMNS, workflow_key
from shared.metrics.metric import EXCLUDED, Metric, excluded_because
from shared.metrics.spending.billing import RERUN
from shared.metrics.workflows.outcomes import PULL_REQUEST_EVENTS, failed, succeeded
from shared.metrics.workflows.runs import judged
from shared.policy.policy import Policy
from shared.policy.workflows import DeliveryPolicy
from shared.scope import Scope

LOOKED_BACK = timedelta(days=92)
"""So long before the range failures and merges are looked for whose end is in it."""

OUTCOMES = ("succeeded", "succeeded_then_failed", "failed")

_READ = (
    *("org", "repo", "workflow_id", "workflow_name", "workflow_path", "run_id", "run_attempt", "branch", "event"),
    *("head_sha", "actor", "conclusion", "created_at", "completed_at", "duration_s", "html_url"),
)

_LEDGER = (
    *("org", "repo", "workflow_id", "workflow_name", "branch", "run_id", "run_attempt", "head_sha", "actor"),
    *("outcome", "created_at", "completed_at", "duration_s", "restored_after_s", "html_url"),
)


def deployments(tables: Mapping[str, ir.Table], scope: Scope, *, policy: Policy | None = None) -> ir.Table:
    """One row per deployment that ended in the range, the newest first. No data, or no deployment named: no rows."""
    found = scope.within(all_deployments(tables, scope, (policy or Policy()).delivery), "completed_at")
    return found.order_by(found.completed_at.desc(), found.run_id, found.run_attempt).select(*_LEDGER)


def all_deployments(tables: Mapping[str, ir.Table], scope: Scope, delivery: DeliveryPolicy) -> ir.Table:
    """Every deployment that ended in the range or at most LOOKED_BACK before it, with its outcome.

    outcome: one of OUTCOMES.  restored_after_s: on a success after failures, the time since the end of the first of
    them.  unrestored: whether it failed and none of its workflow has succeeded since.
    """
    runs = _candidates(tables, scope, delivery)
    ended = runs.completed_at < ibis.literal(scope.until)
    runs = runs.filter(runs.judged, ended, succeeded(runs) | failed(runs)).drop("judged")
    if scope.since is not None:
        runs = runs.filter(runs.completed_at >= ibis.literal(scope.since - LOOKED_BACK))
    runs = runs.mutate(workflow_key=workflow_key(runs), failed=failed(runs))
    stream = {
        "group_by": [runs.repo, runs.workflow_key],
        "order_by": [runs.completed_at, runs.run_id, runs.run_attempt],
    }
    broke = runs.failed & ~runs.failed.lag().over(**stream).fill_null(False)
    next_s = seconds_between(runs.completed_at, runs.completed_at.lead().over(**stream))
    runs = runs.mutate(
        broke_at=broke.ifelse(runs.completed_at, None),
        after_failure=runs.failed.lag().over(**stream).fill_null(False),
        then_failed=(runs.failed.lead().over(**stream) & (next_s <= delivery.failure_window.total_seconds())).fill_null(
            False
        ),
        success_at=runs.failed.ifelse(None, runs.completed_at),
    )
    so_far = ibis.window(
        group_by=[runs.repo, runs.workflow_key],
        order_by=[runs.completed_at, runs.run_id, runs.run_attempt],
        rows=(None, 0),
    )
    restored_s = seconds_between(runs.broke_at.max().over(so_far), runs.completed_at)
    last_success = runs.success_at.max().over(group_by=[runs.repo, runs.workflow_key])
    return runs.mutate(
        outcome=ibis.cases((runs.failed, "failed"), (runs.then_failed, "succeeded_then_failed"), else_="succeeded"),
        restored_after_s=(runs.after_failure & ~runs.failed).ifelse(restored_s, None),
        unrestored=runs.failed & ~(last_success >= runs.completed_at).fill_null(False),
    )


def deployment_rows(tables: Mapping[str, ir.Table], scope: Scope, *, policy: Policy | None = None) -> ir.Table:
    """The deployments of the range, and the other attempts of those workflows with the reason why they are none."""
    delivery = (policy or Policy()).delivery
    ledger = deployments(tables, scope, policy=policy)
    runs = scope.within(_candidates(tables, scope, delivery), "created_at")
    verdict = (succeeded(runs) | failed(runs)).fill_null(False)
    ended = (runs.completed_at < ibis.literal(scope.until)).fill_null(False)
    reason = excluded_because(
        (~runs.judged, "not on the deploying branch"),
        (~ended, "not finished"),
        (~verdict, "neither succeeded nor failed"),
    )
    none = {name: ibis.null(ledger[name].type()) for name in ("outcome", "restored_after_s")}
    others = runs.mutate(**none).select(*_LEDGER, **{EXCLUDED: reason})
    return ledger.mutate(**{EXCLUDED: ibis.null("string")}).union(others.filter(others[EXCLUDED].notnull()))


def _candidates(tables: Mapping[str, ir.Table], scope: Scope, delivery: DeliveryPolicy) -> ir.Table:
    """The attempts of workflows that deploy, with `judged`: whether they are of the deploying branch."""
    scope = replace(scope, branch=delivery.branch, bots=True)
    runs = scope.filter(tables["workflow_runs"].select(*_READ, "actor_is_bot")).drop("actor_is_bot")
    runs = runs.filter(_named(runs, delivery))
    runs = runs.filter(runs.created_at < ibis.literal(scope.until))
    if scope.since is not None:
        runs = runs.filter(runs.created_at >= ibis.literal(scope.since - LOOKED_BACK - RERUN))
    runs = judged(runs, tables, scope)
    return runs.mutate(judged=runs.judged & ~runs.event.isin(PULL_REQUEST_EVENTS).fill_null(False))


def _named(runs: ir.Table, delivery: DeliveryPolicy) -> ir.BooleanValue:
    """Whether the policy names the workflow: by its name, its path, or its file."""
    file = runs.workflow_path.split("/")[-1]
    named = ibis.literal(False)
    for pattern in delivery.deployments:
        where, _, what = pattern.partition(":")
        names = (fits(name, what).fill_null(False) for name in (runs.workflow_name, runs.workflow_path, file))
        named |= fits(runs.repo, where) & ibis.or_(*names)
    return named


NAMED = (
    "Deployments are the attempts of the workflows that the policy names in `delivery.deployments` on the deploying "
    "branch (`delivery.branch`, else the default branch of the repository) that succeeded or failed; each belongs to "
    "the time at which it ended."
)

NOT_DEPLOYMENTS = (
    "Runs of other workflows and branches, runs of pull requests, and runs that neither succeeded nor failed, such as "
    "cancelled and skipped ones."
)

DEPLOYMENTS = Metric(
    name="deployments",
    title="Deployments, one by one",
    definition=(
        f"{NAMED} One that succeeded, and after which the next one of the same workflow failed within "
        "`delivery.failure_window`, is told apart. Restored after is, on a success that follows failures, the time "
        "from the end of the first of those failures to its own end."
    ),
    unit="deployments",
    inputs=("workflow_runs", "repositories"),
    exclusions=f"{NOT_DEPLOYMENTS} Failures that ended more than 92 days before the range begin no time to restore.",
    columns={
        "org": "Organisation",
        **WORKFLOW_COLUMNS,
        "branch": "Branch",
        "run_id": "Run",
        "run_attempt": "Attempt",
        "head_sha": "Commit",
        "actor": "Actor",
        "outcome": "Outcome",
        "created_at": "Run created",
        "completed_at": "Ended",
        "duration_s": "Duration (s)",
        "restored_after_s": "Restored after (s)",
        "html_url": "Link",
    },
    formula=deployments,
    uses_policy=True,
    evidence=deployment_rows,
)
