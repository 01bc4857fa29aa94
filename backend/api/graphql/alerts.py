"""Alerts: as GCSMTTR tells of them, with what Fettle knows besides."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

import ibis.expr.types as ir
import strawberry

from backend.api.graphql.context import Info, read, reader_in
from backend.api.graphql.inputs import Filter, Kind, Severity, bounded, scope_of
from backend.api.graphql.months import NAMES
from backend.api.graphql.pages import Asked, Row, page_of
from backend.api.graphql.refusal import Refused
from shared.datasets.alerts import KINDS
from shared.lake.reading import Tables
from shared.metrics.remediation.alerts import alerts_as_of
from shared.scope import Scope

CODE_SCANNING = KINDS[0]
_DIGITS = 18
_REASONS = {"fixed": "FIXED", "dismissed": "CLOSED", "auto_dismissed": "CLOSED"}
_COLUMNS = (
    *("repo", "org", "kind", "number", "state", "severity", "rule_id", "cwe_family", "tool", "package", "path"),
    *("created_at", "closed_at", "html_url"),
)

LIMIT = strawberry.argument(description="Rows of a page: 50 by default, 200 at most.")
NEXT = strawberry.argument(description="Of the page before; left out for the first page.")


@strawberry.type
class Alert:
    """A security alert of GitHub. Times are in UTC; what is not known or did not happen is null."""

    id: strawberry.ID = strawberry.field(description="org/repo/number; of other kinds org/repo/kind/number.")
    alert_id: int = strawberry.field(name="alertID", description="Its number in its repository, of its kind.")
    alert_url: str | None = strawberry.field(name="alertURL")
    organisation_name: str
    repository_name: str = strawberry.field(description="org/repo.")
    alert_created_at_full_timestamp: str | None
    alert_created_at_year: str | None
    alert_created_at_month: str | None = strawberry.field(description="Its English name.")
    alert_created_at_date: str | None = strawberry.field(description="The day of the month.")
    alert_closed_at_full_timestamp: str | None
    alert_closed_at_year: str | None
    alert_closed_at_month: str | None
    alert_closed_at_date: str | None
    alert_closed_at_reason: str | None = strawberry.field(description="FIXED, or CLOSED if it was dismissed.")
    kind: Kind
    severity: Severity
    state: str = strawberry.field(description="open, fixed, dismissed or auto_dismissed.")
    rule_id: str | None
    cwe_family: str | None
    tool: str | None
    package: str | None
    path: str | None


@strawberry.type
class PaginatedAlerts:
    """A page of alerts."""

    data: list[Alert]
    next_token: str | None


async def get_alert(info: Info, id: strawberry.ID | None = None) -> Alert | None:  # noqa: A002
    """One alert by its id; null if there is none."""
    if id is None:
        return None
    repo, kind, number = _parts(bounded("id", id, 400))
    scope = scope_of(reader_in(info).clock(), Filter(kinds=[Kind(kind)]), repo=repo)
    policy = reader_in(info).policy()

    def found(tables: Tables) -> list[Row]:
        alerts = alerts_as_of(tables, scope, policy)
        rows: list[Row] = alerts.filter(alerts.number == number).select(*_COLUMNS).to_pyarrow().to_pylist()
        return rows

    return next((_alert(row) for row in await read(info, found)), None)


async def get_alerts(
    info: Info,
    limit: Annotated[int | None, LIMIT] = None,
    next_token: Annotated[str | None, NEXT] = None,
    filter: Filter | None = None,  # noqa: A002
) -> PaginatedAlerts:
    """All alerts, in the order in which they were created."""
    scope, asked = scope_of(reader_in(info).clock(), filter), Asked(limit, next_token)
    policy = reader_in(info).policy()

    def listed(given: Mapping[str, ir.Table], wanted: Scope) -> ir.Table:
        rows = alerts_as_of(given, wanted, policy).select(*_COLUMNS)
        return rows.order_by(rows.created_at, rows.repo, rows.kind, rows.number)

    question = ("alerts", policy.cwe.model_dump_json())
    rows, token = await read(info, lambda tables: page_of(tables, question, listed, scope, asked))
    return PaginatedAlerts(data=[_alert(row) for row in rows], next_token=token)


def _parts(id: str) -> tuple[str, str, int]:  # noqa: A002
    """Repository, kind and number. Raises Refused."""
    parts = id.split("/")
    kind = parts.pop(2) if len(parts) == 4 and parts[2] in KINDS else CODE_SCANNING
    number = parts[-1]
    if len(parts) != 3 or not number.isascii() or not number.isdigit() or len(number) > _DIGITS:
        raise Refused(f"id is {id[:80]!r}; write it as org/repo/number, or as org/repo/dependabot/number.")
    return "/".join(parts[:2]), kind, int(number)


def _alert(row: Row) -> Alert:
    own = "" if row["kind"] == CODE_SCANNING else f"{row['kind']}/"
    created, closed = _dated("created", row["created_at"]), _dated("closed", row["closed_at"])
    return Alert(
        id=strawberry.ID(f"{row['repo']}/{own}{row['number']}"),
        alert_id=row["number"],
        alert_url=row["html_url"],
        organisation_name=row["org"],
        repository_name=row["repo"],
        **created,
        **closed,
        alert_closed_at_reason=_REASONS.get(row["state"]),
        kind=Kind(row["kind"]),
        severity=Severity(row["severity"] or "unknown"),
        **{name: row[name] for name in ("state", "rule_id", "cwe_family", "tool", "package", "path")},
    )


def _dated(what: str, time: datetime | None) -> dict[str, Any]:
    at = time.astimezone(UTC) if time else None
    return {
        f"alert_{what}_at_full_timestamp": at and at.isoformat().replace("+00:00", "Z"),
        f"alert_{what}_at_year": at and str(at.year),
        f"alert_{what}_at_month": at and NAMES[at.month - 1],
        f"alert_{what}_at_date": at and str(at.day),
    }
