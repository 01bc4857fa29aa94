"""Findings: issues across scans, what is known of each, and what people decide on them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from backend.api.asking import AskedScope, Asks, Pushes, Viewer, needs
from backend.api.errors import ApiError, Problem, refused
from backend.api.paging import AskedPage, Paged, page_of
from backend.api.reading import Reader
from backend.api.routes.remediation import Search
from shared.access.audit import note
from shared.access.roles import Caller
from shared.datasets.triage import DECISIONS
from shared.lake.prepared import ask
from shared.lake.reading import Tables
from shared.metrics import METRICS
from shared.metrics.findings.derived_state import DERIVED_STATES, worst_first
from shared.metrics.findings.search import SEARCH, matching
from shared.metrics.findings.timeline import timeline
from shared.scope import Scope
from shared.triage import Decision, TriageRefused, decide

router = APIRouter(tags=["findings"])

Operator = needs("operator", limited=True)
Fingerprint = Annotated[str, Path(max_length=200, description="Of a finding, as the list gives it.")]
Repo = Annotated[str | None, Query(max_length=200, description="OWNER/NAME, where several have the fingerprint.")]


@router.get("/issues")
async def issues(
    _who: Viewer,
    scope: AskedScope,
    page: AskedPage,
    reader: Asks,
    q: Search = "",
    state: Annotated[list[Literal[DERIVED_STATES]], Query()] = [],  # type: ignore[valid-type]  # noqa: B006
) -> Paged:
    """Findings that were open, or fixed in the range, worst and then oldest first."""
    return await _listed(reader, scope, page, q, tuple(state))


@router.get("/issues/search")
async def search(_who: Viewer, scope: AskedScope, page: AskedPage, reader: Asks, q: Search) -> Paged:
    """Findings that hold every word of a text in their rule, message, path, repository or tool."""
    return await _listed(reader, scope, page, q, ())


class Detail(BaseModel):
    """A finding and what happened to it, the oldest first."""

    finding: dict[str, Any]
    timeline: list[dict[str, Any]]


@router.get("/issues/{fingerprint}/detail")
async def detail(
    _who: Viewer, fingerprint: Fingerprint, scope: AskedScope, reader: Asks, in_repo: Repo = None
) -> Detail:
    """All that is known of a finding."""

    def both(tables: Tables) -> Detail:
        found = _one(tables, fingerprint, in_repo, scope)
        subject = str(found["subject"])

        def steps(given: Mapping[str, ir.Table], asked: Scope) -> ir.Table:
            return timeline(given, asked, subject)

        happened: pa.Table = ask(tables, ("timeline", subject), steps, Scope(until=scope.until))
        return Detail(finding=found, timeline=happened.to_pylist())

    return await reader.read(both)


class Status(BaseModel):
    """What is decided on a finding. expires_at: until when it holds; for an accepted risk, the policy's by default."""

    decision: Literal[DECISIONS]  # type: ignore[valid-type]
    owner: str = Field(default="", max_length=2_000)
    reason: str = Field(default="", max_length=2_000)
    expires_at: datetime | None = None


class Decided(BaseModel):
    """The decision was stored."""

    subject: str
    decision: str


@router.patch("/issues/{fingerprint}/status")
async def set_status(
    who: Operator,  # type: ignore[valid-type]
    fingerprint: Fingerprint,
    status: Status,
    reader: Asks,
    inbox: Pushes,
    in_repo: Repo = None,
) -> Decided:
    """Decides on a finding: false positive, won't fix, risk accepted, or open again. No recomputation erases it."""
    caller: Caller = who
    now, policy = reader.clock(), reader.policy()

    def store(tables: Tables) -> str:
        found = _one(tables, fingerprint, in_repo, Scope(until=now))
        subject = str(found["subject"])
        decision = Decision((subject,), status.decision, status.owner, status.reason, status.expires_at)
        decide(reader.lake_of(str(found["repo"])), decision, policy.triage, demo=tables.rows == "demo")
        return subject

    try:
        subject = await reader.read(store)
    except TriageRefused as error:
        raise refused([Problem(field=field, message=text) for field, text in error.problems.items()]) from error
    reader.changed()
    await note(inbox, caller, "finding.decide", subject, now, decision=status.decision)
    return Decided(subject=subject, decision=status.decision)


async def _listed(reader: Reader, scope: Scope, page: Any, q: str, states: tuple[str, ...]) -> Paged:  # noqa: ANN401
    def listed(given: Mapping[str, ir.Table], asked: Scope) -> ir.Table:
        rows = matching(METRICS["finding_list"].compute(given, asked), q)
        rows = rows.filter(rows.state.isin(states)) if states else rows
        return worst_first(rows, "first_seen").drop(SEARCH)

    return await reader.read(lambda tables: page_of(tables, ("issues", q, states), listed, scope, page))


def _one(tables: Tables, fingerprint: str, repo: str | None, scope: Scope) -> dict[str, Any]:
    """The finding of a fingerprint. Raises ApiError where there is none, or more than one."""
    known = tables["findings"]
    known = known.filter(known.fingerprint == ibis.literal(fingerprint))
    known = known.filter(known.repo == ibis.literal(repo)) if repo else known
    subjects: list[dict[str, Any]] = known.select("repo", "tool").limit(20).to_pyarrow().to_pylist()
    if not subjects:
        raise ApiError(404, f"There is no finding {fingerprint[:80]!r}; GET /api/issues lists them.", "fingerprint")
    if len(subjects) > 1:
        named = ", ".join(f"{one['repo']} ({one['tool']})" for one in subjects)
        raise ApiError(409, f"Several have this fingerprint: {named}; say which by in_repo.", "in_repo")
    narrowed = Scope(until=scope.until, repos=(subjects[0]["repo"],))

    def listed(given: Mapping[str, ir.Table], asked: Scope) -> ir.Table:
        return METRICS["finding_list"].compute(given, asked).drop(SEARCH)

    rows: list[dict[str, Any]] = ask(tables, ("one issue",), listed, narrowed).to_pylist()
    found = next((row for row in rows if row["fingerprint"] == fingerprint), None)
    if found is None:
        raise ApiError(404, f"There was no finding {fingerprint[:80]!r} at that time.", "fingerprint")
    return found
