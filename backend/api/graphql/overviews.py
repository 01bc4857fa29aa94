"""Overviews: what became of the alerts of each repository and organisation, month by month, as GCSMTTR tells it.

Its time to remediate counts what was dismissed by a person as well as what was fixed: both totals over both numbers.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import ibis
import ibis.expr.types as ir
import strawberry

from backend.api.graphql.alerts import LIMIT, NEXT
from backend.api.graphql.context import Info, read, reader_in
from backend.api.graphql.inputs import Filter, Sort, bounded, scope_of
from backend.api.graphql.months import month_of, period_of
from backend.api.graphql.pages import Asked, Row, page_of
from backend.api.graphql.refusal import Refused
from shared.metrics import metric
from shared.scope import Scope

MS = 1000.0

Limit = Annotated[int | None, LIMIT]
NextToken = Annotated[str | None, NEXT]
Period = Annotated[str, strawberry.argument(description="As 2026-October.")]
OptionalPeriod = Annotated[str | None, strawberry.argument(description="As 2026-October.")]


@strawberry.interface
class Overview:
    """What became of alerts in one month (UTC). Both fixed and manually closed alerts count as remediated."""

    id: strawberry.ID
    monthly_period: str = strawberry.field(description="As 2026-October.")
    organisation_name: str
    open_alerts: int = strawberry.field(description="Open at the end of the month; of the current one, now.")
    number_fixed: int
    number_manually_closed: int = strawberry.field(description="Dismissed by a person.")
    total_time_to_remediate: float = strawberry.field(description="Milliseconds, of all that were remediated.")
    mean_time_to_remediate: float | None = strawberry.field(description="Milliseconds; null if none was remediated.")

    number_manually_cosed: int = strawberry.field(deprecation_reason="Misspelt; use numberManuallyClosed.")


@strawberry.type
class RepositoryOverview(Overview):
    """One month of a repository; the id is org/repo/2026-October."""

    repository_name: str = strawberry.field(description="org/repo.")


@strawberry.type
class OrganisationOverview(Overview):
    """One month of an organisation; the id is org/2026-October."""


@strawberry.type
class PaginatedRepositoryOverviews:
    """A page of months of repositories."""

    data: list[RepositoryOverview]
    next_token: str | None


@strawberry.type
class PaginatedOrganisationOverviews:
    """A page of months of organisations."""

    data: list[OrganisationOverview]
    next_token: str | None


async def get_repository_overview(info: Info, id: strawberry.ID | None = None) -> RepositoryOverview | None:  # noqa: A002
    """One month of a repository by its id; null if it had no alerts yet, or there is none."""
    if id is None:
        return None
    repo, _, period = bounded("id", id, 400).rpartition("/")
    if repo.count("/") != 1:
        raise Refused(f"id is {id[:80]!r}; write it as org/repo/2026-October.")
    rows, _ = await _rows(info, "repo", repo=repo, period=period)
    return next(map(_of_repository, rows), None)


async def get_repository_overviews(
    info: Info,
    limit: Limit = None,
    next_token: NextToken = None,
    filter: Filter | None = None,  # noqa: A002
) -> PaginatedRepositoryOverviews:
    """All months of all repositories, the first month first."""
    return _of_repositories(await _rows(info, "repo", Asked(limit, next_token), filter=filter))


async def of_repository_name(
    info: Info,
    repository_name: Annotated[str, strawberry.argument(description="org/repo.")],
    monthly_period: OptionalPeriod = None,
    limit: Limit = None,
    sort_direction: Sort | None = None,
    next_token: NextToken = None,
    filter: Filter | None = None,  # noqa: A002
) -> PaginatedRepositoryOverviews:
    """The months of one repository, in their order."""
    asked = Asked(limit, next_token)
    given = {"repo": repository_name, "period": monthly_period}
    return _of_repositories(await _rows(info, "repo", asked, sort_direction, filter, **given))


async def of_repositories_in_month(
    info: Info,
    monthly_period: Period,
    repository_name: Annotated[str | None, strawberry.argument(description="org/repo.")] = None,
    limit: Limit = None,
    sort_direction: Sort | None = None,
    next_token: NextToken = None,
    filter: Filter | None = None,  # noqa: A002
) -> PaginatedRepositoryOverviews:
    """One month of all repositories, by name."""
    asked = Asked(limit, next_token)
    given = {"repo": repository_name, "period": monthly_period}
    return _of_repositories(await _rows(info, "repo", asked, sort_direction, filter, **given))


async def get_organisation_overview(info: Info, id: strawberry.ID | None = None) -> OrganisationOverview | None:  # noqa: A002
    """One month of an organisation by its id; null if it had no alerts yet, or there is none."""
    if id is None:
        return None
    org, _, period = bounded("id", id, 400).rpartition("/")
    if not org or "/" in org:
        raise Refused(f"id is {id[:80]!r}; write it as org/2026-October.")
    rows, _ = await _rows(info, "org", org=org, period=period)
    return next(map(_of_organisation, rows), None)


async def get_organisation_overviews(
    info: Info,
    limit: Limit = None,
    next_token: NextToken = None,
    filter: Filter | None = None,  # noqa: A002
) -> PaginatedOrganisationOverviews:
    """All months of all organisations, the first month first."""
    return _of_organisations(await _rows(info, "org", Asked(limit, next_token), filter=filter))


async def of_organisation_name(
    info: Info,
    organisation_name: str,
    monthly_period: OptionalPeriod = None,
    limit: Limit = None,
    sort_direction: Sort | None = None,
    next_token: NextToken = None,
    filter: Filter | None = None,  # noqa: A002
) -> PaginatedOrganisationOverviews:
    """The months of one organisation, in their order."""
    asked = Asked(limit, next_token)
    given = {"org": organisation_name, "period": monthly_period}
    return _of_organisations(await _rows(info, "org", asked, sort_direction, filter, **given))


async def of_organisations_in_month(
    info: Info,
    monthly_period: Period,
    organisation_name: str | None = None,
    limit: Limit = None,
    sort_direction: Sort | None = None,
    next_token: NextToken = None,
    filter: Filter | None = None,  # noqa: A002
) -> PaginatedOrganisationOverviews:
    """One month of all organisations, by name."""
    asked = Asked(limit, next_token)
    given = {"org": organisation_name, "period": monthly_period}
    return _of_organisations(await _rows(info, "org", asked, sort_direction, filter, **given))


Subject = Literal["repo", "org"]
_METRICS: dict[Subject, str] = {"repo": "repository_overview", "org": "organisation_overview"}


async def _rows(
    info: Info,
    subject: Subject,
    asked: Asked = Asked(1, None),  # noqa: B008 - frozen
    sort: Sort | None = None,
    filter: Filter | None = None,  # noqa: A002
    *,
    repo: str | None = None,
    org: str | None = None,
    period: str | None = None,
) -> tuple[list[Row], str | None]:
    """A page of the metric of a subject over all time, by month and name."""
    reader = reader_in(info)
    scope, policy = scope_of(reader.clock(), filter, repo=repo, org=org), reader.policy()
    month = None if period is None else month_of(period)
    descending = sort is Sort.desc
    entry = metric(_METRICS[subject])

    def listed(given: Mapping[str, ir.Table], wanted: Scope) -> ir.Table:
        rows = entry.compute(given, wanted, None, policy)
        if month is not None:
            rows = rows.filter(rows.month == month)
        order = ibis.desc if descending else ibis.asc
        return rows.order_by(order("month"), order(subject))

    question = (entry.name, month, descending, policy.cwe.model_dump_json())
    return await read(info, lambda tables: page_of(tables, question, listed, scope, asked))


def _of_repositories(page: tuple[list[Row], str | None]) -> PaginatedRepositoryOverviews:
    return PaginatedRepositoryOverviews(data=[_of_repository(row) for row in page[0]], next_token=page[1])


def _of_organisations(page: tuple[list[Row], str | None]) -> PaginatedOrganisationOverviews:
    return PaginatedOrganisationOverviews(data=[_of_organisation(row) for row in page[0]], next_token=page[1])


def _of_repository(row: Row) -> RepositoryOverview:
    return RepositoryOverview(repository_name=row["repo"], **_figures(row, row["repo"]))


def _of_organisation(row: Row) -> OrganisationOverview:
    return OrganisationOverview(**_figures(row, row["org"]))


def _figures(row: Row, name: str) -> dict[str, Any]:
    total = MS * ((row["total_time_to_remediate_s"] or 0.0) + (row["total_time_to_dismiss_s"] or 0.0))
    n = row["number_fixed"] + row["number_dismissed"]
    period = period_of(row["month"])
    return {
        "id": strawberry.ID(f"{name}/{period}"),
        "monthly_period": period,
        "organisation_name": row["org"],
        "open_alerts": row["open_alerts"],
        "number_fixed": row["number_fixed"],
        "number_manually_closed": row["number_dismissed"],
        "number_manually_cosed": row["number_dismissed"],
        "total_time_to_remediate": total,
        "mean_time_to_remediate": total / n if n else None,
    }
