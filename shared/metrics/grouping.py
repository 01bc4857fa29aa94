"""Grouping: what a metric may be broken down by, and in which order the parts come."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from shared.datasets.alerts import SEVERITIES

WORKFLOW_COLUMNS = {"repo": "Repository", "workflow_id": "Workflow id", "workflow_name": "Workflow"}

GROUP_COLUMNS: dict[str, dict[str, str]] = {
    "org": {"org": "Organisation"},
    "repo": {"repo": "Repository"},
    "workflow": WORKFLOW_COLUMNS,
    "branch": {"branch": "Branch"},
    "event": {"event": "Event"},
    "actor": {"actor": "Actor"},
    "runner": {"runner": "Runner (labels)"},
    "severity": {"severity": "Severity"},
    "kind": {"kind": "Alert kind"},
    "tool": {"tool": "Tool"},
    "cwe_family": {"cwe_family": "CWE family"},
    "model": {"model": "Model"},
    "country": {"country": "Country"},
    "status": {"status": "Status"},
    "service": {"service": "Service"},
    "endpoint": {"endpoint": "Endpoint"},
    "type": {"type": "Type"},
    "day": {"day": "Day (UTC)"},
    "week": {"week": "Week from (UTC)"},
    "month": {"month": "Month (UTC)"},
}
"""Grouping -> the columns that name a part, with the words shown for them."""


def workflow_key(rows: ir.Table) -> ir.StringValue:
    """What identifies a workflow within its repository: its id, else (in imported files) its name or path."""
    names = [rows[column] for column in ("workflow_name", "workflow_path") if column in rows.columns]
    return ibis.coalesce(rows.workflow_id.cast("string"), *names, ibis.literal(""))


def grouped(rows: ir.Table, by: str | None, figures: Mapping[str, ir.Value], time: str) -> ir.Table:
    """Aggregates of rows: one row without a grouping, else one per part, GROUP_COLUMNS[by] first.

    time: the timestamp column that days, weeks (from Monday) and months are taken from, and by which a workflow's
    latest name is found.
    """
    if by is None:
        return rows.aggregate(**figures)
    if by == "workflow":
        names = {
            "workflow_id": rows.workflow_id.max(),
            "workflow_name": rows.workflow_name.argmax(rows[time]),
        }
        parts = rows.group_by(rows.repo, workflow_key=workflow_key(rows)).aggregate(**names, **figures)
        return parts.drop("workflow_key")
    return rows.group_by(**{by: _part(rows, by, time)}).aggregate(**figures)


def in_order(parts: ir.Table, by: str | None, *sizes: str | ir.Value) -> ir.Table:
    """Parts in reading order: severities worst first, days, weeks and months oldest first, others largest first.

    sizes: columns of the parts, or values made of them; the later ones decide where the former are equal.
    """
    if by is None:
        return parts
    names = [parts[column].asc() for column in GROUP_COLUMNS[by]]
    if by in ("day", "week", "month"):
        return parts.order_by(names)
    if by == "severity":
        ranks = [(severity, rank) for rank, severity in enumerate(SEVERITIES)]
        return parts.order_by(parts.severity.cases(*ranks, else_=len(ranks)), *names)
    largest = [(parts[size] if isinstance(size, str) else size).desc() for size in sizes]
    return parts.order_by(*largest, *names)


def _part(rows: ir.Table, by: str, time: str) -> ir.Value:
    if by in ("day", "week"):
        # DuckDB truncates a zoned time to one without a zone; the cast puts UTC back.
        return rows[time].truncate("D" if by == "day" else "W").cast("timestamp('UTC')")
    if by == "month":
        return rows[time].strftime("%Y-%m")
    if by == "severity":
        return rows.severity.fill_null("unknown")
    return rows[by]
