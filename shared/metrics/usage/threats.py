"""Threats: requests that somebody should look at, how many of them are unresolved, and one by one."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from shared.datasets.threats import THREAT_SEVERITIES
from shared.metrics.grouping import grouped, in_order
from shared.metrics.metric import EXCLUDED, Metric, excluded_because
from shared.scope import Scope

_ROW = (
    *("threat_id", "at", "type", "severity", "state", "description", "raw_excerpt", "user", "ip_hash", "request_id"),
    *("resolved_at", "resolved_by"),
)


def threat_summary(tables: Mapping[str, ir.Table], scope: Scope, by: str | None = None) -> ir.Table:
    """Threats seen in the range: how many, how many are unresolved at its end, and by severity.

    by: type or severity, or day, week or month (UTC).  No data: one row with zeros, or no rows if grouped.
    """
    rows = _known(scope.within(tables["threats"], "at"), scope)
    each = {name: rows.count(where=rows.severity == name) for name in THREAT_SEVERITIES}
    figures = {"n": rows.count(), "unresolved": rows.count(where=rows.state == "open"), **each}
    return in_order(grouped(rows, by, figures, "at"), by, "n")


def threat_list(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """The threats seen in the range: the unresolved ones first, of these the worst, and then the newest."""
    rows = _known(scope.within(tables["threats"], "at"), scope)
    ranks = [(name, rank) for rank, name in enumerate(THREAT_SEVERITIES)]
    worst = rows.severity.cases(*ranks, else_=len(ranks))
    return rows.order_by(rows.state == "resolved", worst, rows["at"].desc(), "threat_id").select(*_ROW)


def threat_rows(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """The threats before the end of the range; those seen before it begins do not count."""
    rows = tables["threats"]
    rows = _known(rows.filter(rows["at"] < ibis.literal(scope.until)), scope)
    early = ibis.literal(False) if scope.since is None else rows["at"] < ibis.literal(scope.since)
    return rows.select(*_ROW, **{EXCLUDED: excluded_because((early, "before the range"))})


def _known(rows: ir.Table, scope: Scope) -> ir.Table:
    """Threats with their `state` at the end of the range: open or resolved, also if only at that very moment."""
    until = ibis.literal(scope.until)
    resolved = rows.resolved.fill_null(False) & (rows.resolved_at.isnull() | (rows.resolved_at <= until))
    return rows.mutate(state=resolved.ifelse("resolved", "open"))


_DEFINITION = (
    "Requests that a service or Fettle itself took for a threat, such as too many of them, a wrong signature or an "
    "attempt to inject a prompt. A threat is unresolved unless somebody had resolved it by the end of the range."
)

THREAT_SUMMARY = Metric(
    name="threat_summary",
    title="Threats",
    definition=_DEFINITION,
    unit="threats",
    inputs=("threats",),
    exclusions="None. Filters on organisations and repositories play no part.",
    by=("type", "severity", "day", "week", "month"),
    columns={
        "n": "Threats",
        "unresolved": "Unresolved",
        **{name: name.capitalize() for name in THREAT_SEVERITIES},
    },
    formula=threat_summary,
    evidence=threat_rows,
)

THREAT_LIST = Metric(
    name="threat_list",
    title="Threats, one by one",
    definition=f"{_DEFINITION} The unresolved ones come first, the worst of them on top.",
    unit="threats",
    inputs=("threats",),
    exclusions="None. Filters on organisations and repositories play no part.",
    columns=dict(
        zip(
            _ROW,
            (
                *("Threat id", "When", "Type", "Severity", "State", "Description", "Excerpt", "User"),
                *("Address (hashed)", "Request id", "Resolved", "Resolved by"),
            ),
            strict=True,
        )
    ),
    formula=threat_list,
    evidence=threat_rows,
)
