"""The table of routes: which view answers which path, and what a token needs for it."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from tests.standins.github.answers import REST_DOCS, Answer
from tests.standins.github.calls import Call
from tests.standins.github.tokens import METADATA

View = Callable[[Call], Answer]


@dataclass(frozen=True)
class Route:
    """A path pattern with its view; an answer that is not `kept` is made anew for each request."""

    pattern: re.Pattern[str]
    view: View
    permission: str
    docs: str
    kept: bool
    free: bool
    method: str


ROUTES: list[Route] = []


def route(
    path: str,
    *,
    docs: str = "",
    permission: str = METADATA,
    kept: bool = True,
    free: bool = False,
    method: str = "GET",
) -> Callable[[View], View]:
    """Registers a view for `path`, whose `{names}` match one segment each; `free` costs no point."""

    def register(view: View) -> View:
        pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))
        ROUTES.append(Route(pattern, view, permission, f"{REST_DOCS}{docs}", kept, free, method))
        return view

    return register


def find(method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """The route for a method and path, and the names in it; None if GitHub has more endpoints than this stand-in."""
    for candidate in ROUTES:
        if candidate.method == method and (found := candidate.pattern.fullmatch(path)):
            return candidate, found.groupdict()
    return None
