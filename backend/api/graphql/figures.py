"""Figures beyond GCSMTTR's: severity, limits, health and workflows, each straight from the registry's metric."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import ibis.expr.types as ir
import strawberry

from backend.api.graphql.context import Info, read, reader_in
from backend.api.graphql.inputs import (
    RANGE,
    Filter,
    Severity,
    SlaGrouping,
    WorkflowFilter,
    scope_of,
    scope_of_workflows,
)
from backend.api.graphql.overviews import MS, Limit, NextToken
from backend.api.graphql.pages import Asked, Row, page_of
from backend.api.reading import answer
from shared.lake.reading import Tables
from shared.metrics import metric
from shared.scope import DEFAULT_RANGE, Scope

Range = Annotated[str, strawberry.argument(description=RANGE)]


@strawberry.type
class SeverityFigures:
    """The alerts of a severity. Times are in milliseconds, of alerts that were fixed in the range."""

    severity: Severity
    open_alerts: int = strawberry.field(description="At the end of the range.")
    median_age: float | None = strawberry.field(description="Of the open alerts.")
    number_fixed: int
    mean_time_to_remediate: float | None
    median_time_to_remediate: float | None
    p90_time_to_remediate: float | None


@strawberry.type
class SlaFigures:
    """How alerts stand against their limits. Times are in milliseconds."""

    part: str | None = strawberry.field(description="What is told of, by the grouping; null for all together.")
    alerts: int
    compliance: float | None = strawberry.field(description="Share of the closed alerts that met their limit.")
    met: int
    breached_closed: int
    breached_open: int
    at_risk: int
    on_track: int
    unknown: int
    mean_time: float | None
    median_time: float | None


@strawberry.type
class PaginatedSla:
    """A page of parts."""

    data: list[SlaFigures]
    next_token: str | None


@strawberry.type
class RepositoryHealth:
    """How healthy a repository is: 100 is best. Unknown is null."""

    organisation_name: str
    repository_name: str = strawberry.field(description="org/repo.")
    score: float | None
    tier: str | None
    score_7d_ago: float | None = strawberry.field(name="score7dAgo")
    change_7d: float | None = strawberry.field(name="change7d")
    worst_signal: str | None = strawberry.field(description="What it loses most points for.")
    worst_facts: str | None
    archived: bool


@strawberry.type
class PaginatedRepositoryHealth:
    """A page of repositories."""

    data: list[RepositoryHealth]
    next_token: str | None


@strawberry.type
class Workflow:
    """A workflow and how it does. Times that it takes are in milliseconds."""

    organisation_name: str
    repository_name: str = strawberry.field(description="org/repo.")
    workflow_id: strawberry.ID | None
    workflow_name: str | None
    workflow_path: str | None
    state: str | None
    failure_streak: int | None
    last_run_at: datetime | None
    last_conclusion: str | None
    last_success_at: datetime | None
    runs: int
    success_rate: float | None = strawberry.field(description="Share of successes and failures.")
    median_duration: float | None
    p95_duration: float | None
    url: str | None


@strawberry.type
class PaginatedWorkflows:
    """A page of workflows."""

    data: list[Workflow]
    next_token: str | None


async def alerts_by_severity(
    info: Info,
    range: Range = DEFAULT_RANGE,  # noqa: A002
    filter: Filter | None = None,  # noqa: A002
) -> list[SeverityFigures]:
    """Open alerts and time to remediate of each severity that has any, the worst first."""
    reader = reader_in(info)
    scope, policy = scope_of(reader.clock(), filter, range), reader.policy()

    def both(tables: Tables) -> tuple[dict[str, Row], dict[str, Row]]:
        names = ("open_alerts", "time_to_remediate")
        found = [answer(tables, name, scope, "severity", policy).to_pylist() for name in names]
        backlog, closed = ({row["severity"] or "unknown": row for row in rows} for rows in found)
        return backlog, closed

    backlog, closed = await read(info, both)
    worst_first = (one for one in Severity if one.value in backlog or one.value in closed)
    return [_severity(one, backlog.get(one.value, {}), closed.get(one.value, {})) for one in worst_first]


async def sla(
    info: Info,
    range: Range = DEFAULT_RANGE,  # noqa: A002
    by: SlaGrouping | None = None,
    filter: Filter | None = None,  # noqa: A002
    limit: Limit = None,
    next_token: NextToken = None,
) -> PaginatedSla:
    """How alerts stand against their limits."""
    scope, grouping = scope_of(reader_in(info).clock(), filter, range), by.value if by else None
    rows, token = await _page(info, "sla_summary", grouping, scope, range, Asked(limit, next_token))
    return PaginatedSla(data=[_sla(row, grouping) for row in rows], next_token=token)


async def repository_health(
    info: Info,
    filter: Filter | None = None,  # noqa: A002
    limit: Limit = None,
    next_token: NextToken = None,
) -> PaginatedRepositoryHealth:
    """The health of repositories now, the worst first. Of the filter, organisations and repositories count."""
    scope = scope_of(reader_in(info).clock(), filter)
    rows, token = await _page(info, "repository_health", None, scope, "", Asked(limit, next_token))
    return PaginatedRepositoryHealth(data=[_health(row) for row in rows], next_token=token)


async def workflows(
    info: Info,
    range: Range = DEFAULT_RANGE,  # noqa: A002
    filter: WorkflowFilter | None = None,  # noqa: A002
    limit: Limit = None,
    next_token: NextToken = None,
) -> PaginatedWorkflows:
    """Workflows with the runs of the range, those that need attention first."""
    scope = scope_of_workflows(reader_in(info).clock(), filter, range)
    rows, token = await _page(info, "workflow_state", None, scope, range, Asked(limit, next_token))
    return PaginatedWorkflows(data=[_workflow(row) for row in rows], next_token=token)


async def _page(
    info: Info,
    name: str,
    by: str | None,
    scope: Scope,
    told_range: str,
    asked: Asked,
) -> tuple[list[Row], str | None]:
    """A page of a metric's rows, in the metric's order."""
    entry, policy = metric(name), reader_in(info).policy()

    def listed(given: Mapping[str, ir.Table], wanted: Scope) -> ir.Table:
        return entry.compute(given, wanted, by, policy)

    question = (name, by, told_range, policy.model_dump_json() if entry.uses_policy else "")
    return await read(info, lambda tables: page_of(tables, question, listed, scope, asked))


def _severity(severity: Severity, backlog: Row, closed: Row) -> SeverityFigures:
    return SeverityFigures(
        severity=severity,
        open_alerts=backlog.get("n", 0),
        median_age=_ms(backlog.get("median_age_s")),
        number_fixed=closed.get("n", 0),
        mean_time_to_remediate=_ms(closed.get("mean_s")),
        median_time_to_remediate=_ms(closed.get("median_s")),
        p90_time_to_remediate=_ms(closed.get("p90_s")),
    )


def _sla(row: Row, by: str | None) -> SlaFigures:
    return SlaFigures(
        part=None if by is None else row[by],
        alerts=row["n"],
        mean_time=_ms(row["mean_s"]),
        median_time=_ms(row["median_s"]),
        **_same(row, "compliance", "met", "breached_closed", "breached_open", "at_risk", "on_track", "unknown"),
    )


def _health(row: Row) -> RepositoryHealth:
    return RepositoryHealth(
        organisation_name=row["org"],
        repository_name=row["repo"],
        **_same(row, "score", "tier", "score_7d_ago", "change_7d", "worst_signal", "worst_facts", "archived"),
    )


def _workflow(row: Row) -> Workflow:
    return Workflow(
        organisation_name=row["org"],
        repository_name=row["repo"],
        workflow_id=None if row["workflow_id"] is None else strawberry.ID(str(row["workflow_id"])),
        median_duration=_ms(row["p50_s"]),
        p95_duration=_ms(row["p95_s"]),
        url=row["html_url"],
        **_same(row, "workflow_name", "workflow_path", "state", "failure_streak", "last_run_at"),
        **_same(row, "last_conclusion", "last_success_at", "runs", "success_rate"),
    )


def _same(row: Row, *names: str) -> dict[str, Any]:
    return {name: row[name] for name in names}


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else seconds * MS
