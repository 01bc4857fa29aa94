"""Failure streaks: how many times in a row a workflow failed, at worst and now."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from shared.metrics.grouping import WORKFLOW_COLUMNS, workflow_key
from shared.metrics.metric import Metric
from shared.metrics.workflows.outcomes import failed, succeeded
from shared.metrics.workflows.runs import judged, latest_in_range
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
    runs = _verdicts(tables, scope)
    found = _workflows(runs).left_join(_longest(_streaks(runs)), [*_KEY])
    last = (found.last_lost_after == found.successes).fill_null(False)
    streaks = {name: found[name].fill_null(0) for name in ("streaks", "longest_streak")}
    found = found.select(
        *_KEY,
        *("org", "workflow_id", "workflow_name", "verdicts", "failures", "longest_began_at", "longest_last_at"),
        **streaks,
        current_streak=last.ifelse(found.last_streak, 0),
    )
    names = [found.repo, found.workflow_name, found.workflow_id]
    return found.order_by(found.longest_streak.desc(), found.current_streak.desc(), *names)


_KEY = ("repo", "workflow_key")


def _verdicts(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """Runs of the range that succeeded or failed."""
    runs = latest_in_range(tables, scope)
    runs = runs.filter(succeeded(runs) | failed(runs)).select(*_READ)
    runs = judged(runs, tables, scope)
    return runs.filter(runs.judged).mutate(workflow_key=workflow_key(runs), lost=failed(runs))


def _workflows(runs: ir.Table) -> ir.Table:
    """What each workflow is called and how its runs ended."""
    position = ibis.struct({"created_at": runs.created_at, "run_id": runs.run_id})
    return runs.group_by(*_KEY).aggregate(
        org=runs.org.max(),
        workflow_id=runs.workflow_id.max(),
        workflow_name=runs.workflow_name.argmax(position),
        verdicts=runs.count(),
        failures=runs.count(where=runs.lost),
        successes=runs.count(where=~runs.lost),
    )


def _streaks(runs: ir.Table) -> ir.Table:
    """Failures of a workflow with the same number of successes before them."""
    stream = ibis.window(
        group_by=[runs.repo, runs.workflow_key], order_by=[runs.created_at, runs.run_id], rows=(None, 0)
    )
    success = (~runs.lost).cast("int64").sum().over(stream)
    lost = runs.select(*_KEY, "created_at", "lost", successes_before=success)
    lost = lost.filter(lost.lost)
    return lost.group_by(*_KEY, "successes_before").aggregate(
        failures=lost.count(), began_at=lost.created_at.min(), last_at=lost.created_at.max()
    )


def _longest(streaks: ir.Table) -> ir.Table:
    """The longest streak of each workflow, and its last one."""
    # Of equal lengths the later one, which has seen more successes.
    longest = streaks.failures * _MOST_RUNS + streaks.successes_before
    return streaks.group_by(*_KEY).aggregate(
        streaks=streaks.count(),
        longest_streak=streaks.failures.max(),
        longest_began_at=streaks.began_at.argmax(longest),
        longest_last_at=streaks.last_at.argmax(longest),
        last_streak=streaks.failures.argmax(streaks.successes_before),
        last_lost_after=streaks.successes_before.max(),
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
