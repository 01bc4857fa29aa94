"""Repositories: the figures of all, of each, and how healthy they are; their workflows, runs and scans."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal

import ibis
import ibis.expr.types as ir
from fastapi import APIRouter, Path, Query
from pydantic import BaseModel

from backend.api.asking import AskedScope, Asks, Viewer
from backend.api.errors import ApiError
from backend.api.paging import AskedPage, Paged, page_of
from backend.api.reading import answer
from shared.lake.reading import Tables
from shared.metrics import METRICS
from shared.scope import Scope

router = APIRouter(tags=["repositories"])

PERIODS = {"7d": timedelta(days=7), "30d": timedelta(days=30), "90d": timedelta(days=90), "all": None}

Named = Annotated[str, Path(max_length=100)]

_OF_ALL = ("open_alerts", "time_to_remediate", "sla_summary", "success_rate", "sessions_started")


class Stats(BaseModel):
    """The figures of a period, each as the metric of that name gives it."""

    period: str
    as_of: str
    repositories: int
    metrics: dict[str, dict[str, Any]]


@router.get("/stats")
async def stats(_who: Viewer, reader: Asks, period: Literal["7d", "30d", "90d", "all"] = "30d") -> Stats:
    """The figures that tell how things stand: open alerts, time to remediate, SLA, CI, sessions of agents."""
    now, policy, length = reader.clock(), reader.policy(), PERIODS[period]
    scope = Scope(until=now, since=None if length is None else now - length)

    def asked(tables: Tables) -> Stats:
        found = {name: answer(tables, name, scope, None, policy).to_pylist() for name in _OF_ALL}
        listed = int(tables["repositories"].count().to_pyarrow().as_py())
        figures = {name: rows[0] if rows else {} for name, rows in found.items()}
        return Stats(period=period, as_of=now.isoformat(), repositories=listed, metrics=figures)

    return await reader.read(asked)


@router.get("/repos")
async def repos(_who: Viewer, scope: AskedScope, page: AskedPage, reader: Asks) -> Paged:
    """Repositories by name, as they were last listed."""

    def listed(given: Mapping[str, ir.Table], asked: Scope) -> ir.Table:
        return asked.filter(given["repositories"]).order_by("repo")

    return await reader.read(lambda tables: page_of(tables, ("repos",), listed, scope, page))


class RepositoryTold(BaseModel):
    """One repository: what is listed of it, and its figures. health: null where nothing is known of it."""

    repository: dict[str, Any] | None
    health: dict[str, Any] | None
    metrics: dict[str, dict[str, Any]]


@router.get("/repo/{owner}/{name}")
async def repo(_who: Viewer, owner: Named, name: Named, scope: AskedScope, reader: Asks) -> RepositoryTold:
    """One repository with its health and figures."""
    full, policy = f"{owner}/{name}", reader.policy()
    own = Scope(until=scope.until, since=scope.since, repos=(full,))

    def asked(tables: Tables) -> RepositoryTold:
        known = tables["repositories"]
        listed = known.filter(known.repo == ibis.literal(full)).to_pyarrow().to_pylist()
        on = {"include_archived": True}
        health = answer(tables, "repository_health", own, None, policy, on).to_pylist()
        if not listed and not health:
            raise ApiError(404, f"Nothing is known of {full[:200]!r}; GET /api/repos lists what is.", "name")
        figures = {metric: answer(tables, metric, own, None, policy).to_pylist() for metric in _OF_ALL}
        return RepositoryTold(
            repository=listed[0] if listed else None,
            health=health[0] if health else None,
            metrics={metric: rows[0] if rows else {} for metric, rows in figures.items()},
        )

    return await reader.read(asked)


@router.get("/health/repositories")
async def health(_who: Viewer, scope: AskedScope, page: AskedPage, reader: Asks) -> Paged:
    """Repositories by health score, the worst first, with the points lost per signal."""
    policy = reader.policy()

    def scored(given: Mapping[str, ir.Table], asked: Scope) -> ir.Table:
        rows = METRICS["repository_health"].compute(given, asked, None, policy)
        return rows.order_by(rows.score.asc(nulls_first=False), rows.repo)

    question = ("health", policy.model_dump_json())
    return await reader.read(lambda tables: page_of(tables, question, scored, scope, page))


@router.get("/workflows")
async def workflows(
    _who: Viewer,
    scope: AskedScope,
    page: AskedPage,
    reader: Asks,
    state: Literal["failing", "stale", "inactive", "healthy", "never_run"] | None = None,
) -> Paged:
    """Workflows with their state, failing, stale and inactive ones first."""
    policy = reader.policy()
    order = ("failing", "stale", "inactive", "never_run", "healthy")

    def judged(given: Mapping[str, ir.Table], asked: Scope) -> ir.Table:
        rows = METRICS["workflow_state"].compute(given, asked, None, policy)
        rows = rows.filter(rows.state == state) if state else rows
        rank = rows.state.cases(*((name, place) for place, name in enumerate(order)), else_=len(order))
        return rows.order_by(rank, rows.repo, rows.workflow_name, rows.workflow_id)

    question = ("workflows", state, policy.model_dump_json())
    return await reader.read(lambda tables: page_of(tables, question, judged, scope, page))


@router.get("/workflow-runs")
async def workflow_runs(
    _who: Viewer,
    scope: AskedScope,
    page: AskedPage,
    reader: Asks,
    conclusion: Annotated[str | None, Query(max_length=40)] = None,
) -> Paged:
    """Runs created in the range, the newest first; of a run that was tried again, each attempt."""

    def listed(given: Mapping[str, ir.Table], asked: Scope) -> ir.Table:
        rows = asked.within(asked.filter(given["workflow_runs"]), "created_at")
        named = asked.branch not in (None, "*")
        rows = rows.filter(rows.branch == ibis.literal(asked.branch)) if named else rows
        rows = rows.filter(rows.conclusion == conclusion) if conclusion else rows
        return rows.order_by(ibis.desc(rows.created_at), ibis.desc(rows.run_id), ibis.desc(rows.run_attempt))

    return await reader.read(lambda tables: page_of(tables, ("runs", conclusion), listed, scope, page))


@router.get("/runs")
async def scans(_who: Viewer, scope: AskedScope, page: AskedPage, reader: Asks) -> Paged:
    """Scans in the range, the newest first, each with how many of its issues are open now."""

    def listed(given: Mapping[str, ir.Table], asked: Scope) -> ir.Table:
        rows = asked.within(asked.filter(given["scans"]), "created_at")
        found = given["findings"]
        still = found.filter(found.status != "fixed")
        last = still.group_by("last_scan_id").aggregate(open_issues=still.count())
        told = rows.left_join(last, rows.scan_id == last.last_scan_id)
        told = told.mutate(open_issues=told.open_issues.fill_null(0)).drop("last_scan_id")
        return told.order_by(ibis.desc(told.created_at), told.scan_id)

    return await reader.read(lambda tables: page_of(tables, ("scans",), listed, scope, page))
