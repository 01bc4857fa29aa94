"""Named: the attempts of the workflows that the policy names as deployments, as each month's digest keeps them."""

import hashlib
from functools import lru_cache

import ibis
import ibis.expr.types as ir

from shared.metrics.delivery.patterns import fits
from shared.metrics.digest import Digest, as_they_are
from shared.metrics.workflows.outcomes import failed, of_pull_request, succeeded

READ = (
    *("org", "repo", "workflow_id", "workflow_name", "workflow_path", "run_id", "run_attempt", "branch", "event"),
    *("head_sha", "actor", "actor_is_bot", "conclusion", "created_at", "completed_at", "duration_s", "html_url"),
)


def named(runs: ir.Table, deployments: tuple[str, ...]) -> ir.BooleanValue:
    """Whether one of the policy's patterns names the workflow of a run: by its name, its path, or its file."""
    file = runs.workflow_path.split("/")[-1]
    found = ibis.literal(False)
    for pattern in deployments:
        where, _, what = pattern.partition(":")
        names = (fits(name, what).fill_null(False) for name in (runs.workflow_name, runs.workflow_path, file))
        found |= fits(runs.repo, where) & ibis.or_(*names)
    return found


@lru_cache(maxsize=8)
def run_deploys(deployments: tuple[str, ...]) -> Digest:
    """The digest of the attempts that may be deployments by the policy's patterns: those with a verdict, on any branch.

    They are few, and to look for the patterns in every run of a range takes longer than all else.
    """

    def counted(runs: ir.Table) -> ir.Table:
        verdict = (succeeded(runs) | failed(runs)) & runs.completed_at.notnull() & ~of_pull_request(runs)
        return runs.filter(verdict, named(runs, deployments))

    return Digest(
        name=f"run_deploys_{hashlib.sha256(repr(deployments).encode()).hexdigest()[:12]}",
        of="workflow_runs",
        time="created_at",
        last="created_at",
        counted=counted,
        make=lambda runs: runs.select(*READ),
        fold=as_they_are,
        chosen=True,
    )
