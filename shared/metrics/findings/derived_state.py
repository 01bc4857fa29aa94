"""Derived state: how far an alert or a finding is on its way, from what is known of it, of work on it and of triage."""

import ibis
import ibis.expr.types as ir

from shared.datasets.alerts import SEVERITIES
from shared.datasets.triage import REOPENED
from shared.metrics.findings.triage import DECISION_COLUMNS
from shared.metrics.findings.work import WORK_LINKS

DERIVED_STATES = (
    *("verified_fixed", "pr_merged", "pr_open", "session_dispatched", "fixed"),
    *("false_positive", "wont_fix", "risk_accepted", "dismissed", "new", "recurring"),
)
"""In the order in which the first that is true counts."""

OVER = ("verified_fixed", "fixed", "false_positive", "wont_fix", "risk_accepted", "dismissed")
"""States in which there is nothing left to do, for now."""

UNDECIDED = ("new", "recurring")
"""States in which nobody works on it and nobody has decided anything: somebody should."""

STATE_TEXT = (
    "The first of these that was true at the end of the range. Verified fixed: a pull request for it was merged, and "
    "it was fixed after that. PR merged; PR open; session dispatched: an agent session for it was under way. Fixed. "
    "Then the triage decision in force: false positive, won't fix, risk accepted; a decision that has expired, or that "
    "was taken back, is none."
)


def with_state(rows: ir.Table, work: ir.Table, decisions: ir.Table) -> ir.Table:
    """Rows with `state` (one of DERIVED_STATES), DECISION_COLUMNS and WORK_LINKS.

    rows: one per thing, with subject, ref (as in work_as_of), fixed_at (null unless fixed), open_since (work merged
    before that is of an earlier life), dismissed and recurring (bool).
    work: of work_as_of.  decisions: of decisions_as_of.
    """
    found = rows.left_join(work, "ref").drop("ref_right")
    found = found.left_join(decisions, "subject").drop("subject_right")
    # The first merge counts, unless it was of an earlier life; then the last does.
    first, last = found.first_merged_at, found.last_merged_at
    merged_at = ibis.cases((first >= found.open_since, first), (last >= found.open_since, last), else_=None)
    state = ibis.cases(
        ((found.fixed_at >= merged_at).fill_null(False), "verified_fixed"),
        (merged_at.notnull(), "pr_merged"),
        (found.pull_request_open.fill_null(False), "pr_open"),
        (found.session_active.fill_null(False), "session_dispatched"),
        (found.fixed_at.notnull(), "fixed"),
        ((found.decision != REOPENED).fill_null(False), found.decision),
        (found.dismissed & found.decision.isnull(), "dismissed"),
        (found.recurring, "recurring"),
        else_="new",
    )
    return found.mutate(state=state).select(*rows.columns, "state", *DECISION_COLUMNS, *WORK_LINKS)


def counted_by_state(rows: ir.Table) -> ir.Table:
    """How many rows are in each state, in the order of DERIVED_STATES; states without rows are left out."""
    counts = rows.group_by("state").aggregate(n=rows.count())
    return counts.order_by(counts.state.cases(*((name, rank) for rank, name in enumerate(DERIVED_STATES)), else_=99))


def worst_first(rows: ir.Table, since: str) -> ir.Table:
    """Rows in the order in which to look at them: what is not over first, then the worst, then the oldest.

    since: the column that says how old a row is.
    """
    over = rows.state.isin(OVER).cast("int8")
    severity = rows.severity.cases(*((name, rank) for rank, name in enumerate(SEVERITIES)), else_=len(SEVERITIES))
    return rows.order_by(over, severity, rows[since], rows.subject)
