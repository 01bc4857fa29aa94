"""Failure streaks: how many times in a row a workflow failed, at worst and now."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from shared.metrics.grouping import WORKFLOW_COLUMNS, workflow_key
from shared.metrics.metric import Metric
from shared.metrics.workflows.outcomes import failed, succeeded
from shared.metrics.workflows.runs import judged, latest_runs
from shared.scope import Scope

_READ = (
    *("repo", "org", "workflow_id", "workflow_name", "workflow_path", "branch", "event", "conclusion"),
    *("run_id", "created_at"),
)


_MOST_RUNS = 1_000_000_000
"""More runs than a workflow has in a range."""


def failure_streaks(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """One row per workflow with a run in the range that succeeded or failed, longest streak first.

    Of two streaks of one length the later one is the longest. On the default branch unless the scope names one.
    No data: no rows.
    """
    streaks = _streaks(_verdicts(tables, scope))
    # Of equal lengths the later one, which has seen more successes.
    longest = streaks.failures * _MOST_RUNS + streaks.successes_before
    found = streaks.group_by("repo", "workflow_key").aggregate(
        org=streaks.org.max(),
        workflow_id=streaks.workflow_id.max(),
        workflow_name=streaks.workflow_name.argmax(streaks.successes_before),
        verdicts=streaks.verdicts.sum(),
        failures=streaks.failures.sum(),
        streaks=streaks.count(where=streaks.failures > 0),
        longest_streak=streaks.failures.max(),
        longest_began_at=streaks.began_at.argmax(longest, where=streaks.failures > 0),
        longest_last_at=streaks.last_at.argmax(longest, where=streaks.failures > 0),
        current_streak=streaks.failures.argmax(streaks.successes_before),
    )
    names = [found.repo, found.workflow_name, found.workflow_id]
    return found.order_by(found.longest_streak.desc(), found.current_streak.desc(), *names)


def _verdicts(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """Runs of the range that succeeded or failed, with how many successes of their workflow came before."""
    runs = scope.within(latest_runs(tables, scope), "created_at")
    runs = runs.filter(succeeded(runs) | failed(runs)).select(*_READ)
    runs = judged(runs, tables, scope)
    runs = runs.filter(runs.judged).mutate(workflow_key=workflow_key(runs), lost=failed(runs))
    success = (~runs.lost).cast("int64")
    stream = ibis.window(
        group_by=[runs.repo, runs.workflow_key], order_by=[runs.created_at, runs.run_id], rows=(None, 0)
    )
    return runs.mutate(successes_before=success.sum().over(stream))


def _streaks(runs: ir.Table) -> ir.Table:
    """Failures between two successes, as many rows as successes; a success is in the streak that it begins."""
    lost = runs.lost
    return runs.group_by("repo", "workflow_key", "successes_before").aggregate(
        org=runs.org.max(),
        workflow_id=runs.workflow_id.max(),
        workflow_name=runs.workflow_name.argmax(runs.created_at),
        verdicts=runs.count(),
        failures=runs.count(where=lost),
        began_at=runs.created_at.min(where=lost),
        last_at=runs.created_at.max(where=lost),
    )


FAILURE_STREAKS = Metric(
    name="failure_streaks",
    title="Failure streaks",
    definition=(
        "Failures in a row of each workflow in order of creation, over its runs in the range that succeeded or failed; "
        "a streak ends with the next success. The longest one in the range, from the creation of its first to that of "
        "its last failure, and the one that is not over at the end of the range. The default branch is looked at "
        "unless another one, or all of them as one stream, is chosen."
    ),
    unit="failures in a row",
    inputs=("workflow_runs", "repositories"),
    exclusions=(
        "Cancelled, skipped, neutral, action required and stale runs neither make nor end a streak; runs of "
        "pull requests are not runs of the default branch; earlier attempts, and failures before the range."
    ),
    columns={
        "org": "Organisation",
        **WORKFLOW_COLUMNS,
        "verdicts": "Runs that succeeded or failed",
        "failures": "Failures",
        "streaks": "Streaks",
        "longest_streak": "Longest streak",
        "longest_began_at": "Longest, first failure",
        "longest_last_at": "Longest, last failure",
        "current_streak": "Current streak",
    },
    formula=failure_streaks,
)
