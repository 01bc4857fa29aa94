"""Deployments: the attempts of workflows that deploy, by the policy, and what came of each."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import ibis
import ibis.expr.types as ir

from shared.metrics.delivery.named import READ, named, run_deploys
from shared.metrics.durations import seconds_between
from shared.metrics.grouping import WORKFLOW_COLUMNS, workflow_key
from shared.metrics.metric import EXCLUDED, Metric, excluded_because
from shared.metrics.spending.billing import RERUN
from shared.metrics.workflows.outcomes import failed, of_pull_request, succeeded
from shared.metrics.workflows.runs import judged
from shared.policy.policy import Policy
from shared.policy.workflows import DeliveryPolicy
from shared.scope import Scope

LOOKED_BACK = timedelta(days=92)
"""So long before the range failures and merges are looked for whose end is in it."""

OUTCOMES = ("succeeded", "succeeded_then_failed", "failed")

_LEDGER = (
    *("org", "repo", "workflow_id", "workflow_name", "branch", "run_id", "run_attempt", "head_sha", "actor"),
    *("outcome", "created_at", "completed_at", "duration_s", "restored_after_s", "html_url"),
)


def deployments(tables: Mapping[str, ir.Table], scope: Scope, *, policy: Policy | None = None) -> ir.Table:
    """One row per deployment that ended in the range, the newest first. No data, or no deployment named: no rows."""
    delivery = (policy or Policy()).delivery
    found = scope.within(with_outcomes(all_deployments(tables, scope, delivery), delivery), "completed_at")
    return found.order_by(found.completed_at.desc(), found.run_id, found.run_attempt).select(*_LEDGER)


def all_deployments(tables: Mapping[str, ir.Table], scope: Scope, delivery: DeliveryPolicy) -> ir.Table:
    """Every deployment that ended in the range or at most LOOKED_BACK before it, and whether it failed."""
    runs = _on_branch(tables, scope, delivery, run_deploys(delivery.deployments).since(tables, _since(scope)))
    runs = runs.filter(runs.judged, runs.completed_at < ibis.literal(scope.until)).drop("judged")
    if scope.since is not None:
        runs = runs.filter(runs.completed_at >= ibis.literal(scope.since - LOOKED_BACK))
    return runs.mutate(workflow_key=workflow_key(runs), failed=failed(runs))


def with_outcomes(deployed: ir.Table, delivery: DeliveryPolicy) -> ir.Table:
    """What all_deployments gives, with what came of each.

    outcome: one of OUTCOMES.  restored_after_s: on a success after failures, the time since the end of the first of
    them.  unrestored: whether it failed and none of its workflow has succeeded since.
    """
    runs = _with_neighbours(deployed)
    soon = runs.next_s <= delivery.failure_window.total_seconds()
    then_failed = (~runs.failed & runs.next_failed & soon).fill_null(False)
    found = runs.mutate(
        outcome=ibis.cases((runs.failed, "failed"), (then_failed, "succeeded_then_failed"), else_="succeeded"),
        unrestored=runs.failed & ~(runs.last_success >= runs.completed_at).fill_null(False),
    )
    # A workflow breaks and is restored by turns, so that what a success restores is the turn before it. Turns are few.
    turns = found.filter(found.failed != found.after_failure)
    broke_at = turns.completed_at.lag().over(**_in_order(turns))
    restored_s = (~turns.failed).ifelse(seconds_between(broke_at, turns.completed_at), None)
    others = found.filter(found.failed == found.after_failure)
    return turns.mutate(restored_after_s=restored_s).union(others.mutate(restored_after_s=ibis.null("float64")))


def _with_neighbours(runs: ir.Table) -> ir.Table:
    """Deployments with what came right before and after them, and the last success of their workflow."""
    stream = _in_order(runs)
    return runs.mutate(
        after_failure=runs.failed.lag().over(**stream).fill_null(False),
        next_failed=runs.failed.lead().over(**stream),
        next_s=seconds_between(runs.completed_at, runs.completed_at.lead().over(**stream)),
        last_success=runs.failed.ifelse(None, runs.completed_at).max().over(group_by=stream["group_by"]),
    )


def _in_order(runs: ir.Table) -> dict[str, list[ir.Value]]:
    """The window over the deployments of a workflow by the time at which they ended."""
    return {
        "group_by": [runs.repo, runs.workflow_key],
        "order_by": [runs.completed_at, runs.run_id, runs.run_attempt],
    }


def deployment_rows(tables: Mapping[str, ir.Table], scope: Scope, *, policy: Policy | None = None) -> ir.Table:
    """The deployments of the range, and the other attempts of those workflows with the reason why they are none."""
    delivery = (policy or Policy()).delivery
    ledger = deployments(tables, scope, policy=policy)
    runs = tables["workflow_runs"].select(*READ)
    runs = _on_branch(tables, scope, delivery, runs.filter(named(runs, delivery.deployments)))
    runs = scope.within(runs, "created_at")
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


def _since(scope: Scope) -> datetime | None:
    """When the first run may have been created that ended in the range or LOOKED_BACK before it."""
    return None if scope.since is None else scope.since - LOOKED_BACK - RERUN


def _on_branch(tables: Mapping[str, ir.Table], scope: Scope, delivery: DeliveryPolicy, runs: ir.Table) -> ir.Table:
    """The attempts that pass the filters, with `judged`: whether they are of the deploying branch."""
    scope = replace(scope, branch=delivery.branch, bots=True)
    runs = scope.filter(runs).drop("actor_is_bot")
    runs = runs.filter(runs.created_at < ibis.literal(scope.until))
    runs = judged(runs, tables, scope)
    return runs.mutate(judged=runs.judged & ~of_pull_request(runs))


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
