"""Schema: what may be asked, and what a question that fails is told."""

import logging
from collections.abc import Sequence

import strawberry
from graphql import GraphQLError
from strawberry.extensions import MaskErrors
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from backend.api.errors import ApiError
from backend.api.graphql import alerts, figures, overviews
from backend.api.graphql.limits import Limits
from shared.errors import FettleError

log = logging.getLogger(__name__)

UNEXPECTED = "Something went wrong here; the server's log has what."


@strawberry.type
class Query:
    """GCSMTTR's questions by name, and those beyond."""

    get_alert: alerts.Alert | None = strawberry.field(resolver=alerts.get_alert)
    get_alerts: alerts.PaginatedAlerts = strawberry.field(resolver=alerts.get_alerts)
    get_repository_overview: overviews.RepositoryOverview | None = strawberry.field(
        resolver=overviews.get_repository_overview
    )
    get_repository_overviews: overviews.PaginatedRepositoryOverviews = strawberry.field(
        resolver=overviews.get_repository_overviews
    )
    repository_overview_by_name: overviews.PaginatedRepositoryOverviews = strawberry.field(
        resolver=overviews.of_repository_name, name="repositoryOverviewbyRepositoryName"
    )
    repository_overview_by_month: overviews.PaginatedRepositoryOverviews = strawberry.field(
        resolver=overviews.of_repositories_in_month, name="repositoryOverviewbyMonthlyPeriod"
    )
    get_organisation_overview: overviews.OrganisationOverview | None = strawberry.field(
        resolver=overviews.get_organisation_overview
    )
    get_organisation_overviews: overviews.PaginatedOrganisationOverviews = strawberry.field(
        resolver=overviews.get_organisation_overviews
    )
    organisation_overview_by_name: overviews.PaginatedOrganisationOverviews = strawberry.field(
        resolver=overviews.of_organisation_name, name="organisationOverviewbyOrganisationName"
    )
    organisation_overview_by_month: overviews.PaginatedOrganisationOverviews = strawberry.field(
        resolver=overviews.of_organisations_in_month, name="organisationOverviewbyMonthlyPeriod"
    )
    alerts_by_severity: list[figures.SeverityFigures] = strawberry.field(resolver=figures.alerts_by_severity)
    sla: figures.PaginatedSla = strawberry.field(resolver=figures.sla)
    repository_health: figures.PaginatedRepositoryHealth = strawberry.field(resolver=figures.repository_health)
    workflows: figures.PaginatedWorkflows = strawberry.field(resolver=figures.workflows)


class Schema(strawberry.Schema):
    """A schema that writes into the log what is no fault of who asks, and nothing else."""

    def process_errors(self, errors: Sequence[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Logs errors of ours."""
        del execution_context
        for error in errors:
            if _is_ours(error):
                log.error("A GraphQL question failed at %s.", error.path, exc_info=error.original_error)


def _is_ours(error: GraphQLError) -> bool:
    """Whether an error tells of our insides rather than of what was asked."""
    cause = error.original_error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause is not None and not isinstance(cause, FettleError | ApiError)


def make_schema() -> Schema:
    """The schema with its limits."""
    return Schema(
        query=Query,
        extensions=[Limits, lambda: MaskErrors(should_mask_error=_is_ours, error_message=UNEXPECTED)],
        config=StrawberryConfig(sort_schema=False),
    )
