"""Lead time: from the opening of a pull request to the first deployment after it was merged."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from shared.metrics.delivery.deployments import LOOKED_BACK, NAMED, NOT_DEPLOYMENTS, all_deployments
from shared.metrics.durations import seconds_between
from shared.metrics.metric import EXCLUDED, Metric, excluded_because
from shared.policy.policy import Policy
from shared.policy.workflows import DeliveryPolicy
from shared.scope import Scope

_CHANGE = (
    *("org", "repo", "number", "title", "author", "base_branch", "created_at", "merged_at", "deployed_at"),
    *("lead_time_s", "deployed_run_id", "html_url"),
)


def changes(tables: Mapping[str, ir.Table], scope: Scope, *, policy: Policy | None = None) -> ir.Table:
    """One row per merged pull request that was deployed in the range, the newest deployment first. No data: no rows."""
    delivery = (policy or Policy()).delivery
    found = deployed_changes(tables, scope, delivery, all_deployments(tables, scope, delivery))
    found = scope.within(found, "deployed_at").filter(lambda rows: rows[EXCLUDED].isnull())
    return found.order_by(found.deployed_at.desc(), found.repo, found.number).select(*_CHANGE)


def change_rows(tables: Mapping[str, ir.Table], scope: Scope, *, policy: Policy | None = None) -> ir.Table:
    """The changes of the range, and the merged pull requests that have no lead time yet, with the reason."""
    delivery = (policy or Policy()).delivery
    found = deployed_changes(tables, scope, delivery, all_deployments(tables, scope, delivery))
    at = ibis.coalesce(found.deployed_at, found.merged_at)
    if scope.since is not None:
        found = found.filter(at >= ibis.literal(scope.since))
    return found.select(*_CHANGE, EXCLUDED)


def deployed_changes(
    tables: Mapping[str, ir.Table], scope: Scope, delivery: DeliveryPolicy, deployed: ir.Table
) -> ir.Table:
    """Pull requests merged in the range or at most LOOKED_BACK before it, with their first deployment and EXCLUDED.

    deployed: what all_deployments gives. The first deployment is the first of the repository, by the time its run was
    created, that succeeded and whose run was created when the pull request had been merged.
    """
    merged = scope.filter(tables["pull_requests"]).rename(opened_at="created_at")
    merged = merged.filter(merged.merged_at < ibis.literal(scope.until))
    if scope.since is not None:
        # All deployments since then are known, so that the first one is the first.
        merged = merged.filter(merged.merged_at >= ibis.literal(scope.since - LOOKED_BACK))
    good = deployed.filter(~deployed.failed)
    good = good.select(
        deployed_repo=good.repo, run_created_at=good.created_at, deployed_at=good.completed_at, deployed_run_id="run_id"
    )
    found = merged.asof_join(
        good, merged.merged_at <= good.run_created_at, predicates=merged.repo == good.deployed_repo
    )
    told = tables["repositories"].select("repo", "default_branch")
    wanted = ibis.literal(delivery.branch) if delivery.branch else None
    found = found.left_join(told, "repo")
    elsewhere = found.base_branch != (found.default_branch if wanted is None else wanted)
    lead_s = seconds_between(found.opened_at, found.deployed_at)
    reason = excluded_because(
        (elsewhere, "merged into another branch"),
        (found.deployed_at.isnull(), "not deployed by the end of the range"),
        (~(lead_s >= 0), "opened after it was deployed"),
    )
    return found.mutate(created_at=found.opened_at, lead_time_s=lead_s, **{EXCLUDED: reason})


CHANGES = Metric(
    name="changes",
    title="Changes deployed, one by one",
    definition=(
        f"Merged pull requests with the time from their opening to the end of the first successful deployment in their "
        f"repository whose run was created after the merge. Opening stands for the first commit, whose time is not "
        f"collected. A change belongs to the time at which it was deployed. {NAMED}"
    ),
    unit="seconds",
    inputs=("pull_requests", "workflow_runs", "repositories"),
    exclusions=(
        f"Pull requests that are not merged, are merged into another branch than the deploying one, were merged more "
        f"than 92 days before the range, or are not deployed yet. {NOT_DEPLOYMENTS}"
    ),
    columns={
        "org": "Organisation",
        "repo": "Repository",
        "number": "Pull request",
        "title": "Title",
        "author": "Author",
        "base_branch": "Merged into",
        "created_at": "Opened",
        "merged_at": "Merged",
        "deployed_at": "Deployed",
        "lead_time_s": "Lead time (s)",
        "deployed_run_id": "Deploying run",
        "html_url": "Link",
    },
    formula=changes,
    uses_policy=True,
    evidence=change_rows,
)
