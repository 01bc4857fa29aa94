"""SLA worklist: which open alerts are breached, and which breach next."""

from collections.abc import Mapping
from dataclasses import replace

import ibis
import ibis.expr.types as ir

from shared.metrics.metric import EXCLUDED, Metric, excluded_because
from shared.metrics.sla.status import LEFT_OUT, SLA_ROW, SLA_STATUS, sla_alerts
from shared.policy.policy import Policy
from shared.scope import Scope

BREACHED, SOON, LATER = "breached", "7 days", "14 days"

_LISTED = tuple(name for name in SLA_ROW if name not in ("state", "closed_at"))


def sla_worklist(tables: Mapping[str, ir.Table], scope: Scope, *, policy: Policy | None = None) -> ir.Table:
    """Open alerts that are breached or breach within 14 days after scope.until, by due time; `due_within` says when.

    No data: no rows.
    """
    rows = worklist_rows(tables, scope, policy=policy)
    rows = rows.filter(rows[EXCLUDED].isnull())
    return rows.select("due_within", *_LISTED).order_by("due_at", "repo", "kind", "number")


def worklist_rows(tables: Mapping[str, ir.Table], scope: Scope, *, policy: Policy | None = None) -> ir.Table:
    """The open alerts with due_within; those that are due later or never are excluded."""
    # Nothing was closed from the end of the range on, so that only what is open is judged.
    rows = sla_alerts(tables, replace(scope, since=scope.until), policy=policy)
    rows = rows.filter(rows.state == "open")
    until = ibis.literal(scope.until)
    due_within = ibis.cases(
        (rows.status == "breached", BREACHED),
        (rows.due_at < until + ibis.interval(hours=7 * 24), SOON),
        (rows.due_at < until + ibis.interval(hours=14 * 24), LATER),
        else_=ibis.null("string"),
    )
    reasons = excluded_because(
        (rows.limit_s.isnull(), "no limit, or unknown severity"), (due_within.isnull(), "due in 14 days or later")
    )
    rows = rows.mutate(due_within=due_within, **{EXCLUDED: ibis.coalesce(rows[EXCLUDED], reasons)})
    return rows.select("due_within", *_LISTED, EXCLUDED)


SLA_WORKLIST = Metric(
    name="sla_worklist",
    title="SLA worklist",
    definition=(
        "The alerts open at the end of the range that are breached, or that breach within the next 7 or 14 days if "
        "they are not closed, by the time at which they are due. An alert is due when its age reaches the limit of "
        "its severity."
    ),
    unit="alerts",
    inputs=("alerts", "alert_events"),
    exclusions=f"Closed alerts, alerts without a limit or of unknown severity, and those due later. {LEFT_OUT}",
    columns={"due_within": "Due within", **{name: SLA_STATUS.columns[name] for name in _LISTED}},
    formula=sla_worklist,
    uses_policy=True,
    at_end=True,
    evidence=worklist_rows,
)
