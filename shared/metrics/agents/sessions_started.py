"""Sessions started: how many sessions of agents began, and how many of them are over."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from shared.metrics.grouping import grouped, in_order
from shared.metrics.metric import EXCLUDED, Metric, excluded_because
from shared.scope import Scope

_ROW = ("provider", "session_id", "title", "org", "repo", "created_at", "ended_at", "url")


def sessions_started(tables: Mapping[str, ir.Table], scope: Scope, by: str | None = None) -> ir.Table:
    """Sessions created in the range, and those of them that had ended by its end.

    by: org, repo, or day, week or month of creation (UTC). No data: one row with zeros, or no rows if grouped.
    """
    rows = scope.within(scope.filter(tables["agent_sessions"]), "created_at")
    figures = {"n": rows.count(), "ended": rows.count(where=rows.ended_at < ibis.literal(scope.until))}
    return in_order(grouped(rows, by, figures, "created_at"), by, "n")


def started_rows(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """The sessions created before the end of the range; those created before it begins do not count."""
    rows = scope.filter(tables["agent_sessions"])
    rows = rows.filter((rows.created_at < ibis.literal(scope.until)) | rows.created_at.isnull())
    earlier = ibis.literal(False) if scope.since is None else rows.created_at < ibis.literal(scope.since)
    reason = excluded_because((rows.created_at.isnull(), "begun at an unknown time"), (earlier, "begun before"))
    return rows.select(*_ROW, **{EXCLUDED: reason})


SESSIONS_STARTED = Metric(
    name="sessions_started",
    title="Agent sessions started",
    definition=(
        "Sessions of AI agents that began in the range, whatever became of them, and how many of those had ended by "
        "the end of the range. A session belongs to the repository that its provider tells."
    ),
    unit="sessions",
    inputs=("agent_sessions",),
    exclusions="Sessions of which nobody knows when they began. Filters on workflows and alerts play no part.",
    by=("org", "repo", "day", "week", "month"),
    columns={"n": "Sessions started", "ended": "Ended"},
    formula=sessions_started,
    evidence=started_rows,
)
