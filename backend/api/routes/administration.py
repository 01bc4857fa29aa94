"""Administration: who one is, what is set, who changed what, and the sample data."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import ibis
import ibis.expr.types as ir
from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from backend.api.asking import AskedScope, Asks, Pushes, Viewer, needs
from backend.api.paging import AskedPage, Paged, page_of
from shared.access.audit import note
from shared.access.roles import Caller, Role
from shared.csv import csv_of
from shared.datasets import DATASETS
from shared.lake.prepared import ask
from shared.lake.reading import Tables
from shared.scope import Scope, parse_time

router = APIRouter(tags=["administration"])

Admin = needs("admin")
Operator = needs("operator")

MOST_EXPORTED = 100_000

Text = Annotated[str | None, Query(max_length=200)]


class Me(BaseModel):
    """Who asks."""

    name: str
    role: Role


@router.get("/me")
async def me(who: Viewer) -> Me:
    """Says whose the key is, and what it may do."""
    return Me(name=who.name, role=who.role)


@router.get("/config")
async def config(_who: Admin, reader: Asks) -> dict[str, Any]:  # type: ignore[valid-type]
    """The settings, secrets hidden, and the policy."""
    settings = reader.settings.model_dump(mode="json", exclude_none=True)
    return {"settings": settings, "policy": reader.policy().model_dump(mode="json")}


@router.get("/audit-log")
async def audit_log(
    _who: Admin,  # type: ignore[valid-type]
    scope: AskedScope,
    page: AskedPage,
    reader: Asks,
    action: Text = None,
    user: Text = None,
) -> Paged:
    """Who changed what in the range, the newest first."""

    def listed(given: Mapping[str, ir.Table], asked: Scope) -> ir.Table:
        return _entries(given, asked, action, user)

    return await reader.read(lambda tables: page_of(tables, ("audit", action, user), listed, scope, page))


@router.get("/audit-log/export", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
async def export(
    _who: Admin,  # type: ignore[valid-type]
    reader: Asks,
    since: Annotated[str | None, Query(max_length=40, description="ISO 8601")] = None,
) -> Response:
    """The audit log since a time as CSV, the newest 100,000 entries."""
    until = reader.clock() + timedelta(microseconds=1)  # what is noted at this very moment is in it
    scope = Scope(until=until, since=parse_time(since, "since") if since else None)

    def rows(tables: Tables) -> bytes:
        def listed(given: Mapping[str, ir.Table], asked: Scope) -> ir.Table:
            return _entries(given, asked, None, None).limit(MOST_EXPORTED)

        return csv_of(ask(tables, ("audit export",), listed, scope).to_pandas())

    headers = {"content-disposition": 'attachment; filename="audit-log.csv"'}
    return Response(await reader.read(rows), media_type="text/csv; charset=utf-8", headers=headers)


def _entries(given: Mapping[str, ir.Table], asked: Scope, action: str | None, user: str | None) -> ir.Table:
    rows = asked.within(given["audit_log"], "at")
    rows = rows.filter(rows.action == action) if action else rows
    rows = rows.filter(rows.user == user) if user else rows
    return rows.order_by(ibis.desc(rows["at"]), rows.entry_id)


class DemoSummary(BaseModel):
    """Rows of the sample by dataset; none if it is not loaded."""

    rows: dict[str, int]


class DemoAsked(BaseModel):
    """How large the sample is to be."""

    repos: int = Field(default=24, ge=1, le=5_000)
    days: int = Field(default=365, ge=1, le=3_650)
    runs: int = Field(default=40_000, ge=0, le=1_000_000)
    seed: int = Field(default=7, ge=0, le=2**31)


@router.get("/demo-data")
async def demo_data(_who: Viewer, reader: Asks) -> DemoSummary:
    """What there is of the sample."""

    def counted() -> DemoSummary:
        tables = reader.lake.tables("demo")
        counts = {name: tables.count_of(name) for name in DATASETS}
        return DemoSummary(rows={name: count for name, count in counts.items() if count})

    return await reader.do(counted)


@router.post("/demo-data")
async def load(who: Operator, reader: Asks, inbox: Pushes, size: DemoAsked | None = None) -> DemoSummary:  # type: ignore[valid-type]
    """Loads the sample; real rows stay as they are."""
    return await _loaded(who, reader, inbox, size or DemoAsked(), "demo.load")


@router.post("/demo-data/reset")
async def reset(who: Operator, reader: Asks, inbox: Pushes, size: DemoAsked | None = None) -> DemoSummary:  # type: ignore[valid-type]
    """Loads the sample anew, up to now."""
    return await _loaded(who, reader, inbox, size or DemoAsked(), "demo.reset")


@router.delete("/demo-data")
async def clear(who: Operator, reader: Asks, inbox: Pushes) -> DemoSummary:  # type: ignore[valid-type]
    """Removes the sample and nothing else; returns how many rows went."""
    from backend.demo.load import clear_demo  # only now: what it needs takes seconds to import

    caller: Caller = who
    gone = await reader.do(lambda: clear_demo(reader.lake))
    reader.changed()
    await note(inbox, caller, "demo.clear", "sample", datetime.now(UTC), rows=sum(gone.values()))
    return DemoSummary(rows=gone)


async def _loaded(caller: Caller, reader: Asks, inbox: Pushes, size: DemoAsked, action: str) -> DemoSummary:
    from backend.demo.load import load_demo, regenerate_demo
    from backend.demo.size import DemoSize

    wanted = DemoSize(**size.model_dump())
    make = regenerate_demo if action == "demo.reset" else load_demo
    loaded = await reader.do(lambda: make(reader.lake, wanted))
    reader.changed()
    await note(inbox, caller, action, "sample", datetime.now(UTC), **size.model_dump())
    return DemoSummary(rows=dict(loaded.rows))
