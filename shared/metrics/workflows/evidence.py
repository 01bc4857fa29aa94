"""Evidence: the workflow runs behind a figure one by one, with why one of them does not count."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from shared.metrics.metric import EXCLUDED, excluded_because
from shared.metrics.workflows.outcomes import failed, succeeded
from shared.metrics.workflows.runs import in_scope, latest_in_range
from shared.scope import Scope

SHOWN = (
    *("repo", "workflow_name", "run_number", "run_attempt", "event", "branch", "actor", "status", "conclusion"),
    *("created_at", "completed_at", "queued_s", "duration_s", "html_url", "run_id"),
)

EARLIER = "an earlier attempt of a run"
UNFINISHED = "not finished"


def judged_runs(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """The runs created in the range, newest first: those that succeeded or failed count."""
    runs = latest_in_range(tables, scope)
    reasons = (
        (runs.conclusion.isnull(), UNFINISHED),
        (runs.conclusion == "cancelled", "cancelled"),
        (~(succeeded(runs) | failed(runs)), "neither succeeded nor failed"),
    )
    return _newest_first(_with_earlier_attempts(runs, tables, scope, *reasons))


def timed_runs(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """The runs created in the range, newest first: those count that are completed and took a known time."""
    runs = latest_in_range(tables, scope)
    reasons = ((runs.status != "completed", UNFINISHED), (runs.duration_s.isnull(), "duration unknown"))
    return _newest_first(_with_earlier_attempts(runs, tables, scope, *reasons))


def compared_runs(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """The runs of the range and of the stretch of equal length before it, newest first; a side's runs as of its end."""
    earlier = scope.previous()
    sides = {"after": scope} if earlier is None else {"before": earlier, "after": scope}
    found = [
        _with_earlier_attempts(latest_in_range(tables, asked), tables, asked).mutate(side=ibis.literal(name))
        for name, asked in sides.items()
    ]
    runs = found[0] if len(found) == 1 else found[0].union(found[1])
    if earlier is None:
        runs = runs.filter(ibis.literal(False))  # nothing is compared with what was before all time
    return _newest_first(runs.select("side", *SHOWN, EXCLUDED))


def _with_earlier_attempts(
    runs: ir.Table, tables: Mapping[str, ir.Table], scope: Scope, *reasons: tuple[ir.BooleanValue, str]
) -> ir.Table:
    """Runs with their latest attempt and why they do not count, and all attempts before those, which never do."""
    shown = runs.select(*SHOWN, **{EXCLUDED: excluded_because(*reasons) if reasons else ibis.null("string")})
    attempts = scope.within(in_scope(tables, scope), "created_at")
    if scope.known.settled:
        before = attempts.filter(~attempts.is_latest_attempt)
    else:
        latest = runs.select("run_id", latest="run_attempt")
        both = attempts.inner_join(latest, "run_id")
        before = both.filter(both.run_attempt < both.latest)
    return shown.union(before.select(*SHOWN, **{EXCLUDED: ibis.literal(EARLIER)}))


def _newest_first(runs: ir.Table) -> ir.Table:
    return runs.order_by(runs.created_at.desc(), runs.run_id.desc(), runs.run_attempt.desc())
