"""Time to restore: from a workflow's first failed run to the end of its next successful one."""

from collections.abc import Mapping
from datetime import datetime

import ibis
import ibis.expr.types as ir

from shared.metrics.durations import seconds_between, spread
from shared.metrics.grouping import WORKFLOW_COLUMNS, grouped, in_order
from shared.metrics.metric import EXCLUDED, Metric, excluded_because
from shared.metrics.workflows.digests import KEY, RUN_BREAKS, breaks_of, runs_from, same_breaks
from shared.metrics.workflows.outcomes import failed, succeeded
from shared.metrics.workflows.runs import default_branches, in_scope, judged, narrowed, pushed
from shared.scope import Scope

_READ = (
    *("repo", "org", "workflow_id", "workflow_name", "workflow_path", "branch", "event", "conclusion"),
    *("run_id", "run_attempt", "created_at", "completed_at"),
)


def restore_episodes(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """One row per time a workflow was broken: restored in the range, or still broken (null) at its end.

    Runs are taken in order of creation, every attempt by itself; all history before the end is looked at. On
    the default branch unless the scope names one; with "*" all branches of a workflow form one stream.
    Newest break first. No data: no rows.
    """
    episodes = _episodes(tables, scope)
    return episodes.order_by(episodes.failed_at.desc(), episodes.first_failed_run_id)


def time_to_restore(tables: Mapping[str, ir.Table], scope: Scope, by: str | None = None) -> ir.Table:
    """Durations in seconds of the episodes restored in the range, and how many are still open.

    by: org, repo, workflow, or month of restoring (UTC), where episodes still open are left out.
    No data: one row with n = 0, open = 0 and nulls, or no rows if grouped.
    """
    episodes = _episodes(tables, scope)
    if by == "month":
        episodes = episodes.filter(episodes.restored_at.notnull())
    duration_s = episodes.duration_s
    figures = {
        "n": duration_s.count(),
        **spread(duration_s),
        "open": episodes.count(where=duration_s.isnull()),
    }
    time = "restored_at" if by == "month" else "failed_at"
    return in_order(grouped(episodes, by, figures, time), by, "n")


def episode_evidence(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """The episodes one by one, newest break first; those that are not over have no duration to average."""
    episodes = restore_episodes(tables, scope)
    reason = excluded_because((episodes.restored_at.isnull(), "still broken at the end of the range"))
    return episodes.select(*RESTORE_EPISODES.columns, **{EXCLUDED: reason})


def _episodes(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """The rows of restore_episodes in no order."""
    found = same_breaks(_breaks(tables, scope), *KEY)
    episodes = found.mutate(duration_s=seconds_between(found.failed_at, found.restored_at))
    # A failure that ended after the next success had ended never left the workflow broken.
    real = (episodes.runs_failed > 0) & (episodes.restored_at.isnull() | (episodes.duration_s >= 0))
    if scope.since is not None:
        real &= episodes.restored_at.isnull() | (episodes.restored_at >= ibis.literal(scope.since))
    return episodes.filter(real)


def _breaks(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """The story of each workflow on the branch in question up to the scope's end, as rows of breaks_of."""

    def verdicts(begin: datetime | None = None) -> ir.Table:
        runs = in_scope(runs_from(tables, scope, begin), scope)
        return runs.filter(runs.completed_at < ibis.literal(scope.until), succeeded(runs) | failed(runs))

    if narrowed(scope) or scope.branch is not None:
        # All branches are one stream, and so is the one that the scope names.
        runs = judged(verdicts().select(*_READ), tables, scope)
        return breaks_of(runs.filter(runs.judged), *KEY)
    parts = scope.filter(RUN_BREAKS.of_scope(tables, scope, lambda begin: pushed(verdicts(begin))))
    told = default_branches(tables, scope)
    return parts.semi_join(told, [parts.repo == told.repo, parts.branch == told.default_branch])


_DEFINITION = (
    "How long a workflow stayed broken: from the end of its first failed run to the end of its next "
    "successful run. Failures are the conclusions failure, timed_out and startup_failure; cancelled, "
    "skipped, neutral, action required and stale runs are neither. Runs are taken in order of creation, "
    "every attempt counts. The default branch is looked at unless another one, or all of them as one "
    "stream, is chosen."
)

_EXCLUSIONS = (
    "Runs of pull requests where the default branch is looked at; failures that ended after a newer run had "
    "already succeeded; runs whose end is unknown."
)

RESTORE_EPISODES = Metric(
    name="restore_episodes",
    title="Broken workflows, one by one",
    definition=f"{_DEFINITION} One row per episode that ended in the range or is still open at its end.",
    unit="seconds",
    inputs=("workflow_runs", "repositories"),
    exclusions=_EXCLUSIONS,
    of_repositories=True,
    columns={
        "org": "Organisation",
        **WORKFLOW_COLUMNS,
        "branch": "Branch of the first failure",
        "failed_at": "Failed (end of the first failed run)",
        "restored_at": "Restored",
        "duration_s": "Broken for (s)",
        "first_failed_run_id": "First failed run",
        "restored_run_id": "Restoring run",
        "runs_failed": "Failed runs",
    },
    formula=restore_episodes,
)

TIME_TO_RESTORE = Metric(
    name="time_to_restore",
    title="Time to restore",
    definition=(
        f"{_DEFINITION} An episode belongs to the time at which it ended; those not over at the end of the "
        "range are counted as open and not averaged."
    ),
    unit="seconds",
    inputs=("workflow_runs", "repositories"),
    exclusions=_EXCLUSIONS,
    by=("org", "repo", "workflow", "month"),
    columns={
        "n": "Episodes restored",
        "mean_s": "Mean (s)",
        "median_s": "Median (s)",
        "p90_s": "90th percentile (s)",
        "open": "Still broken",
    },
    formula=time_to_restore,
    evidence=episode_evidence,
)
