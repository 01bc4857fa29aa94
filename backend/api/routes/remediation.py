"""Remediation: alerts, how fast they are put right, and how they stand against their limits."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import ibis
import ibis.expr.types as ir
from fastapi import APIRouter, Query
from pydantic import BaseModel

from backend.api.asking import AskedScope, Asks, Viewer
from backend.api.paging import AskedPage, Paged, page_of
from backend.api.reading import answer
from shared.metrics import METRICS
from shared.metrics.findings.derived_state import DERIVED_STATES, worst_first
from shared.metrics.findings.search import SEARCH, matching
from shared.scope import Scope

router = APIRouter(tags=["remediation"])

LONGEST_SEARCH = 200

Search = Annotated[str, Query(max_length=LONGEST_SEARCH, description="Every word of it must be in the text.")]


class Rows(BaseModel):
    """The rows of a small table."""

    items: list[dict[str, Any]]


@router.get("/alerts")
async def alerts(
    _who: Viewer,
    scope: AskedScope,
    page: AskedPage,
    reader: Asks,
    q: Search = "",
    state: Annotated[list[Literal[DERIVED_STATES]], Query()] = [],  # type: ignore[valid-type]  # noqa: B006
) -> Paged:
    """Alerts with their derived state and what was decided on them, worst and then oldest first."""
    policy, states = reader.policy(), tuple(state)

    def listed(given: Mapping[str, ir.Table], asked: Scope) -> ir.Table:
        rows = matching(METRICS["alert_list"].compute(given, asked, None, policy), q)
        rows = rows.filter(rows.state.isin(states)) if states else rows
        return worst_first(rows, "created_at").drop(SEARCH)

    question = ("alerts", q, states, policy.model_dump_json())
    return await reader.read(lambda tables: page_of(tables, question, listed, scope, page))


@router.get("/mttr")
async def mttr(
    _who: Viewer,
    scope: AskedScope,
    reader: Asks,
    by: Literal["org", "repo", "severity", "kind", "tool", "cwe_family", "month"] | None = None,
    include_dismissed: bool = False,
    include_auto_dismissed: bool = False,
) -> Rows:
    """Time to remediate of the alerts that were closed in the range, in seconds: mean, median, p90, survival median."""
    on = {"include_dismissed": include_dismissed, "include_auto_dismissed": include_auto_dismissed}
    policy = reader.policy()
    found = await reader.read(lambda tables: answer(tables, "time_to_remediate", scope, by, policy, on))
    return Rows(items=found.to_pylist())


@router.get("/sla")
async def sla(
    _who: Viewer,
    scope: AskedScope,
    reader: Asks,
    by: Literal["org", "repo", "severity", "kind", "tool", "cwe_family", "month"] | None = None,
) -> Rows:
    """How alerts stand against their limits."""
    policy = reader.policy()
    found = await reader.read(lambda tables: answer(tables, "sla_summary", scope, by, policy))
    return Rows(items=found.to_pylist())


@router.get("/sla/worklist")
async def worklist(_who: Viewer, scope: AskedScope, page: AskedPage, reader: Asks) -> Paged:
    """Open alerts that breach in the next 7 and 14 days, the next first."""
    policy = reader.policy()

    def due(given: Mapping[str, ir.Table], asked: Scope) -> ir.Table:
        rows = METRICS["sla_worklist"].compute(given, asked, None, policy)
        return rows.order_by(rows.due_at, rows.repo, rows.kind, rows.number)

    question = ("worklist", policy.model_dump_json())
    return await reader.read(lambda tables: page_of(tables, question, due, scope, page))


@router.get("/prs")
async def prs(
    _who: Viewer,
    scope: AskedScope,
    page: AskedPage,
    reader: Asks,
    state: Literal["open", "closed", "merged"] | None = None,
) -> Paged:
    """Pull requests created in the range, the newest first."""

    def listed(given: Mapping[str, ir.Table], asked: Scope) -> ir.Table:
        rows = asked.within(asked.filter(given["pull_requests"]), "created_at")
        rows = rows.filter(rows.state == state) if state else rows
        return rows.order_by(ibis.desc(rows.created_at), rows.repo, ibis.desc(rows.number))

    return await reader.read(lambda tables: page_of(tables, ("prs", state), listed, scope, page))


@router.get("/sessions")
async def sessions(
    _who: Viewer,
    scope: AskedScope,
    page: AskedPage,
    reader: Asks,
    status: Literal["queued", "running", "waiting", "finished", "failed", "stopped", "expired", "unknown"]
    | None = None,
) -> Paged:
    """Sessions of agents created in the range, the newest first."""

    def listed(given: Mapping[str, ir.Table], asked: Scope) -> ir.Table:
        rows = asked.within(asked.filter(given["agent_sessions"]), "created_at")
        rows = rows.filter(rows.status == status) if status else rows
        return rows.order_by(ibis.desc(rows.created_at), rows.provider, rows.session_id)

    return await reader.read(lambda tables: page_of(tables, ("sessions", status), listed, scope, page))
