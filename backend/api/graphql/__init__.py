"""GraphQL: GCSMTTR's schema by name, and what Fettle knows beyond it, at one address."""

from backend.api.graphql.route import graphql_route

__all__ = ["graphql_route"]
