"""Paging: a page of rows of a question, with how many there are."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import ibis.expr.types as ir
import pyarrow as pa
from fastapi import Depends, Query
from pydantic import BaseModel

from shared.lake.prepared import ask
from shared.lake.reading import Tables
from shared.scope import Scope

MOST_A_PAGE = 200
LAST_PAGE = 1_000_000

Row = dict[str, Any]


class Page(BaseModel):
    """Which rows are wanted."""

    page: int
    per_page: int

    @property
    def offset(self) -> int:
        """How many rows come before."""
        return (self.page - 1) * self.per_page


class Paged(BaseModel):
    """A page of rows. total: of all pages."""

    items: list[Row]
    page: int
    per_page: int
    total: int


def _page(
    page: Annotated[int, Query(ge=1, le=LAST_PAGE, description="From 1.")] = 1,
    per_page: Annotated[int, Query(ge=1, le=MOST_A_PAGE)] = 50,
) -> Page:
    return Page(page=page, per_page=per_page)


AskedPage = Annotated[Page, Depends(_page)]

Build = Callable[[Mapping[str, ir.Table], Scope], ir.Table]


def page_of(tables: Tables, question: tuple[Any, ...], build: Build, scope: Scope, page: Page) -> Paged:
    """A page of the rows that a function builds, in its order, by SQL that is made once for a page's size and place.

    question: what tells this from others with the same scope.
    """

    def counted(given: Mapping[str, ir.Table], asked: Scope) -> ir.Table:
        rows = build(given, asked)
        return rows.aggregate(n=rows.count())

    def of_page(given: Mapping[str, ir.Table], asked: Scope) -> ir.Table:
        return build(given, asked).limit(page.per_page, offset=page.offset)

    total = int(ask(tables, ("how many", *question), counted, scope)["n"][0].as_py())
    if page.offset >= total:
        return Paged(items=[], page=page.page, per_page=page.per_page, total=total)
    rows = ask(tables, ("page", page.offset, page.per_page, *question), of_page, scope)
    return Paged(items=rows.to_pylist(), page=page.page, per_page=page.per_page, total=total)


def page_of_rows(rows: pa.Table, page: Page) -> Paged:
    """A page of rows that are at hand, such as the few of a metric."""
    part = rows.slice(page.offset, page.per_page)
    return Paged(items=part.to_pylist(), page=page.page, per_page=page.per_page, total=rows.num_rows)
