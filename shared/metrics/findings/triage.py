"""Triage as of a time: the decision in force on each subject."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from shared.scope import Scope

DECISION_COLUMNS = ("decision", "owner", "reason", "decided_at", "expires_at")


def decisions_as_of(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """The last decision on each subject that was taken by scope.until, if it holds then: subject and DECISION_COLUMNS.

    One that has expired is left out, and so is what it took the place of: nothing is decided.
    """
    until = ibis.literal(scope.until)
    taken = tables["triage"].filter(tables["triage"].decided_at <= until)
    newest_first = ibis.row_number().over(group_by="subject", order_by=taken.decided_at.desc())
    last = taken.mutate(age_rank=newest_first)
    holds = last.expires_at.isnull() | (last.expires_at > until)
    return last.filter(last.age_rank == 0, holds).select("subject", *DECISION_COLUMNS)
