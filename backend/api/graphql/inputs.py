"""Inputs: what a question may be narrowed to, and how its answer is paged and sorted."""

from datetime import datetime
from enum import Enum
from typing import TypeVar

import strawberry

from backend.api.asking import LONGEST_NAME, MOST_NAMES
from backend.api.graphql.refusal import Refused
from shared.scope import DEFAULT_RANGE, RANGES, Scope, parse_range

LONGEST_RANGE = 40

RANGE = f"{', '.join(RANGES)} or YYYY-MM-DD..YYYY-MM-DD; {DEFAULT_RANGE} by default."

T = TypeVar("T")


@strawberry.enum
class Sort(Enum):
    """In which direction rows are sorted."""

    asc = "asc"
    desc = "desc"


@strawberry.enum
class Severity(Enum):
    """How bad an alert is."""

    critical = "critical"
    high = "high"
    medium = "medium"
    low = "low"
    unknown = "unknown"


@strawberry.enum
class Kind(Enum):
    """What raised an alert."""

    code_scanning = "code_scanning"
    dependabot = "dependabot"
    secret_scanning = "secret_scanning"  # noqa: S105


@strawberry.enum
class SlaGrouping(Enum):
    """What the standing against limits may be broken down by."""

    org = "org"
    repo = "repo"
    severity = "severity"
    kind = "kind"
    tool = "tool"
    cwe_family = "cwe_family"
    month = "month"


@strawberry.input
class Filter:
    """What an answer is narrowed to; what is left out lets everything through."""

    organisations: list[str] | None = None
    repositories: list[str] | None = strawberry.field(default=None, description="As org/repo.")
    severities: list[Severity] | None = None
    kinds: list[Kind] | None = None


@strawberry.input
class WorkflowFilter:
    """Which workflows are looked at, and which of their runs."""

    organisations: list[str] | None = None
    repositories: list[str] | None = strawberry.field(default=None, description="As org/repo.")
    branch: str | None = strawberry.field(default=None, description='The default branch by default; "*" for all.')
    bots: bool = strawberry.field(default=True, description="Whether runs that a bot started count.")


def scope_of(
    now: datetime,
    filter: Filter | None = None,  # noqa: A002
    range: str = "all",  # noqa: A002
    repo: str | None = None,
    org: str | None = None,
) -> Scope:
    """What is asked about. repo, org: one more that it is narrowed to. Raises FettleError."""
    chosen = filter or Filter()
    since, until = parse_range(bounded("range", range, LONGEST_RANGE), now)
    return Scope(
        until=until,
        since=since,
        orgs=_narrowed("organisations", chosen.organisations, org),
        repos=_narrowed("repositories", chosen.repositories, repo),
        severities=tuple(sorted({one.value for one in chosen.severities or ()})),
        kinds=tuple(sorted({one.value for one in chosen.kinds or ()})),
    )


def scope_of_workflows(now: datetime, filter: WorkflowFilter | None, range: str) -> Scope:  # noqa: A002
    """The same for workflows."""
    chosen = filter or WorkflowFilter()
    since, until = parse_range(bounded("range", range, LONGEST_RANGE), now)
    return Scope(
        until=until,
        since=since,
        orgs=_narrowed("organisations", chosen.organisations, None),
        repos=_narrowed("repositories", chosen.repositories, None),
        branch=None if chosen.branch is None else bounded("branch", chosen.branch),
        bots=chosen.bots,
    )


def bounded(name: str, text: str, longest: int = LONGEST_NAME) -> str:
    """A text that is not longer than a name may be. Raises Refused."""
    if len(text) > longest:
        raise Refused(f"{name} is longer than {longest} characters.")
    return text


NOBODY = "\x00"
"""The name of no organisation and no repository."""


def _narrowed(name: str, names: list[str] | None, one: str | None) -> tuple[str, ...]:
    """Names without repetition. one: where it is given and the others leave it out, nothing is left."""
    if len(names or ()) > MOST_NAMES:
        raise Refused(f"{name} has more than {MOST_NAMES} names.")
    chosen = tuple(sorted({bounded(name, each) for each in names or ()}))
    if one is None:
        return chosen
    return (bounded(name, one),) if not chosen or one in chosen else (NOBODY,)
