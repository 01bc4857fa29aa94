"""Asking: what routes have in common: who asks, of which lake, about what."""

from datetime import datetime
from typing import Annotated, cast

from fastapi import Depends, Query, Request
from pydantic import Field

from backend.api.errors import ApiError
from backend.api.reading import Reader, Readers, sees_all
from shared.access.roles import Caller, Role
from shared.lake.inbox import Inbox
from shared.scope import RANGES, Scope, parse_range, parse_time

MOST_NAMES = 100
LONGEST_NAME = 200


def reader_of(request: Request) -> Reader:
    """What answers whoever asks. Raises ApiError where nobody knows who that is."""
    return cast("Readers", request.app.state.readers).of(caller_of(request))


def inbox_of(request: Request) -> Inbox:
    """Where what is pushed waits."""
    return cast("Inbox", request.app.state.inbox)


def caller_of(request: Request) -> Caller:
    """Who asks, as `protection` has found out; nobody gets here without."""
    caller = getattr(request.state, "caller", None)
    if not isinstance(caller, Caller):
        raise ApiError(401, "Send an API key as X-API-Key.")
    return caller


def needs(role: Role, *, limited: bool = False) -> type[Caller]:
    """Annotates a parameter that is the caller, who must have a role.

    limited: whether they may be one who sees some repositories alone; the route then looks what it is about.
    """

    def check(caller: Annotated[Caller, Depends(caller_of)]) -> Caller:
        if not caller.may(role):
            raise ApiError(403, f"{caller.name} is a {caller.role}; this needs the role {role}.")
        if not limited:
            sees_all(caller)
        return caller

    return cast("type[Caller]", Annotated[Caller, Depends(check)])


def who_sees_all(caller: Annotated[Caller, Depends(caller_of)]) -> None:
    """Refuses who sees some repositories alone: for routes about what is of none. Raises ApiError."""
    sees_all(caller)


Asks = Annotated[Reader, Depends(reader_of)]
Pushes = Annotated[Inbox, Depends(inbox_of)]
Viewer = Annotated[Caller, Depends(caller_of)]

Names = Annotated[list[Annotated[str, Field(max_length=LONGEST_NAME)]], Query(max_length=MOST_NAMES)]
"""A parameter that may be given several times."""


def _scope(
    reader: Asks,
    range: Annotated[str, Query(description=f"{', '.join(RANGES)} or YYYY-MM-DD..YYYY-MM-DD", max_length=40)] = "90d",  # noqa: A002
    org: Names = [],  # noqa: B006 - FastAPI copies it
    repo: Names = [],  # noqa: B006
    workflow: Names = [],  # noqa: B006
    severity: Names = [],  # noqa: B006
    kind: Names = [],  # noqa: B006
    event: Names = [],  # noqa: B006
    branch: Annotated[str | None, Query(max_length=LONGEST_NAME)] = None,
    bots: bool = True,
    as_of: Annotated[str | None, Query(description="Judge as of this time, ISO 8601.", max_length=40)] = None,
) -> Scope:
    now: datetime = parse_time(as_of, "as_of") if as_of else reader.clock()
    since, until = parse_range(range, now)
    return Scope(
        until,
        since,
        orgs=tuple(org),
        repos=tuple(repo),
        workflows=tuple(workflow),
        severities=tuple(severity),
        kinds=tuple(kind),
        events=tuple(event),
        branch=branch,
        bots=bots,
    )


AskedScope = Annotated[Scope, Depends(_scope)]
"""A range and filters, as the pages have them in their URL."""
