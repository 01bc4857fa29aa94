"""Context: what a resolver needs of the request: who answers, and by which policy."""

from collections.abc import Callable
from typing import TypedDict, TypeVar

import strawberry
from starlette.requests import Request
from starlette.responses import Response

from backend.api.asking import reader_of
from backend.api.graphql.refusal import Refused
from backend.api.reading import Reader
from shared.lake.reading import Tables

T = TypeVar("T")


class Context(TypedDict):
    """As strawberry hands it over."""

    request: Request
    response: Response


Info = strawberry.Info[Context, None]


def reader_in(info: Info) -> Reader:
    """What answers questions about the lake."""
    return reader_of(info.context["request"])


async def read(info: Info, question: Callable[[Tables], T]) -> T:
    """What a function makes of the tables as they are now. Raises FettleError."""
    try:
        return await reader_in(info).read(question)
    except TimeoutError:
        raise Refused("It took too long; ask for less, or again later.") from None
